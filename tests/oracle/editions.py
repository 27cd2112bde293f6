"""Editions of which a whole course is short enough to be played many times."""

from datetime import UTC, date, datetime, time, timedelta

from schemas.edition import Edition, PlannedPause, SessionKind, Window
from tests.planning.builders import edition

BEGINS = datetime(2024, 5, 20, 6, 59, tzinfo=UTC)
"""Before anybody of a random cast acts."""

SHORTENED: dict[str, dict[str, object]] = {
    "delivery": {"planned": 6, "minimum": 4},
    "executive": {"planned": 2},
    "improvement_event": {"due_by_week": 7},
    "midpoint": {"not_before_week": 3, "due_by_week": 6},
}


def short_edition(places: int) -> Edition:
    """Return the wider edition with a window of nine weeks and a break of one."""
    wider = edition()
    rules = wider.recruitment.model_copy(update={"refill_before_week": 4})
    break_week = PlannedPause(
        opens=date(2024, 10, 14), closes=date(2024, 10, 18), reason="autumn break"
    )
    return wider.model_copy(
        update={
            "places": places,
            "recruitment": rules,
            "window": Window(opens=date(2024, 9, 2), closes=date(2024, 11, 1)),
            "sessions": tuple(_shortened(kind) for kind in wider.sessions),
            "pauses": (break_week,),
        }
    )


def long_edition(places: int) -> Edition:
    """Return the wider edition with its whole window and few places."""
    return edition().model_copy(update={"places": places})


def ends(of: Edition) -> datetime:
    """Return a moment after an edition has ended."""
    return datetime.combine(of.window.closes + timedelta(days=20), time(), UTC)


def _shortened(kind: SessionKind) -> SessionKind:
    return kind.model_copy(update=SHORTENED[kind.id])
