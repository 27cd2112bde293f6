"""Many commands while runs end and begin, on the real server."""

import asyncio
from pathlib import Path
from uuid import uuid4

from temporalio.client import Client

from schemas import forms
from tests.journeys.histories import count_events, runs_of
from tests.journeys.servers import database_in, real_world, worker_of
from tests.journeys.unhurried import BEGINS, unhurried
from tests.journeys.world import SVC_16, insisted

UPDATES = 200
AT_ONCE = 8
"""The server takes ten updates of a workflow at a time."""


async def test_no_command_is_lost_or_carried_out_twice_while_runs_change(
    real_server: Client, sqlite_template: Path, tmp_path: Path
) -> None:
    """The server may apply an update twice that races a new run (temporal#6375)."""
    edition = unhurried(f"flood-{uuid4().hex[:8]}")
    database = database_in(tmp_path, sqlite_template)
    world = real_world(real_server, database, edition, begins=BEGINS)
    course_id = world.of(SVC_16)
    turns = asyncio.Semaphore(AT_ONCE)

    async def name_team(number: int) -> str:
        form = forms.TeamForm(**world.about(SVC_16, request_id=f"{edition.id}-{number}"))
        async with turns:
            return (await insisted(lambda: world.programme.name_team(form))).text

    async with worker_of(world):
        await world.open(SVC_16)
        await world.selected()
        await world.committed(SVC_16)
        before = world.course(course_id).version
        answers = await asyncio.gather(*(name_team(number) for number in range(UPDATES)))

    runs = await runs_of(real_server, course_id)
    named = [one for one in world.journal(course_id) if one.event == "team.named"]
    assert set(answers) == {"The team of SVC-16 has 2 members."}
    assert sorted(one.request_id for one in named) == sorted(
        f"{edition.id}-{number}" for number in range(UPDATES)
    )
    assert world.course(course_id).version >= before + UPDATES
    assert len(runs) > 5
    assert count_events(runs)["WORKFLOW_EXECUTION_UPDATE_COMPLETED"] >= UPDATES
    database.close()
