"""What the demo shows while it plays: numbers read from the database, nothing of its own."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from schemas.courses import CourseKind, PlaceState
from schemas.obligations import ObligationState
from storage import courses, ledger, obligations, places, sessions
from storage.database import Database


@dataclass(frozen=True)
class Progress:
    """A moment of the programme in numbers.

    Attributes:
        at: Programme time.
        places: Places by state.
        stages: Services by stage.
        sessions: Sessions by kind and state.
        messages: Messages by kind and state.
        chased: Open obligations by kind.
        stuck: Obligations that a person must decide.

    """

    at: datetime
    places: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    sessions: Counter[tuple[str, str]] = field(default_factory=Counter)
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    chased: Counter[str] = field(default_factory=Counter)
    stuck: int = 0


def progress_of(database: Database, edition_id: str, at: datetime) -> Progress:
    """Read how far an edition has come."""
    with database.reading() as rows:
        found = courses.courses_of(rows, edition_id, CourseKind.SERVICE)
        open_now = obligations.open_obligations(rows, edition_id)
        return Progress(
            at=at,
            places=Counter(
                one.state.value
                for one in places.places_of(rows, edition_id)
                if one.state is not PlaceState.CLOSED
            ),
            stages=Counter(one.stage.value for one in found),
            sessions=sessions.counts_of(rows, edition_id),
            messages=ledger.counts(rows),
            chased=Counter(one.kind.value for one in open_now if one.steps_done),
            stuck=sum(one.state is ObligationState.STUCK for one in open_now),
        )
