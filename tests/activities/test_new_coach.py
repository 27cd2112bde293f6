"""Another coach takes a service over while it is coached."""

from datetime import date

from schemas import commands
from schemas.messages import MessageKind
from schemas.people import Role
from schemas.sessions import Session
from storage.database import Database
from tests.activities.scene import SVC_16, SVC_17, CourseScene, small_edition
from tests.journeys import cast as people
from tests.planning.builders import at

THE_TUESDAY = date(2024, 11, 5)


def delivery(play: CourseScene, service: str = SVC_16) -> tuple[Session, ...]:
    return play.sessions(play.of(service), "delivery")


def days(play: CourseScene, service: str = SVC_16) -> list[date]:
    return [play.day(one.starts_at) for one in delivery(play, service) if one.starts_at]


def nth(play: CourseScene, number: int) -> Session:
    return next(one for one in delivery(play) if one.number == number)


def test_another_coach_takes_over_all_that_is_to_come(coached: CourseScene) -> None:
    """R16, C15, M17: the one before is out of it, with one cancellation for each entry."""
    ward = coached.of(SVC_16)
    coached.only(ward)
    coached.now = at("2024-10-01", "12:00")
    begun, next_one, far = nth(coached, 5), nth(coached, 6), nth(coached, 20)
    coached.accept_mail(next_one.id)

    coached.do(commands.AssignCoach, ward, coach=people.OTHER_COACH)

    for session, coach in (
        (begun, people.COACH),
        (next_one, people.OTHER_COACH),
        (far, people.OTHER_COACH),
    ):
        part = {one.person_id for one in coached.participants(session.id)}
        assert part == {coach, people.lead_of(SVC_16)}
    rows = [
        (one.kind.value, one.state.value)
        for one in coached.messages(next_one.id)
        if one.person_id == people.COACH
    ]
    assert sorted(rows) == [("cancellation", "waiting"), ("invitation", "accepted")]
    never_sent = [one for one in coached.messages(far.id) if one.person_id == people.COACH]
    assert [(one.kind.value, one.state.value) for one in never_sent] == [
        ("invitation", "superseded")
    ]
    (event,) = coached.sessions(ward, "improvement_event")
    taken_over = [one for one in coached.messages(event.id) if one.person_id == people.OTHER_COACH]
    assert {one.kind for one in taken_over} == {MessageKind.INVITATION, MessageKind.REMINDER}
    told = [
        one for one in coached.messages(ward, MessageKind.NOTICE) if one.topic == "coach_changed"
    ]
    assert {one.person_id for one in told} == {
        people.COACH,
        people.OTHER_COACH,
        people.lead_of(SVC_16),
    }
    assert {one.facts["coach_id"] for one in told} == {people.OTHER_COACH}


def test_a_new_coach_comes_to_what_others_lead(empty: Database) -> None:
    """C15, M17: a kind of session that the service's lead leads, and its coach attends."""
    led = {"coach": Role.SERVICE_LEAD, "attends": (Role.DELIVERY_COACH,)}
    kinds = small_edition().sessions
    others = tuple(one.model_copy(update=led) if one.id == "midpoint" else one for one in kinds)
    play = CourseScene(empty, small_edition(sessions=others))
    play.open(SVC_16)
    play.coaching(SVC_16)
    (midpoint,) = play.sessions(play.of(SVC_16), "midpoint")
    play.accept_mail(midpoint.id)
    play.do(commands.AssignCoach, play.of(SVC_16), coach=people.OTHER_COACH)

    assert {one.person_id: one.role for one in play.participants(midpoint.id)} == {
        people.lead_of(SVC_16): Role.SERVICE_LEAD,
        people.OTHER_COACH: Role.DELIVERY_COACH,
    }
    goes = play.messages(midpoint.id, MessageKind.CANCELLATION)
    assert [one.person_id for one in goes] == [people.COACH]


def test_a_coach_who_comes_back_is_invited_again(coached: CourseScene) -> None:
    """M17: what never went out goes now; where there was an entry there is one again."""
    ward = coached.of(SVC_16)
    coached.only(ward)
    coached.now = at("2024-10-01", "12:00")
    near, far = nth(coached, 6), nth(coached, 20)
    coached.accept_mail(near.id)
    coached.do(commands.AssignCoach, ward, coach=people.OTHER_COACH)
    coached.accept_mail(near.id)
    coached.do(commands.AssignCoach, ward, coach=people.COACH)
    again = [
        one
        for one in coached.messages(near.id, MessageKind.INVITATION)
        if one.person_id == people.COACH
    ]
    assert [one.state.value for one in again] == ["accepted", "waiting"]
    waits = [one for one in coached.messages(far.id) if one.person_id == people.COACH]
    assert [one.state.value for one in waits] == ["waiting"]


def test_the_sessions_of_a_new_coach_give_way_to_what_that_coach_has(coached: CourseScene) -> None:
    """C15: an event of another ward, on a Tuesday."""
    coached.accepted(SVC_17)
    coached.signed(SVC_17)
    other = coached.of(SVC_17)
    coached.do(commands.AssignCoach, other, coach=people.OTHER_COACH)
    coached.do(commands.DateEvent, other, day=THE_TUESDAY)
    coached.do(commands.AssignCoach, coached.of(SVC_16), coach=people.OTHER_COACH)
    assert THE_TUESDAY not in days(coached)
    assert len(delivery(coached)) == 26
    coached.walk(coached.now)


def test_assigning_the_same_coach_again_changes_nothing(coached: CourseScene) -> None:
    before = coached.all_messages()
    said = coached.do(commands.AssignCoach, coached.of(SVC_16), coach=people.COACH)
    assert said == "PER-DC1 coaches SVC-16 already."
    assert coached.all_messages() == before
