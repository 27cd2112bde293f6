"""Course transactions of an obligation's chase: a step, a lapse, a promise, an end (X04, R10)."""

from datetime import time

from activities.chasing import (
    close_obligation,
    next_instant,
    open_obligation,
    put_off,
    settle_attention,
    take_chase_step,
)
from activities.contradicting import let_stand
from activities.holders import partner_confirmed
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from planning.calendar import ONE_DAY
from planning.escalation import may_promise, promise_lapsed, promise_limit
from schemas.commands import CloseObligation, PromiseObligation, TakeStep
from schemas.courses import CourseState
from schemas.obligations import Obligation, ObligationKind, ObligationState
from storage import obligations, sessions


class ChaseActivities(CourseActivities):
    """How what nobody has done is asked for, promised and closed."""

    @course_transaction
    def escalate(self, command: TakeStep) -> CourseState:
        """Take the step of an escalation policy that is due; a repeat takes none."""
        return self.carry_out(command, _escalate)

    @course_transaction
    def open_task(self, command: TakeStep) -> CourseState:
        """Ask a coordinator to look after a person whom mail does not reach (M11, M20)."""
        return self.carry_out(command, _open_task)

    @course_transaction
    def lapse_promise(self, command: TakeStep) -> CourseState:
        """Ask again, from the first step, because a promised day has passed (X04)."""
        return self.carry_out(command, _lapse_promise)

    @course_transaction
    def promise_obligation(self, command: PromiseObligation) -> CourseState:
        """Hold a chase until the end of a promised day (X04)."""
        return self.carry_out(command, _promise)

    @course_transaction
    def close_obligation(self, command: CloseObligation) -> CourseState:
        """Note that an obligation is done, or that a person waives it (X04)."""
        return self.carry_out(command, _close)


def _escalate(transaction: CourseTransaction, command: TakeStep) -> str:
    one = obligations.obligation(transaction.rows, command.subject)
    if one is None or one.state is not ObligationState.OPEN:
        return ""
    if one.kind is ObligationKind.EVENT_PARTNER and partner_confirmed(transaction, one.subject):
        close_obligation(transaction, one, ObligationState.DONE)
        return one.id
    return take_chase_step(transaction, one)


def _open_task(transaction: CourseTransaction, command: TakeStep) -> str:
    kind, _, person_id = command.subject.partition(":")
    opened = open_obligation(transaction, ObligationKind(kind), subject=person_id)
    if opened.next_at is not None and opened.next_at <= transaction.at:
        return take_chase_step(transaction, opened)
    return opened.id


def _lapse_promise(transaction: CourseTransaction, command: TakeStep) -> str:
    one = obligations.obligation(transaction.rows, command.subject)
    if one is None or one.state is not ObligationState.PROMISED or put_off(transaction, one):
        return ""
    again = promise_lapsed(one).model_copy(update={"since_at": transaction.at})
    again = again.model_copy(update={"next_at": next_instant(transaction, again)})
    obligations.save_obligation(transaction.rows, again)
    transaction.note("promise.lapsed", one.id, generation=again.generation)
    return again.id


def _promise(transaction: CourseTransaction, command: PromiseObligation) -> str:
    one = _open(transaction, command.obligation_id)
    policy = transaction.edition.policy(one.kind)
    mail, calendar, pauses = transaction.edition.mail, transaction.calendar, transaction.pauses()
    if not may_promise(policy, one):
        raise Refusal(
            f"{one.id} has been promised {one.promises} times: do it, or ask for it to be waived."
        )
    if command.until_day < calendar.day_of(transaction.at):
        raise Refusal(f"{command.until_day} has passed: promise a day to come.")
    limit = promise_limit(policy, transaction.at, calendar, mail, pauses)
    if limit is not None and command.until_day > limit:
        raise Refusal(f"{command.until_day} is too far off: {limit} is the last day to promise.")
    promised = one.model_copy(
        update={
            "state": ObligationState.PROMISED,
            "promised_until": calendar.instant(command.until_day + ONE_DAY, time()),
            "promises": one.promises + 1,
        }
    )
    promised = promised.model_copy(update={"next_at": next_instant(transaction, promised)})
    obligations.save_obligation(transaction.rows, promised)
    transaction.note("obligation.promised", one.id, promises=promised.promises)
    settle_attention(transaction)
    return f"{one.id} is promised by the end of {command.until_day}; it is not chased until then."


def _close(transaction: CourseTransaction, command: CloseObligation) -> str:
    one = _open(transaction, command.obligation_id)
    if not command.waived and one.kind in DEEDS:
        raise Refusal(f"{one.id} is done by the deed itself: {DEEDS[one.kind]}.")
    if one.kind is ObligationKind.SESSION_RECORD:
        _ask_no_more(transaction, one.subject)
    if one.kind is ObligationKind.RECORD_CONFLICT:
        let_stand(transaction, one.subject)
    state = ObligationState.WAIVED if command.waived else ObligationState.DONE
    close_obligation(transaction, one, state)
    return f"{one.id} is {'waived' if command.waived else 'done'}."


DEEDS = {
    ObligationKind.SELECTION_DECISION: "confirm the order of places",
    ObligationKind.PLACE_DECISION: "extend the offer or let it lapse",
    ObligationKind.ACCEPT_PLACE: "accept or decline the place",
    ObligationKind.COMMITMENTS: "let the sponsor sign, or decline",
    ObligationKind.TEAM_NAMED: "name the team",
    ObligationKind.COACH_ASSIGNED: "assign a coach",
    ObligationKind.SLOT_CHOSEN: "choose a slot",
    ObligationKind.EVENT_DATED: "put it on a day",
    ObligationKind.SPONSOR_SESSION_SET: "set the first session",
    ObligationKind.SESSION_RECORD: "record the session",
    ObligationKind.SPONSOR_NAMED: "name a successor",
    ObligationKind.RECORD_CONFLICT: "record how the session went",
}
"""What nobody can call done without doing it: the course goes on from the deed."""


def _ask_no_more(transaction: CourseTransaction, session_id: str) -> None:
    """Let a session whose record was waived rest; to be moved makes it one to record again."""
    session = sessions.session(transaction.rows, session_id)
    if session is not None:
        rested = session.model_copy(update={"record_due_at": None})
        sessions.save_session(transaction.rows, rested)


def _open(transaction: CourseTransaction, obligation_id: str) -> Obligation:
    one = obligations.obligation(transaction.rows, obligation_id)
    if one is None or one.course_id != transaction.course.id:
        raise Refusal(f"{transaction.course.subject_id} has no obligation {obligation_id}.")
    if not one.state.is_open:
        raise Refusal(f"{obligation_id} is {one.state.value} already.")
    return one
