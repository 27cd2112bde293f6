"""Course transactions about sessions: recorded, moved, cancelled, caught up on, asked after."""

from datetime import datetime

from activities.chasing import close_all, open_obligation, take_chase_step
from activities.holders import holders_of, partner_confirmed
from activities.leading import leaders_of
from activities.notices import tell
from activities.pausing import replan
from activities.recording import record, refuse_plannings_reason
from activities.scheduling import (
    CANCELLED,
    Move,
    add,
    bound_by,
    cancel,
    new_session,
    put,
    refuse_clash,
)
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from planning.placing import sponsor_is_told
from schemas.commands import (
    BookCatchUp,
    CancelSession,
    MoveSession,
    RecordSession,
    TakeStep,
)
from schemas.courses import CourseState
from schemas.edition import SessionKind
from schemas.letters import Topic
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Role
from schemas.sessions import Cadence, Session, SessionReason, SessionState
from storage import sessions
from storage.notes import note_text


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
    return record(transaction, _known_session(transaction, command.session_id), command)


def _move_session(transaction: CourseTransaction, command: MoveSession) -> str:
    transaction.refuse_withdrawn()
    refuse_plannings_reason(command.why)
    session = _known_session(transaction, command.session_id)
    if session.state is not SessionState.TO_COME:
        raise Refusal(f"Session {session.id} is {session.state.value}; only one to come can move.")
    place = note_text(transaction.rows, command.place_id) if command.place_id else session.place
    starts_at = command.starts_at or session.starts_at
    if starts_at is None or starts_at == session.starts_at:
        return _relocate(transaction, session, place, command.why)
    refuse_bad_instant(transaction, starts_at, session.id)
    move_to(
        transaction, session, Move(starts_at, by_a_person=True, reason=command.why, place=place)
    )
    return f"Session {session.id} is moved. Those invited get the new time."


def move_to(transaction: CourseTransaction, session: Session, move: Move) -> None:
    """Put a session elsewhere for somebody who asks, with all that follows from it.

    Raises:
        Refusal: Somebody whom it needs is elsewhere at that time (C15).

    """
    kind = transaction.edition.session_kind(session.kind)
    moved = put(transaction, session, move)
    refuse_clash(transaction, kind, moved, bound_by(transaction, kind, moved))
    for dated in (ObligationKind.EVENT_DATED, ObligationKind.EXECUTIVE_SLOT):
        close_all(transaction, ObligationState.DONE, kind=dated, subject=session.id)
    for asked in ASKED_OF_A_DAY:
        close_all(
            transaction, ObligationState.CANCELLED, kind=asked, subject=session.id, reason=MOVED
        )
    if kind.cadence is Cadence.FULL_DAY:
        tell_sponsor_of_move(transaction, session, moved, kind)
        replan(transaction)


def _relocate(
    transaction: CourseTransaction, session: Session, place: str, why: SessionReason
) -> str:
    """Give a session its own place at the time that it has (C19)."""
    if place == session.place:
        return f"Session {session.id} is at that time and place already."
    if session.starts_at is not None and session.starts_at <= transaction.at:
        raise Refusal(f"Session {session.id} has begun: its place is what it was.")
    put(transaction, session, Move(session.starts_at, reason=why, place=place))
    return f"Session {session.id} has another place. Those invited get it."


MOVED = "session_moved"
ASKED_OF_A_DAY = (
    ObligationKind.SESSION_RECORD,
    ObligationKind.EVENT_PARTNER,
    ObligationKind.EVENT_REPORT_OUT,
)
"""What is asked about the day on which a session is: about another day it is asked anew."""


def refuse_bad_instant(transaction: CourseTransaction, starts_at: datetime, about: str) -> None:
    """Refuse an instant that is past, on a day off, in a pause or outside the window (C09, E24).

    Raises:
        Refusal: Says which.

    """
    day = transaction.calendar.day_of(starts_at)
    window = transaction.edition.window
    if starts_at <= max(transaction.at, transaction.command.recorded_at):
        raise Refusal(f"{day} is in the past: {about} can only move to a time to come.")
    if not transaction.calendar.is_working_day(day):
        raise Refusal(f"{day} is not a working day.")
    if not window.opens <= day <= window.closes:
        raise Refusal(f"{day} is outside the coaching window {window.opens} to {window.closes}.")
    if any(pause.covers(starts_at) for pause in transaction.pauses()):
        raise Refusal(f"The programme or the service is paused on {day}.")


def tell_sponsor_of_move(
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


def _cancel_session(transaction: CourseTransaction, command: CancelSession) -> str:
    transaction.refuse_withdrawn()
    refuse_plannings_reason(command.why)
    session = _known_session(transaction, command.session_id)
    if session.state is SessionState.CANCELLED:
        return f"Session {session.id} is cancelled already."
    if session.state is not SessionState.TO_COME:
        raise Refusal(f"Session {session.id} is {session.state.value}; correct its record instead.")
    cancel(transaction, session, command.why)
    close_all(transaction, ObligationState.CANCELLED, subject=session.id, reason=CANCELLED)
    return f"Session {session.id} is cancelled. Those invited are told."


def _book_catch_up(transaction: CourseTransaction, command: BookCatchUp) -> str:
    transaction.refuse_withdrawn()
    missed = _known_session(transaction, command.session_id)
    if missed.state is not SessionState.MISSED:
        raise Refusal(f"Session {missed.id} was not missed, so there is nothing to catch up on.")
    every = sessions.sessions_of(transaction.rows, transaction.course.id, missed.kind)
    if any(one.catch_up_for == missed.id and one.state in COUNTS for one in every):
        raise Refusal(f"There is a catch-up for session {missed.id} already.")
    refuse_bad_instant(transaction, command.starts_at, "a catch-up")
    kind = transaction.edition.session_kind(missed.kind)
    day = transaction.calendar.day_of(command.starts_at)
    number = max(one.number for one in every) + 1  # A successor's begin behind those before (P01).
    new = new_session(transaction, kind, number, command.starts_at, day)
    # A person chose the day: a replan leaves it there.
    new = new.model_copy(update={"catch_up_for": missed.id, "moves": 1})
    bound = bound_by(transaction, kind)
    refuse_clash(transaction, kind, new, bound)
    add(transaction, kind, [new])
    transaction.note("session.planned", new.id, catch_up_for=missed.id, day=day.isoformat())
    for offer in (ObligationKind.CATCH_UP, ObligationKind.EXECUTIVE_SLOT):
        close_all(transaction, ObligationState.DONE, kind=offer, subject=missed.id)
    return f"Session {new.id} makes up for {missed.id}."


COUNTS = {SessionState.TO_COME, SessionState.HELD}


def _ask_for_record(transaction: CourseTransaction, command: TakeStep) -> None:
    session = _known_session(transaction, command.subject)
    if session.state is not SessionState.TO_COME or session.ends_at is None:
        return
    coach = next(iter(leaders_of(transaction, session)), None)
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
    if opened.kind is ObligationKind.EVENT_PARTNER and partner_confirmed(transaction, session.id):
        close_all(
            transaction,
            ObligationState.DONE,
            kind=ObligationKind.EVENT_PARTNER,
            subject=session.id,
        )
    elif opened.next_at is not None and opened.next_at <= transaction.at:
        take_chase_step(transaction, opened)
