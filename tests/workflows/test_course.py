"""The walk of a course: its lock, its agenda, and a database that does not answer."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as Rows
from sqlmodel import col
from temporalio.workflow import LocalActivityConfig

from activities import options
from runtime.programme import DOWN, EngineDown, Refused
from schemas import forms
from schemas.courses import Stage
from schemas.ids import obligation_id
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind, ObligationState
from storage import database as stored
from storage.database import Database
from storage.obligations import save_obligation
from storage.tables.ledger import CommandRow
from tests.journeys import cast as people
from tests.journeys.servers import SkippedWorld, database_in, time_skipping
from tests.journeys.world import SVC_16, insisted
from workflows.course import NOTHING, UNREACHABLE

PATIENCE = 30.0


class GatedDatabase(Database):
    """Holds its next transaction open, all but committed, until it is told to go on."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.reached, self.released = Event(), Event()
        self.waited_in_vain = Event()
        self.broken_off: list[BaseException] = []
        self._armed = False

    def hold(self) -> None:
        """Hold the next transaction."""
        self.reached.clear()
        self.released.clear()
        self.waited_in_vain.clear()
        self._armed = True

    @contextmanager
    def transaction(self) -> Iterator[Rows]:
        try:
            with super().transaction() as rows:
                yield rows
                self._pass()
        except OperationalError:
            self.waited_in_vain.set()
            raise

    def _pass(self) -> None:
        if not self._armed:
            return
        self._armed = False
        self.reached.set()
        try:
            assert self.released.wait(PATIENCE)
        except BaseException as error:
            self.broken_off.append(error)
            raise


@pytest.fixture
async def gate(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[GatedDatabase]:
    database_in(tmp_path, sqlite_template).close()
    database = GatedDatabase(f"sqlite:///{tmp_path / 'drumbeat.db'}")
    yield database
    database.close()


@pytest.fixture
async def gated(gate: GatedDatabase) -> AsyncIterator[SkippedWorld]:
    """Give an edition whose worker's transactions can be held; its door's cannot."""
    database = Database(gate.url)
    async with time_skipping(database, workers=gate) as world:
        yield world
    database.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait long for the database."""
    monkeypatch.setattr(stored, "BUSY_TIMEOUT", timedelta(milliseconds=100))
    monkeypatch.setattr(stored, "TURN_TIMEOUT", timedelta(milliseconds=200))
    retries = replace(
        options.TRANSACTION["retry_policy"],
        initial_interval=timedelta(milliseconds=10),
        maximum_interval=timedelta(milliseconds=50),
    )
    timeouts = {
        "start_to_close_timeout": timedelta(milliseconds=400),
        "schedule_to_close_timeout": timedelta(seconds=30),
        "retry_policy": retries,
    }
    monkeypatch.setattr(options, "TRANSACTION", LocalActivityConfig(**timeouts))


@pytest.fixture
async def hurried(
    impatient: None, sqlite_template: Path, tmp_path: Path
) -> AsyncIterator[SkippedWorld]:
    database = database_in(tmp_path, sqlite_template)
    async with time_skipping(database) as world:
        yield world
    database.close()


@contextmanager
def locked(world: SkippedWorld) -> Iterator[None]:
    """Let somebody else hold the database's write lock."""
    other = sqlite3.connect(world.database.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


def commands_of(world: SkippedWorld, course_id: str) -> list[tuple[str, int]]:
    """Return what was carried out, and the version that it made, in the order of the versions."""
    query = select(CommandRow.command, CommandRow.course_version)
    query = query.where(col(CommandRow.course_id) == course_id)
    with world.database.reading() as rows:
        found = rows.execute(query.order_by(col(CommandRow.course_version))).all()
    return [(str(command), int(version)) for command, version in found]


async def onboarding(world: SkippedWorld) -> str:
    """Bring a service to its onboarding; return its course."""
    await world.open(SVC_16)
    await world.selected()
    await world.committed(SVC_16)
    assert world.stage(SVC_16) is Stage.ONBOARDING
    return world.of(SVC_16)


async def attention(world: SkippedWorld, course_id: str, shown: str) -> None:
    """Wait until the Temporal UI shows that a person must look at something, or at nothing."""
    end = monotonic() + PATIENCE
    while True:
        described = await world.workflow(course_id).describe()
        if described.search_attributes.get("Attention") == [shown]:
            return
        assert monotonic() < end, described.search_attributes
        await asyncio.sleep(0.02)


async def test_commands_that_come_at_once_are_all_answered_and_make_a_version_each(
    skipped: SkippedWorld,
) -> None:
    course_id = await onboarding(skipped)
    before = skipped.course(course_id).version
    programme = skipped.programme
    coach = forms.CoachForm(**skipped.about(SVC_16, coach=people.COACH))

    answers = await asyncio.gather(
        programme.name_team(forms.TeamForm(**skipped.about(SVC_16))),
        programme.seek_partner(forms.PartnerForm(**skipped.about(SVC_16))),
        programme.assign_coach(coach),
        programme.assign_coach(coach),
    )

    assert answers[2] == answers[3]
    made = commands_of(skipped, course_id)[before:]
    assert sorted(name for name, _ in made) == ["AssignCoach", "NameTeam", "SeekPartner"]
    assert [version for _, version in made] == [before + 1, before + 2, before + 3]


async def test_a_command_that_comes_during_a_step_is_carried_out_after_it(
    gated: SkippedWorld, gate: GatedDatabase
) -> None:
    await gated.prepare(SVC_16)
    await gated.settled()
    gate.hold()
    await gated.apply(SVC_16)
    assert await asyncio.to_thread(gate.reached.wait, PATIENCE)

    asked = asyncio.create_task(
        gated.programme.withdraw(forms.ServiceForm(**gated.about(SVC_16, reason="staffing")))
    )
    gate.released.set()

    assert "SVC-16 has withdrawn" in (await asked).text
    assert commands_of(gated, gated.of(SVC_16)) == [("TakeStep", 1), ("Withdraw", 2)]


async def test_what_was_undone_can_be_done_again(skipped: SkippedWorld) -> None:
    """E40: withdrawn, undone, withdrawn, undone; and an old request that comes again is old."""
    course_id = await onboarding(skipped)
    first = forms.ServiceForm(**skipped.about(SVC_16, request_id="withdraw-1"))
    said = await skipped.programme.withdraw(first)
    await skipped.programme.undo(forms.UndoForm(**skipped.about(SVC_16, request_id="undo-1")))
    assert skipped.stage(SVC_16) is Stage.ONBOARDING
    await skipped.programme.withdraw(forms.ServiceForm(**skipped.about(SVC_16, request_id="w-2")))
    await skipped.programme.undo(forms.UndoForm(**skipped.about(SVC_16, request_id="undo-2")))

    assert await skipped.programme.withdraw(first) == said
    assert skipped.stage(SVC_16) is Stage.ONBOARDING
    with pytest.raises(Refused, match="SVC-16 has nothing to undo"):
        await skipped.programme.undo(forms.UndoForm(**skipped.about(SVC_16, request_id="undo-3")))
    events = skipped.events(course_id)
    assert (events.count("service.withdrew"), events.count("service.returned")) == (2, 2)

    # The walk goes on: what falls due in its onboarding is still taken up.
    await skipped.go(skipped.now + timedelta(days=8))
    assert "chase.asked" in skipped.events(course_id)


async def test_a_course_that_ends_with_nothing_on_its_agenda_ends_its_workflow(
    skipped: SkippedWorld,
) -> None:
    """The chase for an acceptance is stuck, so nothing is to come; then the place is declined."""
    await skipped.open(SVC_16)
    await skipped.selected()
    course_id = skipped.of(SVC_16)
    about = obligation_id(skipped.edition.id, SVC_16, ObligationKind.ACCEPT_PLACE, 1)
    stuck = next(one for one in skipped.obligations(course_id) if one.id == about)
    changed = stuck.model_copy(update={"state": ObligationState.STUCK, "next_at": None})
    with skipped.database.transaction() as rows:
        save_obligation(rows, changed)
    await skipped.sweeper().look_again([course_id])
    await skipped.settled()

    await skipped.programme.decline(forms.ServiceForm(**skipped.about(SVC_16)))
    await skipped.settled()

    described = await skipped.workflow(course_id).describe()
    assert described.status is not None
    assert described.status.name == "COMPLETED"


async def test_a_command_that_the_database_does_not_answer_fails_with_a_sentence(
    hurried: SkippedWorld,
) -> None:
    """And nothing has happened; sent again, it is carried out."""
    course_id = await onboarding(hurried)
    before = hurried.everything()
    form = forms.TeamForm(**hurried.about(SVC_16, request_id="team-1"))

    with locked(hurried):
        said = DOWN
        while said == DOWN:  # the time-skipping server forgets an update that takes a while
            with pytest.raises(EngineDown) as failed:
                await hurried.programme.name_team(form)
            said = str(failed.value)

    assert said == "The database did not answer in time. Please try again: nothing happens twice."
    assert hurried.everything() == before
    answer = await insisted(lambda: hurried.programme.name_team(form))
    assert answer.text == "The team of SVC-16 has 2 members."
    assert hurried.events(course_id).count("team.named") == 1


async def test_a_step_that_the_database_does_not_answer_is_taken_a_minute_later(
    hurried: SkippedWorld,
) -> None:
    """The course says meanwhile that something is wrong, and no more when it is not."""
    course_id = await onboarding(hurried)
    due = hurried.course(course_id)
    first = min(one.next_at for one in hurried.obligations(course_id) if one.next_at is not None)
    with locked(hurried):
        await hurried.go(first + timedelta(minutes=2))
        await attention(hurried, course_id, UNREACHABLE)
        assert hurried.course(course_id) == due

    await hurried.go(first + timedelta(minutes=4))

    await attention(hurried, course_id, NOTHING)
    assert hurried.events(course_id).count("chase.asked") == 1
    assert len([one for one in hurried.all_messages() if one.kind is MessageKind.CHASE]) == 1


async def test_a_transaction_that_takes_too_long_is_not_broken_off(
    impatient: None, gated: SkippedWorld, gate: GatedDatabase
) -> None:
    """Its activity's time is up and it is tried again; it commits, and the answer is its own."""
    course_id = await onboarding(gated)
    gate.hold()
    form = forms.TeamForm(**gated.about(SVC_16, request_id="team-1"))
    asked = asyncio.create_task(insisted(lambda: gated.programme.name_team(form)))
    assert await asyncio.to_thread(gate.reached.wait, PATIENCE)
    assert await asyncio.to_thread(gate.waited_in_vain.wait, PATIENCE)
    gate.released.set()

    assert (await asked).text == "The team of SVC-16 has 2 members."
    assert gate.broken_off == []
    assert gated.events(course_id).count("team.named") == 1
