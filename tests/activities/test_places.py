"""R14: places taken and offers open keep to the capacity, whatever happens and in whatever order.

The scene checks the capacity after every single command.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from activities.edition import EditionActivities
from activities.recruitment import RecruitmentActivities
from schemas import commands
from schemas.commands import Command
from schemas.courses import CourseState, PlaceState, Stage
from storage import courses
from tests.activities.coached import Files
from tests.activities.scene import CourseScene
from tests.databases import on_postgresql
from tests.journeys import cast as people
from tests.storage.together import together

SERVICES = ("SVC-16", "SVC-17", "SVC-18", "SVC-19", "SVC-20")
ACTS: dict[str, Callable[[CourseScene, str], object]] = {
    "accept": lambda play, of: play.send(commands.AcceptPlace, play.of(of)),
    "decline": lambda play, of: play.send(commands.DeclinePlace, play.of(of)),
    "sign": lambda play, of: play.send(
        commands.DecideCommitment,
        play.of(of),
        actor=people.SPONSOR,
        commitment="",
        decision="signed",
    ),
    "withdraw": lambda play, of: play.send(commands.Withdraw, play.of(of)),
    "undo": lambda play, of: play.send(commands.Undo, play.of(of)),
    "extend": lambda play, of: play.send(
        commands.DecideOffer, play.course_id, service=of, extend=True
    ),
    "lapse": lambda play, of: play.send(
        commands.DecideOffer, play.course_id, service=of, extend=False
    ),
    "pause": lambda play, _: play.send(commands.PauseCourse, play.course_id),
    "resume": lambda play, _: play.send(commands.ResumeCourse, play.course_id),
    "an hour": lambda play, _: play.walk(play.now + timedelta(hours=1)),
    "a day": lambda play, _: play.walk(play.now + timedelta(days=1)),
    "a week": lambda play, _: play.walk(play.now + timedelta(days=7)),
    "six weeks": lambda play, _: play.walk(play.now + timedelta(weeks=6)),
}
ACT = st.tuples(st.sampled_from(sorted(ACTS)), st.sampled_from(SERVICES))
C = TypeVar("C", bound=Command)


def two_offers(play: CourseScene) -> None:
    play.open(*SERVICES)
    play.selected()


@settings(max_examples=16, deadline=None, derandomize=True)
@given(happened=st.lists(ACT, max_size=12))
def test_no_sequence_of_acts_gives_more_places_than_there_are(
    prepared_files: Files, happened: list[tuple[str, str]]
) -> None:
    """R13, R14: nor does one leave a place free while somebody waits for it."""
    play = prepared_files.scene(two_offers, "places")
    for act, service in happened:
        ACTS[act](play, service)
    play.send(commands.ResumeCourse, play.course_id)
    play.walk(play.now + timedelta(days=1))

    holders = [one.course_id for one in play.places() if one.course_id is not None]
    assert len(set(holders)) == len(holders)
    stages = {play.of(one): play.stage(one) for one in SERVICES}
    waiting = {of for of, stage in stages.items() if stage is Stage.WAITLISTED}
    free = [one for one in play.places() if one.state is PlaceState.FREE]
    assert not (free and waiting)
    assert waiting.isdisjoint(holders)
    assert {of for of, stage in stages.items() if stage is Stage.OFFERED} == {
        one.course_id for one in play.places() if one.state is PlaceState.OFFERED
    }
    has_place = {Stage.COMMITTING, Stage.ONBOARDING}
    assert {of for of, stage in stages.items() if stage in has_place} <= {
        one.course_id for one in play.places() if one.state is PlaceState.TAKEN
    }


def the(kind: type[C], play: CourseScene, course_id: str, **said: object) -> C:
    return kind.model_validate(
        {
            "request_id": f"{kind.__name__}/{course_id}",
            "course_id": course_id,
            "actor": people.COORDINATOR,
            "at": play.now,
            "recorded_at": play.now,
            "expected_version": play.course(course_id).version,
            **said,
        }
    )


@on_postgresql  # SQLite has one writer at a time
@pytest.mark.parametrize("round_", range(3))
def test_acceptances_and_decisions_at_the_same_moment_keep_to_the_capacity(
    play: CourseScene, round_: int
) -> None:
    """R14: of an acceptance and a lapse one wins; the other says that it came too late."""
    play.open(*SERVICES)
    play.selected()
    desk, recruitment = EditionActivities(play.database), RecruitmentActivities(play.database)
    first, second = (play.of(one) for one in SERVICES[:2])
    lapse = the(commands.DecideOffer, play, play.course_id, service=SERVICES[0], extend=False)
    acts: list[Callable[[], CourseState]] = [
        partial(recruitment.accept_place, the(commands.AcceptPlace, play, first)),
        partial(desk.decide_offer, lapse),
        partial(recruitment.accept_place, the(commands.AcceptPlace, play, second)),
        partial(recruitment.accept_place, the(commands.AcceptPlace, play, second)),
    ]

    outcomes = together(acts)

    failed = [one for one in outcomes if isinstance(one, Exception)]
    assert failed == []
    accepted, lapsed, *both = [one for one in outcomes if isinstance(one, CourseState)]
    assert bool(accepted.refused) != bool(lapsed.refused)
    won = play.states_of_places()[0]
    assert won == (("taken", SERVICES[0]) if lapsed.refused else ("free", None))
    assert ("place.lapsed" in play.events(play.course_id)) == (not lapsed.refused)
    assert {one.answer for one in both} == {both[0].answer}

    play.resume(play.now)
    play.walk(play.now)
    assert [one.state for one in play.places()].count(PlaceState.FREE) == 0
    expected = Stage.COMMITTING if lapsed.refused else Stage.NOT_PLACED
    assert play.stage(SERVICES[0]) is expected


@on_postgresql
def test_a_place_is_not_offered_to_a_service_that_withdraws_at_that_moment(
    play: CourseScene,
) -> None:
    """R13, R14: the edition looks again when it offers; the next one gets it."""
    play.open(*SERVICES)
    play.selected()
    play.do(commands.DeclinePlace, play.of(SERVICES[0]))
    item = play.known[play.course_id].agenda[0]
    allocate = the(
        commands.TakeStep,
        play,
        play.course_id,
        request_id="allocate",
        actor="programme",
        step=item.step,
        subject=item.subject,
    )
    desk = EditionActivities(play.database)
    leaving = play.course(play.of(SERVICES[2])).model_copy(update={"stage": Stage.WITHDRAWN})

    with ThreadPoolExecutor(1) as thread:
        with play.database.transaction() as rows:
            assert courses.lock_course(rows, leaving.id)
            courses.save_course(rows, leaving)
            outcome = thread.submit(desk.allocate_places, allocate)
            waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            until = monotonic() + 1.5
            while not rows.execute(waits).scalar_one() and monotonic() < until:
                pass
        assert outcome.result().answer == "0 places are offered."

    play.look(play.course_id)
    play.walk(play.now)
    assert play.states_of_places() == [("offered", SERVICES[3]), ("offered", SERVICES[1])]
