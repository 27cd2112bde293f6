"""What was still possible of a service's weekly sessions, from what was known then (C04, X10)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from planning.calendar import WorkingCalendar
from planning.forecast import forecast
from planning.report import Known, KnownSession
from planning.slots import displaced_by, weekly_days
from planning.working_time import Interval, planned_pauses
from schemas.edition import Edition, SessionKind, Window
from schemas.ids import edition_course_id
from schemas.sessions import Cadence, SessionState

BEYOND_WINDOW = timedelta(weeks=26)
"""How far behind the window's end a forecast looks."""


@dataclass(frozen=True)
class KnownForecast:
    """What was still possible.

    Attributes:
        kind: The weekly kind of session.
        ends_day: First day on which all that are planned could have been held.

    """

    kind: str
    held: int
    planned: int
    minimum: int
    possible: int
    ends_day: date | None
    at_risk: bool


def known_pauses(
    known: Known, edition: Edition, calendar: WorkingCalendar, course_id: str
) -> tuple[Interval, ...]:
    """Return the pauses that a course had, its edition's and those of the file with them."""
    stored = (known.pauses.get(scope, {}) for scope in (course_id, edition_course_id(edition.id)))
    found = (pause for theirs in stored for pause in theirs.values())
    return (*planned_pauses(edition, calendar), *found)


def known_forecast(
    known: Known, edition: Edition, calendar: WorkingCalendar, course_id: str, at: datetime
) -> KnownForecast | None:
    """Return the forecast of a service that had a weekly slot; else none."""
    kind = next((one for one in edition.sessions if one.cadence is Cadence.WEEKLY), None)
    weekday = known.slots.get(course_id)
    if kind is None or weekday is None:
        return None
    today = calendar.day_of(at)
    own = known.of_course(course_id)
    weekly = [one for one in own if one.planned.kind == kind.id]
    closes = min(edition.window.closes + BEYOND_WINDOW, date(calendar.last_year, 12, 31))
    slot = weekly_days(
        Window(opens=edition.window.opens, closes=closes),
        weekday,
        known_pauses(known, edition, calendar, course_id),
        calendar,
        today,
    )
    ahead = {*slot, *_other_days(weekly, today)} - _days_taken(edition, kind, own)
    held = [one.day or one.planned.planned_day for one in weekly if one.state is SessionState.HELD]
    found = forecast(kind, held, sorted(ahead), edition.window.closes)
    return KnownForecast(
        kind=kind.id,
        held=found.held,
        planned=kind.planned,
        minimum=kind.minimum,
        possible=found.possible,
        ends_day=found.ends_on,
        at_risk=found.at_risk,
    )


def _other_days(weekly: list[KnownSession], today: date) -> set[date]:
    """Return other days on which a session could prove to be held: not by the slot, or over."""
    return {
        one.day
        for one in weekly
        if one.state is SessionState.TO_COME
        and one.day is not None
        and (one.planned.catch_up or one.moves or one.day < today)
    }


def _days_taken(edition: Edition, kind: SessionKind, own: list[KnownSession]) -> set[date]:
    """Return days on which no further weekly session could be: an event's, or one that is over."""
    over = {
        one.day
        for one in own
        if one.day is not None
        and one.planned.kind == kind.id
        and one.state in {SessionState.HELD, SessionState.MISSED}
    }
    events = {one.id for one in edition.sessions if one.cadence is Cadence.FULL_DAY}
    return over.union(
        *(
            displaced_by(one.day, kind.gives_way)
            for one in own
            if one.day is not None
            and one.planned.kind in events
            and one.state is not SessionState.CANCELLED
        )
    )
