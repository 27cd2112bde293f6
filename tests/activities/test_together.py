"""Course transactions that several workers carry out at the same moment, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time
from functools import partial
from time import monotonic
from typing import TypeVar

import pytest
from sqlalchemy import text

from activities.onboarding import OnboardingActivities
from activities.recruitment import RecruitmentActivities
from schemas import commands
from schemas.commands import Command
from schemas.courses import CourseState, Stage
from storage.database import Database
from tests.activities.scene import SVC_16, SVC_17, TEN, TUESDAY, CourseScene
from tests.databases import on_postgresql
from tests.journeys import cast as people
from tests.planning.builders import at
from tests.storage.together import together

EVENT_TUESDAY = date(2024, 11, 12)


C = TypeVar("C", bound=Command)


def command(play: CourseScene, kind: type[C], service: str, **said: object) -> C:
    """Return a command that knows the course as it is now."""
    course = play.course(play.of(service))
    defaults: dict[str, object] = {
        "request_id": f"{kind.__name__}/{service}",
        "course_id": course.id,
        "actor": people.COORDINATOR,
        "at": play.now,
        "recorded_at": play.now,
        "expected_version": course.version,
    }
    return kind.model_validate(defaults | said)


def to_the_last_moment(
    database: Database, acts: list[Callable[[], CourseState]]
) -> list[CourseState | Exception]:
    """Let course transactions come as far as they can before any of them commits.

    On PostgreSQL to their stored answers, or to a row that another holds; on SQLite they queue.
    """
    if database.is_sqlite:
        return together(acts)
    with ThreadPoolExecutor(1) as thread:
        with database.transaction() as rows:
            rows.execute(text("LOCK TABLE command IN SHARE MODE"))
            outcomes = thread.submit(together, acts)
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            until = monotonic() + 1.5
            while rows.execute(waiting).scalar_one() < len(acts) and monotonic() < until:
                pass
        return outcomes.result()


@pytest.fixture
def offered(play: CourseScene) -> CourseScene:
    play.open(SVC_16, SVC_17)
    play.selected(SVC_16, SVC_17)
    return play


@pytest.fixture
def onboarding(offered: CourseScene) -> CourseScene:
    """Give two wards of one coach that have no slot yet."""
    for service in (SVC_16, SVC_17):
        offered.accepted(service)
        offered.signed(service)
        offered.do(commands.AssignCoach, offered.of(service), coach=people.COACH)
    return offered


def states(outcomes: list[CourseState | Exception]) -> list[CourseState]:
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    return [one for one in outcomes if isinstance(one, CourseState)]


def test_a_command_that_arrives_several_times_at_once_is_carried_out_once(
    offered: CourseScene,
) -> None:
    accept = command(offered, commands.AcceptPlace, SVC_16)
    recruitment = RecruitmentActivities(offered.database)

    outcomes = states(
        to_the_last_moment(offered.database, [partial(recruitment.accept_place, accept)] * 5)
    )

    assert len({one.answer for one in outcomes}) == 1
    assert outcomes[0].answer.startswith("SVC-16 has place")
    assert {one.version for one in outcomes} == {accept.expected_version + 1}
    assert not any(one.stale or one.refused for one in outcomes)
    assert offered.stage(SVC_16) is Stage.COMMITTING


def test_of_several_commands_that_know_the_same_version_one_is_carried_out(
    offered: CourseScene,
) -> None:
    """The others change nothing and are given the course as it is now."""
    recruitment = RecruitmentActivities(offered.database)
    accepts = [
        command(offered, commands.AcceptPlace, SVC_16, request_id=f"accept/{number}")
        for number in range(3)
    ]
    declines = [
        command(offered, commands.DeclinePlace, SVC_16, request_id=f"decline/{number}")
        for number in range(3)
    ]

    outcomes = states(
        to_the_last_moment(
            offered.database,
            [
                *(partial(recruitment.accept_place, one) for one in accepts),
                *(partial(recruitment.decline_place, one) for one in declines),
            ],
        )
    )

    # One whose place was declined has ended: then that is what the others are told.
    applied = [one for one in outcomes if not (one.stale or one.refused)]
    assert len(applied) == 1
    assert {one.version for one in outcomes} == {accepts[0].expected_version + 1}


def test_two_wards_never_have_the_same_hour_of_a_coach(onboarding: CourseScene) -> None:
    """C15: of two that choose it at once, one is told that the other has it."""
    desk = OnboardingActivities(onboarding.database)
    choices = [
        command(onboarding, commands.ChooseSlot, service, weekday=TUESDAY, clock_time=clock_time)
        for service, clock_time in ((SVC_16, TEN), (SVC_17, time(10, 30)))
    ]

    outcomes = states(
        to_the_last_moment(onboarding.database, [partial(desk.choose_slot, one) for one in choices])
    )

    refused = [one.refused for one in outcomes if one.refused]
    assert len(refused) == 1
    assert "Choose another slot" in refused[0]


@on_postgresql  # on SQLite there is one writer at a time
def test_a_ward_that_is_planned_while_its_coach_gets_an_event_elsewhere_finds_another_day(
    onboarding: CourseScene,
) -> None:
    """C15: neither sees the other's rows; the ward that is woken finds another day for its own."""
    play = onboarding
    play.onboarded(SVC_16, day=date(2024, 11, 7))
    ready(play, SVC_17)
    item = play.look(play.of(SVC_17)).agenda[0]
    plan = command(
        play, commands.TakeStep, SVC_17, step=item.step, subject=item.subject, actor="programme"
    )
    move = command(play, commands.DateEvent, SVC_16, day=EVENT_TUESDAY)
    desk = OnboardingActivities(play.database)

    outcomes = states(
        to_the_last_moment(
            play.database, [partial(desk.plan_sessions, plan), partial(desk.date_event, move)]
        )
    )

    assert [one.refused for one in outcomes] == ["", ""]
    assert coached_on(play, EVENT_TUESDAY) == {(SVC_16, "improvement_event"), (SVC_17, "delivery")}
    assert play.of(SVC_17) in outcomes[1].wake
    for course_id in (play.of(SVC_16), play.of(SVC_17)):
        play.look(course_id)
    play.walk(play.now)
    assert coached_on(play, EVENT_TUESDAY) == {(SVC_16, "improvement_event")}


def coached_on(play: CourseScene, day: date) -> set[tuple[str, str]]:
    return {
        (service, one.kind)
        for service in (SVC_16, SVC_17)
        for one in play.sessions(play.of(service))
        if one.starts_at is not None and one.starts_at.date() == day
    }


def ready(play: CourseScene, service: str) -> None:
    """Settle all of R16 but take no step: the sessions are to be planned next."""
    of = play.of(service)
    play.do(commands.NameTeam, of)
    play.do(commands.SeekPartner, of)
    play.do(commands.ChooseSlot, of, weekday=TUESDAY, clock_time=time(14))
    play.do(commands.DateEvent, of, day=date(2024, 11, 14))
    play.do(commands.SetSponsorSession, of, starts_at=at("2024-09-10", "09:30"))
