import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from traceback import format_exception
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.people import Role
from storage.database import BUSY_TIMEOUT, Database, take_write_lock
from storage.tables.ledger import NoteRow
from storage.tables.people import AbsenceRow, PersonRow, RoleRow
from tests.databases import on_sqlite

TOP = Path(__file__).parents[2]
NOON = datetime(2024, 9, 2, 11, tzinfo=UTC)
A_PERSON = {"id": "PER-0001", "name": "Ada Ash", "channel": "mail", "address_state": "good"}

COUNT_UP = """
import sys
from sqlalchemy import text
from storage.database import Database

database = Database(sys.argv[1])
for _ in range(200):
    with database.transaction() as rows:
        lock = "" if database.is_sqlite else " FOR UPDATE"
        number = rows.execute(text("SELECT number FROM tally" + lock)).scalar_one()
        rows.execute(text("UPDATE tally SET number = :number"), {"number": number + 1})
"""


def a_note(note_id: str = "note-1", at: datetime = NOON) -> NoteRow:
    return NoteRow(id=note_id, text="rang at noon", written_by="PER-0001", written_at=at)


def notes(database: Database) -> list[str]:
    with database.reading() as rows:
        return sorted(rows.execute(select(col(NoteRow.id))).scalars())


def test_three_processes_that_count_up_lose_nothing(bare_url: str) -> None:
    database = Database(bare_url)
    with database.transaction() as rows:
        rows.execute(text("CREATE TABLE tally (number INTEGER)"))
        rows.execute(text("INSERT INTO tally VALUES (0)"))

    counters = [
        subprocess.Popen([sys.executable, "-c", COUNT_UP, bare_url], cwd=TOP) for _ in range(3)
    ]

    assert [counter.wait(60) for counter in counters] == [0, 0, 0]
    with database.reading() as rows:
        assert rows.execute(text("SELECT number FROM tally")).scalar_one() == 600
    database.close()


def test_a_transaction_that_ends_is_kept(database: Database) -> None:
    with database.transaction() as rows:
        rows.add(a_note())

    assert notes(database) == ["note-1"]


def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(KeyError), database.transaction() as rows:
        rows.add(a_note())
        rows.flush()
        raise KeyError

    assert notes(database) == []


def test_what_is_done_while_reading_is_refused(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"), database.reading() as rows:
        rows.add(a_note())
        rows.flush()

    assert notes(database) == []
    with database.transaction() as rows:  # the connection writes again when its reader gave it back
        rows.add(a_note())
    assert notes(database) == ["note-1"]


def test_a_reader_holds_no_writer_up_and_sees_one_moment(database: Database) -> None:
    with database.reading() as rows:
        before = rows.execute(select(col(NoteRow.id))).all()
        with database.transaction() as others:
            others.add(a_note())
        after = rows.execute(select(col(NoteRow.id))).all()

    assert before == after == []
    assert notes(database) == ["note-1"]


@on_sqlite
def test_writers_of_one_process_take_turns(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.TURN_TIMEOUT", timedelta(minutes=1))

    def write(number: int) -> None:
        for n in range(100):
            with database.transaction() as rows:
                rows.add(a_note(f"note-{number}-{n}"))

    with ThreadPoolExecutor(16) as writers:
        list(writers.map(write, range(16)))

    assert len(notes(database)) == 1600


@on_sqlite
def test_a_turn_is_not_waited_for_beyond_its_timeout(database: Database) -> None:
    with database.transaction():
        began = time.monotonic()
        with pytest.raises(OperationalError, match="still writing"), database.transaction():
            pass
        assert time.monotonic() - began < 1.5


def test_a_lock_is_not_waited_for_beyond_the_busy_timeout(database: Database) -> None:
    """A local activity has 4 s: the database must say no before that."""
    add_a_person(database)
    with a_transaction_that_holds_the_person(database):
        began = time.monotonic()
        with pytest.raises(OperationalError, match="lock"), database.transaction() as rows:
            lock_the_person(rows)
        waited = time.monotonic() - began

    assert 0.9 < waited / BUSY_TIMEOUT.total_seconds() < 1.5


def test_a_lock_that_is_given_back_in_time_is_waited_for(database: Database) -> None:
    add_a_person(database)
    with (
        a_transaction_that_holds_the_person(database, for_seconds=0.5),
        database.transaction() as rows,
    ):
        lock_the_person(rows)


class Overtaken(sqlite3.Connection):
    """A connection before whose first BEGIN another process commits."""

    begun = 0

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql == "BEGIN IMMEDIATE":
            self.begun += 1
            if self.begun == 1:
                overtaken = sqlite3.OperationalError("database is locked")
                overtaken.sqlite_errorcode = sqlite3.SQLITE_BUSY_SNAPSHOT
                raise overtaken
        return super().execute(sql, *values)


def test_a_lock_in_whose_taking_another_process_commits_is_asked_for_again() -> None:
    driver = sqlite3.connect(":memory:", isolation_level=None, factory=Overtaken)

    take_write_lock(driver)

    assert driver.in_transaction
    assert driver.begun == 2
    driver.close()


@on_sqlite
def test_a_process_that_writes_makes_no_other_see_half(
    database: Database, database_url: str
) -> None:
    """WAL: the file's readers go on while it is written."""
    with database.reading() as rows:
        assert rows.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"


@on_sqlite
@pytest.mark.parametrize(("full_sync", "mode"), [(False, 1), (True, 2)])
def test_the_disk_is_waited_for_where_asked(database_url: str, full_sync: bool, mode: int) -> None:
    database = Database(database_url, full_sync=full_sync)
    with database.reading() as rows:
        assert rows.execute(text("PRAGMA synchronous")).scalar_one() == mode
    database.close()


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive"), database.transaction() as rows:
        rows.add(a_note(at=datetime(2024, 9, 2, 11)))  # noqa: DTZ001


def test_an_instant_of_any_zone_comes_back_as_the_same_in_utc(database: Database) -> None:
    with database.transaction() as rows:
        rows.add(a_note(at=NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))))

    with database.reading() as rows:
        (back,) = rows.execute(select(col(NoteRow.written_at))).scalars()
        later = NOON.astimezone(timezone(-timedelta(hours=8))) + timedelta(microseconds=1)
        earlier = select(col(NoteRow.id)).where(col(NoteRow.written_at) < later)
        assert rows.execute(earlier).scalars().all() == ["note-1"]
    assert back == NOON
    assert back.tzinfo is UTC


def test_a_word_that_is_no_code_is_refused_on_the_way_in_and_out(database: Database) -> None:
    with (
        pytest.raises(StatementError, match="not a word of Channel"),
        database.transaction() as rows,
    ):
        rows.execute(insert(PersonRow).values(A_PERSON | {"channel": "pigeon"}))

    with database.transaction() as rows:
        rows.execute(
            text("INSERT INTO person (id, name, channel, address_state) VALUES (:a, :b, :c, :d)"),
            {"a": "PER-0001", "b": "Ada Ash", "c": "pigeon", "d": "good"},
        )
    with pytest.raises(ValueError, match="not a word of Channel"), database.reading() as rows:
        rows.execute(select(col(PersonRow.channel))).all()


def test_a_row_that_points_nowhere_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as rows:
        rows.add(AbsenceRow(person_id="PER-9999", from_day=date(2024, 9, 2), until_day=date.max))


def test_a_row_that_others_point_at_stays(database: Database) -> None:
    add_a_person(database)
    with database.transaction() as rows:
        rows.add(RoleRow(person_id="PER-0001", role=Role.COORDINATOR, scope="*"))

    with pytest.raises(IntegrityError), database.transaction() as rows:
        rows.execute(text("DELETE FROM person"))


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"address_state": None}, id="a value is missing"),
        pytest.param({"assistant_id": "PER-9999"}, id="a value points nowhere"),
        pytest.param({"channel": "ada@ash.example"}, id="a value is no code"),
        pytest.param({"id": "PER-0001"}, id="the row is there already"),
    ],
)
def test_no_error_quotes_what_it_was_given(database: Database, wrong: dict[str, object]) -> None:
    """Errors end in logs and histories, and names and addresses must not."""
    add_a_person(database)
    values = A_PERSON | {"id": "PER-0002", "email": "ada@ash.example", "phone": "ada@ash"} | wrong

    with pytest.raises(StatementError) as caught, database.transaction() as rows:
        rows.execute(insert(PersonRow), [values])

    told = "".join(format_exception(caught.value)).lower()
    assert "ada@ash" not in told
    assert "ada ash" not in told


def test_a_long_text_and_any_letter_come_back_as_they_went(database: Database) -> None:
    with database.transaction() as rows:
        note = a_note()
        note.text = "Zoë’s naïve\r\nrôle 🥁"
        rows.add(note)

    with database.reading() as rows:
        assert rows.execute(select(col(NoteRow.text))).scalar_one() == "Zoë’s naïve\r\nrôle 🥁"


def add_a_person(database: Database) -> None:
    with database.transaction() as rows:
        rows.execute(insert(PersonRow).values(A_PERSON))


def lock_the_person(rows: Session) -> None:
    rows.execute(select(col(PersonRow.id)).with_for_update())


@contextmanager
def a_transaction_that_holds_the_person(
    database: Database, for_seconds: float | None = None
) -> Iterator[None]:
    held, done = threading.Event(), threading.Event()
    other = Database(database.url)

    def hold() -> None:
        with other.transaction() as rows:
            lock_the_person(rows)
            held.set()
            done.wait(for_seconds or 60)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    try:
        yield
    finally:
        done.set()
        holder.join()
        other.close()
