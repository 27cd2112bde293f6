"""Whoever covers a session leads it until planning puts it elsewhere, and must be free (E01)."""

from datetime import date

from schemas.absences import Away, ChangeAct, SessionChange
from schemas.commands import (
    ArrangeSessions,
    AssignCoach,
    CancelSession,
    MoveSession,
    PauseCourse,
    ResumeCourse,
    Undo,
)
from schemas.people import Role
from schemas.sessions import Session, SessionReason, SessionState
from storage.absences import write_absence
from tests.activities.autumn_days import sixth, the_event, weekly
from tests.activities.posting import Posted
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at

FIRST, LAST = date(2024, 10, 7), date(2024, 10, 18)
AWAY = Away(person_id=people.COACH, from_day=FIRST, until_day=LAST)


def cover(play: CourseScene, session: Session) -> None:
    """Let the other coach lead one session while its own is away."""
    change = SessionChange(session_id=session.id, act=ChangeAct.COVER, coach=people.OTHER_COACH)
    asked = {"operation": "OP-1", "coach": people.COACH, "changes": (change,)}
    play.do(ArrangeSessions, session.course_id, from_day=FIRST, until_day=LAST, **asked)


def leaders(play: CourseScene, session: Session) -> list[str]:
    """Return who leads a session."""
    cast = play.participants(session.id)
    return [one.person_id for one in cast if one.role is Role.DELIVERY_COACH]


def test_a_covered_session_comes_back_only_where_whoever_covers_is_free(
    autumn: Posted,
) -> None:
    """C15: its own coach is away, and is not asked."""
    play = autumn.play
    mine, other = weekly(play)[5], weekly(play, SVC_17)[5]
    cover(play, mine)
    cover(play, other)
    play.do(CancelSession, mine.course_id, session_id=mine.id, why=SessionReason.OTHER)
    there = {"starts_at": mine.starts_at, "why": SessionReason.OTHER}
    play.do(MoveSession, other.course_id, session_id=other.id, **there)

    refused = play.refusal(Undo, mine.course_id, session_id=mine.id)
    assert refused.startswith(f"{people.OTHER_COACH} has session {other.id} at that time.")


def test_an_event_that_is_covered_takes_the_day_of_whoever_covers(autumn: Posted) -> None:
    """C15, E11: the wards of the coach who covers give way at once where it moves."""
    play = autumn.play
    play.do(AssignCoach, play.of(SVC_17), coach=people.OTHER_COACH)
    event, day = the_event(play), weekly(play, SVC_17)[8]
    assert day.starts_at is not None
    cover(play, event)
    play.walk(play.now)
    nine = day.starts_at.replace(hour=9)
    move = {"session_id": event.id, "starts_at": nine, "why": SessionReason.OTHER}
    play.do(MoveSession, event.course_id, **move)
    play.walk(play.now)

    there = [one for one in weekly(play, SVC_17) if one.starts_at == day.starts_at]
    assert there == []


def test_a_covered_session_that_finds_a_week_again_has_its_own_coach(autumn: Posted) -> None:
    """E01, C17: it was lost to a long pause; the absence is over when it comes back."""
    play, session = autumn.play, sixth(autumn.play)
    play.write(lambda rows: write_absence(rows, AWAY))
    cover(play, session)
    play.do(PauseCourse, play.of(SVC_16), until_at=at("2025-03-29", "00:00"))
    play.walk(play.now)
    assert play.session(session.id).reason is SessionReason.NO_WEEK_LEFT
    play.walk(at("2024-10-22", "12:00"))
    play.do(ResumeCourse, play.of(SVC_16))
    play.walk(play.now)

    back = play.session(session.id)
    assert back.state is SessionState.TO_COME
    assert leaders(play, back) == [people.COACH]
