"""The worker or the Temporal server is away over an instant at which messages fall due."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowHandle

from runtime.restoring import close_gap
from schemas.clock import ProgrammeClock
from schemas.dispatch import DispatchInput
from schemas.forms import RestoreForm
from schemas.messages import Message, MessageState
from storage import restoring
from storage.database import Database
from tests.activities.ledger_scene import COACH, LEAD, SPONSOR, TUESDAY, FakeChannel, Scene
from tests.databases import on_sqlite
from tests.journeys.children import running_server
from tests.outages.copies import copied
from tests.planning.builders import at
from tests.workflows.dispatching_worker import worker_of
from workflows.dispatch import DispatchWorkflow

pytestmark = on_sqlite

PATIENCE = 60.0
HOUR = timedelta(hours=1)
AN_HOUR_A_SECOND = 3600.0
SHORT = DispatchInput(lasts=timedelta(milliseconds=300), activities_per_run=3)


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def scene(database: Database, channel: FakeChannel) -> Scene:
    """Give a ledger on a fast clock, on which it is Tuesday morning now."""
    clock = ProgrammeClock(
        real_anchor=datetime.now(UTC), programme_anchor=TUESDAY, rate=AN_HOUR_A_SECOND
    )
    return Scene(database, channel).prepared(clock=clock)


@asynccontextmanager
async def dispatch_workflow(
    client: Client, queue: str
) -> AsyncIterator[WorkflowHandle[DispatchWorkflow, None]]:
    """Run the dispatcher's workflow, whether anybody works or not."""
    handle = await client.start_workflow(
        DispatchWorkflow.run, SHORT, id=uuid4().hex, task_queue=queue
    )
    try:
        yield handle
    finally:
        await client.get_workflow_handle(handle.id).terminate()


async def until_ended(scene: Scene, *keys: object) -> None:
    async with asyncio.timeout(PATIENCE):
        while any(scene.told(one).state.is_open for one in keys):  # type: ignore[arg-type]
            await asyncio.sleep(0.05)


async def until_told(handle: WorkflowHandle[DispatchWorkflow, None], message: Message) -> None:
    """Wait until the workflow knows, by what an activity returned, that a message has gone."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async for event in handle.fetch_history_events():
                if message.key.encode() in event.SerializeToString():
                    return
            await asyncio.sleep(0.05)


async def test_a_worker_that_was_down_sends_late_what_is_of_use_and_tells_of_the_rest(
    client: Client, scene: Scene, channel: FakeChannel
) -> None:
    """E28, M10: due while nobody works: one is late and useful, one too late; each once."""
    queue = uuid4().hex
    tomorrow, noon = scene.session(7), scene.session(8, starts_at=at("2024-10-15", "12:00"))
    useful, useless = scene.remind(tomorrow), scene.remind(noon, COACH)
    notice = scene.notice(SPONSOR)
    async with dispatch_workflow(client, queue):
        await asyncio.sleep(5.5)  # past what counts as in time: it is the afternoon
        assert channel.parcels == []
        async with worker_of(client, scene.database, channel, queue):
            await until_ended(scene, useful, useless, notice)

    assert scene.told(useful).state is MessageState.ACCEPTED
    assert scene.told(useless).state is MessageState.TOO_LATE
    assert scene.told(notice).state is MessageState.ACCEPTED
    assert len(channel.parcels) == 2
    assert scene.is_balanced()


async def test_a_temporal_server_that_was_killed_costs_no_message_and_no_copy(
    scene: Scene, channel: FakeChannel, tmp_path: Path
) -> None:
    """M08: killed while mail goes, and what falls due meanwhile goes when it is back, once."""
    queue = uuid4().hex
    async with running_server(tmp_path, tmp_path / "temporal.db") as server:
        client = await server.client()
        handle = await client.start_workflow(
            DispatchWorkflow.run, SHORT, id="dispatch", task_queue=queue
        )
        async with worker_of(client, scene.database, channel, queue):
            first = scene.notice()
            await until_ended(scene, first)
            server.kill()
            await server.died()
            second = scene.notice(COACH)
            await asyncio.sleep(1)
            await server.start()
            await until_ended(scene, second)
            await client.get_workflow_handle(handle.id).terminate()

    assert {scene.told(one).state for one in (first, second)} == {MessageState.ACCEPTED}
    assert len(channel.parcels) == 2


async def test_another_worker_knows_what_the_database_has_forgotten(
    client: Client, scene: Scene, channel: FakeChannel, tmp_path: Path
) -> None:
    """M08: every process was stopped, an older copy put back, and all was started again."""
    queue = uuid4().hex
    notice = scene.notice()
    copy = copied(scene.database, tmp_path)
    async with dispatch_workflow(client, queue) as handle:
        async with worker_of(client, scene.database, channel, queue):
            await until_ended(scene, notice)
            await until_told(handle, notice)
        sent = len(channel.parcels)
        copy.put_back()
        other = FakeChannel()
        async with worker_of(client, scene.database, other, queue):
            async with asyncio.timeout(PATIENCE):
                while not stopped(scene):
                    await asyncio.sleep(0.05)
            assert scene.told(notice).state is MessageState.WAITING
            now = TUESDAY + 24 * HOUR
            form = RestoreForm(actor=COACH, from_at=TUESDAY, to_at=now)
            close_gap(scene.database, form, now)
            later = scene.notice(LEAD, step="later", due_at=TUESDAY)
            await until_ended(scene, later)

    assert scene.told(notice).state is MessageState.UNKNOWN
    assert scene.told(later).state is MessageState.ACCEPTED
    assert (len(channel.parcels), len(other.parcels)) == (sent, 1)


def stopped(scene: Scene) -> bool:
    with scene.database.reading() as rows:
        return restoring.stopped(rows) is not None
