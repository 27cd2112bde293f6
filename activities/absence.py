"""Course transactions about a coach who is away: sessions are covered, moved, cancelled (E01)."""

from collections.abc import Callable
from datetime import datetime

from activities.chasing import close_all, reopen
from activities.covering import cover, give_back
from activities.notices import take_back, tell
from activities.scheduling import CANCELLED, Move, add_back, bound_by, cancel, refuse_clash
from activities.sessions import move_to, refuse_bad_instant
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from schemas.absences import ChangeAct, SessionChange
from schemas.commands import ArrangeSessions
from schemas.courses import CourseState
from schemas.letters import Topic
from schemas.messages import MessageState
from schemas.obligations import ObligationState
from schemas.sessions import Session, SessionReason, SessionState
from storage import ledger, operations, sessions

AWAY = SessionReason.COACH_UNAVAILABLE
TAKEN_BACK = "It was taken back before it was carried out."
TOLD = {MessageState.ACCEPTED, MessageState.UNKNOWN, MessageState.HANDING_OVER}


class AbsenceActivities(CourseActivities):
    """What becomes of a course's sessions while a coach is away."""

    @course_transaction
    def arrange_sessions(self, command: ArrangeSessions) -> CourseState:
        """Make all the changes of an arrangement or none; people are told once (E01, M05, X06)."""
        return self.carry_out(command, _arrange)


def _arrange(transaction: CourseTransaction, command: ArrangeSessions) -> str:
    transaction.refuse_withdrawn()
    if not command.undoes and operations.undone_by(transaction.rows, command.operation):
        raise Refusal(TAKEN_BACK)
    wanted = [(one, _known_session(transaction, one)) for one in command.changes]
    ahead = [pair for pair in wanted if not _has_begun(transaction, pair[1])]
    if not ahead:
        raise Refusal(f"Nothing of {transaction.course.subject_id} is to come any more.")
    before = _cast_of(transaction, [session for _, session in ahead])
    changed = [session for one, session in ahead if CHANGES[one.act](transaction, session, one)]
    if not changed:
        return f"{transaction.course.subject_id} is arranged like that already."
    everybody = dict.fromkeys([*before, *_cast_of(transaction, changed)])
    if command.undoes:
        _tell_of_return(transaction, command, list(everybody))
    else:
        dates = {"from_day": command.from_day.isoformat()}
        if command.until_day != command.from_day:
            dates["until_day"] = command.until_day.isoformat()
        _tell(transaction, Topic.COACH_AWAY, list(everybody), **dates)
    return _sentence(transaction, [one for one, _ in ahead])


def _known_session(transaction: CourseTransaction, change: SessionChange) -> Session:
    found = sessions.session(transaction.rows, change.session_id)
    if found is None or found.course_id != transaction.course.id:
        raise Refusal(f"{transaction.course.subject_id} has no session {change.session_id}.")
    return found


def _has_begun(transaction: CourseTransaction, session: Session) -> bool:
    """Tell whether a session can no longer be arranged: it has begun, or was recorded."""
    if session.state in {SessionState.HELD, SessionState.MISSED}:
        return True
    return session.starts_at is not None and session.starts_at <= _now(transaction)


def _now(transaction: CourseTransaction) -> datetime:
    return max(transaction.at, transaction.command.recorded_at)


def _cast_of(transaction: CourseTransaction, found: list[Session]) -> list[str]:
    cast = sessions.participants(transaction.rows, [one.id for one in found])
    return list(dict.fromkeys(one.person_id for one in cast))


def _cover(transaction: CourseTransaction, session: Session, change: SessionChange) -> bool:
    _refuse_unless_to_come(session)
    return cover(transaction, session, change.coach)


def _give_back(transaction: CourseTransaction, session: Session, _change: SessionChange) -> bool:
    return session.state is SessionState.TO_COME and give_back(transaction, session)


def _move(transaction: CourseTransaction, session: Session, change: SessionChange) -> bool:
    _refuse_unless_to_come(session)
    if change.starts_at is None or change.starts_at == session.starts_at:
        return False
    refuse_bad_instant(transaction, change.starts_at, session.id)
    move_to(transaction, session, Move(change.starts_at, by_a_person=True, reason=AWAY))
    return True


def _move_back(transaction: CourseTransaction, session: Session, change: SessionChange) -> bool:
    if session.state is not SessionState.TO_COME or change.starts_at in {None, session.starts_at}:
        return False
    if change.starts_at is not None and change.starts_at <= _now(transaction):
        return False  # Its hour has passed: it stays where it was put.
    # As if nobody had ever moved it: planning may put it round what comes up again.
    unmoved = session.model_copy(update={"moves": max(session.moves - 1, 0)})
    move_to(transaction, unmoved, Move(change.starts_at))
    return True


def _cancel(transaction: CourseTransaction, session: Session, _change: SessionChange) -> bool:
    if session.state is SessionState.CANCELLED:
        return False
    cancel(transaction, session, AWAY)
    close_all(transaction, ObligationState.CANCELLED, subject=session.id, reason=CANCELLED)
    return True


def _restore(transaction: CourseTransaction, session: Session, _change: SessionChange) -> bool:
    if session.state is not SessionState.CANCELLED or session.reason is not AWAY:
        return False
    kind = transaction.edition.session_kind(session.kind)
    refuse_clash(transaction, kind, session, bound_by(transaction, kind, session))
    add_back(transaction, session)
    reopen(transaction, session.id, CANCELLED)
    return True


CHANGES: dict[ChangeAct, Callable[[CourseTransaction, Session, SessionChange], bool]] = {
    ChangeAct.COVER: _cover,
    ChangeAct.MOVE: _move,
    ChangeAct.CANCEL: _cancel,
    ChangeAct.GIVE_BACK: _give_back,
    ChangeAct.MOVE_BACK: _move_back,
    ChangeAct.RESTORE: _restore,
}


def _refuse_unless_to_come(session: Session) -> None:
    if session.state is not SessionState.TO_COME:
        raise Refusal(f"Session {session.id} is {session.state.value}: it needs no arrangement.")


def _tell(
    transaction: CourseTransaction, topic: Topic, person_ids: list[str], **facts: str
) -> None:
    """Tell each person once of the whole operation, whichever of their courses comes first."""
    command = transaction.command
    if isinstance(command, ArrangeSessions):
        whole = {"coach_id": command.coach, "operation_id": command.operation, **facts}
        tell(transaction, topic, *person_ids, subject=command.operation, **whole)


def _tell_of_return(
    transaction: CourseTransaction, command: ArrangeSessions, person_ids: list[str]
) -> None:
    """Tell those who have heard of what is taken back; the others never will."""
    take_back(transaction, command.undoes, Topic.COACH_AWAY)
    said = ledger.messages_about(transaction.rows, command.undoes)
    told = {one.person_id for one in said if one.state in TOLD or one.unheard > 0}
    _tell(transaction, Topic.COACH_BACK, [one for one in person_ids if one in told])


WORDS = {
    ChangeAct.COVER: "covered",
    ChangeAct.MOVE: "moved",
    ChangeAct.CANCEL: "cancelled",
    ChangeAct.GIVE_BACK: "with their own coach again",
    ChangeAct.MOVE_BACK: "back at their time",
    ChangeAct.RESTORE: "on again",
}
NAMED = 6
"""How many sessions an answer names."""


def _sentence(transaction: CourseTransaction, changes: list[SessionChange]) -> str:
    own = f"{transaction.course.edition_id}/{transaction.course.subject_id}/"
    said = []
    for act, words in WORDS.items():
        theirs = [one.session_id.removeprefix(own) for one in changes if one.act is act]
        more = f" and {len(theirs) - NAMED} more" if len(theirs) > NAMED else ""
        if theirs:
            said.append(f"{words}: {', '.join(theirs[:NAMED])}{more}")
    return f"{transaction.course.subject_id}: {'; '.join(said)}."
