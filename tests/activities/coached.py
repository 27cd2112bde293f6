"""Fixtures: a programme in which nothing has happened yet, and one whose first ward is coached."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from storage.database import Database
from tests.activities.scene import SELECTED_AT, SVC_16, SVC_17, CourseScene


@contextmanager
def fresh_database(template: Path, path: Path) -> Iterator[Database]:
    """Give a copy of an SQLite file: for tests that try nothing of what PostgreSQL does."""
    shutil.copy(template, path)
    opened = Database(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture
def play(database: Database) -> CourseScene:
    """Give a programme with two places in which nothing has happened yet."""
    return CourseScene(database)


Beginning = Callable[[CourseScene], None]
"""What has happened before a test begins."""


class Files:
    """Databases in which something has happened, made once each and then copied."""

    def __init__(self, template: Path, folder: Path) -> None:
        """Keep them in a folder."""
        self._template, self._folder = template, folder
        self._made: dict[str, tuple[Path, datetime]] = {}

    def copied(self, beginning: Beginning, to: Path) -> datetime:
        """Write a copy; return the programme time to which it has come."""
        name = f"{beginning.__module__}.{beginning.__qualname__}"
        if name not in self._made:
            self._made[name] = self._make(beginning, self._folder / f"{len(self._made)}.db")
        path, now = self._made[name]
        shutil.copy(path, to)
        return now

    def _make(self, beginning: Beginning, path: Path) -> tuple[Path, datetime]:
        with fresh_database(self._template, path) as opened:
            made = CourseScene(opened)
            beginning(made)
        return path, made.now


@pytest.fixture(scope="session")
def prepared_files(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(sqlite_template, tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def prepared(database: Database, prepared_files: Files) -> Callable[[Beginning], CourseScene]:
    """Give what prepares a scene: on SQLite a copy, on PostgreSQL from the beginning."""

    def prepare(beginning: Beginning) -> CourseScene:
        if not database.is_sqlite:
            scene = CourseScene(database)
            beginning(scene)
            return scene
        path = Path(database.url.removeprefix("sqlite:///"))
        now = prepared_files.copied(beginning, path)
        scene = CourseScene(database)
        scene.resume(now)
        return scene

    return prepare


@pytest.fixture(scope="session")
def coached_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of a programme whose SVC-16 is coached and whose SVC-17 has applied too."""
    path = tmp_path_factory.mktemp("coached") / "drumbeat.db"
    shutil.copy(sqlite_template, path)
    opened = Database(f"sqlite:///{path}")
    made = CourseScene(opened)
    made.open(SVC_16, SVC_17)
    made.coaching(SVC_16)
    opened.close()
    return path


@pytest.fixture
def coached(coached_template: Path, tmp_path: Path) -> Iterator[CourseScene]:
    """Give a programme on 17 June 2024: SVC-16 has its sessions planned, SVC-17 has an offer.

    On SQLite only, because it is a copy: a test of it begins in milliseconds.
    """
    path = tmp_path / "coached.db"
    shutil.copy(coached_template, path)
    opened = Database(f"sqlite:///{path}")
    scene = CourseScene(opened)
    scene.resume(SELECTED_AT)
    yield scene
    opened.close()
