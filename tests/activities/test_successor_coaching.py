"""Coaching of a successor: it waits for every ward, and numbers its sessions on (P01, E04)."""

from datetime import date, time, timedelta

from schemas import commands
from schemas.ids import executive_course_id
from schemas.people import Person
from schemas.sessions import Session, SessionReason, SessionState
from schemas.successions import SuccessionKind
from storage.records import add
from storage.tables.people import PersonRow
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at

SUCCESSOR = "PER-SP2"


def sessions_of(play: CourseScene, sponsor: str, state: SessionState) -> list[Session]:
    found = play.sessions(executive_course_id(play.edition.id, sponsor), "executive")
    return [one for one in found if one.state is state]


def follow(play: CourseScene, day: date) -> None:
    play.write(lambda rows: add(rows, PersonRow, [Person(id=SUCCESSOR, name="Exec sponsor 2")]))
    play.do(
        commands.Succeed,
        play.course_id,
        kind=SuccessionKind.SPONSOR,
        old=people.SPONSOR,
        new=SUCCESSOR,
        from_day=day,
    )


def test_coaching_of_a_successor_waits_until_every_ward_has_followed(coached: CourseScene) -> None:
    """P01, C04: else what the one before still has to come counts, and no month is left."""
    coached.accepted(SVC_17)
    coached.signed(SVC_17)
    coached.onboarded(SVC_17, weekday=3, clock_time=time(15), day=date(2024, 11, 14))
    follow(coached, date(2025, 1, 15))
    coached.walk(at("2025-01-16"))

    assert {coached.enrolment(one).sponsor_id for one in (SVC_16, SVC_17)} == {SUCCESSOR}
    ended = sessions_of(coached, people.SPONSOR, SessionState.CANCELLED)
    assert len(ended) > 0
    assert len(sessions_of(coached, SUCCESSOR, SessionState.TO_COME)) == len(ended)
    left = sessions_of(coached, people.SPONSOR, SessionState.TO_COME)
    assert all(one.starts_at is not None and one.starts_at < coached.now for one in left)


def test_a_catch_up_of_a_successor_has_a_number_of_its_own(coached: CourseScene) -> None:
    """P01, X03: the successor's sessions are numbered on, behind those of the one before."""
    follow(coached, date(2024, 10, 1))
    coached.walk(at("2024-10-02"))
    course_id = executive_course_id(coached.edition.id, SUCCESSOR)
    first, *others = sessions_of(coached, SUCCESSOR, SessionState.TO_COME)
    assert first.starts_at is not None
    coached.walk(first.starts_at + timedelta(hours=2))
    missed = {"outcome": SessionState.MISSED, "why": SessionReason.EXECUTIVE_UNAVAILABLE}
    coached.do(commands.RecordSession, course_id, session_id=first.id, **missed)
    later = first.starts_at + timedelta(days=7)
    coached.do(commands.BookCatchUp, course_id, session_id=first.id, starts_at=later)

    (catch_up,) = [one for one in coached.sessions(course_id, "executive") if one.catch_up_for]
    assert catch_up.number == max(one.number for one in others) + 1
