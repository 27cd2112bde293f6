"""Fixtures: a programme in which nothing has happened yet, and one whose first ward is coached."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from storage.database import Database
from tests.activities.scene import SVC_16, SVC_17, CourseScene


class Lasting:
    """Databases that one test uses after the other: what was compiled for the first is kept."""

    def __init__(self, folder: Path) -> None:
        """Keep SQLite's files in a folder."""
        self._folder = folder
        self._opened: dict[str, Database] = {}

    def copied(self, template: Path, name: str) -> Database:
        """Give a database on a fresh copy of an SQLite file; nobody else uses it under its name."""
        path = self._folder / f"{name}.db"
        opened = self.at(f"sqlite:///{path}")
        opened.close()
        for left in self._folder.glob(f"{path.name}*"):
            left.unlink()
        shutil.copy(template, path)
        return opened

    def at(self, url: str) -> Database:
        """Give the one database at a URL."""
        return self._opened.setdefault(url, Database(url))

    def close(self) -> None:
        """Give every connection back."""
        for opened in self._opened.values():
            opened.close()


@pytest.fixture(scope="session")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lasting]:
    """Give the databases of the whole run."""
    databases = Lasting(tmp_path_factory.mktemp("lasting"))
    yield databases
    databases.close()


@pytest.fixture
def lasting_database(database_url: str, sqlite_template: Path, lasting: Lasting) -> Database:
    """Give an empty database, on SQLite and on PostgreSQL, that lasts beyond the test."""
    if database_url.startswith("sqlite"):
        return lasting.copied(sqlite_template, "stage")
    return lasting.at(database_url)


@pytest.fixture
def empty(sqlite_template: Path, lasting: Lasting) -> Database:
    """Give an empty SQLite database: for tests that try nothing of what PostgreSQL does."""
    return lasting.copied(sqlite_template, "empty")


@pytest.fixture
def play(lasting_database: Database) -> CourseScene:
    """Give a programme with two places in which nothing has happened yet."""
    return CourseScene(lasting_database)


Beginning = Callable[[CourseScene], None]
"""What has happened before a test begins."""


class Files:
    """Databases in which something has happened, made once each and then copied."""

    def __init__(self, template: Path, lasting: Lasting, folder: Path) -> None:
        """Keep them in a folder."""
        self._template, self._lasting, self._folder = template, lasting, folder
        self._made: dict[str, tuple[Path, datetime]] = {}

    def scene(self, beginning: Beginning, name: str) -> CourseScene:
        """Give a scene in which it has happened, on a copy."""
        key = f"{beginning.__module__}.{beginning.__qualname__}"
        if key not in self._made:
            self._made[key] = self._make(beginning, self._folder / f"{len(self._made)}.db")
        path, now = self._made[key]
        scene = CourseScene(self._lasting.copied(path, name))
        scene.resume(now)
        return scene

    def _make(self, beginning: Beginning, path: Path) -> tuple[Path, datetime]:
        made = CourseScene(self._lasting.copied(self._template, "made"))
        beginning(made)
        made.database.close()
        shutil.copy(made.database.url.removeprefix("sqlite:///"), path)
        return path, made.now


@pytest.fixture(scope="session")
def prepared_files(
    sqlite_template: Path, lasting: Lasting, tmp_path_factory: pytest.TempPathFactory
) -> Files:
    """Give what was made so far."""
    return Files(sqlite_template, lasting, tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def prepared(
    lasting_database: Database, prepared_files: Files
) -> Callable[[Beginning], CourseScene]:
    """Give what prepares a scene: on SQLite a copy, on PostgreSQL from the beginning."""

    def prepare(beginning: Beginning) -> CourseScene:
        if lasting_database.is_sqlite:
            return prepared_files.scene(beginning, "stage")
        scene = CourseScene(lasting_database)
        beginning(scene)
        return scene

    return prepare


def a_coached_ward(play: CourseScene) -> None:
    """Coach SVC-16 over its slot, and offer SVC-17 a place."""
    play.open(SVC_16, SVC_17)
    play.coaching(SVC_16)


@pytest.fixture
def coached(prepared_files: Files) -> CourseScene:
    """Give a programme on 17 June 2024: SVC-16 has its sessions planned, SVC-17 has an offer.

    On SQLite only, because it is a copy: a test of it begins in milliseconds.
    """
    return prepared_files.scene(a_coached_ward, "coached")
