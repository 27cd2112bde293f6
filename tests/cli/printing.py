"""Run a command as people do, and keep what it printed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any, cast

from rich.console import Console

from cli.desk import WIDTH, Desk, Opener
from cli.main import run
from tests.cli.fake_programme import FakeProgramme
from tests.cli.scene import NOW


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


def printed_by(var: Path, programme: FakeProgramme, *tokens: str, at: datetime = NOW) -> Printed:
    """Run a command in a data folder, before a fake engine and at a fixed moment."""
    out, errors = StringIO(), StringIO()
    desk = Desk(
        open_programme=cast(Opener, programme.opened),
        out=Console(file=out, width=WIDTH),
        errors=Console(file=errors, width=WIDTH),
        real_now=lambda: at,
    )
    code = run(["--var", str(var), *tokens], desk)
    return Printed(code, out.getvalue(), errors.getvalue())
