"""Whose turn it is: the order of what falls due at one instant, without any Temporal."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rehearsal import turns as module
from rehearsal.turns import AGAIN_AFTER, StageFault, Turns
from schemas.commands import TakeStep
from schemas.courses import AgendaItem, CourseState, Step

NOW = datetime(2024, 9, 3, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
A, B, C = "service/wider/SVC-16", "service/wider/SVC-17", "edition/wider"


def state(version: int, at: datetime | None = NOW, **more: Any) -> CourseState:
    agenda = () if at is None else (AgendaItem(at=at, step=Step.CHASE),)
    return CourseState(version=version, agenda=agenda, **more)


def step(course: str, version: int = 1) -> TakeStep:
    said: dict[str, Any] = {"request_id": course, "actor": "programme", "recorded_at": LATER}
    said["expected_version"] = version
    return TakeStep(course_id=course, step=Step.CHASE, at=NOW, **said)


async def knowing(*courses: str) -> Turns:
    turns = Turns(NOW)
    for course in courses:
        await turns.looked(course, state(1))
    return turns


async def lined_up(turns: Turns, order: list[str], done: list[str]) -> None:
    """Let courses come in an order, and note in which they were let through."""

    async def come(course: str) -> None:
        await turns.begin(step(course))
        done.append(course)
        await turns.changed_by(course, state(2, LATER), step(course))

    tasks = []
    for course in order:
        tasks.append(asyncio.create_task(come(course)))
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)


async def test_steps_of_one_instant_are_taken_by_course_whoever_comes_first() -> None:
    turns, done = await knowing(A, B, C), list[str]()
    await turns.line_up(turns.due(NOW))
    await lined_up(turns, [B, C, A], done)
    await turns.quiet()
    assert done == [C, A, B]
    assert turns.next_at() == LATER


async def test_nobody_begins_before_all_are_there() -> None:
    turns = await knowing(A, B)
    await turns.line_up([A, B])
    first = asyncio.create_task(turns.begin(step(A)))
    await asyncio.sleep(0.01)
    assert not first.done()
    second = asyncio.create_task(turns.begin(step(B)))
    await first
    assert not second.done()
    second.cancel()


async def test_a_step_that_was_taken_and_comes_again_waits_for_nobody() -> None:
    """Its workflow holds the server's time while it waits, and nobody lines it up once more."""
    turns = await knowing(A, B)
    await turns.changed_by(A, state(2, LATER), step(A))
    async with asyncio.timeout(1):
        await turns.begin(step(A, version=1))
    await turns.changed_by(A, state(2, LATER), step(A, version=1))
    assert turns.at(A) == LATER
    anew = asyncio.create_task(turns.begin(step(A, version=2)))
    await asyncio.sleep(0.01)
    assert not anew.done()
    anew.cancel()


async def test_the_next_one_waits_until_those_who_were_woken_have_looked() -> None:
    turns = await knowing(A, B, C)
    await turns.line_up([A, B])
    first, second = (asyncio.create_task(turns.begin(step(one))) for one in (A, B))
    await first
    await turns.changed_by(A, state(2, LATER, wake=(C,)), step(A))
    await asyncio.sleep(0.01)
    assert not second.done()
    await turns.looked(C, state(1))
    await second


async def test_a_step_counts_from_its_own_instant_and_a_late_one_from_now() -> None:
    turns = await knowing(A)
    turns.now = NOW + timedelta(seconds=2)
    await turns.line_up([A])
    begun = await turns.begin(step(A))
    assert (begun.at, begun.recorded_at) == (NOW, turns.now)
    turns.now = NOW + timedelta(hours=22)
    begun = await turns.begin(step(A))
    assert (begun.at, begun.recorded_at) == (turns.now, turns.now)


async def test_what_a_course_does_at_once_on_being_asked_waits_for_nobody() -> None:
    turns = await knowing(A, B)
    turns.acting = A
    async with asyncio.timeout(1):
        await turns.begin(step(A))


async def test_a_step_that_did_not_help_is_left_alone_for_a_minute() -> None:
    turns = await knowing(A)
    await turns.line_up([A])
    await turns.begin(step(A))
    await turns.changed_by(A, state(2), step(A))
    await turns.quiet()
    assert turns.due(NOW) == []
    assert turns.next_at() == NOW + AGAIN_AFTER


async def test_an_older_state_is_not_taken_over() -> None:
    turns = await knowing(A)
    await turns.looked(A, state(3, LATER))
    await turns.looked(A, state(2))
    assert turns.next_at() == LATER


async def test_a_course_that_has_ended_is_expected_no_more() -> None:
    turns = await knowing(A, B)
    await turns.looked(A, state(2, ended=True))
    await turns.woken([A])
    await turns.started(A)
    await turns.line_up(turns.due(NOW))
    await lined_up(turns, [B], [])
    async with asyncio.timeout(1):
        await turns.quiet()


async def test_a_start_that_is_not_needed_is_not_waited_for() -> None:
    turns = await knowing(A)
    await turns.changed_by(A, state(2, LATER, wake=("executive-coaching/wider/EX-01",)), None)
    await turns.told_to_start("executive-coaching/wider/EX-01")
    async with asyncio.timeout(1):
        await turns.quiet()


async def test_whoever_is_silent_is_told_to_look_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    turns = await knowing(A)
    told = []

    async def tell(courses: list[str]) -> None:
        told.append(courses)
        await turns.looked(B, state(1, LATER))

    turns.tell = tell
    await turns.started(B)
    await turns.quiet()
    assert told == [[B]]


async def test_silence_is_told_in_a_sentence_that_names_who_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    turns = await knowing(A)
    await turns.started(B)
    with pytest.raises(StageFault, match=f"nothing more was heard of {B} for"):
        await turns.quiet()


async def test_nobody_is_held_back_once_it_is_over() -> None:
    turns = await knowing(A)
    waiting = asyncio.create_task(turns.begin(step(A)))
    await asyncio.sleep(0)
    await turns.end()
    async with asyncio.timeout(1):
        await waiting


async def test_whoever_waits_for_a_turn_is_not_expected_to_look_before_it() -> None:
    """P01: two services wake the coaching of the sponsor whom both lose; it looks once between."""
    turns = await knowing(A, B)
    await turns.line_up([A])
    await turns.begin(step(A))
    waiting = asyncio.create_task(turns.begin(step(B)))
    await asyncio.sleep(0)
    await turns.changed_by(A, state(2, LATER, wake=(B,)), step(A))
    async with asyncio.timeout(1):
        await turns.quiet()
    await turns.line_up(turns.due(NOW))
    async with asyncio.timeout(1):
        await waiting
