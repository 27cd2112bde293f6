"""A desk in front of a small programme: its own database, paper, clock and a fake engine."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, cast

import pytest
from rich.console import Console

from cli.desk import WIDTH, Desk, Opener
from cli.main import run
from storage.database import Database
from tests.cli.fake_programme import FakeProgramme
from tests.cli.scene import NOW, set_scene


@dataclass(frozen=True)
class Printed:
    """What a command printed, and its exit code."""

    code: int
    out: str
    errors: str

    @property
    def said(self) -> Any:
        """What it printed, read as JSON."""
        return json.loads(self.out)


Drumbeat = Callable[..., Printed]


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
    def command(*tokens: str) -> Printed:
        out, errors = StringIO(), StringIO()
        desk = Desk(
            open_programme=cast(Opener, programme.opened),
            out=Console(file=out, width=WIDTH),
            errors=Console(file=errors, width=WIDTH),
            real_now=lambda: NOW,
        )
        code = run(["--var", str(var), *tokens], desk)
        return Printed(code, out.getvalue(), errors.getvalue())

    return command
