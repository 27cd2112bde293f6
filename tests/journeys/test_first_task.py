"""The first task of a run lasts so long that it is taken up again, and brings a command then."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from temporalio.worker import Replayer

from runtime.temporal import DATA_CONVERTER, WORKFLOWS, workflow_runner
from schemas import forms
from schemas.inputs import CourseInput
from tests.activities.scene import SVC_16, CourseScene
from tests.journeys.children import Child, running_server
from tests.journeys.histories import runs_of
from tests.journeys.servers import RealWorld, database_in, real_world, worker_of
from tests.journeys.world import insisted
from tests.planning.builders import at
from workflows.service_journey import ServiceJourneyWorkflow

TASK = timedelta(seconds=1)
"""A task that lasts longer is taken up again: ten seconds are usual, and would be waited for."""

ASKED_FOR_MORE = [
    "WORKFLOW_TASK_COMPLETED",
    "WORKFLOW_TASK_SCHEDULED",
    "WORKFLOW_TASK_STARTED",
]
MORNING = at("2024-09-03", "09:00")


async def test_a_command_that_comes_during_a_long_first_task_replays(
    sqlite_template: Path, tmp_path: Path
) -> None:
    """What began before its worker was killed is in the same order for every worker after it."""
    database = database_in(tmp_path / "data", sqlite_template)
    scene = CourseScene(database)
    scene.open(SVC_16)
    scene.coaching(SVC_16)
    async with running_server(tmp_path / "server", tmp_path / "temporal.db") as server:
        client = await server.client()
        world = real_world(client, database, scene.edition, rate=1.0, begins=MORNING)
        worker = Child(
            [
                *(sys.executable, "-m", "tests.journeys.stuck_worker"),
                *(database.url, server.address, world.task_queue),
            ],
            tmp_path / "worker.log",
        )
        await worker.start()
        await begin(world)
        await until_heard_of_again(world)
        pause = forms.PauseForm(**world.about(SVC_16, reason="acuity", request_id="pause"))
        asked = asyncio.create_task(insisted(lambda: world.programme.pause(pause)))
        worker.kill()
        await worker.died()
        async with worker_of(world):
            await asked
        (run,) = await runs_of(client, world.of(SVC_16))
    database.close()

    assert run.events.count("WORKFLOW_TASK_TIMED_OUT") == 1
    assert run.events.count("WORKFLOW_EXECUTION_UPDATE_COMPLETED") == 1
    replayer = Replayer(
        workflows=WORKFLOWS, workflow_runner=workflow_runner(), data_converter=DATA_CONVERTER
    )
    await replayer.replay_workflow(run.history)


async def begin(world: RealWorld) -> None:
    start = CourseInput(
        course_id=world.of(SVC_16),
        edition_id=world.edition.id,
        service_id=SVC_16,
        clock=world.clock,
    )
    await world.client.start_workflow(
        ServiceJourneyWorkflow.run,
        start,
        id=start.course_id,
        task_queue=world.task_queue,
        task_timeout=TASK,
    )


async def until_heard_of_again(world: RealWorld) -> None:
    """Wait until the worker has asked for more time, and has been given it."""
    async with asyncio.timeout(60):
        while True:
            (run,) = await runs_of(world.client, world.of(SVC_16))
            tasks = [one for one in run.events if one.startswith("WORKFLOW_TASK")]
            if tasks[-3:] == ASKED_FOR_MORE:
                return
            await asyncio.sleep(0.05)
