"""Two services of one organisation become one (P03, E02)."""

from datetime import date

import pytest

from schemas import commands
from schemas.courses import PlaceState, Stage
from schemas.messages import MessageKind, MessageReason, MessageState
from schemas.people import Held, Organisation, ProviderKind, Role
from schemas.sessions import SessionReason, SessionState
from schemas.successions import SuccessionKind
from storage import people as stored
from storage.records import add, save
from storage.tables.people import OrganisationRow, RoleRow, ServiceRow
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at

DAY = date(2025, 1, 6)


@pytest.fixture
def wards(coached: CourseScene) -> CourseScene:
    """Give two wards in coaching, which share a sponsor and a coach."""
    coached.accepted(SVC_17)
    coached.signed(SVC_17)
    coached.onboarded(SVC_17, weekday=0, day=date(2024, 11, 14))
    return coached


def merge(play: CourseScene, old: str = SVC_16, new: str = SVC_17, day: date = DAY) -> str:
    return play.do(
        commands.Succeed,
        play.course_id,
        kind=SuccessionKind.SERVICE,
        old=old,
        new=new,
        from_day=day,
    )


def test_the_absorbed_service_ends_as_merged_and_the_other_keeps_its_count(
    wards: CourseScene,
) -> None:
    """P03, C17, E02: until the day nothing changes; then one course ends and one goes on."""
    survivor = [(one.id, one.starts_at) for one in wards.sessions(wards.of(SVC_17), "delivery")]
    absorbed = len(wards.sessions(wards.of(SVC_16), "delivery"))
    answer = merge(wards)
    wards.walk(at("2025-01-05"))
    before = wards.stage(SVC_16)
    wards.walk(at("2025-01-07"))

    assert "becomes one with SVC-17" in answer
    assert (before, wards.stage(SVC_16)) == (Stage.COACHING, Stage.MERGED)
    ended = wards.sessions(wards.of(SVC_16), "delivery")
    assert len(ended) == absorbed, "the sums hold (C17)"
    ahead = [one for one in ended if one.starts_at is None or one.starts_at > wards.now]
    assert {(one.state, one.reason) for one in ahead} == {
        (SessionState.CANCELLED, SessionReason.MERGED)
    }
    now = wards.sessions(wards.of(SVC_17), "delivery")
    assert [(one.id, one.starts_at) for one in now] == survivor


def test_the_place_of_the_absorbed_service_is_not_given_again(wards: CourseScene) -> None:
    """P03, R14: even before week six, when a place that comes free is refilled."""
    merge(wards, day=date(2024, 9, 16))
    wards.walk(at("2024-09-20"))

    assert wards.stage(SVC_16) is Stage.MERGED
    assert [one.state for one in wards.places()] == [PlaceState.TAKEN, PlaceState.TAKEN]


def test_nothing_of_the_absorbed_service_is_sent_any_more(wards: CourseScene) -> None:
    """P03: what waits is ended with its reason, cancellations and the notice apart."""
    merge(wards)
    wards.walk(at("2025-01-07"))

    waits = [
        one
        for one in wards.all_messages()
        if one.course_id == wards.of(SVC_16)
        and one.state is MessageState.WAITING
        and one.due_at > at("2025-01-06")
    ]
    assert {one.kind for one in waits} <= {MessageKind.CANCELLATION, MessageKind.NOTICE}
    told = {one.person_id for one in wards.all_messages() if one.topic == "merged"}
    assert told == {people.lead_of(SVC_16), people.SPONSOR, people.COACH}


def test_the_team_of_the_absorbed_service_joins_the_other(wards: CourseScene) -> None:
    """P03: as members, and invited to what is planned for members."""
    merge(wards, day=date(2024, 9, 16))
    wards.walk(at("2024-09-17"))

    with wards.reading() as rows:
        team = {one.person_id for one in stored.holders(rows, Role.TEAM_MEMBER, [SVC_17])}
    assert team == {*people.team_of(SVC_16), *people.team_of(SVC_17)}
    (event,) = wards.sessions(wards.of(SVC_17), "improvement_event")
    assert {*people.team_of(SVC_16)} <= {one.person_id for one in wards.participants(event.id)}


def test_the_sponsor_is_coached_on_while_the_other_service_takes_part(
    wards: CourseScene,
) -> None:
    """P03, X13, C07: one sponsor of both; the months stay as they are."""
    before = wards.sessions(wards.executive)
    merge(wards)
    wards.walk(at("2025-01-07"))

    assert wards.sessions(wards.executive)[-1].state is SessionState.TO_COME
    assert len(wards.sessions(wards.executive)) == len(before)


def test_a_service_that_has_left_before_the_day_stays_gone(wards: CourseScene) -> None:
    """P03, X13: the day comes and goes."""
    merge(wards)
    wards.do(commands.Withdraw, wards.of(SVC_16))
    wards.walk(at("2025-01-08"))

    assert wards.stage(SVC_16) is Stage.WITHDRAWN
    assert wards.stage(SVC_17) is Stage.COACHING


def test_a_service_goes_on_where_the_other_has_left_the_programme(wards: CourseScene) -> None:
    """P03, X13: nobody ends because of a ward that is gone; whoever wants that withdraws it."""
    merge(wards, day=date(2024, 9, 16))
    wards.do(commands.Withdraw, wards.of(SVC_17))
    wards.walk(at("2024-09-17"))

    assert wards.stage(SVC_16) is Stage.COACHING
    assert wards.sessions(wards.of(SVC_16), "delivery")[-1].state is SessionState.TO_COME
    assert "service.merger_dropped" in wards.events("wider/service/SVC-16/1")


def test_the_team_of_a_service_that_has_left_is_invited_to_nothing(wards: CourseScene) -> None:
    """P03, X13: they have left the programme before the two became one."""
    merge(wards, day=date(2024, 9, 16))
    wards.do(commands.Withdraw, wards.of(SVC_16))
    wards.walk(at("2024-09-17"))

    with wards.reading() as rows:
        team = {one.person_id for one in stored.holders(rows, Role.TEAM_MEMBER, [SVC_17])}
    assert team == {*people.team_of(SVC_17)}


def test_wards_of_two_organisations_cannot_become_one(wards: CourseScene) -> None:
    """P03, P02: but they can from the day on which their organisations have."""
    other = Organisation(
        id="ORG-09", ods_code="ZX9", name="Other", kind=ProviderKind.NHS, region="north_west"
    )
    wards.write(lambda rows: add(rows, OrganisationRow, [other]))
    with wards.database.transaction() as rows:
        ward = stored.service(rows, SVC_17)
        assert ward is not None
        save(rows, ServiceRow, ward.model_copy(update={"organisation_id": "ORG-09"}))
    said = {"kind": SuccessionKind.SERVICE, "old": SVC_16, "new": SVC_17, "from_day": DAY}
    refused = wards.refusal(commands.Succeed, wards.course_id, **said)
    assert "belong to two organisations" in refused

    merged = {"kind": SuccessionKind.ORGANISATION, "old": "ORG-09", "new": "ORG-01"}
    wards.do(commands.Succeed, wards.course_id, **merged, from_day=date(2024, 11, 1))
    wards.do(commands.Succeed, wards.course_id, **said)


def test_only_two_services_with_a_place_become_one(coached: CourseScene) -> None:
    """P03: one that was only offered a place declines it instead."""
    refused = coached.refusal(
        commands.Succeed,
        coached.course_id,
        kind=SuccessionKind.SERVICE,
        old=SVC_17,
        new=SVC_16,
        from_day=DAY,
    )
    assert refused == "SVC-17 is offered: only two services with a place can become one."


def test_a_partner_of_the_absorbed_service_goes_on_with_the_other(wards: CourseScene) -> None:
    """P03: nobody is left behind."""
    held = Held(person_id=people.PARTNER, role=Role.PARTNER, scope=SVC_16)
    wards.write(lambda rows: add(rows, RoleRow, [held]))
    merge(wards, day=date(2024, 9, 16))
    wards.walk(at("2024-09-17"))

    with wards.reading() as rows:
        assert stored.holders(rows, Role.PARTNER, [SVC_17]) != ()


def test_a_message_that_was_for_the_absorbed_service_says_why_it_did_not_go(
    wards: CourseScene,
) -> None:
    """P03, M13: chases that wait at the moment of the merger end as merged."""
    merge(wards)
    wards.walk(at("2025-01-07"))

    ended = [one for one in wards.all_messages() if one.reason is MessageReason.MERGED]
    assert {one.course_id for one in ended} <= {wards.of(SVC_16)}
