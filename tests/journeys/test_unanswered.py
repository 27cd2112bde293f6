"""A database that does not answer for a while, on the real server."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.workflow import LocalActivityConfig

from activities import options
from runtime.programme import EngineDown
from schemas import forms
from schemas.courses import Stage
from storage import database as stored
from storage.database import Database
from tests.journeys.gated_database import GatedDatabase
from tests.journeys.servers import RealWorld, database_in, real_world, worker_of
from tests.journeys.world import PATIENCE, SVC_16, insisted, small_edition
from workflows import course as walk

UNANSWERED = "The database did not answer in time. Please try again: nothing happens twice."


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait long for the database, and courses look again at once."""
    monkeypatch.setattr(stored, "BUSY_TIMEOUT", timedelta(milliseconds=100))
    monkeypatch.setattr(stored, "TURN_TIMEOUT", timedelta(milliseconds=100))
    retries = options.TRANSACTION["retry_policy"]
    assert retries is not None
    quick = replace(
        retries,
        initial_interval=timedelta(milliseconds=10),
        maximum_interval=timedelta(milliseconds=50),
    )
    soon = LocalActivityConfig(
        start_to_close_timeout=timedelta(milliseconds=300), retry_policy=quick
    )
    monkeypatch.setattr(options, "TRANSACTION", soon)
    monkeypatch.setattr(walk, "LOOK_AGAIN_AFTER", timedelta(milliseconds=100))


@pytest.fixture
def gate(impatient: None, sqlite_template: Path, tmp_path: Path) -> Iterator[GatedDatabase]:
    database_in(tmp_path, sqlite_template).close()
    database = GatedDatabase(f"sqlite:///{tmp_path / 'drumbeat.db'}")
    yield database
    database.close()


@pytest.fixture
async def world(real_server: Client, gate: GatedDatabase) -> AsyncIterator[RealWorld]:
    """Give an edition of which a service may apply; the door's database is never refused."""
    database = Database(gate.url)
    edition = small_edition(f"unanswered-{uuid4().hex[:8]}")
    # Time all but stands still: nothing falls due by itself.
    given = real_world(real_server, database, edition, rate=1.0)
    await given.prepare(SVC_16)
    async with worker_of(given, gate):
        await shows(given, given.course_id, "Stage", "recruiting")
        yield given
        gate.released.set()
        gate.answer()
    database.close()


@contextmanager
def locked(world: RealWorld) -> Iterator[None]:
    """Let another process hold the write lock."""
    other = sqlite3.connect(world.database.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


async def shows(world: RealWorld, course_id: str, name: str, value: str) -> None:
    """Wait until the Temporal UI can find a course by what it should show."""
    end = monotonic() + PATIENCE
    while True:
        described = await world.workflow(course_id).describe()
        if described.search_attributes.get(name) == [value]:
            return
        assert monotonic() < end, described.search_attributes
        await asyncio.sleep(0.02)


def withdrawal(world: RealWorld) -> forms.ServiceForm:
    return forms.ServiceForm(**world.about(SVC_16, request_id=f"{world.edition.id}-leave"))


async def test_a_command_that_the_database_does_not_answer_fails_with_a_sentence(
    world: RealWorld,
) -> None:
    """Nothing has happened; and the very same, sent again, is carried out."""
    await world.apply(SVC_16)
    await world.settled()
    before = world.everything()
    form = withdrawal(world)

    with locked(world), pytest.raises(EngineDown) as failed:
        await world.programme.withdraw(form)

    assert str(failed.value) == UNANSWERED
    assert world.everything() == before
    assert "SVC-16 has withdrawn" in (await world.programme.withdraw(form)).text
    assert world.events(world.of(SVC_16)).count("service.withdrew") == 1


@pytest.mark.parametrize("answered", [0, 1], ids=["looking", "taking a step"])
async def test_a_course_goes_on_when_the_database_answers_again(
    world: RealWorld, gate: GatedDatabase, answered: int
) -> None:
    """Meanwhile it says that something is wrong, and no longer when it is not."""
    gate.refuse(after=answered)
    await world.apply(SVC_16)
    await shows(world, world.of(SVC_16), "Attention", walk.UNREACHABLE)
    assert world.stage(SVC_16) is Stage.APPLIED

    gate.answer()

    await shows(world, world.of(SVC_16), "Attention", walk.NOTHING)
    await shows(world, world.of(SVC_16), "Stage", "eligible")
    assert world.events(world.of(SVC_16)).count("application.found_eligible") == 1


async def test_a_transaction_that_takes_too_long_is_not_broken_off(
    world: RealWorld, gate: GatedDatabase
) -> None:
    """Its activity's time is up and it is tried again; it commits, and the answer is its own."""
    await world.apply(SVC_16)
    await world.settled()
    form = withdrawal(world)
    gate.hold()
    asked = asyncio.create_task(insisted(lambda: world.programme.withdraw(form)))
    assert await asyncio.to_thread(gate.reached.wait, PATIENCE)
    assert await asyncio.to_thread(gate.refused.wait, PATIENCE), "it was never tried again"
    gate.released.set()

    assert "SVC-16 has withdrawn" in (await asked).text
    assert gate.broken_off == []
    assert world.events(world.of(SVC_16)).count("service.withdrew") == 1


async def test_a_command_that_comes_during_a_step_is_carried_out_after_it(
    world: RealWorld, gate: GatedDatabase
) -> None:
    """The one lock of a course covers a transaction and what the workflow takes over from it."""
    gate.hold()
    await world.apply(SVC_16)
    assert await asyncio.to_thread(gate.reached.wait, PATIENCE)
    asked = asyncio.create_task(insisted(lambda: world.programme.withdraw(withdrawal(world))))
    gate.released.set()

    assert "SVC-16 has withdrawn" in (await asked).text
    events = world.events(world.of(SVC_16))
    assert events.index("application.found_eligible") < events.index("service.withdrew")
