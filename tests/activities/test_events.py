"""A full-day event is dated, and whoever joins late is invited to it."""

from collections.abc import Callable
from datetime import date

import pytest

from schemas import commands
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Role
from tests.activities.coached import Beginning
from tests.activities.scene import (
    EVENT_DAY,
    SVC_16,
    SVC_17,
    CourseScene,
)
from tests.databases import on_sqlite
from tests.journeys import cast as people
from tests.planning.builders import at, shown

pytestmark = on_sqlite


def two_wards_that_have_signed(play: CourseScene) -> None:
    play.open(SVC_16, SVC_17)
    play.committed(SVC_16, SVC_17)


@pytest.fixture
def onboarding(prepared: Callable[[Beginning], CourseScene]) -> CourseScene:
    """Give two wards of one sponsor that begin their onboarding on Monday 17 June at ten."""
    return prepared(two_wards_that_have_signed)


# -- the event's day -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2024-09-01", "outside the coaching window"),
        ("2025-03-29", "outside the coaching window"),
        ("2024-11-09", "is not a working day"),
        ("2024-12-23", "is paused on"),
    ],
)
def test_an_event_has_a_working_day_of_the_window(
    onboarding: CourseScene, day: str, why: str
) -> None:
    """C09: a reason changes nothing about that."""
    ward = onboarding.of(SVC_16)
    wanted = date.fromisoformat(day)
    assert why in onboarding.refusal(commands.DateEvent, ward, day=wanted, reason="urgent")


def test_an_event_is_dated_eight_weeks_ahead_for_the_sake_of_rosters(
    onboarding: CourseScene,
) -> None:
    """X12: nearer only with a reason, which the journal keeps."""
    ward = onboarding.of(SVC_16)
    onboarding.walk(at("2024-07-29", "10:00"))
    refused = onboarding.refusal(commands.DateEvent, ward, day=date(2024, 9, 20))
    assert "2024-09-23 is the first day that keeps the lead of 8w" in refused
    assert onboarding.do(commands.DateEvent, ward, day=date(2024, 9, 23)).endswith("2024-09-23.")
    near = date(2024, 9, 20)
    onboarding.do(commands.DateEvent, ward, day=near, reason="rosters_agreed")
    reasons = {one.reason for one in onboarding.journal(f"wider/{SVC_16}/improvement_event/1")}
    assert "rosters_agreed" in reasons
    assert onboarding.enrolment(SVC_16).event_day == near


def test_an_event_after_its_due_day_is_pointed_out(onboarding: CourseScene) -> None:
    """C05: by week 11; it is a wish of the edition's and no bar."""
    ward = onboarding.of(SVC_16)
    by = onboarding.do(commands.DateEvent, ward, day=date(2024, 11, 18))
    assert by == "The Improvement event of SVC-16 is on 2024-11-18."
    late = onboarding.do(commands.DateEvent, ward, day=date(2024, 11, 19))
    assert late.endswith("is on 2024-11-19. The edition wants it by 2024-11-18.")


def test_dating_an_event_on_its_day_again_tells_nobody_anything(onboarding: CourseScene) -> None:
    ward = onboarding.of(SVC_16)
    onboarding.do(commands.DateEvent, ward, day=EVENT_DAY)
    (before,) = onboarding.sessions(ward)
    assert "already" in onboarding.do(commands.DateEvent, ward, day=EVENT_DAY)
    assert onboarding.sessions(ward) == (before,)


def test_an_event_that_is_dated_anew_stays_one_event(onboarding: CourseScene) -> None:
    """C04, C17: its version rises, and the second move is told to the sponsor (X11)."""
    ward = onboarding.of(SVC_16)
    for day in (EVENT_DAY, date(2024, 11, 8), date(2024, 11, 11)):
        onboarding.do(commands.DateEvent, ward, day=day)
    (event,) = onboarding.sessions(ward)
    assert (event.id, event.sequence, event.moves) == ("wider/SVC-16/improvement_event/1", 2, 2)
    assert shown(event.starts_at) == "Mon 2024-11-11 09:00"
    told = onboarding.messages(event.id, MessageKind.NOTICE)
    assert [(one.topic, one.person_id) for one in told] == [("event_moved_late", people.SPONSOR)]


def test_the_stages_of_an_event_open_though_something_else_is_not_settled_yet(
    onboarding: CourseScene,
) -> None:
    """X12, R16: it is prepared from 42 days before, and its record is asked for."""
    ward = onboarding.of(SVC_16)
    onboarding.do(commands.AssignCoach, ward, coach=people.COACH)
    onboarding.do(commands.DateEvent, ward, day=EVENT_DAY)
    onboarding.only(ward)
    onboarding.walk(at("2024-11-08", "17:00"))
    opened = {
        one.kind.value: shown(one.opened_at)
        for one in onboarding.obligations(ward)
        if one.kind.value.startswith("event_") and one.kind is not ObligationKind.EVENT_DATED
    }
    assert opened == {
        "event_prepared": "Thu 2024-09-26 08:00",
        "event_partner": "Thu 2024-10-17 08:00",
        "event_report_out": "Thu 2024-11-07 08:00",
    }
    record = onboarding.obligation(ward, ObligationKind.SESSION_RECORD)
    assert record.holder_id == people.COACH


def test_a_pause_over_the_event_of_a_service_that_is_being_onboarded_takes_its_day(
    onboarding: CourseScene,
) -> None:
    """X07, R16: whoever dates it is asked again, and only then are the sessions planned."""
    ward = onboarding.of(SVC_16)
    onboarding.do(commands.DateEvent, ward, day=EVENT_DAY)
    onboarding.walk(at("2024-11-01", "12:00"))
    onboarding.do(commands.PauseCourse, onboarding.course_id, until_at=at("2024-11-16", "00:00"))
    onboarding.walk(onboarding.now)
    (event,) = onboarding.sessions(ward)
    assert event.starts_at is None
    asked = onboarding.obligation(ward, ObligationKind.EVENT_DATED)
    assert (asked.subject, asked.state) == (event.id, ObligationState.OPEN)
    onboarding.do(commands.DateEvent, ward, day=date(2025, 2, 4))
    assert not onboarding.obligation(ward, ObligationKind.EVENT_DATED).state.is_open


# -- people who join late --------------------------------------------------------------------------


def test_team_and_partner_who_join_after_the_event_was_dated_are_invited_to_it(
    onboarding: CourseScene,
) -> None:
    """M01, M18: like those who were there from the beginning; the past is not told of."""
    ward = onboarding.of(SVC_16)
    onboarding.do(commands.DateEvent, ward, day=EVENT_DAY)
    event = f"wider/{SVC_16}/improvement_event/1"
    onboarding.walk(at("2024-10-15", "12:00"))

    onboarding.do(commands.SeekPartner, ward, partner=people.PARTNER)
    onboarding.do(commands.NameTeam, ward, people=(people.OTHER_COACH,))

    for person, role in ((people.PARTNER, Role.PARTNER), (people.OTHER_COACH, Role.TEAM_MEMBER)):
        part = [one for one in onboarding.participants(event) if one.person_id == person]
        assert [one.role for one in part] == [role]
        rows = [one for one in onboarding.messages(event) if one.person_id == person]
        assert {(one.kind.value, one.step): one.state.value for one in rows} == {
            ("invitation", ""): "waiting",
            ("reminder", "d42"): "too_late",
            ("reminder", "d28"): "too_late",
            ("reminder", "d14"): "waiting",
            ("reminder", "d7"): "waiting",
            ("reminder", "day-before"): "waiting",
        }
    before = onboarding.everything()[1]
    onboarding.do(commands.SeekPartner, ward, partner=people.PARTNER)
    assert onboarding.everything()[1] == before


def test_a_partner_who_joins_after_the_event_is_not_invited_to_it(
    onboarding: CourseScene,
) -> None:
    ward = onboarding.of(SVC_16)
    onboarding.do(commands.DateEvent, ward, day=EVENT_DAY)
    onboarding.walk(at("2024-11-07", "12:00"))
    onboarding.do(commands.SeekPartner, ward, partner=people.PARTNER)
    event = f"wider/{SVC_16}/improvement_event/1"
    assert people.PARTNER not in {one.person_id for one in onboarding.participants(event)}
