"""The weekly sessions of a service: planned over its slot, and again round what comes up."""

from activities.blocked_days import blocked_days
from activities.covering import end_cover
from activities.holders import enrolment_of
from activities.scheduling import Move, add, cancel, new_session, put
from activities.transaction import CourseTransaction
from planning.slots import weekly_plan
from planning.weekly import WeeklyRound, usable_days, weekly_changes
from schemas.edition import SessionKind
from schemas.sessions import Cadence, SessionReason, SessionState
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
    around = _around(transaction)
    if kind is None or around is None:
        return 0
    before = enrolment_of(transaction).sessions_before
    plan = weekly_plan(
        max(kind.planned - before, 0),
        usable_days(around),
        around.event_days | around.blocked_hours,
    )
    new = [
        new_session(
            transaction,
            kind,
            before + number,
            transaction.calendar.instant(day, around.clock_time),
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
    """Put the weekly sessions round what takes, or no longer takes, their days (C10, C15a, C17).

    While a pause without an end runs, sessions in it lose their day and wait. A session that no
    week is left for is cancelled, and comes back when there is one again. Returns how many sessions
    changed.
    """
    kind = weekly_kind(transaction)
    around = _around(transaction)
    if kind is None or around is None:
        return 0
    known = sessions.sessions_of(transaction.rows, transaction.course.id, kind.id)
    changed = weekly_changes(known, around)
    for one in changed:
        if one.is_lost:
            cancel(transaction, one.session, SessionReason.NO_WEEK_LEFT)
        elif one.session.state is SessionState.CANCELLED:
            again = {"state": SessionState.TO_COME, "starts_at": None, "ends_at": None}
            back = put(transaction, one.session.model_copy(update=again), Move(one.starts_at))
            end_cover(transaction, back)
        else:
            reason = SessionReason.PAUSED if one.starts_at is None else None
            moved = put(transaction, one.session, Move(one.starts_at, reason=reason))
            end_cover(transaction, moved)
    return len(changed)


def _around(transaction: CourseTransaction) -> WeeklyRound | None:
    """Hold the coach's row, so that nobody else books an hour, and return what is taken (C15)."""
    enrolment = enrolment_of(transaction)
    if enrolment.slot_weekday is None or enrolment.slot_time is None:
        return None
    if enrolment.delivery_coach_id is not None:
        people.lock_people(transaction.rows, [enrolment.delivery_coach_id])
    calendar = transaction.calendar
    taken = blocked_days(transaction.rows, transaction.edition, calendar, enrolment, transaction.at)
    return WeeklyRound(
        window=transaction.edition.window,
        calendar=transaction.calendar,
        weekday=enrolment.slot_weekday,
        clock_time=enrolment.slot_time,
        at=transaction.at,
        pauses=transaction.pauses(),
        event_days=taken.events,
        blocked_hours=taken.hours,
    )
