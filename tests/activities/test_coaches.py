"""Who coaches a service: assigned, busy elsewhere, changed."""

from collections.abc import Callable
from datetime import date, time

import pytest

from schemas import commands
from schemas.people import Role
from storage.database import Database
from tests.activities.coached import Beginning
from tests.activities.scene import (
    EVENT_DAY,
    SVC_16,
    SVC_17,
    TEN,
    TUESDAY,
    CourseScene,
    small_edition,
)
from tests.databases import on_sqlite
from tests.journeys import cast as people
from tests.planning.builders import at

pytestmark = on_sqlite

THURSDAY = 3


def two_wards_that_have_signed(play: CourseScene) -> None:
    play.open(SVC_16, SVC_17)
    play.committed(SVC_16, SVC_17)


@pytest.fixture
def onboarding(prepared: Callable[[Beginning], CourseScene]) -> CourseScene:
    """Give two wards of one sponsor that begin their onboarding on Monday 17 June at ten."""
    return prepared(two_wards_that_have_signed)


# -- coaches ---------------------------------------------------------------------------------------


def test_a_fifth_service_of_a_coach_is_a_warning_and_no_refusal(database: Database) -> None:
    """C16."""
    play = CourseScene(database, small_edition(places=5))
    services = tuple(f"SVC-{number}" for number in range(16, 21))
    play.open(*services)
    play.committed(*services)
    answers = [play.do(commands.AssignCoach, play.of(one), coach=people.COACH) for one in services]
    assert answers[3] == "PER-DC1 coaches SVC-19, one of 4 services."
    assert answers[4] == (
        "PER-DC1 coaches SVC-20, one of 5 services. "
        "That is more than the usual 4 services: please check that it works."
    )


def test_a_coach_has_one_service_at_an_hour(onboarding: CourseScene) -> None:
    """C15: hours that only touch do not clash."""
    for service in (SVC_16, SVC_17):
        onboarding.do(commands.AssignCoach, onboarding.of(service), coach=people.COACH)
    ward = onboarding.of(SVC_17)
    onboarding.do(commands.ChooseSlot, onboarding.of(SVC_16), weekday=TUESDAY, clock_time=TEN)
    for clock_time in (time(9, 30), TEN, time(10, 59)):
        said = {"weekday": TUESDAY, "clock_time": clock_time}
        refused = onboarding.refusal(commands.ChooseSlot, ward, **said)
        assert refused == "PER-DC1 is with SVC-16 at that time. Choose another slot."
    onboarding.do(commands.ChooseSlot, ward, weekday=TUESDAY, clock_time=time(11))
    onboarding.do(commands.ChooseSlot, ward, weekday=THURSDAY, clock_time=TEN)


def test_a_slot_needs_a_coach_and_a_working_day(onboarding: CourseScene) -> None:
    """R16, C09."""
    ward = onboarding.of(SVC_16)
    said = {"weekday": TUESDAY, "clock_time": TEN}
    assert "Assign a delivery coach first" in onboarding.refusal(commands.ChooseSlot, ward, **said)
    onboarding.do(commands.AssignCoach, ward, coach=people.COACH)
    saturday = onboarding.refusal(commands.ChooseSlot, ward, weekday=5, clock_time=TEN)
    assert saturday == "Nobody works on a Saturday: choose a working day."


def test_an_event_takes_the_whole_day_of_its_coach(onboarding: CourseScene) -> None:
    """C15: another service's event cannot be on it."""
    for service in (SVC_16, SVC_17):
        onboarding.do(commands.AssignCoach, onboarding.of(service), coach=people.COACH)
    onboarding.do(commands.DateEvent, onboarding.of(SVC_16), day=EVENT_DAY)
    refused = onboarding.refusal(commands.DateEvent, onboarding.of(SVC_17), day=EVENT_DAY)
    assert "PER-DC1 has session wider/SVC-16/improvement_event/1" in refused
    assert onboarding.sessions(onboarding.of(SVC_17)) == ()


def test_no_event_is_on_a_day_on_which_its_coach_has_a_single_session(
    onboarding: CourseScene,
) -> None:
    """C15: also where it would be over before that one begins; there is a way to go."""
    onboarding.onboarded(SVC_16)
    ward = onboarding.of(SVC_17)
    onboarding.do(commands.AssignCoach, ward, coach=people.COACH)
    (midpoint,) = onboarding.sessions(onboarding.of(SVC_16), "midpoint")
    evening = at("2024-12-02", "17:30")
    onboarding.do(
        commands.MoveSession,
        onboarding.of(SVC_16),
        session_id=midpoint.id,
        starts_at=evening,
    )
    refused = onboarding.refusal(commands.DateEvent, ward, day=date(2024, 12, 2))
    assert f"PER-DC1 has session {midpoint.id}" in refused


def test_a_coach_who_is_assigned_after_the_event_was_dated_takes_part_in_it(
    onboarding: CourseScene,
) -> None:
    """R16, M01: and a coach who is at another one that day cannot be assigned."""
    for service, coach in ((SVC_16, people.COACH), (SVC_17, people.OTHER_COACH)):
        onboarding.do(commands.DateEvent, onboarding.of(service), day=EVENT_DAY)
        onboarding.do(commands.AssignCoach, onboarding.of(service), coach=coach)
        part = onboarding.participants(f"wider/{service}/improvement_event/1")
        assert (coach, Role.DELIVERY_COACH) in {(one.person_id, one.role) for one in part}
        coached = [
            one
            for one in onboarding.messages(f"wider/{service}/improvement_event/1")
            if one.person_id == coach
        ]
        assert len(coached) == 6
    both = onboarding.refusal(commands.AssignCoach, onboarding.of(SVC_17), coach=people.COACH)
    assert "PER-DC1 has session wider/SVC-16/improvement_event/1" in both
