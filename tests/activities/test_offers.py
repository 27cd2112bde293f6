"""Places are offered, accepted, left to lapse, given back, and offered again."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from schemas import commands
from schemas.courses import Stage
from schemas.letters import Topic
from schemas.messages import Message, MessageKind, MessageState
from schemas.obligations import ObligationKind, ObligationState
from storage.database import Database
from tests.activities.coached import Beginning
from tests.activities.scene import SVC_16, SVC_17, CourseScene, small_edition
from tests.databases import on_sqlite
from tests.journeys import cast as people
from tests.planning.builders import at, shown

pytestmark = on_sqlite

EXPIRES = at("2024-06-24", "10:00")
"""Five working days after the offers of Monday 17 June at ten."""
WAITING = ("WL-01", "WL-02", "WL-03")


def placed(play: CourseScene, *services: str) -> None:
    """Open an edition of two places for which the services apply, and send the offers out."""
    play.open(*services)
    play.selected(*services, reason="panel")


def two_offers_and_a_waitlist(play: CourseScene) -> None:
    placed(play, SVC_16, SVC_17, *WAITING)


@pytest.fixture
def waitlist(prepared: Callable[[Beginning], CourseScene]) -> CourseScene:
    """Give two wards with an offer each, and three that wait."""
    return prepared(two_offers_and_a_waitlist)


# -- offers ----------------------------------------------------------------------------------------


def test_an_offer_is_chased_and_then_put_before_the_coordinator(waitlist: CourseScene) -> None:
    """R13: valid for five working days; an expired one keeps its place until it is decided."""
    play = waitlist
    assert {one.expires_at for one in play.places()} == {EXPIRES}
    play.walk(EXPIRES + timedelta(days=3))

    chased = play.obligation(play.of(SVC_16), ObligationKind.ACCEPT_PLACE)
    assert [shown(one.due_at) for one in play.messages(chased.id)] == [
        "Wed 2024-06-19 10:00",
        "Fri 2024-06-21 10:00",
    ]
    decisions = play.obligations(play.course_id, ObligationKind.PLACE_DECISION)
    assert [one.subject.partition("@")[0] for one in decisions] == [
        "wider/place/1",
        "wider/place/2",
    ]
    assert {one.opened_at for one in decisions} == {EXPIRES}
    first = play.messages(decisions[0].id)[0]
    assert (first.person_id, first.due_at) == (people.COORDINATOR, EXPIRES)
    assert play.states_of_places() == [("offered", SVC_16), ("offered", SVC_17)]
    assert {play.stage(one) for one in WAITING} == {Stage.WAITLISTED}


def test_an_offer_is_accepted_to_the_very_instant_of_its_expiry(waitlist: CourseScene) -> None:
    """R13: and what the coordinator was asked about it at that instant is settled with it."""
    waitlist.walk(EXPIRES)
    assert len(waitlist.obligations(waitlist.course_id, ObligationKind.PLACE_DECISION)) == 2

    waitlist.accepted(SVC_16)
    waitlist.walk(waitlist.now)

    first, second = waitlist.obligations(waitlist.course_id, ObligationKind.PLACE_DECISION)
    assert (first.state, second.state) == (ObligationState.DONE, ObligationState.OPEN)
    assert waitlist.states_of_places()[0] == ("taken", SVC_16)


def test_after_its_expiry_an_offer_needs_an_extension(waitlist: CourseScene) -> None:
    """R13, E18."""
    play = waitlist
    play.walk(EXPIRES + timedelta(seconds=1))
    assert "has expired" in play.refusal(commands.AcceptPlace, play.of(SVC_16))

    extended = play.do(commands.DecideOffer, play.course_id, service=SVC_16, extend=True)
    assert extended == "The offer to SVC-16 stands until 01 July 2024 10:00."
    first, second = play.obligations(play.course_id, ObligationKind.PLACE_DECISION)
    assert (first.state, second.state) == (ObligationState.DONE, ObligationState.OPEN)

    play.walk(at("2024-07-01", "10:00"))
    play.accepted(SVC_16)
    assert play.stage(SVC_16) is Stage.COMMITTING


def test_an_extended_offer_that_expires_is_put_before_the_coordinator_again(
    waitlist: CourseScene,
) -> None:
    """R13: each expiry is a question of its own."""
    play = waitlist
    play.walk(EXPIRES + timedelta(seconds=1))
    play.do(commands.DecideOffer, play.course_id, service=SVC_16, extend=True)
    play.walk(at("2024-07-01", "10:00") + timedelta(seconds=2))
    asked = play.obligations(play.course_id, ObligationKind.PLACE_DECISION)
    assert [one.subject.partition("@")[0] for one in asked if one.state.is_open] == [
        "wider/place/2",
        "wider/place/1",
    ]


def test_a_lapsed_offer_goes_to_the_first_who_waits(waitlist: CourseScene) -> None:
    """R13, E18: its service is told, and has no turn any more."""
    play = waitlist
    play.walk(EXPIRES + timedelta(hours=2))
    play.do(commands.DecideOffer, play.course_id, service=SVC_17, extend=False)
    play.walk(play.now)

    assert play.states_of_places() == [("offered", SVC_16), ("offered", "WL-01")]
    assert play.course(play.of(SVC_17)).ended_at == play.now
    assert play.stage(SVC_17) is Stage.NOT_PLACED
    told = [one.topic for one in play.messages(play.of(SVC_17), MessageKind.NOTICE)]
    assert Topic.OFFER_LAPSED in told
    place = play.place("WL-01")
    assert place is not None
    assert (place.offered_at, shown(place.expires_at)) == (play.now, "Mon 2024-07-01 12:00")


def test_an_edition_may_let_an_offer_lapse_by_itself(database: Database) -> None:
    """R13: the coordinator is not asked then."""
    of = small_edition()
    lapses = of.recruitment.model_copy(update={"on_expiry": "lapse"})
    play = CourseScene(database, of.model_copy(update={"recruitment": lapses}))
    placed(play, SVC_16, SVC_17, *WAITING)
    play.walk(EXPIRES)
    assert play.states_of_places() == [("offered", "WL-01"), ("offered", "WL-02")]
    assert play.obligations(play.course_id, ObligationKind.PLACE_DECISION) == ()


def test_a_declined_place_goes_to_the_first_who_waits(waitlist: CourseScene) -> None:
    """R13."""
    waitlist.do(commands.DeclinePlace, waitlist.of(SVC_16))
    waitlist.walk(waitlist.now)
    assert waitlist.states_of_places() == [("offered", "WL-01"), ("offered", SVC_17)]
    assert waitlist.stage(SVC_16) is Stage.DECLINED


def test_what_was_asked_about_an_offer_ends_when_its_service_declines(
    waitlist: CourseScene,
) -> None:
    """R13: late, but it has answered; nobody is chased about a place that others have by now."""
    waitlist.walk(EXPIRES + timedelta(hours=2))
    waitlist.do(commands.DeclinePlace, waitlist.of(SVC_16))
    waitlist.walk(waitlist.now)
    first, second = waitlist.obligations(waitlist.course_id, ObligationKind.PLACE_DECISION)
    assert (first.state, second.state) == (ObligationState.DONE, ObligationState.OPEN)
    assert waitlist.states_of_places()[0] == ("offered", "WL-01")


def test_the_clock_of_an_offer_stands_still_in_a_pause_of_the_edition(
    waitlist: CourseScene,
) -> None:
    """R13, X07: two working days have passed when it pauses; three are left when it goes on."""
    play = waitlist
    play.walk(at("2024-06-19", "10:00"))
    play.do(commands.PauseCourse, play.course_id, until_at=at("2024-07-03", "00:00"))
    play.walk(at("2024-07-05", "09:59"))
    assert play.obligations(play.course_id, ObligationKind.PLACE_DECISION) == ()
    place = play.place(SVC_16)
    assert place is not None
    assert shown(place.expires_at) == "Mon 2024-07-08 08:00"
    play.accepted(SVC_16)


def test_nothing_expires_and_nothing_is_offered_in_a_pause_without_an_end(
    waitlist: CourseScene,
) -> None:
    """R13, X07: also a place that comes free meanwhile waits for the resumption."""
    play = waitlist
    play.walk(at("2024-06-19", "10:00"))
    play.do(commands.PauseCourse, play.course_id)
    play.do(commands.DeclinePlace, play.of(SVC_17))
    play.walk(at("2024-07-19", "10:00"))
    assert play.states_of_places() == [("offered", SVC_16), ("free", None)]
    refused = play.refusal(commands.DecideOffer, play.course_id, service=SVC_16, extend=True)
    assert "resume it before offers go out" in refused
    play.accepted(SVC_16)

    play.do(commands.ResumeCourse, play.course_id)
    play.walk(play.now)

    assert play.states_of_places() == [("taken", SVC_16), ("offered", "WL-01")]


def test_an_offer_says_until_when_it_stands(waitlist: CourseScene) -> None:
    """R13."""
    (told,) = [
        one
        for one in waitlist.messages(waitlist.of(SVC_16), MessageKind.NOTICE)
        if one.topic == Topic.PLACE_OFFERED
    ]
    assert told.facts == {"expires_at": EXPIRES.isoformat()}


def test_recruitment_closes_on_its_day_though_the_edition_is_paused(play: CourseScene) -> None:
    """R08: what is closed then is who may apply; the chase of the decision rests."""
    play.open(SVC_16)
    play.do(commands.PauseCourse, play.course_id)
    play.walk(at("2024-06-25", "10:00"))
    course = play.course(play.course_id)
    assert (course.stage, course.attention) == (Stage.SELECTING, "selection")
    asked = play.obligation(play.course_id, ObligationKind.SELECTION_DECISION)
    assert play.messages(asked.id) == ()
    play.do(commands.ConfirmSelection, play.course_id)
    play.do(commands.ResumeCourse, play.course_id)
    play.walk(play.now)
    assert play.states_of_places() == [("offered", SVC_16), ("free", None)]


def told(play: CourseScene, service: str, topic: Topic) -> list[Message]:
    return [one for one in play.messages(play.of(service)) if one.topic == topic]


def test_who_answers_an_offer_is_told_of_the_new_day_to_answer_it(waitlist: CourseScene) -> None:
    """R13: the lead and the sponsor, each once; of two extensions the later one is true."""
    play = waitlist
    play.walk(at("2024-06-22", "10:00"))  # a Saturday: nothing goes before Monday
    for _ in range(2):
        play.do(commands.DecideOffer, play.course_id, service=SVC_16, extend=True)
        play.now += timedelta(hours=1)

    place = play.place(SVC_16)
    assert place is not None
    assert place.expires_at is not None
    latest = place.expires_at.isoformat()
    extended = told(play, SVC_16, Topic.OFFER_EXTENDED)
    waiting = [one for one in extended if one.state is MessageState.WAITING]
    assert {one.person_id for one in waiting} == {people.lead_of(SVC_16), people.SPONSOR}
    assert {one.facts["expires_at"] for one in waiting} == {latest}
    assert {shown(one.due_at) for one in waiting} == {"Mon 2024-06-24 08:00"}
    assert {one.course_id for one in waiting} == {play.of(SVC_16)}

    play.accepted(SVC_16)
    now = told(play, SVC_16, Topic.OFFER_EXTENDED)
    assert {one.state for one in now} == {MessageState.SUPERSEDED}


def test_a_pause_that_lengthens_an_offer_is_told_too(waitlist: CourseScene) -> None:
    """R13, X07: the day that the offer named has come, and is not the last one any more."""
    play = waitlist
    play.walk(at("2024-06-19", "10:00"))
    play.do(commands.PauseCourse, play.course_id, until_at=at("2024-07-03", "00:00"))
    play.walk(at("2024-07-05", "09:59"))
    assert {one.facts["expires_at"] for one in told(play, SVC_16, Topic.OFFER_EXTENDED)} == {
        at("2024-07-08", "08:00").isoformat()
    }


# -- a place that comes free -----------------------------------------------------------------------


def two_that_have_signed_and_a_waitlist(play: CourseScene) -> None:
    placed(play, SVC_16, SVC_17, *WAITING)
    for service in (SVC_16, SVC_17):
        play.accepted(service)
        play.signed(service)


@pytest.fixture
def taken(prepared: Callable[[Beginning], CourseScene]) -> CourseScene:
    """Give two wards that have signed, and three that wait."""
    return prepared(two_that_have_signed_and_a_waitlist)


@pytest.mark.parametrize(
    ("withdrawn_at", "then"),
    [
        (at("2024-10-13", "23:59"), ("offered", "WL-01")),
        (at("2024-10-14", "00:00"), ("closed", None)),
    ],
    ids=["before week 6", "in week 6"],
)
def test_a_place_is_filled_again_when_the_withdrawal_took_effect_before_week_six(
    taken: CourseScene, withdrawn_at: datetime, then: tuple[str, str | None]
) -> None:
    """R13, E14: it is free when the day for the undo has passed."""
    taken.walk(withdrawn_at)
    taken.do(commands.Withdraw, taken.of(SVC_16))
    taken.walk(withdrawn_at + timedelta(hours=23, minutes=59))
    assert taken.states_of_places()[0] == ("taken", SVC_16)
    taken.walk(withdrawn_at + timedelta(days=1))
    assert taken.states_of_places()[0] == then


def test_those_who_wait_are_told_when_no_place_can_come_free_any_more(taken: CourseScene) -> None:
    """R13: in the first moment of week six, each once; they wait on, and nobody is told again."""
    taken.walk(at("2024-10-13", "23:59"))
    assert told(taken, "WL-01", Topic.NO_PLACE_LEFT) == []

    taken.walk(at("2024-10-14", "00:00"))

    for service in WAITING:
        (notice,) = told(taken, service, Topic.NO_PLACE_LEFT)
        assert (notice.person_id, shown(notice.due_at)) == (
            people.lead_of(service),
            "Mon 2024-10-14 08:00",
        )
        assert taken.stage(service) is Stage.WAITLISTED
    taken.do(commands.EndEdition, taken.course_id)
    taken.walk(taken.now)
    assert taken.stage("WL-01") is Stage.NOT_PLACED
    assert len(told(taken, "WL-01", Topic.NO_PLACE_LEFT)) == 1


def test_while_a_place_may_still_come_free_nobody_is_told_that_none_does(
    taken: CourseScene,
) -> None:
    """R13: a withdrawal of week five can be undone in week six; an offer may be declined."""
    taken.walk(at("2024-10-13", "12:00"))
    taken.do(commands.Withdraw, taken.of(SVC_16))
    taken.walk(at("2024-10-14", "13:00"))
    assert taken.states_of_places()[0] == ("offered", "WL-01")
    assert told(taken, "WL-02", Topic.NO_PLACE_LEFT) == []

    taken.accepted("WL-01")
    taken.walk(taken.now)

    assert len(told(taken, "WL-02", Topic.NO_PLACE_LEFT)) == 1
    assert told(taken, "WL-01", Topic.NO_PLACE_LEFT) == []


def test_a_withdrawal_that_is_undone_in_week_six_closes_the_list(taken: CourseScene) -> None:
    """R13, E40."""
    taken.walk(at("2024-10-13", "12:00"))
    taken.do(commands.Withdraw, taken.of(SVC_16))
    taken.walk(at("2024-10-14", "09:00"))
    taken.do(commands.Undo, taken.of(SVC_16))
    taken.walk(taken.now)
    assert len(told(taken, "WL-01", Topic.NO_PLACE_LEFT)) == 1


def test_an_edition_that_ends_early_tells_those_who_wait(waitlist: CourseScene) -> None:
    """R13: no week of refilling has come to its end."""
    waitlist.do(commands.EndEdition, waitlist.course_id)
    waitlist.walk(waitlist.now)
    for service in WAITING:
        assert len(told(waitlist, service, Topic.NO_PLACE_LEFT)) == 1


def test_a_closed_place_is_never_offered_again(taken: CourseScene) -> None:
    """R13, R14."""
    taken.walk(at("2024-10-14", "09:00"))
    taken.do(commands.Withdraw, taken.of(SVC_16))
    taken.walk(at("2024-10-25"))
    assert taken.states_of_places() == [("closed", None), ("taken", SVC_17)]
    assert {taken.stage(one) for one in WAITING} == {Stage.WAITLISTED}


def test_who_withdraws_while_waiting_is_passed_over(taken: CourseScene) -> None:
    """R13, E17."""
    taken.do(commands.Withdraw, taken.of("WL-01"))
    taken.do(commands.Withdraw, taken.of(SVC_16))
    taken.walk(taken.now + timedelta(days=2))
    assert taken.states_of_places()[0] == ("offered", "WL-02")
