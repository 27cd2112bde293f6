"""What is settled between the signed commitments and the first session."""

from collections.abc import Callable
from datetime import date, time
from itertools import pairwise
from typing import Any

import pytest

from schemas import commands
from schemas.commands import Command
from schemas.courses import Stage, Step
from schemas.messages import MessageState
from schemas.obligations import ONBOARDING, ObligationKind, ObligationState
from schemas.sessions import SessionState
from storage.database import Database
from tests.activities.coached import Beginning
from tests.activities.scene import (
    EVENT_DAY,
    FIRST_EXECUTIVE,
    SVC_16,
    SVC_17,
    TEN,
    TUESDAY,
    CourseScene,
    small_edition,
)
from tests.databases import on_sqlite
from tests.journeys import cast as people
from tests.planning.builders import at, shown

pytestmark = on_sqlite

THURSDAY = 3
FIRST_DAY = date(2024, 9, 2)
"""Of the coaching window; an event keeps its lead of eight weeks from 8 July on."""


def two_wards_that_have_signed(play: CourseScene) -> None:
    play.open(SVC_16, SVC_17)
    play.committed(SVC_16, SVC_17)


@pytest.fixture
def onboarding(prepared: Callable[[Beginning], CourseScene]) -> CourseScene:
    """Give two wards of one sponsor that begin their onboarding on Monday 17 June at ten."""
    return prepared(two_wards_that_have_signed)


def kinds(play: CourseScene, service: str, *, still_open: bool) -> set[ObligationKind]:
    return {
        one.kind
        for one in play.obligations(play.of(service))
        if one.kind in ONBOARDING and one.state.is_open == still_open
    }


def test_six_things_are_settled_each_of_them_chased(onboarding: CourseScene) -> None:
    """R16: whose they are, and when each is asked about first."""
    assert {
        (one.kind.value, one.holder_id, shown(one.next_at))
        for one in onboarding.obligations(onboarding.of(SVC_16))
        if one.kind in ONBOARDING
    } == {
        ("team_named", people.lead_of(SVC_16), "Mon 2024-06-24 10:00"),
        ("partner_sought", people.lead_of(SVC_16), "Mon 2024-06-24 10:00"),
        ("coach_assigned", people.COORDINATOR, "Thu 2024-06-20 10:00"),
        ("slot_chosen", None, "Mon 2024-06-24 10:00"),
        ("event_dated", None, "Mon 2024-06-24 10:00"),
        ("sponsor_session_set", None, "Mon 2024-06-24 10:00"),
    }


def test_the_sessions_are_planned_when_the_last_thing_is_settled(onboarding: CourseScene) -> None:
    """R16: in whatever order; nothing is planned before that."""
    ward = onboarding.of(SVC_16)
    acts: list[tuple[type[Command], dict[str, Any], str]] = [
        (commands.SetSponsorSession, {"starts_at": FIRST_EXECUTIVE}, "sponsor_session_set"),
        (commands.DateEvent, {"day": EVENT_DAY}, "event_dated"),
        (commands.AssignCoach, {"coach": people.COACH}, "coach_assigned"),
        (commands.ChooseSlot, {"weekday": TUESDAY, "clock_time": TEN}, "slot_chosen"),
        (commands.SeekPartner, {}, "partner_sought"),
        (commands.NameTeam, {}, "team_named"),
    ]
    for kind, said, settled in acts:
        assert onboarding.stage(SVC_16) is Stage.ONBOARDING
        assert onboarding.sessions(ward, "delivery") == ()
        onboarding.do(kind, ward, **said)
        assert settled in {one.value for one in kinds(onboarding, SVC_16, still_open=False)}
        onboarding.walk(onboarding.now)
    assert onboarding.stage(SVC_16) is Stage.COACHING
    assert len(onboarding.sessions(ward, "delivery")) == 26
    assert [step for _, of, step, _ in onboarding.walked if of == ward][-1] is Step.PLAN_SESSIONS


def test_the_chase_of_a_slot_goes_to_the_coach_who_was_assigned_meanwhile(
    onboarding: CourseScene,
) -> None:
    """R16, X05: with nobody assigned it would go to the coordinator."""
    ward = onboarding.of(SVC_16)
    onboarding.do(commands.AssignCoach, ward, coach=people.COACH)
    onboarding.walk(at("2024-06-25"))
    slot = onboarding.obligation(ward, ObligationKind.SLOT_CHOSEN)
    assert slot.holder_id == people.COACH
    assert [one.person_id for one in onboarding.messages(slot.id)] == [people.COACH]
    other = onboarding.obligation(onboarding.of(SVC_17), ObligationKind.SLOT_CHOSEN)
    assert [one.person_id for one in onboarding.messages(other.id)] == [people.COORDINATOR]


def test_a_programme_of_another_shape_is_onboarded_too(database: Database) -> None:
    """R16, C14, E15: one launch, one visit, five hours of coaching three weeks apart, two days."""
    play = CourseScene(database, small_edition("example-other"))
    play.open(SVC_16)
    play.committed(SVC_16)
    ward = play.of(SVC_16)
    play.do(commands.NameTeam, ward)
    play.do(commands.SeekPartner, ward)
    play.do(commands.AssignCoach, ward, coach=people.COACH)
    play.do(commands.DateEvent, ward, kind="training_day", day=date(2025, 5, 14))
    assert play.obligation(ward, ObligationKind.EVENT_DATED).state.is_open
    play.do(commands.DateEvent, ward, kind="training_day", day=date(2025, 6, 11))
    play.walk(play.now)

    assert play.stage(SVC_16) is Stage.COACHING
    days = {
        kind.id: [play.day(one.starts_at) for one in play.sessions(ward, kind.id)]
        for kind in play.edition.sessions
    }
    assert {kind: len(found) for kind, found in days.items()} == {
        "launch": 1,
        "site_visit": 1,
        "team_coaching": 5,
        "training_day": 2,
    }
    hours = days["team_coaching"]
    assert all((later - before).days >= 21 for before, later in pairwise(hours))
    refused = play.refusal(commands.ChooseSlot, ward, weekday=1, clock_time=TEN)
    assert refused == "This edition has no weekly sessions."


def test_who_is_named_must_be_known(onboarding: CourseScene) -> None:
    ward = onboarding.of(SVC_16)
    assert onboarding.refusal(commands.NameTeam, ward, people=("PER-X", "PER-CO")) == (
        "There is no person PER-X. Import them first."
    )
    assert "no person PER-X" in onboarding.refusal(commands.SeekPartner, ward, partner="PER-X")
    not_a_coach = onboarding.refusal(commands.AssignCoach, ward, coach=people.COORDINATOR)
    assert not_a_coach == "PER-CO is not a delivery coach of this edition."
    unknown = onboarding.refusal(
        commands.SetSponsorSession, ward, starts_at=FIRST_EXECUTIVE, coach=people.COACH
    )
    assert unknown == "PER-DC1 is not an executive coach of this edition."
    assert "no full-day event" in onboarding.refusal(
        commands.DateEvent, ward, day=EVENT_DAY, kind="picnic"
    )


def test_nothing_is_settled_for_a_service_that_is_not_onboarded(play: CourseScene) -> None:
    """R09."""
    play.open(SVC_16)
    refused = play.refusal(commands.AssignCoach, play.of(SVC_16), coach=people.COACH)
    assert refused == "SVC-16 is not being onboarded: it is eligible."


# -- the sponsor's first session -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_at", "why"),
    [
        (at("2024-08-30", "09:30"), "outside the coaching window"),
        (at("2025-04-01", "09:30"), "outside the coaching window"),
        (at("2024-09-14", "09:30"), "is not a working day"),
        (at("2024-12-24", "09:30"), "is paused on"),
    ],
)
def test_a_first_executive_session_has_a_working_day_of_the_window(
    onboarding: CourseScene, starts_at: object, why: str
) -> None:
    """C09, R16."""
    ward = onboarding.of(SVC_16)
    assert why in onboarding.refusal(commands.SetSponsorSession, ward, starts_at=starts_at)


def test_a_first_executive_session_in_the_past_needs_a_reason(onboarding: CourseScene) -> None:
    """R17, E24."""
    ward = onboarding.of(SVC_16)
    onboarding.walk(at("2024-09-12"))
    past = {"starts_at": at("2024-09-10", "09:30")}
    assert "is in the past" in onboarding.refusal(commands.SetSponsorSession, ward, **past)
    onboarding.do(commands.SetSponsorSession, ward, reason="brought_in", **past)


def test_the_second_service_of_a_sponsor_joins_the_coaching_that_is_set(
    play: CourseScene,
) -> None:
    """C07, R16: nobody is chased for a first session that the sponsor has had."""
    play.open(SVC_16, SVC_17)
    play.committed(SVC_16)
    play.onboarded(SVC_16)
    play.accepted(SVC_17)
    play.signed(SVC_17)
    joined = play.obligation(play.of(SVC_17), ObligationKind.SPONSOR_SESSION_SET)
    assert joined.state is ObligationState.DONE
    enrolment = play.enrolment(SVC_17)
    assert enrolment.sponsor_first_at == FIRST_EXECUTIVE
    assert enrolment.executive_coach_id == people.EXECUTIVE_COACH
    stays = play.do(
        commands.SetSponsorSession, play.of(SVC_17), starts_at=at("2024-09-11", "14:00")
    )
    assert stays == "The sessions of PER-SP are planned already: they stay."
    assert len(play.sessions(play.executive)) == 6


# -- what is waived --------------------------------------------------------------------------------


def test_a_slot_that_was_waived_can_still_be_chosen_later(onboarding: CourseScene) -> None:
    """R16, E15: the weekly sessions are planned then."""
    ward = onboarding.of(SVC_16)
    slot = onboarding.obligation(ward, ObligationKind.SLOT_CHOSEN)
    onboarding.do(
        commands.CloseObligation, ward, obligation_id=slot.id, waived=True, reason="later"
    )
    onboarding.do(commands.NameTeam, ward)
    onboarding.do(commands.SeekPartner, ward)
    onboarding.do(commands.AssignCoach, ward, coach=people.COACH)
    onboarding.do(commands.DateEvent, ward, day=EVENT_DAY)
    onboarding.do(commands.SetSponsorSession, ward, starts_at=FIRST_EXECUTIVE)
    onboarding.walk(onboarding.now)
    assert onboarding.stage(SVC_16) is Stage.COACHING
    assert onboarding.sessions(ward, "delivery") == ()

    onboarding.do(commands.ChooseSlot, ward, weekday=TUESDAY, clock_time=TEN)

    assert len(onboarding.sessions(ward, "delivery")) == 26
    again = onboarding.refusal(commands.ChooseSlot, ward, weekday=THURSDAY, clock_time=TEN)
    assert "planned already" in again


def test_a_session_has_a_place_from_the_day_it_is_dated(onboarding: CourseScene) -> None:
    """C19: a room or a link, the edition's default."""
    onboarding.onboarded(SVC_16)
    rooms = {one.kind: one.place for one in onboarding.sessions(onboarding.of(SVC_16))}
    assert rooms == {
        kind.id: kind.place for kind in onboarding.edition.sessions if kind.id != "executive"
    }
    assert all(one.place for one in onboarding.all_sessions())


def test_the_midpoint_check_in_is_between_weeks_thirteen_and_twenty(
    onboarding: CourseScene,
) -> None:
    """C08: the team with its sponsor, the first day on which everybody is free."""
    onboarding.onboarded(SVC_16)
    (midpoint,) = onboarding.sessions(onboarding.of(SVC_16), "midpoint")
    assert shown(midpoint.starts_at) == "Mon 2024-12-02 14:00"
    assert {one.person_id for one in onboarding.participants(midpoint.id)} == {
        people.COACH,
        people.lead_of(SVC_16),
        people.SPONSOR,
    }


def test_a_check_in_for_which_there_is_no_day_is_put_before_a_person(
    onboarding: CourseScene,
) -> None:
    """C08, C17: a very late starter; it is there, without a day, and somebody is asked."""
    onboarding.walk(at("2025-03-27", "17:00"))
    onboarding.only(onboarding.of(SVC_16))
    ward = onboarding.of(SVC_16)
    for kind in (ObligationKind.EVENT_DATED, ObligationKind.SPONSOR_SESSION_SET):
        one = onboarding.obligation(ward, kind)
        onboarding.do(
            commands.CloseObligation, ward, obligation_id=one.id, waived=True, reason="too_late"
        )
    onboarding.do(commands.NameTeam, ward)
    onboarding.do(commands.SeekPartner, ward)
    onboarding.do(commands.AssignCoach, ward, coach=people.COACH)
    onboarding.do(commands.ChooseSlot, ward, weekday=4, clock_time=time(14))
    onboarding.walk(onboarding.now)
    (midpoint,) = onboarding.sessions(ward, "midpoint")
    assert (midpoint.state, midpoint.starts_at) == (SessionState.TO_COME, None)
    asked = onboarding.obligation(ward, ObligationKind.EVENT_DATED)
    assert (asked.subject, asked.state.is_open) == (midpoint.id, True)
    assert not [
        one for one in onboarding.messages(midpoint.id) if one.state is MessageState.WAITING
    ]
