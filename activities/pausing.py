"""Course transactions that stop a course's clocks and start them again (X07-X10)."""

from activities.chasing import close_all, open_obligation, put_off_all
from activities.holders import enrolment_of, holders_of
from activities.notices import tell
from activities.scheduling import Move, put
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from activities.weekly import replan_weekly
from planning.agenda import UNDATED, CourseRecords, is_displaced
from schemas.commands import PauseCourse, ResumeCourse
from schemas.courses import CourseKind, CourseState, Pause, Stage
from schemas.ids import executive_course_id, service_course_id
from schemas.letters import Topic
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Role
from schemas.sessions import Cadence, SessionReason
from storage import courses, pauses, sessions


class PauseActivities(CourseActivities):
    """Pausing and resuming a service, or an edition with all that belongs to it."""

    @course_transaction
    def pause_course(self, command: PauseCourse) -> CourseState:
        """Stop the clocks: no sessions, no reminders, no escalation while it lasts (X07, X08)."""
        return self.carry_out(command, _pause)

    @course_transaction
    def resume_course(self, command: ResumeCourse) -> CourseState:
        """Start the clocks again; nothing dated in the pause is sent (X09)."""
        return self.carry_out(command, _resume)


def _pause(transaction: CourseTransaction, command: PauseCourse) -> str:
    transaction.refuse_withdrawn()
    known = pauses.pauses_of(transaction.rows, [transaction.course.id])
    for one in known:
        if one.until_at is None or one.until_at > transaction.at >= one.from_at:
            raise Refusal(f"{transaction.course.subject_id} is paused already.")
    if command.until_at is not None and command.until_at <= transaction.at:
        raise Refusal("The pause ends before it begins: give a later last day.")
    new = Pause(
        id=f"{transaction.course.id}/pause/{len(known) + 1}",
        scope=transaction.course.id,
        from_at=transaction.at,
        until_at=command.until_at,
        reason=command.reason or "other",
    )
    pauses.add_pause(transaction.rows, new)
    facts = {} if new.until_at is None else {"until_at": new.until_at.isoformat()}
    transaction.note("course.paused", new.id, **facts)
    replan(transaction)
    if transaction.course.kind is CourseKind.SERVICE:
        told = (enrolment_of(transaction).lead_id, *holders_of(transaction, Role.DELIVERY_COACH))
        tell(transaction, Topic.PAUSED, *told, subject=new.id, **facts)
    wake_everybody(transaction)
    until = "until it is resumed" if new.until_at is None else f"until {new.until_at:%d %B %Y}"
    return f"{transaction.course.subject_id} is paused {until}. Its clocks stand still."


def _resume(transaction: CourseTransaction, _command: ResumeCourse) -> str:
    running = [
        one
        for one in pauses.pauses_of(transaction.rows, [transaction.course.id])
        if one.from_at <= transaction.at and (one.until_at is None or one.until_at > transaction.at)
    ]
    if not running:
        raise Refusal(f"{transaction.course.subject_id} is not paused.")
    for one in running:
        ended = one.model_copy(update={"until_at": transaction.at})
        pauses.save_pause(transaction.rows, ended)
        transaction.note("course.resumed", one.id)
    replan(transaction)
    if transaction.course.kind is CourseKind.SERVICE:
        told = (enrolment_of(transaction).lead_id, *holders_of(transaction, Role.DELIVERY_COACH))
        tell(transaction, Topic.RESUMED, *told, subject=running[0].id)
    wake_everybody(transaction)
    return f"{transaction.course.subject_id} goes on. Nothing that fell due meanwhile is sent."


def wake_everybody(transaction: CourseTransaction) -> None:
    """Let every course of the edition look again, where the edition itself has changed."""
    if transaction.course.kind is CourseKind.EDITION:
        edition_id = transaction.course.edition_id
        for one in courses.enrolments_of(transaction.rows, edition_id):
            transaction.wake(service_course_id(edition_id, one.service_id))
            transaction.wake(executive_course_id(edition_id, one.sponsor_id))
        of_sponsors = courses.courses_of(
            transaction.rows, edition_id, CourseKind.EXECUTIVE_COACHING
        )
        # Whoever was followed is nobody's sponsor any more; what is left to record is still theirs.
        transaction.wake(*(one.id for one in of_sponsors if one.ended_at is None))


def replan(transaction: CourseTransaction) -> str:
    """Put sessions and chases round the pauses and events as they are now."""
    changed = 0
    if transaction.course.kind is CourseKind.SERVICE:
        changed += _replan_weekly(transaction)
    changed += _undate_others(transaction)
    put_off_all(transaction)
    transaction.note("course.replanned", sessions=changed)
    return f"{changed} sessions were put round what has changed."


def _replan_weekly(transaction: CourseTransaction) -> int:
    return replan_weekly(transaction) if transaction.course.stage is Stage.COACHING else 0


def _undate_others(transaction: CourseTransaction) -> int:
    """Take sessions that come once or monthly off a day that a pause takes; a person dates them."""
    records = CourseRecords(
        course=transaction.course,
        edition=transaction.edition,
        calendar=transaction.calendar,
        at=transaction.at,
        pauses=transaction.pauses(),
    )
    changed = 0
    for one in sessions.sessions_of(transaction.rows, transaction.course.id):
        kind = transaction.edition.session_kind(one.kind)
        if is_displaced(one, records):
            put(transaction, one, Move(None, reason=SessionReason.PAUSED))
            close_all(transaction, ObligationState.CANCELLED, subject=one.id, reason=UNDATED)
            monthly = kind.cadence is Cadence.MONTHLY
            asks = ObligationKind.EXECUTIVE_SLOT if monthly else ObligationKind.EVENT_DATED
            coach = next(iter(holders_of(transaction, kind.coach)), None)
            open_obligation(transaction, asks, subject=one.id, holder_id=coach)
            changed += 1
    return changed
