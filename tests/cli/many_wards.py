"""The command line before two wards in October, whose courses answer as they really would."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from cli.desk import WIDTH, Desk, Opener
from cli.main import run
from tests.activities.posting import Autumn, Posted
from tests.cli.printing import Drumbeat, Printed
from tests.runtime.played import PlayedProgramme


@pytest.fixture
def wards(autumn_template: Autumn, tmp_path: Path) -> Iterator[Posted]:
    """Give the wards of ``tests.activities.posting`` on the morning of 1 October 2024."""
    with autumn_template.begun(tmp_path) as posted:
        (tmp_path / "drumbeat.db").symlink_to(tmp_path / "autumn.db")
        yield posted


@pytest.fixture
def engine(wards: Posted) -> PlayedProgramme:
    """Give what stands behind the command line."""
    return PlayedProgramme(wards.play)


@pytest.fixture
def command(wards: Posted, engine: PlayedProgramme, tmp_path: Path) -> Drumbeat:
    """Run a command as people do."""

    def ran(*tokens: str) -> Printed:
        out, errors = StringIO(), StringIO()
        desk = Desk(
            open_programme=cast(Opener, engine.opened),
            out=Console(file=out, width=WIDTH),
            errors=Console(file=errors, width=WIDTH),
            real_now=lambda: wards.play.now,
        )
        code = run(["--var", str(tmp_path), *tokens], desk)
        return Printed(code, out.getvalue(), errors.getvalue())

    return ran
