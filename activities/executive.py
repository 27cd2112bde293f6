"""Course transactions of an executive sponsor's monthly coaching (C04, C07, C18, X13)."""

from datetime import date, datetime, time, timedelta

from activities.agendas import is_handed_over, taking_part
from activities.chasing import close_all, open_obligation
from activities.executive_coach import change_coach
from activities.holders import holders_of
from activities.scheduling import add, add_back, cancel, new_session
from activities.single_sessions import busy_with
from activities.transaction import CourseActivities, CourseTransaction, course_transaction
from planning.placing import MonthlySession, Search, Wish, monthly_sessions
from schemas.commands import AssignExecutiveCoach, TakeStep
from schemas.courses import CourseState, Enrolment, Stage
from schemas.edition import SessionKind
from schemas.ids import executive_course_id
from schemas.obligations import ObligationKind, ObligationState
from schemas.sessions import Cadence, Session, SessionReason, SessionState
from storage import people, sessions, successions

OTHER_TIMES = tuple(time(hour) for hour in range(9, 17))
"""Tried where the sponsor's usual time is taken."""


class ExecutiveActivities(CourseActivities):
    """What happens to a sponsor's coaching as a whole."""

    @course_transaction
    def take_up_participation(self, command: TakeStep) -> CourseState:
        """Plan the months while a service of the sponsor takes part; stop when none does (X13)."""
        return self.carry_out(command, _take_up_participation)

    @course_transaction
    def assign_executive_coach(self, command: AssignExecutiveCoach) -> CourseState:
        """Let another executive coach lead what is to come (C15, C16)."""
        return self.carry_out(command, change_coach)


def monthly_kind(transaction: CourseTransaction) -> SessionKind | None:
    """Return the edition's monthly kind of session, if it has one."""
    kinds = transaction.edition.sessions
    return next((kind for kind in kinds if kind.cadence is Cadence.MONTHLY), None)


def _take_up_participation(transaction: CourseTransaction, _command: TakeStep) -> str:
    kind = monthly_kind(transaction)
    services = taking_part(
        transaction.rows, transaction.course.edition_id, transaction.course.subject_id
    )
    if kind is None or not is_handed_over(transaction.rows, transaction.course, transaction.at):
        return ""
    if not services:
        return _stop(transaction)
    bound = (*holders_of(transaction, kind.coach), transaction.course.subject_id)
    people.lock_people(transaction.rows, bound)
    transaction.save(stage=Stage.COACHING)
    back = _bring_back(transaction, kind, bound)
    new = _plan_months(transaction, kind, services, bound)
    transaction.note("sessions.planned", monthly=len(new))
    for one in new:
        if one.starts_at is None:
            transaction.note("session.undated", one.id)
    return f"{len(new) + back} executive sessions are planned."


def _plan_months(
    transaction: CourseTransaction,
    kind: SessionKind,
    services: tuple[Enrolment, ...],
    bound: tuple[str, ...],
) -> list[Session]:
    """Write a session for each month that has none yet, of those that the edition plans (C07)."""
    known = sessions.sessions_of(transaction.rows, transaction.course.id, kind.id)
    standing = [one for one in known if one.state is not SessionState.CANCELLED]
    before = sessions_before(transaction, kind)
    own = {one.planned_day.replace(day=1) for one in standing}
    standing += [
        one
        for one, until in before
        if one.state is not SessionState.CANCELLED
        and one.starts_at is not None
        and one.starts_at < until
        and one.planned_day.replace(day=1) not in own
    ]
    theirs = {one.planned_day.replace(day=1) for one in standing}
    wanted = max(kind.planned - len(standing), 0)
    placed = [
        month for month in _months(transaction, kind, services, bound) if month.month not in theirs
    ][:wanted]
    new = [
        new_session(
            transaction,
            kind,
            number,
            month.starts_at,
            transaction.calendar.day_of(month.starts_at) if month.starts_at else month.month,
        )
        for number, month in enumerate(placed, start=len(known) + len(before) + 1)
    ]
    add(transaction, kind, new)
    dated = [
        transaction.calendar.day_of(one.starts_at) for one in [*standing, *new] if one.starts_at
    ]
    for session in new:
        if session.starts_at is None:
            open_obligation(transaction, ObligationKind.EXECUTIVE_SLOT, subject=session.id)
        elif _is_close(transaction.calendar.day_of(session.starts_at), dated, kind):
            transaction.note("session.placed_close", session.id)
    return new


def sessions_before(
    transaction: CourseTransaction, kind: SessionKind
) -> tuple[tuple[Session, datetime], ...]:
    """Return the sessions of those whom the sponsor has followed, and until when they count (P01).

    The count goes on; what somebody who was followed has from then on is of other services.
    """
    edition_id = transaction.course.edition_id
    followed = successions.followed(
        transaction.rows, edition_id, transaction.course.subject_id, transaction.at
    )
    return tuple(
        (session, until)
        for one, until in sorted(followed.items())
        for session in sessions.sessions_of(
            transaction.rows, executive_course_id(edition_id, one), kind.id
        )
    )


def _is_close(day: date, dated: list[date], kind: SessionKind) -> bool:
    """Tell whether another session is nearer than the edition likes: a warning (C14)."""
    apart = [abs((other - day).days) for other in dated if other != day]
    return min(apart, default=kind.minimum_gap_days) < kind.minimum_gap_days


def _bring_back(transaction: CourseTransaction, kind: SessionKind, bound: tuple[str, ...]) -> int:
    """Put back what was cancelled when no service took part, where everybody is free still."""
    back = 0
    for one in sessions.sessions_of(transaction.rows, transaction.course.id, kind.id):
        ahead = one.starts_at is not None and one.starts_at > transaction.at
        left = one.state is SessionState.CANCELLED and one.reason is SessionReason.WITHDRAWN
        if ahead and left and _is_free(transaction, one, bound):
            add_back(transaction, one)
            back += 1
    return back


def _is_free(transaction: CourseTransaction, session: Session, bound: tuple[str, ...]) -> bool:
    if session.starts_at is None or session.ends_at is None:
        return False
    paused = any(
        pause.touches(session.starts_at, session.ends_at) for pause in transaction.pauses()
    )
    taken = sessions.booked(transaction.rows, bound, session.starts_at, session.ends_at)
    return not paused and not taken


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
    busy = tuple(busy_with(transaction, person, one) for person, one in taken)
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
    """Cancel what is to come, because no service of the sponsor takes part any more (X13).

    What has begun is still to be recorded.
    """
    left = _followed_by(transaction)
    reason = SessionReason.WITHDRAWN if left is None else SessionReason.SPONSOR_CHANGED
    for one in sessions.sessions_of(transaction.rows, transaction.course.id):
        begun = one.starts_at is not None and one.starts_at <= transaction.at
        if one.state is SessionState.TO_COME and not begun:
            cancel(transaction, one, reason)
    close_all(
        transaction,
        ObligationState.CANCELLED,
        kind=ObligationKind.EXECUTIVE_SLOT,
        reason="no_service_takes_part",
    )
    transaction.save(stage=Stage.IDLE)
    transaction.note("executive_coaching.stopped")
    if left:
        transaction.wake(*(executive_course_id(transaction.course.edition_id, one) for one in left))
    return "No service of the sponsor takes part any more: the sessions to come are cancelled."


def _followed_by(transaction: CourseTransaction) -> tuple[str, ...] | None:
    """Return who has followed the sponsor, nobody yet where the post is vacant; none: no change.

    Whoever has taken a place since then has not left it.
    """
    sponsor_id = transaction.course.subject_id
    said = [
        one
        for one in successions.sponsors_said(transaction.rows, transaction.course.edition_id)
        if sponsor_id in {one.old_id, one.new_id} and one.from_at <= transaction.at
    ]
    last = max(said, key=lambda one: (one.from_at, one.new_id == sponsor_id), default=None)
    if last is None or last.new_id == sponsor_id:
        return None
    return tuple(one.new_id for one in said if one.old_id == sponsor_id and one.new_id is not None)
