"""Days that full-day events take from a service's weekly sessions: its own, and its coach's."""

from datetime import date, time, timedelta

from sqlalchemy.orm import Session as Rows

from planning.calendar import WorkingCalendar
from planning.slots import displaced_by
from schemas.courses import Enrolment
from schemas.edition import Edition
from schemas.sessions import Cadence, SessionState
from storage import sessions


def blocked_days(
    rows: Rows, edition: Edition, calendar: WorkingCalendar, enrolment: Enrolment
) -> frozenset[date]:
    """Return the days on which a service's weekly session gives way (C15, C15a, E11)."""
    weekly = next((one for one in edition.sessions if one.cadence is Cadence.WEEKLY), None)
    if weekly is None:
        return frozenset()
    found: set[date] = set()
    events = {one.id for one in edition.sessions if one.cadence is Cadence.FULL_DAY}
    for one in sessions.sessions_of(rows, enrolment.course_id):
        standing = one.state in {SessionState.TO_COME, SessionState.HELD}
        if one.kind in events and standing and one.starts_at is not None:
            found |= displaced_by(calendar.day_of(one.starts_at), weekly.gives_way)
    if enrolment.delivery_coach_id is not None:
        found |= days_blocked_for(rows, edition, calendar, enrolment.delivery_coach_id)
    return frozenset(found)


def days_blocked_for(
    rows: Rows, edition: Edition, calendar: WorkingCalendar, person_id: str
) -> frozenset[date]:
    """Return the days on which a person is at a full-day event, whosever it is (C15)."""
    blocking = {one.id for one in edition.sessions if one.blocks_day}
    from_at = calendar.instant(edition.window.opens, time())
    until_at = calendar.instant(edition.window.closes + timedelta(days=1), time())
    return frozenset(
        calendar.day_of(other.starts_at)
        for _, other in sessions.booked(rows, [person_id], from_at, until_at)
        if other.kind in blocking and other.starts_at is not None
    )
