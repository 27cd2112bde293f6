"""What was still possible of a service's weekly sessions, from what was known then (C04, X10)."""

from datetime import date, datetime

from planning.calendar import WorkingCalendar
from planning.report import Known, KnownSession
from planning.weekly_forecast import (
    ForecastLine,
    Outlook,
    Standing,
    weekly_forecast,
    weekly_kind,
)
from planning.working_time import Interval, planned_pauses
from schemas.edition import Edition
from schemas.ids import edition_course_id
from schemas.sessions import SessionState


def known_pauses(
    known: Known, edition: Edition, calendar: WorkingCalendar, course_id: str
) -> tuple[Interval, ...]:
    """Return the pauses that a course had, its edition's and those of the file with them."""
    stored = (known.pauses.get(scope, {}) for scope in (course_id, edition_course_id(edition.id)))
    found = (pause for theirs in stored for pause in theirs.values())
    return (*planned_pauses(edition, calendar), *found)


def known_forecast(
    known: Known, edition: Edition, calendar: WorkingCalendar, course_id: str, at: datetime
) -> ForecastLine | None:
    """Return the forecast of a service that had a weekly slot; else none."""
    kind, weekday = weekly_kind(edition), known.slots.get(course_id)
    if kind is None or weekday is None:
        return None
    pauses = known_pauses(known, edition, calendar, course_id)
    outlook = Outlook(edition, calendar, weekday, pauses, calendar.day_of(at))
    return weekly_forecast(kind, [_standing(one) for one in known.of_course(course_id)], outlook)


def _standing(one: KnownSession) -> Standing:
    by_hand = one.planned.catch_up or one.moves > 0
    return Standing(one.planned.kind, _day(one), one.state, by_hand=by_hand)


def _day(one: KnownSession) -> date | None:
    return one.day or (one.planned.planned_day if one.state is SessionState.HELD else None)
