"""An edition as a whole: its deadline, the order, its places, the coaches' digests and its end."""

from datetime import timedelta

import pytest

from runtime.opening import open_edition_course
from schemas import commands
from schemas.courses import PlaceState, Stage, Step
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind, ObligationState
from storage import courses
from storage.database import Database
from tests.activities.scene import SVC_16, SVC_17, SVC_18, CourseScene
from tests.databases import on_sqlite
from tests.journeys import cast as people
from tests.planning.builders import at, edition

pytestmark = on_sqlite


# -- the order -------------------------------------------------------------------------------------


def test_of_thirty_eight_that_apply_the_last_waits(database: Database) -> None:
    """R01, R14, E16: the wider edition has exactly 37 places."""
    play = CourseScene(database, edition())
    services = tuple(f"SVC-{number:02}" for number in range(1, 39))
    play.prepare(*services)
    for minute, service in enumerate(services):
        play.apply(service, at("2024-05-01") + timedelta(minutes=minute))
    play.selected()

    assert len(play.places()) == 37
    assert {one.state for one in play.places()} == {PlaceState.OFFERED}
    assert [one for one in services if play.place(one) is None] == ["SVC-38"]
    assert play.stage("SVC-38") is Stage.WAITLISTED
    told = play.messages(play.of("SVC-38"), MessageKind.NOTICE)
    assert {one.topic for one in told} == {"eoi_received", "waitlisted"}

    play.do(commands.DeclinePlace, play.of("SVC-05"))
    play.walk(play.now)
    assert play.stage("SVC-38") is Stage.OFFERED


def test_pilot_and_wider_edition_have_fifty_two_places(database: Database) -> None:
    """R02: 15 and 37, in one programme."""
    found = []
    wider = CourseScene(database, edition())
    wider.prepare(SVC_16)
    pilot = CourseScene(database, edition("mha-qi-pilot"))
    with database.transaction() as rows:
        open_edition_course(rows, pilot.edition, people.COORDINATOR, pilot.now, pilot.now)
    for play in (pilot, wider):
        play.look(play.course_id)
        play.walk(play.now + timedelta(days=70))
        found.append(len(play.places()))
    assert found == [15, 37]
    assert sum(found) == 52


def test_the_order_is_proposed_with_its_reasons_and_confirmed_by_a_person(
    play: CourseScene,
) -> None:
    """R07: earlier interest, then the earliest, then the id; offers wait for a person."""
    play.prepare(SVC_16, SVC_17, SVC_18, "SVC-19")
    same = at("2024-05-10", "12:00")
    play.apply(SVC_17, same)
    play.apply(SVC_16, same)
    play.apply("SVC-19", at("2024-05-11"))
    play.apply(SVC_18, at("2024-06-01"), earlier_interest=True)
    play.walk(at("2024-06-17"))
    assert {one.state for one in play.places()} == {PlaceState.FREE}
    assert play.course(play.course_id).attention == "selection"
    asked = play.obligation(play.course_id, ObligationKind.SELECTION_DECISION)
    assert asked.holder_id == people.COORDINATOR

    play.do(commands.ConfirmSelection, play.course_id)

    with play.reading() as rows:
        order = courses.selections_of(rows, play.edition.id)
    assert [(one.course_id[-6:], one.reasons, one.outcome.value) for one in order] == [
        (SVC_18, "", "selected"),
        (SVC_16, "earlier_interest", "selected"),
        (SVC_17, "service_id", "waitlisted"),
        ("SVC-19", "submitted_at", "waitlisted"),
    ]
    play.walk(play.now)
    assert play.states_of_places() == [("offered", SVC_18), ("offered", SVC_16)]
    closed = play.obligation(play.course_id, ObligationKind.SELECTION_DECISION)
    assert closed.state is ObligationState.DONE
    assert play.course(play.course_id).attention == ""


def test_another_order_needs_a_reason_and_every_service_once(play: CourseScene) -> None:
    """R07."""
    play.open(SVC_16, SVC_17, SVC_18)
    course_id = play.course_id
    assert "still open" in play.refusal(commands.ConfirmSelection, course_id)
    play.walk(at("2024-06-17"))

    def refused(*order: str) -> str:
        return play.refusal(commands.ConfirmSelection, course_id, order=order, reason="panel")

    assert refused(SVC_16, SVC_17) == "The order leaves out SVC-18."
    assert refused(SVC_16, SVC_17, SVC_17, SVC_18) == "The order names a service twice."
    assert refused(SVC_16, SVC_17, SVC_18, "SVC-99").startswith("SVC-99 did not apply")
    other = (SVC_18, SVC_17, SVC_16)
    without = play.refusal(commands.ConfirmSelection, course_id, order=other)
    assert "give a reason code" in without

    play.do(commands.ConfirmSelection, course_id, order=other, reason="panel")
    play.walk(play.now)
    assert play.states_of_places() == [("offered", SVC_18), ("offered", SVC_17)]
    confirmed = [one for one in play.journal(course_id) if one.event == "selection.confirmed"]
    assert [(one.reason, one.actor) for one in confirmed] == [("panel", people.COORDINATOR)]
    assert "confirmed already" in play.refusal(commands.ConfirmSelection, course_id)


def test_the_order_waits_for_applications_that_nobody_has_checked_yet(play: CourseScene) -> None:
    """R07: their workflow may be a moment behind; left out, they would never have a turn."""
    play.open(SVC_16)
    play.walk(at("2024-06-17"))
    play.prepare_service(SVC_17)
    play.apply(SVC_17, at("2024-06-01"))
    refused = play.refusal(commands.ConfirmSelection, play.course_id)
    assert refused.startswith("SVC-17 is not checked yet")
    play.walk(play.now)
    assert "order of 2" in play.do(commands.ConfirmSelection, play.course_id)


def test_who_is_found_eligible_after_the_confirmation_waits_for_another_one(
    play: CourseScene,
) -> None:
    """R07: interest in time, typed in late; it is put before a person and never forgotten."""
    play.open(SVC_16)
    play.selected()
    play.prepare_service(SVC_17)
    play.walk(at("2024-06-19", "11:00"))
    play.apply(SVC_17, at("2024-06-01"))
    play.walk(play.now)
    course = play.course(play.of(SVC_17))
    assert (course.stage, course.attention) == (Stage.ELIGIBLE, "selection")
    assert play.states_of_places() == [("offered", SVC_16), ("free", None)]

    play.do(commands.ConfirmSelection, play.course_id)
    play.walk(play.now)

    assert play.states_of_places() == [("offered", SVC_16), ("offered", SVC_17)]
    course = play.course(play.of(SVC_17))
    assert (course.stage, course.attention) == (Stage.OFFERED, "")


# -- phases and the end ----------------------------------------------------------------------------


def test_each_phase_is_noted_once_when_it_opens(play: CourseScene) -> None:
    """The first one had opened before the edition was."""
    play.open(SVC_16)
    play.selected()
    play.walk(at("2024-07-02"))
    opened = [one for one in play.journal(play.course_id) if one.event == "phase.opened"]
    assert [(one.subject, one.at) for one in opened] == [
        ("wider-implementation", at("2024-07-01", "00:00"))
    ]


@pytest.mark.parametrize(
    ("until", "stage"),
    [
        ("applied", Stage.NOT_PLACED),
        ("offered", Stage.NOT_PLACED),
        ("committing", Stage.NOT_PLACED),
        ("onboarding", Stage.COMPLETED),
        ("withdrawn", Stage.WITHDRAWN),
    ],
)
def test_no_service_is_left_behind_when_the_edition_ends(
    play: CourseScene, until: str, stage: Stage
) -> None:
    """Nobody chases for ever for something that has no sense any more."""
    play.open(SVC_16)
    if until != "applied":
        play.selected()
    if until in {"committing", "onboarding", "withdrawn"}:
        play.accepted(SVC_16)
    if until in {"onboarding", "withdrawn"}:
        play.signed(SVC_16)
    if until == "withdrawn":
        play.do(commands.Withdraw, play.of(SVC_16))
    play.do(commands.EndEdition, play.course_id)
    play.walk(play.now + timedelta(days=2))
    course = play.course(play.of(SVC_16))
    assert (course.stage, course.ended_at is not None) == (stage, True)
    assert [one for one in play.obligations(course.id) if one.state.is_open] == []
    steps = [step for _, of, step, _ in play.walked if of == course.id]
    assert Step.CHASE not in steps
