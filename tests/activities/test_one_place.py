"""C15: a coach holds at most one session at an instant, whatever came first."""

from datetime import date

import pytest

from schemas import commands
from tests.activities.scene import SVC_16, SVC_17, TEN, TUESDAY, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at

WEDNESDAY = 2
OTHER_EVENT = date(2024, 11, 14)


@pytest.fixture
def two_wards(play: CourseScene) -> CourseScene:
    """Give a ward that is coached on Tuesdays at ten, and one that is onboarded."""
    play.open(SVC_16, SVC_17)
    play.selected(SVC_16, SVC_17)
    for service in (SVC_16, SVC_17):
        play.accepted(service)
        play.signed(service)
    play.onboarded(SVC_16)
    return play


def test_a_coach_who_is_assigned_after_the_slot_is_free_at_that_hour(
    two_wards: CourseScene,
) -> None:
    """C15: the coach of another ward cannot take over one with the same slot."""
    ward = two_wards.of(SVC_17)
    two_wards.do(commands.AssignCoach, ward, coach=people.OTHER_COACH)
    two_wards.do(commands.ChooseSlot, ward, weekday=TUESDAY, clock_time=TEN)

    assert people.COACH in two_wards.refusal(commands.AssignCoach, ward, coach=people.COACH)


def test_weekly_sessions_are_planned_round_a_single_session_that_was_moved_there(
    two_wards: CourseScene,
) -> None:
    """C15: checked by the scene after each command."""
    sessions = two_wards.sessions(two_wards.of(SVC_16), "delivery")
    wednesday = at("2024-09-25", "10:00")
    two_wards.do(
        commands.MoveSession,
        two_wards.of(SVC_16),
        session_id=sessions[3].id,
        starts_at=wednesday,
    )

    two_wards.onboarded(SVC_17, weekday=WEDNESDAY, clock_time=TEN, day=OTHER_EVENT)

    starts = [one.starts_at for one in two_wards.sessions(two_wards.of(SVC_17), "delivery")]
    assert wednesday not in starts
