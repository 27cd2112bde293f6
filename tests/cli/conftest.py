"""A desk in front of a small programme: its own database, paper, clock and a fake engine."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from storage.database import Database
from tests.cli.fake_programme import FakeProgramme
from tests.cli.printing import Drumbeat, Printed, printed_by
from tests.cli.scene import NOW, set_scene


@pytest.fixture
def programme() -> FakeProgramme:
    return FakeProgramme()


@pytest.fixture(scope="session")
def scene_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scene") / "drumbeat.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.transaction() as rows:
        set_scene(rows)
    database.close()
    return path


@pytest.fixture
def var(scene_template: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "var"
    folder.mkdir()
    shutil.copy(scene_template, folder / "drumbeat.db")
    return folder


@pytest.fixture
def drumbeat(var: Path, programme: FakeProgramme) -> Drumbeat:
    def command(*tokens: str, at: datetime = NOW) -> Printed:
        return printed_by(var, programme, *tokens, at=at)

    return command
