"""Sessions that come once, inside a course transaction: put where everybody is free."""

from datetime import date, time, timedelta

from activities.chasing import open_obligation
from activities.scheduling import add, bound_by, day_fact, new_session
from activities.transaction import CourseTransaction
from planning.placing import Busy, Proposal, Search, proposals, whole_day
from schemas.edition import SessionKind
from schemas.obligations import ObligationKind
from schemas.sessions import Session
from storage import people, sessions


def place_once(transaction: CourseTransaction, kind: SessionKind) -> None:
    """Put sessions that come once where everybody they bind is free (C08, C14, C15).

    One for which no day is found is left without: a person dates it.
    """
    bound = bound_by(transaction, kind)
    people.lock_people(transaction.rows, bound)
    last_day: date | None = None
    for number in range(1, kind.planned + 1):
        not_before = transaction.calendar.day_of(transaction.at) + timedelta(days=1)
        if last_day is not None:
            not_before = max(not_before, last_day + timedelta(days=max(kind.minimum_gap_days, 1)))
        found = _free_day(transaction, kind, bound, not_before)
        last_day = found.day if found else last_day
        day = found.day if found else transaction.edition.window.closes
        new = new_session(transaction, kind, number, found.starts_at if found else None, day)
        add(transaction, kind, [new])
        transaction.note("session.planned", new.id, **day_fact(transaction, new.starts_at))
        if found is None:
            open_obligation(transaction, ObligationKind.EVENT_DATED, subject=new.id)


def _free_day(
    transaction: CourseTransaction, kind: SessionKind, bound: tuple[str, ...], not_before: date
) -> Proposal | None:
    window, calendar = transaction.edition.window, transaction.calendar
    taken = sessions.booked(
        transaction.rows,
        bound,
        calendar.instant(window.opens, time()),
        calendar.instant(window.closes + timedelta(days=1), time()),
    )
    search = Search(
        calendar=calendar,
        not_before=not_before,
        people=frozenset(bound),
        busy=tuple(busy_with(transaction, person, one) for person, one in taken),
        pauses=transaction.pauses(),
    )
    return next(iter(proposals(kind, window, search)), None)


def busy_with(transaction: CourseTransaction, person_id: str, session: Session) -> Busy:
    """Return when a session keeps a person busy: a full-day event for the whole day (C15)."""
    starts_at, ends_at = session.starts_at, session.ends_at
    if starts_at is None or ends_at is None:
        raise LookupError(f"session {session.id} has no instant")
    if transaction.edition.session_kind(session.kind).blocks_day:
        day = transaction.calendar.day_of(starts_at)
        return whole_day(person_id, day, transaction.calendar, session.id)
    return Busy(person_id, starts_at, ends_at, session.id)
