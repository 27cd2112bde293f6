"""What is still possible of a service's weekly sessions (C04, X10)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session as Rows

from planning.calendar import WorkingCalendar, calendar_of
from planning.forecast import forecast
from planning.slots import displaced_by, weekly_days
from planning.working_time import Interval, planned_pauses
from schemas.base import Record
from schemas.courses import Enrolment
from schemas.edition import Edition, SessionKind, Window
from schemas.ids import edition_course_id
from schemas.sessions import Cadence, Session, SessionState
from storage import pauses, sessions
from storage.places import place_of

BEYOND_WINDOW = timedelta(weeks=26)
"""How far behind the window's end a forecast looks."""


class ForecastLine(Record):
    """What is still possible of the weekly sessions.

    Attributes:
        possible: The most that can be held by the end of the window.
        minimum: Below so many the service is at risk.
        ends_day: First day on which all that are planned can have been held; none: further away
            than is looked.
        after_window: Whether that is after the window.

    """

    kind: str
    held: int
    planned: int
    minimum: int
    possible: int
    ends_day: date | None
    after_window: bool
    at_risk: bool


def forecast_line(
    rows: Rows, edition: Edition, enrolment: Enrolment, now: datetime
) -> ForecastLine | None:
    """Return the forecast of a service that has a place and a weekly slot; else none."""
    kind = next((one for one in edition.sessions if one.cadence is Cadence.WEEKLY), None)
    if (
        kind is None
        or enrolment.slot_weekday is None
        or place_of(rows, enrolment.course_id) is None
    ):
        return None
    calendar = calendar_of(edition)
    own = sessions.sessions_of(rows, enrolment.course_id)
    weekly = [one for one in own if one.kind == kind.id]
    held = [_day(one, calendar) for one in weekly if one.state is SessionState.HELD]
    taken = _days_taken(edition, kind, own, calendar)
    found = forecast(
        kind,
        held,
        sorted(
            {*_slot_days(rows, edition, enrolment, now), *_other_days(weekly, now, calendar)}
            - taken
        ),
        edition.window.closes,
    )
    return ForecastLine(
        kind=kind.id,
        held=found.held,
        planned=kind.planned,
        minimum=kind.minimum,
        possible=found.possible,
        ends_day=found.ends_on,
        after_window=found.after_window,
        at_risk=found.at_risk,
    )


def _slot_days(
    rows: Rows, edition: Edition, enrolment: Enrolment, now: datetime
) -> tuple[date, ...]:
    """Return the usable days of the slot from today on."""
    calendar = calendar_of(edition)
    stored = pauses.pauses_of(rows, [enrolment.course_id, edition_course_id(edition.id)])
    resting = [
        *planned_pauses(edition, calendar),
        *(Interval(pause.from_at, pause.until_at) for pause in stored),
    ]
    closes = min(edition.window.closes + BEYOND_WINDOW, date(calendar.last_year, 12, 31))
    window = Window(opens=edition.window.opens, closes=closes)
    today = calendar.day_of(now)
    return weekly_days(window, enrolment.slot_weekday or 0, resting, calendar, today)


def _other_days(weekly: Sequence[Session], now: datetime, calendar: WorkingCalendar) -> set[date]:
    """Return other days on which a session can prove to be held.

    Those of catch-up sessions and of sessions that a person moved, and those of sessions that are
    over and that nobody has recorded yet.
    """
    return {
        _day(one, calendar)
        for one in weekly
        if one.state is SessionState.TO_COME
        and one.starts_at is not None
        and (one.catch_up_for or one.moves or one.starts_at < now)
    }


def _days_taken(
    edition: Edition, kind: SessionKind, own: Sequence[Session], calendar: WorkingCalendar
) -> set[date]:
    """Return days on which no further weekly session can be: an event's, or one that is over."""
    over = {
        _day(one, calendar)
        for one in own
        if one.kind == kind.id and one.state in {SessionState.HELD, SessionState.MISSED}
    }
    events = {one.id for one in edition.sessions if one.cadence is Cadence.FULL_DAY}
    return over.union(
        *(
            displaced_by(_day(one, calendar), kind.gives_way)
            for one in own
            if one.kind in events and one.state is not SessionState.CANCELLED
        )
    )


def _day(one: Session, calendar: WorkingCalendar) -> date:
    return one.planned_day if one.starts_at is None else calendar.day_of(one.starts_at)
