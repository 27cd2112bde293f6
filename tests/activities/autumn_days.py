"""What people do to the two wards of the fixture ``autumn``, in a word each."""

from datetime import datetime
from typing import Any

from schemas.commands import CancelSession, MoveSession, RecordSession, Undo
from schemas.forms import ConfirmForm
from schemas.messages import Message, MessageKind, MessageState
from schemas.obligations import Obligation, ObligationKind
from schemas.sessions import Session, SessionReason, SessionState
from storage.confirmations import confirm_participant
from tests.activities.posting import AN_HOUR
from tests.activities.scene import SVC_16, CourseScene

HELD, MISSED = SessionState.HELD, SessionState.MISSED
STAFFING, COACH_AWAY = SessionReason.STAFFING, SessionReason.COACH_UNAVAILABLE


def weekly(play: CourseScene, service: str = SVC_16) -> tuple[Session, ...]:
    """Return a ward's weekly sessions: those of SVC-16 fall on 3 September and so on."""
    return play.sessions(play.of(service), "delivery")


def sixth(play: CourseScene) -> Session:
    """Return the session of 8 October, to which its lead and its coach were invited in time."""
    return weekly(play)[5]


def tenth(play: CourseScene) -> Session:
    """Return the session of 5 November, to which nobody was invited yet."""
    return weekly(play)[9]


def the_event(play: CourseScene) -> Session:
    """Return the improvement event of 7 November."""
    return play.sessions(play.of(SVC_16), "improvement_event")[0]


def monthly(play: CourseScene) -> list[Session]:
    """Return the sponsor's sessions to come, the one of 1 October first."""
    known = play.sessions(play.executive, "executive")
    return [one for one in known if one.state is SessionState.TO_COME]


def record(play: CourseScene, session: Session, outcome: SessionState = HELD, **said: Any) -> str:
    """Record a session, an hour after its end where it is not over yet."""
    now = play.session(session.id)
    if now.ends_at is not None and now.ends_at + AN_HOUR > play.now:
        play.walk(now.ends_at + AN_HOUR)
    known = {"session_id": session.id, "outcome": outcome}
    return play.do(RecordSession, session.course_id, **known, **said)


def missed(play: CourseScene, number: int, why: SessionReason = STAFFING) -> Session:
    """Record that SVC-16 missed the session of that number."""
    session = weekly(play)[number - 1]
    record(play, session, MISSED, why=why)
    return play.session(session.id)


def move(play: CourseScene, session: Session, starts_at: datetime) -> str:
    """Put a session on another instant."""
    return play.do(MoveSession, session.course_id, session_id=session.id, starts_at=starts_at)


def cancel(play: CourseScene, session: Session) -> str:
    """Call a session off."""
    return play.do(CancelSession, session.course_id, session_id=session.id)


def undo(play: CourseScene, session: Session) -> str:
    """Take that back."""
    return play.do(Undo, session.course_id, session_id=session.id)


def confirm(play: CourseScene, session: Session, person_id: str) -> None:
    """Let somebody say that they will be there."""
    form = ConfirmForm(actor=person_id, person=person_id, session=session.id)
    play.write(lambda rows: confirm_participant(rows, form, play.now, play.now))


def waiting(play: CourseScene, session: Session, *kinds: MessageKind) -> list[Message]:
    """Return what is still to go about a session."""
    rows = play.messages(session.id, *kinds)
    return [one for one in rows if one.state is MessageState.WAITING]


def offers(play: CourseScene, course_id: str, kind: ObligationKind) -> list[Obligation]:
    """Return the open obligations of a kind."""
    return [one for one in play.obligations(course_id, kind) if one.state.is_open]
