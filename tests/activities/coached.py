"""Fixtures: a programme in which nothing has happened yet, and one whose first ward is coached."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
