"""Statements go to SQLite's driver as they are; what they find and say is the same as ever."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import col

from schemas.clock import ProgrammeClock
from schemas.messages import MailMode
from storage.database import Database
from storage.installation import installation, prepare_installation
from storage.schema import upgrade
from storage.statements import LENGTHS, Statement
from storage.tables.ledger import NoteRow
from tests.storage.test_database import NOON, a_note

_NOTES = NoteRow.__table__  # type: ignore[attr-defined]
NAMES = ("id", "text", "written_by", "written_at")
FIND = Statement(
    select(col(NoteRow.id), col(NoteRow.written_at))
    .where(col(NoteRow.id).in_(bindparam("ids", expanding=True)))
    .order_by(col(NoteRow.id))
)
WRITE = Statement(insert(_NOTES).values({name: bindparam(name) for name in NAMES}))


@pytest.mark.parametrize("length", [*range(10), *LENGTHS, LENGTHS[-1] + 1, 1000])
def test_a_list_of_any_length_finds_just_what_it_names(database: Database, length: int) -> None:
    with database.transaction() as rows:
        for number in (0, 3, 7):
            rows.add(a_note(f"note-{number}"))

    with database.reading() as rows:
        found = FIND.ask(rows, {"ids": [f"note-{number}" for number in range(length)]})

    expected = [f"note-{number}" for number in (0, 3, 7) if number < length]
    assert [tuple(row) for row in found] == [(one, NOON) for one in expected]


def values(at: datetime = NOON) -> dict[str, object]:
    return {"id": "note-1", "text": "rang", "written_by": "PER-0001", "written_at": at}


def test_what_cannot_be_written_is_told_in_the_usual_words(database: Database) -> None:
    with pytest.raises(StatementError, match="naive"), database.transaction() as rows:
        WRITE.order(rows, values(datetime(2024, 9, 2, 11)))  # noqa: DTZ001
    with pytest.raises(IntegrityError), database.transaction() as rows:
        WRITE.order_all(rows, [values(), values()])
    with database.transaction() as rows:
        WRITE.order(rows, values())
        assert FIND.ask(rows, {"ids": ["note-1"]})


def test_who_changes_a_document_that_was_read_changes_nobody_elses(database: Database) -> None:
    with database.transaction() as rows:
        prepare_installation(rows, ProgrammeClock(), MailMode.HELD)
    with database.reading() as rows:
        installation(rows).breaker["state"] = "open"
        assert installation(rows).breaker == {}


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Database]:
    """Give a database that nobody else has opened."""
    url = f"sqlite:///{tmp_path / 'alone.db'}"
    upgrade(url)
    opened = Database(url, alone=True)
    yield opened
    opened.close()


def test_who_is_alone_reads_what_was_written_and_not_what_failed(alone: Database) -> None:
    with alone.transaction() as rows:
        WRITE.order(rows, values())
    with pytest.raises(KeyError), alone.transaction() as rows:
        WRITE.order(rows, {**values(), "id": "note-2"})
        raise KeyError

    with alone.reading() as rows:
        assert [row[0] for row in FIND.ask(rows, {"ids": ["note-1", "note-2"]})] == ["note-1"]


def test_what_was_written_alone_is_there_for_others_afterwards(alone: Database) -> None:
    with alone.transaction() as rows:
        WRITE.order(rows, values())
    alone.close()

    other = Database(alone.url)
    with other.reading() as rows:
        assert len(FIND.ask(rows, {"ids": ["note-1"]})) == 1
    other.close()
