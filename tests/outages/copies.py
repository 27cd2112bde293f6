"""Copies of a database, as a backup makes them and as a restore puts them back."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from storage.database import Database


@dataclass(frozen=True)
class Copy:
    """A copy of a SQLite database."""

    database: Database
    path: Path

    def put_back(self) -> None:
        """Put the copy in the place of the database, nobody being at work; what came since is lost.

        Connections are given back first, as they are when every process has been stopped.
        """
        self.database.close()
        _copy(self.path, _file(self.database))


def copied(database: Database, folder: Path, name: str = "backup") -> Copy:
    """Make a copy of a database in a folder, while it is at work."""
    copy = Copy(database, folder / f"{name}.db")
    _copy(_file(database), copy.path)
    return copy


def _file(database: Database) -> Path:
    return Path(database.url.removeprefix("sqlite:///"))


def _copy(source: Path, target: Path) -> None:
    for end in ("", "-wal", "-shm"):
        target.with_name(target.name + end).unlink(missing_ok=True)
    first, second = sqlite3.connect(source), sqlite3.connect(target)
    first.backup(second)
    first.close()
    second.close()
