"""The weekly sessions of a service: planned over its slot, and again round what comes up."""

from collections.abc import Sequence
from datetime import date

from activities.blocked_days import BlockedDays, blocked_days
from activities.holders import enrolment_of
from activities.scheduling import add, cancel, new_session, put
from activities.transaction import CourseTransaction
from planning.slots import SessionDay, replan, weekly_days, weekly_plan
from planning.working_time import Interval
from schemas.courses import Enrolment
from schemas.edition import SessionKind
from schemas.sessions import Cadence, Session, SessionReason, SessionState
from storage import people, sessions


def weekly_kind(transaction: CourseTransaction) -> SessionKind | None:
    """Return the edition's weekly kind of session, if it has one."""
    kinds = transaction.edition.sessions
    return next((kind for kind in kinds if kind.cadence is Cadence.WEEKLY), None)


def plan_weekly(transaction: CourseTransaction) -> int:
    """Write a service's weekly sessions over its slot; return how many found a day.

    A late starter has fewer (E15). Sessions held before the service was brought in count as held
    and have no messages (R17).
    """
    kind = weekly_kind(transaction)
    enrolment = enrolment_of(transaction)
    if kind is None or enrolment.slot_weekday is None or enrolment.slot_time is None:
        return 0
    taken = _taken(transaction, enrolment)
    before = enrolment.sessions_before
    plan = weekly_plan(
        max(kind.planned - before, 0),
        usable_days(transaction, enrolment),
        taken.events | taken.hours,
    )
    new = [
        new_session(
            transaction,
            kind,
            before + number,
            transaction.calendar.instant(day, enrolment.slot_time),
            day,
        )
        for number, day in enumerate(plan.days, start=1)
    ]
    past = [
        new_session(transaction, kind, number, None, transaction.edition.window.opens).model_copy(
            update={"state": SessionState.HELD, "recorded_by": "import"}
        )
        for number in range(1, before + 1)
    ]
    add(transaction, kind, [*past, *new])
    return len(new)


def replan_weekly(transaction: CourseTransaction) -> int:
    """Find a day for each weekly session that a pause or an event displaces (C10, C15a, C17).

    While a pause without an end runs, sessions in it lose their day and wait. A session that no
    week is left for is cancelled. Returns how many sessions changed.
    """
    kind = weekly_kind(transaction)
    enrolment = enrolment_of(transaction)
    if kind is None or enrolment.slot_weekday is None or enrolment.slot_time is None:
        return 0
    to_come = [
        one
        for one in sessions.sessions_of(transaction.rows, transaction.course.id, kind.id)
        if one.state is SessionState.TO_COME and not _has_begun(transaction, one)
    ]
    endless = [pause for pause in transaction.pauses() if pause.until_at is None]
    if endless:
        return _stop(transaction, to_come, endless)
    taken = _taken(transaction, enrolment)
    placed_by_hand = [one for one in to_come if _stays(transaction, one, taken)]
    in_slot = [one for one in to_come if one not in placed_by_hand]
    by_hand = {
        transaction.calendar.day_of(one.starts_at) for one in placed_by_hand if one.starts_at
    }
    by_id = {one.id: one for one in in_slot}
    changed = 0
    for outcome in replan(
        [_session_day(transaction, one) for one in in_slot],
        usable_days(transaction, enrolment),
        taken.events | taken.hours | by_hand,
    ):
        session = by_id[outcome.session]
        if outcome.day is None:
            cancel(transaction, session, SessionReason.NO_WEEK_LEFT)
            changed += 1
        elif outcome.moved:
            starts_at = transaction.calendar.instant(outcome.day, enrolment.slot_time)
            put(transaction, session, starts_at)
            changed += 1
    return changed


def _stop(
    transaction: CourseTransaction, to_come: Sequence[Session], endless: Sequence[Interval]
) -> int:
    stopped = [
        one
        for one in to_come
        if one.starts_at is not None and any(pause.covers(one.starts_at) for pause in endless)
    ]
    for one in stopped:
        put(transaction, one, None, reason=SessionReason.PAUSED)
    return len(stopped)


def _stays(transaction: CourseTransaction, session: Session, taken: BlockedDays) -> bool:
    """Tell whether a session stays where a person has put it: nothing takes its whole day."""
    if session.moves == 0 or session.starts_at is None or session.ends_at is None:
        return False
    paused = any(
        pause.touches(session.starts_at, session.ends_at) for pause in transaction.pauses()
    )
    return not paused and transaction.calendar.day_of(session.starts_at) not in taken.events


def usable_days(transaction: CourseTransaction, enrolment: Enrolment) -> tuple[date, ...]:
    """Return the days of the service's slot whose hour has not come yet."""
    if enrolment.slot_weekday is None or enrolment.slot_time is None:
        return ()
    days = weekly_days(
        transaction.edition.window,
        enrolment.slot_weekday,
        transaction.pauses(),
        transaction.calendar,
        transaction.calendar.day_of(transaction.at),
    )
    calendar, clock_time = transaction.calendar, enrolment.slot_time
    return tuple(day for day in days if calendar.instant(day, clock_time) > transaction.at)


def _taken(transaction: CourseTransaction, enrolment: Enrolment) -> BlockedDays:
    """Hold the coach's row, so that nobody else books an hour, and return the days taken (C15)."""
    if enrolment.delivery_coach_id is not None:
        people.lock_people(transaction.rows, [enrolment.delivery_coach_id])
    return blocked_days(transaction.rows, transaction.edition, transaction.calendar, enrolment)


def _has_begun(transaction: CourseTransaction, session: Session) -> bool:
    return session.starts_at is not None and session.starts_at <= transaction.at


def _session_day(transaction: CourseTransaction, session: Session) -> SessionDay:
    day = None if session.starts_at is None else transaction.calendar.day_of(session.starts_at)
    return SessionDay(session=session.id, planned_day=session.planned_day, day=day)
