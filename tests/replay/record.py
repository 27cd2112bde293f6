"""Records histories of the present workflows, for every later version to replay.

    python -m tests.replay.record [LABEL]

It writes a folder of its own, named by day, version and what LABEL says is new: histories that are
there stay as they were written, because workflows like them may still run somewhere. It takes a
minute.
"""

import asyncio
import gzip
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from temporalio.client import Client

from activities.dispatching.dispatcher import Dispatcher
from runtime.activities import course_activities, dispatch_activities
from runtime.auditing import audit_activities
from runtime.settings import Settings
from runtime.temporal import build_worker, drain
from schemas import forms
from schemas.audit import AuditRequest
from schemas.dispatch import DispatchInput
from schemas.ids import DISPATCH
from storage.courses import courses_of
from storage.schema import upgrade
from tests.activities.ledger_scene import SENDER
from tests.journeys.children import running_server
from tests.journeys.gated_database import GatedDatabase
from tests.journeys.histories import Run, runs_of
from tests.journeys.servers import RealWorld, database_in, real_world, worker_of
from tests.journeys.stories import coached_to_the_end
from tests.journeys.unhurried import BEGINS, unhurried
from tests.journeys.world import SVC_16, SVC_17, SVC_18
from workflows.audit import AuditWorkflow
from workflows.dispatch import DispatchWorkflow

HISTORIES = Path(__file__).parent / "histories"
DAYS_A_SECOND = 12 * 86_400.0
ENDED = date(2025, 4, 11)

Story = Callable[[RealWorld], Awaitable[None]]


async def a_year(world: RealWorld) -> None:
    """Two services complete: one records everything at once, one is chased, pauses and resumes.

    A third has no place until an offer lapses, and declines it then.
    """
    await world.open(SVC_16, SVC_17, SVC_18)
    await world.coaching(SVC_16)
    lapse = forms.OfferForm(**world.about(SVC_17, extend=False))
    await world.programme.decide_offer(lapse)
    await world.settled()
    await world.programme.decline(forms.ServiceForm(**world.about(SVC_18)))
    world.follows = world.of(SVC_16)
    await coached_to_the_end(world, SVC_16, (3, 12, 19))
    world.follows = ""
    await world.go(world.calendar.instant(ENDED, datetime.min.time()))


async def leaving(world: RealWorld) -> None:
    """Two services of a sponsor: one pauses, both withdraw, one comes back and leaves again."""
    await world.open(SVC_16, SVC_17)
    await world.coaching(SVC_16, SVC_17)
    programme = world.programme
    await programme.pause(forms.PauseForm(**world.about(SVC_16, reason="acuity")))
    await world.go(world.now + timedelta(days=3))
    await programme.resume(forms.ResumeForm(**world.about(SVC_16)))
    await programme.withdraw(forms.ServiceForm(**world.about(SVC_16)))
    await programme.undo(forms.UndoForm(**world.about(SVC_16)))
    for service in (SVC_16, SVC_17):
        await programme.withdraw(forms.ServiceForm(**world.about(service)))
    await world.go(world.now + timedelta(days=22))
    await programme.pause(forms.PauseForm(**world.said(edition=world.edition.id)))
    await programme.end_edition(forms.EditionForm(**world.said(edition=world.edition.id)))
    await world.settled()


async def unanswered(world: RealWorld, gate: GatedDatabase) -> None:
    """Apply while the database does not answer, and again when it does."""
    await world.prepare(SVC_16)
    await world.settled()
    gate.refuse(after=1)
    await world.apply(SVC_16)
    # The first marks the version that the run began with, the second that no database answers.
    while (await _events(world)).count("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES") < 2:
        await asyncio.sleep(0.1)
    gate.answer()
    await world.sweeper().look_again([world.of(SVC_16)])
    await world.settled()


async def _events(world: RealWorld) -> list[str]:
    (*_, last) = await runs_of(world.client, world.of(SVC_16))
    return last.events


async def record(folder: Path) -> None:
    """Live through every story and write down what the server keeps of it."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        upgrade(f"sqlite:///{place / 'template.db'}")
        async with running_server(place) as server:
            client = await server.client()
            await _play(client, place, folder, "year", a_year)
            await _play(client, place, folder, "leaving", leaving)
            await _play_unanswered(client, place, folder)
            await _dispatch_and_audit(client, place, folder)
    await drain()


async def _play(client: Client, place: Path, folder: Path, name: str, story: Story) -> None:
    world = _world(client, place, name)
    async with worker_of(world):
        await story(world)
        await _keep_courses(world, folder)
    world.database.close()


async def _play_unanswered(client: Client, place: Path, folder: Path) -> None:
    world = _world(client, place, "unanswered")
    gate = GatedDatabase(world.database.url)
    async with worker_of(world, gate):
        await unanswered(world, gate)
        await _keep_courses(world, folder)
    world.database.close()
    gate.close()


def _world(client: Client, place: Path, name: str) -> RealWorld:
    database = database_in(place / name, place / "template.db")
    edition = unhurried(name)
    return real_world(client, database, edition, rate=DAYS_A_SECOND, begins=BEGINS)


async def _keep_courses(world: RealWorld, folder: Path) -> None:
    with world.database.reading() as rows:
        known = [one.id for one in courses_of(rows, world.edition.id)]
    for course_id in known:
        await _keep(world.client, folder, course_id)


async def _dispatch_and_audit(client: Client, place: Path, folder: Path) -> None:
    """Record the two workflows that belong to the installation."""
    world = _world(client, place, "installation")
    await _prepare(world)
    settings = Settings(var=place, heartbeat_file=place / "heartbeat")
    dispatcher = Dispatcher(world.database, {}, SENDER)
    activities = [
        *course_activities(world.database, client, world.task_queue),
        *dispatch_activities(world.database, dispatcher, client),
        *audit_activities(world.database, settings),
    ]
    plan = DispatchInput(lasts=timedelta(milliseconds=200), activities_per_run=2)
    async with build_worker(client, world.task_queue, activities):
        await client.start_workflow(
            DispatchWorkflow.run, plan, id=DISPATCH, task_queue=world.task_queue
        )
        await client.execute_workflow(
            AuditWorkflow.run, AuditRequest(), id="audit", task_queue=world.task_queue
        )
        while len(await runs_of(client, DISPATCH)) < 2:
            await asyncio.sleep(0.1)
        for workflow_id in (DISPATCH, "audit"):
            await _keep(client, folder, workflow_id)
    world.database.close()


async def _prepare(world: RealWorld) -> None:
    async with worker_of(world):
        await world.prepare(SVC_16)


async def _keep(client: Client, folder: Path, workflow_id: str) -> None:
    """Write every run of a workflow that has done something to a file of its own."""
    for number, run in enumerate(await runs_of(client, workflow_id), start=1):
        if "WORKFLOW_TASK_COMPLETED" not in run.events:
            continue
        path = folder / f"{workflow_id.replace('/', '-')}-{number}.json.gz"
        path.write_bytes(gzip.compress(_text(run), mtime=0))


def _text(run: Run) -> bytes:
    """Return a history as JSON, without the name of the machine that recorded it."""
    # An identity is process@machine; no payload holds an @ in the form in which it is written.
    return run.history.to_json().replace(f"@{socket.gethostname()}", "@recorder").encode()


def main() -> None:
    """Record everything into a new folder."""
    label = "".join(f"-{one}" for one in sys.argv[1:])
    folder = HISTORIES / f"{datetime.now(UTC):%Y-%m-%d}-{version('drumbeat')}{label}"
    if folder.exists():
        sys.exit(f"{folder.name} is recorded already: give this one a label, or take that away.")
    folder.mkdir(parents=True)
    asyncio.run(record(folder))
    recorded = sorted(folder.iterdir())
    print(f"{len(recorded)} runs are in {folder.relative_to(Path.cwd())}.")  # noqa: T201


if __name__ == "__main__":
    main()
