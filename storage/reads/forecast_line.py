"""What is still possible of a service's weekly sessions, as its rows are (C04, X10)."""

from datetime import date, datetime

from sqlalchemy.orm import Session as Rows

from planning.calendar import WorkingCalendar, calendar_of
from planning.weekly_forecast import (
    ForecastLine,
    Outlook,
    Standing,
    weekly_forecast,
    weekly_kind,
)
from planning.working_time import Interval, planned_pauses
from schemas.courses import Enrolment
from schemas.edition import Edition
from schemas.ids import edition_course_id
from schemas.sessions import Session, SessionState
from storage import pauses, sessions
from storage.places import place_of


def forecast_line(
    rows: Rows, edition: Edition, enrolment: Enrolment, now: datetime
) -> ForecastLine | None:
    """Return the forecast of a service that has a place and a weekly slot; else none."""
    kind, weekday = weekly_kind(edition), enrolment.slot_weekday
    if kind is None or weekday is None or place_of(rows, enrolment.course_id) is None:
        return None
    calendar = calendar_of(edition)
    stored = pauses.pauses_of(rows, [enrolment.course_id, edition_course_id(edition.id)])
    resting = (
        *planned_pauses(edition, calendar),
        *(Interval(pause.from_at, pause.until_at) for pause in stored),
    )
    own = [_standing(one, calendar) for one in sessions.sessions_of(rows, enrolment.course_id)]
    outlook = Outlook(edition, calendar, weekday, resting, calendar.day_of(now))
    return weekly_forecast(kind, own, outlook)


def _standing(one: Session, calendar: WorkingCalendar) -> Standing:
    by_hand = one.catch_up_for is not None or one.moves > 0
    return Standing(one.kind, _day(one, calendar), one.state, by_hand=by_hand)


def _day(one: Session, calendar: WorkingCalendar) -> date | None:
    if one.starts_at is not None:
        return calendar.day_of(one.starts_at)
    return one.planned_day if one.state is SessionState.HELD else None
