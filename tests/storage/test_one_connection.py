"""A database file that nobody else opens meanwhile: one connection for all who read and write."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.schema import upgrade
from tests.storage.test_database import a_note, notes


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give one with all its tables."""
    url = f"sqlite:///{tmp_path / 'alone.db'}"
    upgrade(url)
    database = Database(url, alone=True)
    yield database
    database.close()


def test_what_a_transaction_writes_is_there_for_whoever_opens_the_file_later(
    database: Database,
) -> None:
    with database.transaction() as rows:
        rows.add(a_note())
    assert notes(database) == ["note-1"]
    database.close()
    later = Database(database.url)
    assert notes(later) == ["note-1"]
    later.close()


def test_a_transaction_that_raises_leaves_nothing_and_stops_nobody(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as rows:
        rows.add(a_note())
        rows.flush()
        1 / 0  # noqa: B018 - it raises
    assert notes(database) == []
    with database.transaction() as rows:
        rows.add(a_note("note-2"))
    assert notes(database) == ["note-2"]


def test_one_that_cannot_be_written_stops_nobody(database: Database) -> None:
    with database.transaction() as rows:
        rows.add(a_note())
    with pytest.raises(Exception, match="UNIQUE"), database.transaction() as rows:
        rows.add(a_note())
    with database.transaction() as rows:
        rows.add(a_note("note-2"))
    assert notes(database) == ["note-1", "note-2"]


def test_nothing_is_kept_of_what_is_written_while_reading(database: Database) -> None:
    with database.reading() as rows:
        rows.add(a_note())
        rows.flush()
    assert notes(database) == []
