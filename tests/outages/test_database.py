"""A database that is full, or errs, while commands are carried out and mails go."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from messaging.channel import Outcome, Parcel
from schemas import commands
from schemas.messages import MessageState
from storage.database import Database
from storage.notes import keep_note
from tests.activities.ledger_scene import COACH, LEAD, FakeChannel, Scene
from tests.activities.scene import SVC_16, CourseScene
from tests.activities.transactions import TRANSACTIONS, carried_out
from tests.databases import on_postgresql, on_sqlite, order
from tests.planning.builders import at

DISK_FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left' USING ERRCODE = '53100'; END $$
"""


@pytest.fixture
def play(database: Database) -> CourseScene:
    return CourseScene(database)


@contextmanager
def full(database: Database) -> Iterator[None]:
    """Let a SQLite database have no room for another page, as on a full disk."""
    database.close()

    def bound(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA max_page_count=1").close()  # never below what there is

    event.listen(database.engine, "connect", bound)
    try:
        yield
    finally:
        event.remove(database.engine, "connect", bound)
        database.close()


@contextmanager
def failing(url: str, table: str, when: str) -> Iterator[None]:
    """Let PostgreSQL refuse some writes of a table for want of room."""
    order(
        url,
        DISK_FULL,
        f"CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW WHEN ({when})"
        " EXECUTE FUNCTION no_room()",
    )
    try:
        yield
    finally:
        order(url, f"DROP TRIGGER IF EXISTS no_room ON {table}", "DROP FUNCTION IF EXISTS no_room")


class Hesitant(FakeChannel):
    """Waits in the middle of a hand-over until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def hand_over(self, parcel: Parcel) -> Outcome:
        self.begun.set()
        await self.go_on.wait()
        return await super().hand_over(parcel)


@on_sqlite
def test_a_full_disk_keeps_nothing_half_done_and_with_room_the_same_command_works(
    play: CourseScene,
) -> None:
    """Neither course nor ledger nor journal nor answer; and the second time each of them once."""
    play.open(SVC_16)
    play.coaching(SVC_16)
    course_id = play.of(SVC_16)
    before, version = play.everything(), play.course(course_id).version
    command = commands.Withdraw(
        request_id="withdraw-1",
        course_id=course_id,
        actor="PER-CO",
        at=play.now,
        recorded_at=play.now,
        expected_version=version,
    )
    with full(play.database):
        _fill(play.database)
        with pytest.raises(OperationalError, match="full"):
            carried_out(TRANSACTIONS[commands.Withdraw], play.database, command)
        assert play.everything() == before

    state = carried_out(TRANSACTIONS[commands.Withdraw], play.database, command)
    assert state.version == version + 1
    assert play.events(course_id).count("service.withdrew") == 1


@on_sqlite
async def test_mail_that_finds_the_disk_full_goes_once_when_there_is_room(
    database: Database,
) -> None:
    """M08: a claim keeps the bytes first, so that without room nothing leaves the house."""
    channel = FakeChannel()
    scene = Scene(database, channel).prepared()
    notices = [scene.notice(one) for one in (LEAD, COACH)]
    with full(database):
        _fill(database)
        with pytest.raises(OperationalError, match="full"):
            await scene.dispatch()
        assert channel.parcels == []
        assert {scene.told(one).state for one in notices} == {MessageState.WAITING}

    await scene.dispatch()

    assert len(channel.parcels) == 2
    assert {scene.told(one).state for one in notices} == {MessageState.ACCEPTED}


@on_postgresql
def test_a_statement_that_fails_keeps_nothing_of_its_command(
    play: CourseScene, database_url: str
) -> None:
    """A command fails in its last statements; the same again is carried out, once."""
    play.open(SVC_16)
    play.coaching(SVC_16)
    course_id = play.of(SVC_16)
    before, version = play.everything(), play.course(course_id).version
    command = commands.Withdraw(
        request_id="withdraw-1",
        course_id=course_id,
        actor="PER-CO",
        at=play.now,
        recorded_at=play.now,
        expected_version=version,
    )
    with failing(database_url, "command", "NEW.request_id = 'withdraw-1'"):
        with pytest.raises(OperationalError, match="No space left"):
            carried_out(TRANSACTIONS[commands.Withdraw], play.database, command)
        assert play.everything() == before

    state = carried_out(TRANSACTIONS[commands.Withdraw], play.database, command)
    assert state.version == version + 1
    assert play.events(course_id).count("service.withdrew") == 1


@on_postgresql
async def test_an_outcome_for_which_there_is_no_room_is_written_when_there_is(
    database: Database, database_url: str
) -> None:
    """M08: the mail has gone; nothing goes twice, and in the end the ledger knows."""
    channel = Hesitant()
    scene = Scene(database, channel).prepared()
    notice = scene.notice()
    with failing(database_url, "message", "NEW.state = 'accepted'"):
        dispatched = asyncio.create_task(scene.dispatch())
        await channel.begun.wait()
        channel.go_on.set()
        while not channel.parcels:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        assert not dispatched.done()
        assert scene.told(notice).state is MessageState.HANDING_OVER
    await dispatched

    assert scene.state(notice) == (MessageState.ACCEPTED, None)
    assert len(channel.parcels) == 1


def _fill(database: Database) -> None:
    """Write until there is no room: what is free in the last pages is soon used up."""
    noted = at("2024-09-02", "09:00")
    for size in (2000, 200, 1):
        with pytest.raises(OperationalError, match="full"):
            for number in range(500):
                with database.transaction() as rows:
                    keep_note(rows, f"{size}-{number}", "x" * size, "PER-CO", noted)
