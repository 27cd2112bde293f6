"""Course transactions about sessions: recorded, moved, cancelled, caught up on, asked after."""

from datetime import date, datetime

from activities.chasing import close_all, open_obligation, take_chase_step
from activities.holders import holders_of
from activities.notices import tell
from activities.pausing import replan
from activities.scheduling import add, cancel, new_session, put, refuse_clash
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from planning.missed import PastSession, catch_up_days, free_days, missed_pattern
from planning.placing import sponsor_is_told
from schemas.commands import (
    BookCatchUp,
    CancelSession,
    MoveSession,
    RecordSession,
    TakeStep,
)
from schemas.courses import CourseKind, CourseState
from schemas.edition import SessionKind
from schemas.ids import service_course_id
from schemas.letters import Topic
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Role
from schemas.sessions import Cadence, Session, SessionState
from storage import courses, sessions

OUTCOMES = {SessionState.HELD, SessionState.MISSED}


class SessionActivities(CourseActivities):
    """What happens to sessions once they are planned."""

    @course_transaction
    def record_session(self, command: RecordSession) -> CourseState:
        """Note how a session went, and what follows from one that was missed (X01-X03, X06)."""
        return self.carry_out(command, _record_session)

    @course_transaction
    def move_session(self, command: MoveSession) -> CourseState:
        """Put a session on another instant, unless somebody it needs is elsewhere (C15, X11)."""
        return self.carry_out(command, _move_session)

    @course_transaction
    def cancel_session(self, command: CancelSession) -> CourseState:
        """Cancel a session; people get one cancellation each (M05)."""
        return self.carry_out(command, _cancel_session)

    @course_transaction
    def book_catch_up(self, command: BookCatchUp) -> CourseState:
        """Add a session that makes up for a missed one (X02, C17)."""
        return self.carry_out(command, _book_catch_up)

    @course_transaction
    def ask_for_record(self, command: TakeStep) -> CourseState:
        """Ask whoever led a session how it went, a working day after its end (X01)."""
        return self.carry_out(command, _ask_for_record)

    @course_transaction
    def open_stage(self, command: TakeStep) -> CourseState:
        """Open a stage of a full-day event: prepare, partner, report-out, follow-up (X12)."""
        return self.carry_out(command, _open_stage)

    @course_transaction
    def replan_sessions(self, command: TakeStep) -> CourseState:
        """Put sessions round what a pause or an event takes (C10, C15a, X07-X09)."""
        return self.carry_out(command, lambda transaction, _: replan(transaction))


def _known_session(transaction: CourseTransaction, session_id: str) -> Session:
    found = sessions.session(transaction.rows, session_id)
    if found is None or found.course_id != transaction.course.id:
        raise Refusal(f"{transaction.course.subject_id} has no session {session_id}.")
    return found


def _record_session(transaction: CourseTransaction, command: RecordSession) -> str:
    session = _known_session(transaction, command.session_id)
    if command.outcome not in OUTCOMES:
        raise Refusal("A session is recorded as held or missed; to call it off, cancel it.")
    if session.state is SessionState.CANCELLED:
        raise Refusal(f"Session {session.id} was cancelled. Undo that first.")
    if session.starts_at is None or command.at < session.starts_at:
        raise Refusal(f"Session {session.id} has not begun, so nothing can be recorded yet.")
    if session.state is command.outcome:
        return f"Session {session.id} is recorded as {command.outcome} already."
    kind = transaction.edition.session_kind(session.kind)
    outcome = _outcome(transaction, session, kind, command)
    recorded = session.model_copy(
        update={
            "state": outcome,
            "reason": command.why if outcome is SessionState.MISSED else None,
            "recorded_at": transaction.at,
            "recorded_by": command.actor,
            "held_minutes": (command.minutes or session.minutes)
            if outcome is SessionState.HELD
            else None,
            "record_due_at": None,
        }
    )
    sessions.save_session(transaction.rows, recorded)
    event = "session.recorded" if session.recorded_at is None else "session.corrected"
    transaction.note(event, session.id, outcome=outcome.value, before=session.state.value)
    close_all(
        transaction,
        ObligationState.DONE,
        kind=ObligationKind.SESSION_RECORD,
        subject=session.id,
    )
    if outcome is SessionState.MISSED:
        _after_missed(transaction, recorded, kind)
    return f"Session {session.id} is recorded as {outcome.value}."


def _outcome(
    transaction: CourseTransaction, session: Session, kind: SessionKind, command: RecordSession
) -> SessionState:
    """Note who came; without any of those it is held with, a session is missed (C18)."""
    if command.attended is None:
        return command.outcome
    came = set(command.attended)
    present: set[Role] = set()
    for one in sessions.participants(transaction.rows, [session.id]):
        attended = one.person_id in came
        sessions.save_participant(transaction.rows, one.model_copy(update={"attended": attended}))
        if attended:
            present.add(one.role)
    for role in kind.held_with:
        if came & set(holders_of(transaction, role)):
            present.add(role)
    if command.outcome is SessionState.HELD and kind.held_with and not present & {*kind.held_with}:
        return SessionState.MISSED
    return command.outcome


def _after_missed(transaction: CourseTransaction, session: Session, kind: SessionKind) -> None:
    """Offer a catch-up, and tell those whom the edition wants told; nobody is blamed (X02, X03)."""
    past = [
        PastSession(transaction.calendar.day_of(one.starts_at), one.state, one.reason)
        for one in sessions.sessions_of(transaction.rows, transaction.course.id, kind.id)
        if one.starts_at is not None and one.state is not SessionState.TO_COME
    ]
    pattern = missed_pattern(past, kind, transaction.edition.missed)
    if pattern.offer_catch_up and _catch_up_proposals(transaction, session, kind):
        monthly = kind.cadence is Cadence.MONTHLY
        offer = ObligationKind.EXECUTIVE_SLOT if monthly else ObligationKind.CATCH_UP
        coach = next(iter(holders_of(transaction, kind.coach)), None)
        open_obligation(transaction, offer, subject=session.id, holder_id=coach)
    coordinators = holders_of(transaction, Role.COORDINATOR)
    if pattern.tell_coach_and_coordinator:
        executive = transaction.course.kind is CourseKind.EXECUTIVE_COACHING
        topic = Topic.EXECUTIVE_MISSED_TWICE if executive else Topic.MISSED_TWICE
        told = (*holders_of(transaction, kind.coach), *coordinators)
        tell(transaction, topic, *told, subject=session.id)
    if pattern.coordinator_decides and transaction.course.kind is CourseKind.SERVICE:
        tell(transaction, Topic.THREE_MISSED, *coordinators, subject=session.id)


def _catch_up_proposals(
    transaction: CourseTransaction, session: Session, kind: SessionKind
) -> tuple[date, ...]:
    if session.starts_at is None:
        return ()
    calendar = transaction.calendar
    days = catch_up_days(
        calendar.day_of(session.starts_at),
        calendar.day_of(transaction.at),
        kind,
        transaction.edition.missed,
        calendar,
    )
    taken = {
        calendar.day_of(one.starts_at)
        for one in sessions.sessions_of(transaction.rows, transaction.course.id)
        if one.starts_at is not None and one.state is SessionState.TO_COME
    }
    return free_days(days, taken, transaction.pauses(), calendar)


def _move_session(transaction: CourseTransaction, command: MoveSession) -> str:
    session = _known_session(transaction, command.session_id)
    kind = transaction.edition.session_kind(session.kind)
    if session.state is not SessionState.TO_COME:
        raise Refusal(f"Session {session.id} is {session.state.value}; only one to come can move.")
    if command.starts_at == session.starts_at:
        return f"Session {session.id} is at that time already."
    refuse_bad_instant(transaction, command.starts_at, session.id)
    moved = put(transaction, session, command.starts_at, by_a_person=True, reason=command.why)
    bound = (*holders_of(transaction, kind.coach), *_leads(transaction, kind))
    refuse_clash(transaction, kind, moved, bound)
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.EVENT_DATED)
    if kind.cadence is Cadence.FULL_DAY:
        _tell_sponsor(transaction, session, moved, kind)
        _wake_wards_of(transaction, bound)
    return f"Session {session.id} is moved. Those invited get the new time."


def _leads(transaction: CourseTransaction, kind: SessionKind) -> tuple[str, ...]:
    roles = [role for role in (Role.SERVICE_LEAD, Role.EXECUTIVE_SPONSOR) if role in kind.attends]
    return tuple(person for role in roles for person in holders_of(transaction, role))


def refuse_bad_instant(transaction: CourseTransaction, starts_at: datetime, about: str) -> None:
    """Refuse an instant that is past, on a day off, in a pause or outside the window (C09, E24).

    Raises:
        Refusal: Says which.

    """
    day = transaction.calendar.day_of(starts_at)
    window = transaction.edition.window
    if starts_at <= transaction.at:
        raise Refusal(f"{day} is in the past: {about} can only move to a time to come.")
    if not transaction.calendar.is_working_day(day):
        raise Refusal(f"{day} is not a working day.")
    if not window.opens <= day <= window.closes:
        raise Refusal(f"{day} is outside the coaching window {window.opens} to {window.closes}.")
    if any(pause.covers(starts_at) for pause in transaction.pauses()):
        raise Refusal(f"The programme or the service is paused on {day}.")


def _tell_sponsor(
    transaction: CourseTransaction, was: Session, moved: Session, kind: SessionKind
) -> None:
    """Tell the sponsor of an event that moved twice or at short notice (X11)."""
    if was.starts_at is None:
        return
    calendar = transaction.calendar
    if sponsor_is_told(kind, moved.moves, was.starts_at, transaction.at, calendar):
        sponsors = holders_of(transaction, Role.EXECUTIVE_SPONSOR)
        tell(
            transaction,
            Topic.EVENT_MOVED_LATE,
            *sponsors,
            subject=moved.id,
            step=str(moved.sequence),
            was_starts_at=was.starts_at.isoformat(),
        )


def _wake_wards_of(transaction: CourseTransaction, person_ids: tuple[str, ...]) -> None:
    for one in courses.enrolments_of(transaction.rows, transaction.course.edition_id):
        if one.delivery_coach_id in person_ids:
            transaction.wake(service_course_id(one.edition_id, one.service_id))
    replan(transaction)


def _cancel_session(transaction: CourseTransaction, command: CancelSession) -> str:
    session = _known_session(transaction, command.session_id)
    if session.state is SessionState.CANCELLED:
        return f"Session {session.id} is cancelled already."
    if session.state is not SessionState.TO_COME:
        raise Refusal(f"Session {session.id} is {session.state.value}; correct its record instead.")
    cancel(transaction, session, command.why)
    close_all(transaction, ObligationState.CANCELLED, subject=session.id)
    return f"Session {session.id} is cancelled. Those invited are told."


def _book_catch_up(transaction: CourseTransaction, command: BookCatchUp) -> str:
    missed = _known_session(transaction, command.session_id)
    if missed.state is not SessionState.MISSED:
        raise Refusal(f"Session {missed.id} was not missed, so there is nothing to catch up on.")
    every = sessions.sessions_of(transaction.rows, transaction.course.id, missed.kind)
    if any(one.catch_up_for == missed.id and one.state in COUNTS for one in every):
        raise Refusal(f"There is a catch-up for session {missed.id} already.")
    refuse_bad_instant(transaction, command.starts_at, "a catch-up")
    kind = transaction.edition.session_kind(missed.kind)
    day = transaction.calendar.day_of(command.starts_at)
    new = new_session(transaction, kind, len(every) + 1, command.starts_at, day)
    # A person chose the day: a replan leaves it there.
    new = new.model_copy(update={"catch_up_for": missed.id, "moves": 1})
    bound = (*holders_of(transaction, kind.coach), *_leads(transaction, kind))
    refuse_clash(transaction, kind, new, bound)
    add(transaction, kind, [new])
    transaction.note("session.planned", new.id, catch_up_for=missed.id)
    for offer in (ObligationKind.CATCH_UP, ObligationKind.EXECUTIVE_SLOT):
        close_all(transaction, ObligationState.DONE, kind=offer, subject=missed.id)
    return f"Session {new.id} makes up for {missed.id}."


COUNTS = {SessionState.TO_COME, SessionState.HELD}


def _ask_for_record(transaction: CourseTransaction, command: TakeStep) -> None:
    session = _known_session(transaction, command.subject)
    if session.state is not SessionState.TO_COME or session.ends_at is None:
        return
    kind = transaction.edition.session_kind(session.kind)
    coach = next(iter(holders_of(transaction, kind.coach)), None)
    opened = open_obligation(
        transaction,
        ObligationKind.SESSION_RECORD,
        subject=session.id,
        holder_id=coach,
        opened_at=session.ends_at,
    )
    if opened.next_at is not None and opened.next_at <= transaction.at:
        take_chase_step(transaction, opened)


def _open_stage(transaction: CourseTransaction, command: TakeStep) -> None:
    session_id, _, kind = command.subject.partition("#")
    session = _known_session(transaction, session_id)
    opened = open_obligation(transaction, ObligationKind(kind), subject=session.id)
    if opened.kind is ObligationKind.EVENT_PARTNER and _partner_confirmed(transaction, session):
        close_all(
            transaction,
            ObligationState.DONE,
            kind=ObligationKind.EVENT_PARTNER,
            subject=session.id,
        )
    elif opened.next_at is not None and opened.next_at <= transaction.at:
        take_chase_step(transaction, opened)


def _partner_confirmed(transaction: CourseTransaction, session: Session) -> bool:
    return any(
        one.role is Role.PARTNER and one.confirmed_at is not None
        for one in sessions.participants(transaction.rows, [session.id])
    )
