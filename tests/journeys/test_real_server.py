"""What the real server keeps of a journey, beside the time-skipping one that whole ones run on."""

from collections import Counter
from pathlib import Path
from uuid import uuid4

from temporalio.client import Client

from schemas.courses import Stage
from tests.journeys import cast as people
from tests.journeys.histories import (
    REAL_SERVER_ADDS,
    Run,
    most_transitions,
    runs_of,
    state_transitions,
)
from tests.journeys.servers import database_in, real_world, time_skipping, worker_of
from tests.journeys.unhurried import BEGINS, unhurried
from tests.journeys.world import SVC_16, World


async def recruited(world: World) -> list[Run]:
    """Take a service to its planned sessions; return the runs of its workflow."""
    await world.open(SVC_16)
    await world.coaching(SVC_16)
    assert world.stage(SVC_16) is Stage.COACHING
    return await runs_of(world.client, world.of(SVC_16))


def sizes(runs: list[Run]) -> dict[str, float]:
    """Return how long an event of each kind is on average."""
    total: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for run in runs:
        for kind, event in zip(run.events, run.history.events, strict=True):
            total[kind] += event.ByteSize()
            count[kind] += 1
    return {kind: total[kind] / count[kind] for kind in total}


async def test_the_real_server_costs_what_the_budget_reckons_with(
    real_server: Client, sqlite_template: Path, tmp_path: Path
) -> None:
    """A whole journey is measured without it (test_one_service.py), and scaled by what is seen."""
    edition = unhurried(f"real-{uuid4().hex[:8]}")
    database = database_in(tmp_path / "real", sqlite_template)
    world = real_world(real_server, database, edition, begins=BEGINS)
    async with worker_of(world):
        real = await recruited(world)
    other = database_in(tmp_path / "skipped", sqlite_template)
    same = edition.model_copy(update={"id": "real-00000000"})
    async with time_skipping(other, same, begins=BEGINS) as skipped:
        seen = await recruited(skipped)

    assert await state_transitions(real_server, world.of(SVC_16), real) <= most_transitions(real)
    on_both = {kind: size for kind, size in sizes(real).items() if kind in sizes(seen)}
    counted = Counter(event for run in seen for event in run.events)
    there = sum(on_both[kind] * counted[kind] for kind in on_both)
    here = sum(sizes(seen)[kind] * counted[kind] for kind in on_both)
    assert there <= here * REAL_SERVER_ADDS
    (coaching,) = await runs_of(real_server, world.executive)
    assert coaching.summary == f"Executive coaching of {people.SPONSOR}"
    for one in (database, other):
        one.close()
