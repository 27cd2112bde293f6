"""The two servers that journeys run on: one whose time is skipped, and the real one."""

import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from runtime.activities import course_activities
from runtime.programme import Programme
from runtime.temporal import DATA_CONVERTER, build_worker
from runtime.temporal_server import SEARCH_ATTRIBUTES
from schemas.clock import ProgrammeClock
from schemas.commands import Command
from schemas.edition import Edition
from schemas.forms import Answer
from storage.database import Database
from tests.journeys.world import OPENED_AT, World, insisted, small_edition

TEST_SERVER = Path(sys.executable).with_name("temporal-test-server")
IDENTITY = "1@worker"
"""Stands in every event; by itself it names the machine, and a history is as long as that name."""
KEYWORD = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
DAYS_A_SECOND = 5 * 86_400.0
"""Programme seconds in a real one: a week is soon over, and a year outlasts any test."""


class PatientProgramme(Programme):
    """Sends again, as a person would, what the time-skipping server has forgotten.

    It forgets an update whose task takes a while, as on a slow day every task does.
    """

    async def update(self, update: Any, command: Command) -> Answer:
        """Send an update until it is answered or refused."""
        return await insisted(lambda: super(PatientProgramme, self).update(update, command))


class SkippedWorld(World):
    """An edition on the time-skipping server, whose time stands still unless somebody goes on.

    Acts must not fall on an instant at which something is due: that server wedges (temporal.md §7).
    """

    door = PatientProgramme
    environment: WorkflowEnvironment
    real: datetime

    async def go(self, when: datetime) -> None:
        """Skip to an instant."""
        real_now = await self.environment.get_current_time()
        await self.environment.sleep(self.clock.real_time(when) - real_now)
        self.real = await self.environment.get_current_time()
        self.now = when

    async def settled(self) -> None:
        """Let what is due already happen before any time passes, and then a minute pass."""
        await self._taken_up(self.now + timedelta(seconds=1))
        await self.go(self.now + timedelta(minutes=1))


class RealWorld(World):
    """An edition on the real server, its clock so fast that nobody waits long.

    People run ahead of that clock: to the door it is the time that a test says. So nothing falls
    due between two acts unless the test waits for it.

    Attributes:
        follows: Course that ``go`` waits for; every course where it is empty.

    """

    follows: str = ""

    async def go(self, when: datetime) -> None:
        """Wait until the courses have taken everything that is due before an instant."""
        await self._taken_up(when, self.follows)
        self.now = when

    async def settled(self) -> None:
        """Wait until nothing is due any more; on a slow day the clock has overtaken the people."""
        await self._taken_up(self.now + timedelta(seconds=1), self.follows)
        present = self.clock.programme_time(datetime.now(UTC))
        if present > self.now:
            self.now = present
            await self._taken_up(present, self.follows)


@asynccontextmanager
async def time_skipping(
    database: Database, of: Edition | None = None, *, begins: datetime = OPENED_AT
) -> AsyncIterator[SkippedWorld]:
    """Give an edition on a time-skipping server of its own, and a worker."""
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=DATA_CONVERTER,
        test_server_existing_path=str(TEST_SERVER),
        identity=IDENTITY,
    ) as environment:
        await _add_search_attributes(environment.client)
        real = await environment.get_current_time()
        clock = ProgrammeClock(real_anchor=real, programme_anchor=begins)
        world = SkippedWorld(
            environment.client, database, of or small_edition(), clock, lambda: world.real
        )
        world.environment, world.real = environment, real
        async with worker_of(world):
            yield world


def real_world(
    client: Client,
    database: Database,
    of: Edition,
    *,
    rate: float = DAYS_A_SECOND,
    begins: datetime = OPENED_AT,
) -> RealWorld:
    """Give an edition on the real server; it needs a worker."""
    clock = ProgrammeClock(real_anchor=datetime.now(UTC), programme_anchor=begins, rate=rate)
    world = RealWorld(client, database, of, clock, lambda: clock.real_time(world.now))
    return world


def worker_of(world: World, database: Database | None = None) -> Worker:
    """Return a worker for an edition; a bug in a workflow fails it at once."""
    activities = course_activities(database or world.database, world.client, world.task_queue)
    return build_worker(
        world.client,
        world.task_queue,
        activities,
        graceful=timedelta(seconds=1),
        fail_on_bug=True,
    )


def database_in(folder: Path, template: Path) -> Database:
    """Return a database of its own, a copy of an empty one at the newest revision."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, folder / "drumbeat.db")
    return Database(f"sqlite:///{folder / 'drumbeat.db'}")


async def _add_search_attributes(client: Client) -> None:
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=client.namespace,
            search_attributes=dict.fromkeys(SEARCH_ATTRIBUTES, KEYWORD),
        )
    )
