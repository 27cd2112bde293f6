"""Another executive coach of a sponsor, whose coaching is under way (C15, C16, E01)."""

from datetime import date, timedelta

import pytest

from schemas import commands
from schemas.absences import ChangeAct, SessionChange
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind
from schemas.people import Held, Person, Role
from schemas.sessions import Session
from storage.courses import save_enrolment
from storage.records import add
from storage.tables.people import PersonRow, RoleRow
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at

OTHER, THIRD = "PER-EC2", "PER-EC3"


@pytest.fixture
def sponsored(coached: CourseScene) -> CourseScene:
    """Give a ward in coaching, and two more who coach executives."""
    new = [Person(id=one, name=f"Name of {one}") for one in (OTHER, THIRD)]
    role = Role.EXECUTIVE_COACH
    held = [Held(person_id=one.id, role=role, scope=coached.edition.id) for one in new]
    coached.write(lambda rows: add(rows, PersonRow, new))
    coached.write(lambda rows: add(rows, RoleRow, held))
    return coached


def assign(play: CourseScene, coach: str = OTHER, **said: object) -> str:
    return play.do(commands.AssignExecutiveCoach, play.executive, coach=coach, **said)


def monthly(play: CourseScene) -> list[Session]:
    return list(play.sessions(play.executive, "executive"))


def leads(play: CourseScene, session: Session) -> list[str]:
    cast = play.participants(session.id)
    return [one.person_id for one in cast if one.role is Role.EXECUTIVE_COACH]


def test_another_coach_leads_all_that_is_to_come(sponsored: CourseScene) -> None:
    """C07, M05, M17: what was stays; who goes gets one cancellation, who comes an invitation."""
    play = sponsored
    play.walk(at("2024-09-11"))
    for one in monthly(play):
        play.accept_mail(one.id)
    answer = assign(play)

    assert answer == f"{OTHER} coaches {people.SPONSOR}, one of 1 sponsors."
    assert play.enrolment(SVC_16).executive_coach_id == OTHER
    past, *ahead = monthly(play)
    assert leads(play, past) == [people.EXECUTIVE_COACH]
    assert {leads(play, one)[0] for one in ahead} == {OTHER}
    for one in ahead:
        goes = play.messages(one.id, MessageKind.CANCELLATION)
        comes = play.messages(one.id, MessageKind.INVITATION)
        assert [row.person_id for row in goes] == [people.EXECUTIVE_COACH]
        assert OTHER in {row.person_id for row in comes}
    told = play.messages(play.executive, MessageKind.NOTICE)
    assert {one.person_id for one in told if one.topic == "coach_changed"} == {
        people.SPONSOR,
        people.EXECUTIVE_COACH,
        OTHER,
    }


def test_what_the_coach_before_had_to_record_goes_to_the_new_one(sponsored: CourseScene) -> None:
    """X01: a session of before that nobody recorded is asked of whoever coaches now."""
    play = sponsored
    (first, *_) = monthly(play)
    assert first.ends_at is not None
    play.walk(first.ends_at + timedelta(days=2))
    kind = ObligationKind.SESSION_RECORD
    before = play.obligation(play.executive, kind).holder_id
    assign(play)
    assert (before, play.obligation(play.executive, kind).holder_id) == (
        people.EXECUTIVE_COACH,
        OTHER,
    )


def test_a_coach_who_is_elsewhere_at_one_of_the_times_is_refused(sponsored: CourseScene) -> None:
    """C15: nothing is changed, and the sentence names what stands in the way."""
    play = sponsored
    (*_, last) = monthly(play)
    assert last.starts_at is not None
    assert last.ends_at is not None
    other = play.book(OTHER, last.starts_at, last.ends_at)
    said = play.refusal(commands.AssignExecutiveCoach, play.executive, coach=OTHER)
    assert said.startswith(f"{OTHER} has session {other.id} at that time.")


def test_more_sponsors_than_usual_are_a_warning(sponsored: CourseScene) -> None:
    """C16: and no refusal."""
    play = sponsored
    one_each = tuple(one.model_copy(update={"most": 1}) for one in play.edition.caseloads)
    play.use(play.edition.model_copy(update={"caseloads": one_each, "version": 2}))
    play.another_sponsor(SVC_17, "PER-SP9")
    theirs = play.enrolment(SVC_17).model_copy(update={"executive_coach_id": OTHER})
    play.write(lambda rows: save_enrolment(rows, theirs))
    assert "more than the usual 1 sponsors: please check" in assign(play)


def test_a_session_that_is_covered_stays_with_whoever_covers_it(sponsored: CourseScene) -> None:
    """E01, X05: what was arranged for an absence is not undone by a new coach."""
    play, covered = sponsored, monthly(sponsored)[1]
    day = play.day(covered.starts_at)
    play.do(
        commands.ArrangeSessions,
        play.executive,
        operation="OP-1",
        coach=people.EXECUTIVE_COACH,
        from_day=day,
        until_day=day,
        changes=(SessionChange(session_id=covered.id, act=ChangeAct.COVER, coach=THIRD),),
    )
    assign(play)
    assert leads(play, covered) == [THIRD]
    assert leads(play, monthly(play)[2]) == [OTHER]


def test_the_sessions_of_a_successor_have_the_new_coach_too(sponsored: CourseScene) -> None:
    """P01: the enrolment says who coaches, whoever the sponsor is."""
    play = sponsored
    new = Person(id="PER-SP2", name="Name of the successor")
    play.write(lambda rows: add(rows, PersonRow, [new]))
    assign(play)
    play.do(
        commands.Succeed,
        play.course_id,
        kind="executive_sponsor",
        old=people.SPONSOR,
        new=new.id,
        from_day=date(2025, 1, 15),
    )
    play.walk(at("2025-01-16"))
    theirs = play.sessions(f"executive-coaching/{play.edition.id}/{new.id}", "executive")
    assert theirs
    assert {leads(play, one)[0] for one in theirs} == {OTHER}


def test_the_same_coach_again_and_nobody_of_the_edition_change_nothing(
    sponsored: CourseScene,
) -> None:
    """C16: said in a sentence."""
    before = sponsored.all_messages()
    said = assign(sponsored, people.EXECUTIVE_COACH)
    assert said == f"{people.EXECUTIVE_COACH} coaches {people.SPONSOR} already."
    assert sponsored.all_messages() == before
    refused = sponsored.refusal(
        commands.AssignExecutiveCoach, sponsored.executive, coach=people.COACH
    )
    assert refused == f"{people.COACH} is not an executive coach of this edition."
