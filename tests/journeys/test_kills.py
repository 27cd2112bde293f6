"""A worker, the server, or both are killed between a commit and the history that tells of it."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from schemas import forms
from schemas.obligations import ObligationKind
from storage import journal, ledger
from storage.database import Database
from tests.activities.scene import SVC_16, CourseScene
from tests.journeys.children import KILLED, Child, Server, running_server
from tests.journeys.servers import RealWorld, real_world
from tests.journeys.world import insisted
from tests.planning.builders import at

FIRST_ENDED = at("2024-09-03", "11:37")
"""The first session is over, and nobody asks about it before the next day."""

NEXT_MORNING = at("2024-09-04", "10:59")
"""A minute before somebody asks how it went."""


@dataclass(frozen=True)
class Scenario:
    """Who dies after the commit of which command.

    Attributes:
        begins: Programme time of the scene.
        rate: How fast it passes.

    """

    name: str
    command: str
    worker: bool
    server: bool
    begins: datetime = FIRST_ENDED
    rate: float = 1.0


MOVED = (
    Scenario("server", "MoveSession", worker=False, server=True),
    Scenario("both", "MoveSession", worker=True, server=True),
)
ASKED = Scenario("worker", "TakeStep", True, False, NEXT_MORNING, rate=60.0)


@dataclass
class Scene:
    """An edition on a server of its own, and a worker that will die."""

    world: RealWorld
    server: Server
    worker: Child
    marker: Path

    async def revive(self, scenario: Scenario) -> None:
        """Wait until whoever is to die is dead, and start them again."""
        if scenario.server:
            assert await self.server.died() == KILLED
            await self.server.start()
        if scenario.worker:
            assert await self.worker.died() == KILLED
            await self.worker.start()


@pytest.fixture(scope="module")
def coached(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of an edition in which a service has its sessions planned."""
    path = tmp_path_factory.mktemp("coached") / "drumbeat.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    scene = CourseScene(database)
    scene.open(SVC_16)
    scene.coaching(SVC_16)
    database.close()
    return path


@asynccontextmanager
async def playing(scenario: Scenario, coached: Path, folder: Path) -> AsyncIterator[Scene]:
    """Start a server, a worker that will die, and the workflow of the service."""
    folder.mkdir()
    shutil.copy(coached, folder / "drumbeat.db")
    database = Database(f"sqlite:///{folder / 'drumbeat.db'}")
    async with running_server(folder, folder / "temporal.db") as server:
        edition = CourseScene(database).edition
        world = real_world(
            await server.client(), database, edition, rate=scenario.rate, begins=scenario.begins
        )
        world.follows = world.of(SVC_16)
        marker = folder / "dead"
        victims = (str(server.pid if scenario.server else 0), str(int(scenario.worker)))
        worker = Child(
            [
                *(sys.executable, "-m", "tests.journeys.dying_worker", database.url),
                *(server.address, world.task_queue, scenario.command, str(marker), *victims),
            ],
            folder / "worker.log",
        )
        await worker.start()
        await world.apply(SVC_16, interest_id="EOI-1")
        try:
            yield Scene(world, server, worker, marker)
        finally:
            await worker.stop()
            database.close()


async def moved_all_the_same(scenario: Scenario, coached: Path, folder: Path) -> None:
    """Move a session while somebody is killed; it is moved once, and its people are told once."""
    async with playing(scenario, coached, folder) as scene:
        world = scene.world
        course_id, session_id = world.of(SVC_16), world.weekly(SVC_16)[1]
        before = world.course(course_id).version
        starts_at = at("2024-09-11", "14:00")
        form = forms.MoveForm(**world.said(session=session_id, starts=starts_at, request_id="move"))
        asked = asyncio.create_task(insisted(lambda: world.programme.move(form)))
        await scene.revive(scenario)

        assert (await asked).text.startswith(f"Session {session_id} is moved."), scenario
        assert scene.marker.exists(), scenario
        assert world.events(session_id).count("session.moved") == 1, scenario
        assert world.session(session_id).sequence == 1, scenario
        # The workflow knows of it: the next command is the next version.
        pause = forms.PauseForm(**world.about(SVC_16, reason="acuity"))
        await insisted(lambda: world.programme.pause(pause))
        assert world.course(course_id).version == before + 2, scenario
        with world.database.reading() as rows:
            planned = journal.planned_messages(rows).total()
            assert planned == sum(ledger.counts(rows).values()), scenario


async def asked_all_the_same(scenario: Scenario, coached: Path, folder: Path) -> None:
    """Take a step while the worker is killed; it is taken once, and one person is asked once."""
    async with playing(scenario, coached, folder) as scene:
        world, course_id = scene.world, scene.world.of(SVC_16)
        await scene.revive(scenario)
        await world.go(NEXT_MORNING + timedelta(minutes=2))

        record = world.obligation(course_id, ObligationKind.SESSION_RECORD)
        assert record.steps_done == 1
        assert world.events(record.id) == ["obligation.opened", "chase.asked"]
        assert len(world.messages(record.id)) == 1
        version = world.course(course_id).version
        world.now = NEXT_MORNING + timedelta(minutes=2)
        await insisted(lambda: world.record(world.weekly(SVC_16)[0]))
        assert world.course(course_id).version == version + 1


async def test_a_commit_that_the_history_never_heard_of_happens_once(
    coached: Path, tmp_path: Path
) -> None:
    """The three live through it at once: each waits ten seconds for a task that died."""
    await asyncio.gather(
        *(moved_all_the_same(one, coached, tmp_path / one.name) for one in MOVED),
        asked_all_the_same(ASKED, coached, tmp_path / ASKED.name),
    )
