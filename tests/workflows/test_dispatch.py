"""The dispatcher's own life, on the real server."""

import asyncio
import sqlite3
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.dispatch import LOOK_AGAIN, DispatchActivities
from activities.dispatching.batches import Batch
from activities.dispatching.desk import Desk
from activities.dispatching.moments import Moment
from messaging.channel import Cause, Outcome, Parcel, Result
from schemas.courses import StoredAnswer
from schemas.dispatch import DispatchInput
from schemas.messages import Message, MessageState
from storage import commands
from tests.activities.ledger_scene import COACH, COURSE, EDITION_COURSE, LEAD, FakeChannel, Scene
from tests.databases import on_sqlite
from tests.smtp_fault_server import FaultServer
from tests.workflows.dispatching_worker import worker_of
from workflows.dispatch import DispatchWorkflow

pytestmark = on_sqlite

PATIENCE = 30.0
ROOT = Path(__file__).parents[2]
SHORT = DispatchInput(lasts=timedelta(milliseconds=200), activities_per_run=2)


async def until(happened: Callable[[], bool]) -> float:
    """Wait until something has happened; return how long it took."""
    began = time.monotonic()
    while not await asyncio.to_thread(happened):
        assert time.monotonic() - began < PATIENCE
        await asyncio.sleep(0.02)
    return time.monotonic() - began


def is_accepted(scene: Scene, *messages: Message) -> Callable[[], bool]:
    return lambda: all(scene.told(one).state is MessageState.ACCEPTED for one in messages)


@asynccontextmanager
async def dispatching(
    client: Client, task_queue: str, plan: DispatchInput | None = None
) -> AsyncIterator[WorkflowHandle[DispatchWorkflow, None]]:
    """Run the dispatcher's workflow."""
    handle = await client.start_workflow(
        DispatchWorkflow.run, plan or DispatchInput(), id=uuid4().hex, task_queue=task_queue
    )
    try:
        yield handle
    finally:
        await client.get_workflow_handle(handle.id).terminate()


async def test_it_hands_over_what_falls_due_while_it_runs(
    client: Client, scene: Scene, channel: FakeChannel
) -> None:
    queue = uuid4().hex
    first = scene.notice()
    async with worker_of(client, scene.database, channel, queue), dispatching(client, queue):
        await until(is_accepted(scene, first))
        second = scene.notice(COACH)
        assert await until(is_accepted(scene, second)) < 5

    assert len(channel.parcels) == 2


async def test_a_database_that_is_busy_for_a_moment_fails_no_activity(
    client: Client, scene: Scene, channel: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server starts what fails ever more rarely, and all mail would wait for it."""
    queue, take_up, refusals = uuid4().hex, Desk.take_up, iter(range(5))

    def busy_at_first(desk: Desk, moment: Moment, under_way: int) -> Batch | None:
        if next(refusals, None) is not None:
            locked = sqlite3.OperationalError("database is locked")
            raise OperationalError("BEGIN IMMEDIATE", None, locked)
        return take_up(desk, moment, under_way)

    monkeypatch.setattr(Desk, "take_up", busy_at_first)
    notice = scene.notice()
    async with (
        worker_of(client, scene.database, channel, queue),
        dispatching(client, queue) as handle,
    ):
        await until(is_accepted(scene, notice))
        described = await client.get_workflow_handle(handle.id).describe()

    assert [one.attempt for one in described.raw_description.pending_activities] == [1]
    assert next(refusals, None) is None


async def test_it_goes_on_in_new_activities_and_new_runs(
    client: Client, scene: Scene, channel: FakeChannel
) -> None:
    """Histories stay short, and no message is lost between them."""
    queue = uuid4().hex
    messages = [scene.notice(step=f"{n}") for n in range(30)]
    async with (
        worker_of(client, scene.database, channel, queue),
        dispatching(client, queue, SHORT) as handle,
    ):
        await until(is_accepted(scene, *messages))
        later = scene.notice(COACH)
        await until(is_accepted(scene, later))
        described = await client.get_workflow_handle(handle.id).describe()
        while described.run_id == handle.first_execution_run_id:
            described = await client.get_workflow_handle(handle.id).describe()

    assert len(channel.parcels) == 31


async def test_a_killed_worker_is_replaced_within_seconds_and_nothing_is_lost(
    client: Client, scene: Scene
) -> None:
    """M08: kill -9 while mails go; each went once, or is counted as unknown."""
    queue = uuid4().hex
    async with FaultServer() as server, dispatching(client, queue):
        killed = await started(client, queue, scene, server)
        messages = [scene.notice(step=f"{n}") for n in range(300)]
        await until(lambda: len(server.mails) > 20)
        killed.kill()
        await killed.wait()
        arrived = len(server.mails)
        assert arrived < 300
        successor = await started(client, queue, scene, server)
        recovered = await until(lambda: len(server.mails) > arrived)
        await until(is_accepted(scene, *messages))
        successor.terminate()
        await successor.wait()

    assert recovered < 10
    copies = [mail.content for mail in server.mails]
    assert len(set(copies)) == 300
    assert max(copies.count(one) for one in set(copies)) <= 2
    assert scene.is_balanced()


async def test_a_worker_that_stops_finishes_its_hand_overs(client: Client, scene: Scene) -> None:
    """A stop costs no message: what was handed over is written down."""
    queue, slow = uuid4().hex, Hesitant()
    notice = scene.notice()
    async with dispatching(client, queue):
        async with worker_of(client, scene.database, slow, queue):
            await slow.begun.wait()
        assert scene.told(notice).state is MessageState.ACCEPTED


async def test_the_edition_is_told_of_a_bad_address(
    client: Client, scene: Scene, channel: FakeChannel
) -> None:
    """M11: its agenda derives the task; the signal carries no facts."""
    queue = uuid4().hex
    channel.outcomes = [Outcome(Result.REFUSED, 550, Cause.BAD_ADDRESS)]
    async with listening(client, EDITION_COURSE) as listener:
        scene.notice(LEAD)
        async with worker_of(client, scene.database, channel, queue), dispatching(client, queue):
            assert await asyncio.wait_for(listener.result(), PATIENCE) == "looked again"


async def test_a_course_that_may_not_know_of_a_commit_is_swept(
    client: Client, scene: Scene
) -> None:
    """And one that has no workflow any more does no harm."""
    now = datetime.now(UTC)
    commit(scene, COURSE, now - timedelta(seconds=61), wake=["service/wider/SVC-99"])
    commit(scene, EDITION_COURSE, now - timedelta(seconds=30))
    activities = DispatchActivities(scene.database, scene.dispatcher(), client)

    async with listening(client, COURSE) as listener:
        assert await activities.sweep() == (COURSE, "service/wider/SVC-99")
        assert await asyncio.wait_for(listener.result(), PATIENCE) == "looked again"


def commit(scene: Scene, course_id: str, at: datetime, wake: list[str] | None = None) -> None:
    """Write a committed command that nobody acknowledged."""
    row = StoredAnswer(
        request_id=uuid4().hex,
        course_id=course_id,
        command="TakeStep",
        course_version=1,
        wake=wake or [],
        committed_at=at,
    )
    with scene.database.transaction() as rows:
        commands.store_answer(rows, row)


async def started(client: Client, queue: str, scene: Scene, server: FaultServer) -> Process:
    """Start a worker of its own process."""
    host = client.service_client.config.target_host
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.workflows.dispatching_worker",
        *(host, client.namespace, queue, scene.database.url, str(server.port)),
        cwd=ROOT,
    )


class Hesitant(FakeChannel):
    """Takes a moment over a hand-over."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def hand_over(self, parcel: Parcel) -> Outcome:
        self.begun.set()
        await asyncio.sleep(0.5)
        return await super().hand_over(parcel)


@workflow.defn
class ListeningWorkflow:
    """Ends when it is told to look again."""

    def __init__(self) -> None:
        self._told = False

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self._told)
        return "looked again"

    @workflow.signal(name=LOOK_AGAIN)
    def look_again(self) -> None:
        self._told = True


@asynccontextmanager
async def listening(
    client: Client, course_id: str
) -> AsyncIterator[WorkflowHandle[ListeningWorkflow, str]]:
    """Run a workflow in the place of a course's."""
    queue = uuid4().hex
    async with Worker(
        client,
        task_queue=queue,
        workflows=[ListeningWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        yield await client.start_workflow(ListeningWorkflow.run, id=course_id, task_queue=queue)
