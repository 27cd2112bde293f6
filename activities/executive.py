"""Course transactions of an executive sponsor's monthly coaching (C04, C07, C18, X13)."""

from datetime import time, timedelta

from activities.agendas import taking_part
from activities.chasing import close_all, open_obligation
from activities.holders import holders_of
from activities.scheduling import add, cancel, new_session
from activities.transaction import CourseActivities, CourseTransaction, course_transaction
from planning.placing import Busy, MonthlySession, Search, Wish, monthly_sessions
from schemas.commands import TakeStep
from schemas.courses import CourseState, Enrolment, Stage
from schemas.edition import SessionKind
from schemas.obligations import ObligationKind, ObligationState
from schemas.sessions import Cadence, SessionReason, SessionState
from storage import people, sessions

OTHER_TIMES = tuple(time(hour) for hour in range(9, 17))
"""Tried where the sponsor's usual time is taken."""


class ExecutiveActivities(CourseActivities):
    """What happens to a sponsor's coaching as a whole."""

    @course_transaction
    def take_up_participation(self, command: TakeStep) -> CourseState:
        """Plan the months while a service of the sponsor takes part; stop when none does (X13)."""
        return self.carry_out(command, _take_up_participation)


def monthly_kind(transaction: CourseTransaction) -> SessionKind | None:
    """Return the edition's monthly kind of session, if it has one."""
    kinds = transaction.edition.sessions
    return next((kind for kind in kinds if kind.cadence is Cadence.MONTHLY), None)


def _take_up_participation(transaction: CourseTransaction, _command: TakeStep) -> str:
    kind = monthly_kind(transaction)
    services = taking_part(
        transaction.rows, transaction.course.edition_id, transaction.course.subject_id
    )
    if kind is None:
        return ""
    if not services:
        return _stop(transaction)
    existing = sessions.sessions_of(transaction.rows, transaction.course.id, kind.id)
    if existing:
        return ""
    bound = (*holders_of(transaction, kind.coach), transaction.course.subject_id)
    people.lock_people(transaction.rows, bound)
    placed = _months(transaction, kind, services, bound)
    new = [
        new_session(
            transaction,
            kind,
            number,
            month.starts_at,
            transaction.calendar.day_of(month.starts_at) if month.starts_at else month.month,
        )
        for number, month in enumerate(placed, start=1)
    ]
    add(transaction, kind, new)
    coach = next(iter(holders_of(transaction, kind.coach)), None)
    for session, month in zip(new, placed, strict=True):
        if month.starts_at is None:
            open_obligation(
                transaction, ObligationKind.EXECUTIVE_SLOT, subject=session.id, holder_id=coach
            )
        elif month.close:
            transaction.note("session.placed_close", session.id)
    transaction.save(stage=Stage.COACHING)
    transaction.note("sessions.planned", monthly=len(new))
    return f"{len(new)} executive sessions are planned."


def _months(
    transaction: CourseTransaction,
    kind: SessionKind,
    services: tuple[Enrolment, ...],
    bound: tuple[str, ...],
) -> tuple[MonthlySession, ...]:
    calendar, window = transaction.calendar, transaction.edition.window
    wished = [one.sponsor_first_at for one in services if one.sponsor_first_at is not None]
    first = calendar.local(min(wished))
    taken = sessions.booked(
        transaction.rows,
        bound,
        calendar.instant(window.opens, time()),
        calendar.instant(window.closes + timedelta(days=1), time()),
    )
    busy = tuple(
        Busy(person, one.starts_at, one.ends_at, one.id)
        for person, one in taken
        if one.starts_at is not None and one.ends_at is not None
    )
    search = Search(
        calendar=calendar,
        not_before=max(first.date(), calendar.day_of(transaction.at) + timedelta(days=1)),
        people=frozenset(bound),
        busy=busy,
        pauses=transaction.pauses(),
    )
    others = tuple(one for one in OTHER_TIMES if one != first.time())
    wish = Wish(first.weekday(), first.time(), others)
    return monthly_sessions(kind, window, wish, search)


def _stop(transaction: CourseTransaction) -> str:
    """Cancel what is to come, because no service of the sponsor takes part any more (X13)."""
    for one in sessions.sessions_of(transaction.rows, transaction.course.id):
        if one.state is SessionState.TO_COME:
            cancel(transaction, one, SessionReason.WITHDRAWN)
    close_all(transaction, ObligationState.CANCELLED, reason="no_service_takes_part")
    transaction.save(stage=Stage.IDLE)
    transaction.note("executive_coaching.stopped")
    return "No service of the sponsor takes part any more: the sessions to come are cancelled."
