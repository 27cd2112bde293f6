"""Days on which a service's weekly session gives way: to an event, and to what its coach has."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session as Rows

from planning.calendar import WorkingCalendar
from planning.slots import displaced_by
from schemas.courses import Enrolment
from schemas.edition import Edition, SessionKind
from schemas.sessions import Cadence, SessionState
from storage import sessions
from storage.sessions import Hour


class BlockedDays(NamedTuple):
    """Days on which no weekly session of a service can be.

    Attributes:
        events: Taken whole, by an event of the service or of its coach.
        hours: Days of the slot on which its coach is elsewhere at that hour.

    """

    events: frozenset[date] = frozenset()
    hours: frozenset[date] = frozenset()


def blocked_days(
    rows: Rows, edition: Edition, calendar: WorkingCalendar, enrolment: Enrolment, at: datetime
) -> BlockedDays:
    """Return the days on which a service's weekly session gives way (C15, C15a, E11).

    Of the coach's other sessions only those that end after ``at`` count: what is over stays put.
    """
    weekly = next((one for one in edition.sessions if one.cadence is Cadence.WEEKLY), None)
    if weekly is None:
        return BlockedDays()
    events: set[date] = set()
    full_day = {one.id for one in edition.sessions if one.cadence is Cadence.FULL_DAY}
    for one in sessions.sessions_of(rows, enrolment.course_id):
        standing = one.state in {SessionState.TO_COME, SessionState.HELD}
        if one.kind in full_day and standing and one.starts_at is not None:
            events |= displaced_by(calendar.day_of(one.starts_at), weekly.gives_way)
    hours: set[date] = set()
    blocking = {one.id for one in edition.sessions if one.blocks_day}
    for other in _booked(rows, edition, calendar, enrolment, at):
        if other.kind in blocking:
            events.add(calendar.day_of(other.starts_at))
        elif not (other.course_id == enrolment.course_id and other.kind == weekly.id):
            day = calendar.day_of(other.starts_at)
            if _takes_the_hour(other, day, calendar, enrolment, weekly):
                hours.add(day)
    return BlockedDays(frozenset(events), frozenset(hours))


def _booked(
    rows: Rows, edition: Edition, calendar: WorkingCalendar, enrolment: Enrolment, at: datetime
) -> tuple[Hour, ...]:
    """Return what the service's coach has to come, whosever it is."""
    if enrolment.delivery_coach_id is None:
        return ()
    from_at = max(calendar.instant(edition.window.opens, time()), at)
    until_at = calendar.instant(edition.window.closes + timedelta(days=1), time())
    return sessions.hours_of(rows, enrolment.delivery_coach_id, from_at, until_at)


def _takes_the_hour(
    other: Hour, day: date, calendar: WorkingCalendar, enrolment: Enrolment, weekly: SessionKind
) -> bool:
    if enrolment.slot_time is None or day.weekday() != enrolment.slot_weekday:
        return False
    starts_at = calendar.instant(day, enrolment.slot_time)
    ends_at = starts_at + timedelta(minutes=weekly.minutes)
    return other.starts_at < ends_at and starts_at < other.ends_at
