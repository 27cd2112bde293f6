"""Course transactions that end a service's course: withdrawal, its undo, completion."""

from datetime import datetime, timedelta

from activities.chasing import close_all, reopen
from activities.holders import enrolment_of, holders_of
from activities.notices import tell
from activities.scheduling import (
    CANCELLED,
    add_back,
    bound_by,
    cancel,
    cancel_what_is_ahead,
    refuse_clash,
)
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from planning.places import may_refill
from planning.working_time import elapsed
from schemas.commands import TakeStep, Undo, Withdraw
from schemas.courses import CourseState, PlaceState, Stage
from schemas.edition import SessionKind
from schemas.ids import edition_course_id, executive_course_id
from schemas.letters import Topic
from schemas.messages import MessageReason
from schemas.obligations import ObligationState
from schemas.people import Role
from schemas.sessions import Session, SessionReason, SessionState
from storage import courses, ledger, places, sessions


class LeavingActivities(CourseActivities):
    """How a service's course ends."""

    @course_transaction
    def withdraw(self, command: Withdraw) -> CourseState:
        """Stop everything for a service that leaves; it can be undone for a day (R13, X13)."""
        return self.carry_out(command, _withdraw)

    @course_transaction
    def undo(self, command: Undo) -> CourseState:
        """Take back a withdrawal, or the cancellation of a session (E40)."""
        return self.carry_out(command, _undo)

    @course_transaction
    def close_withdrawal(self, command: TakeStep) -> CourseState:
        """End the course when a withdrawal can no longer be undone, and free its place (R13)."""
        return self.carry_out(command, _close_withdrawal)

    @course_transaction
    def complete(self, command: TakeStep) -> CourseState:
        """End the course some days after the coaching window has closed."""
        return self.carry_out(command, _complete)


def _withdraw(transaction: CourseTransaction, command: Withdraw) -> str:
    enrolment = enrolment_of(transaction)
    if enrolment.withdrawn_at is not None:
        raise Refusal(f"{transaction.course.subject_id} has withdrawn already.")
    undo_until = transaction.at + elapsed(transaction.edition.recruitment.undo)
    changed = enrolment.model_copy(
        update={
            "withdrawn_at": transaction.at,
            "undo_until": undo_until,
            "withdrawal_reason": command.reason or "other",
            "stage_before": transaction.course.stage,
        }
    )
    courses.save_enrolment(transaction.rows, changed)
    transaction.save(stage=Stage.WITHDRAWN)
    transaction.note("service.withdrew")
    _cancel_what_is_near(transaction, undo_until)
    ledger.withdraw_course(transaction.rows, transaction.course.id, transaction.at)
    transaction.wake(executive_course_id(transaction.course.edition_id, enrolment.sponsor_id))
    return (
        f"{transaction.course.subject_id} has withdrawn; nothing more is sent. "
        f"Undo it until {transaction.calendar.local(undo_until):%d %B %Y %H:%M}."
    )


def _cancel_what_is_near(transaction: CourseTransaction, undo_until: datetime) -> None:
    """Cancel what would begin before people could otherwise hear of it; the rest can wait."""
    horizon = undo_until + timedelta(days=1)
    for one in sessions.sessions_of(transaction.rows, transaction.course.id):
        near = one.starts_at is not None and transaction.at < one.starts_at <= horizon
        if near and one.state is SessionState.TO_COME:
            cancel(transaction, one, SessionReason.WITHDRAWN)


def _undo(transaction: CourseTransaction, command: Undo) -> str:
    if command.session_id:
        return _undo_cancellation(transaction, command.session_id)
    enrolment = enrolment_of(transaction)
    if enrolment.withdrawn_at is None or enrolment.undo_until is None:
        raise Refusal(f"{transaction.course.subject_id} has nothing to undo: it did not withdraw.")
    if transaction.at > enrolment.undo_until:
        raise Refusal(
            f"The withdrawal of {transaction.course.subject_id} could be undone until "
            f"{transaction.calendar.local(enrolment.undo_until):%d %B %Y %H:%M}."
        )
    stage = enrolment.stage_before or Stage.COACHING
    courses.save_enrolment(
        transaction.rows,
        enrolment.model_copy(
            update={
                "withdrawn_at": None,
                "undo_until": None,
                "withdrawal_reason": None,
                "stage_before": None,
            }
        ),
    )
    transaction.save(stage=stage)
    transaction.note("service.returned")
    ledger.revive_course(transaction.rows, transaction.course.id, MessageReason.WITHDRAWN)
    lost = _restore_sessions(transaction)
    edition_id = transaction.course.edition_id
    transaction.wake(
        edition_course_id(edition_id), executive_course_id(edition_id, enrolment.sponsor_id)
    )
    if lost:
        return (
            f"{transaction.course.subject_id} is back, but for {', '.join(lost)}: "
            "somebody has something else at that time by now."
        )
    return f"{transaction.course.subject_id} is back, as it was before it withdrew."


def _restore_sessions(transaction: CourseTransaction) -> list[str]:
    """Put back what the withdrawal cancelled and return the ids of what finds no room (C15)."""
    lost = []
    for one in sessions.sessions_of(transaction.rows, transaction.course.id):
        ahead = one.starts_at is not None and one.starts_at > transaction.at
        if not ahead or one.reason is not SessionReason.WITHDRAWN:
            continue
        try:
            refuse_clash(transaction, *_with_its_people(transaction, one))
        except Refusal:
            lost.append(one.id)
        else:
            add_back(transaction, one)
    return lost


def _with_its_people(
    transaction: CourseTransaction, session: Session
) -> tuple[SessionKind, Session, tuple[str, ...]]:
    kind = transaction.edition.session_kind(session.kind)
    bound = bound_by(transaction, kind, session)
    return kind, session, bound


def _undo_cancellation(transaction: CourseTransaction, session_id: str) -> str:
    transaction.refuse_withdrawn()
    session = sessions.session(transaction.rows, session_id)
    if session is None or session.course_id != transaction.course.id:
        raise Refusal(f"{transaction.course.subject_id} has no session {session_id}.")
    if session.state is not SessionState.CANCELLED:
        raise Refusal(f"Session {session_id} is not cancelled.")
    if session.starts_at is None or session.starts_at <= transaction.at:
        raise Refusal(f"Session {session_id} would have begun already: plan another one.")
    refuse_clash(transaction, *_with_its_people(transaction, session))
    add_back(transaction, session)
    reopen(transaction, session.id, CANCELLED)
    return f"Session {session_id} is on again. Those who were told are told so."


def _close_withdrawal(transaction: CourseTransaction, _command: TakeStep) -> str:
    enrolment = enrolment_of(transaction)
    withdrawn_at = enrolment.withdrawn_at or transaction.at
    cancel_what_is_ahead(transaction, SessionReason.WITHDRAWN)
    close_all(transaction, ObligationState.CANCELLED, reason="withdrawn")
    ledger.end_course(
        transaction.rows, transaction.course.id, MessageReason.WITHDRAWN, transaction.at
    )
    place = places.place_of(transaction.rows, transaction.course.id)
    if place is not None:
        before_coaching = place.state is PlaceState.OFFERED
        refill = before_coaching or may_refill(withdrawn_at, transaction.edition)
        if places.release(transaction.rows, place, refill=refill):
            transaction.note("place.freed" if refill else "place.closed", place.id)
    transaction.save(ended=True, attention="")
    sponsors = holders_of(transaction, Role.EXECUTIVE_SPONSOR)
    told = (enrolment.lead_id, *sponsors, *holders_of(transaction, Role.DELIVERY_COACH))
    tell(transaction, Topic.WITHDRAWN, *told)
    edition_id = transaction.course.edition_id
    transaction.wake(edition_course_id(edition_id))
    transaction.wake(executive_course_id(edition_id, enrolment.sponsor_id))
    return f"{transaction.course.subject_id} has left the programme."


def _complete(transaction: CourseTransaction, _command: TakeStep) -> str:
    close_all(transaction, ObligationState.CANCELLED, reason="edition_ended")
    cancel_what_is_ahead(transaction, SessionReason.NO_WEEK_LEFT)
    ledger.end_course(
        transaction.rows, transaction.course.id, MessageReason.EDITION_ENDED, transaction.at
    )
    transaction.save(stage=Stage.COMPLETED, ended=True, attention="")
    transaction.note("course.completed")
    lead = courses.enrolment(transaction.rows, transaction.course.id)
    if lead is not None:
        tell(transaction, Topic.COMPLETED, lead.lead_id)
    return f"{transaction.course.subject_id} has completed."
