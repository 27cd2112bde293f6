"""Play a cast before the oracle and on the engine, and compare where everything ends."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from shutil import copy

import structlog

from schemas.edition import Edition
from storage.database import Database
from tests.oracle.comparing import Comparison, compare, rows_in
from tests.oracle.engine import Engine
from tests.oracle.prediction import predict


@dataclass(frozen=True)
class Agreement:
    """What came of a cast.

    Attributes:
        answers: Where the engine answered somebody otherwise than the oracle.

    """

    rows: Comparison
    answers: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether both agree."""
        return not self.rows.differences and not self.answers

    def __str__(self) -> str:
        """Return the count, and what differs."""
        return "\n".join([str(self.rows), *(f"  answer: {one}" for one in self.answers)])


@dataclass
class Ground:
    """A database that one cast uses after the other: what was compiled for the first is kept."""

    template: Path
    folder: Path
    _opened: Database | None = field(default=None)

    def play(self, cast: Path, edition: Edition, begins: datetime, ends: datetime) -> Agreement:
        """Play a cast on an empty database."""
        path = self.folder / "oracle.db"
        database = self._opened or Database(f"sqlite:///{path}")
        self._opened = database
        database.close()
        for left in self.folder.glob("oracle.db*"):
            left.unlink()
        copy(self.template, path)
        with _quiet():
            return asyncio.run(_played(database, cast, edition, begins, ends))

    def close(self) -> None:
        """Give every connection back."""
        if self._opened is not None:
            self._opened.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Let the engine log faults only: of each message it would tell otherwise."""
    known = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        yield
    finally:
        structlog.configure(**known)


async def _played(
    database: Database, cast: Path, edition: Edition, begins: datetime, ends: datetime
) -> Agreement:
    prediction = predict(cast, edition, begins, ends)
    engine = Engine(database, edition, begins, prediction.busy)
    await engine.bring_in(cast)
    answers = await engine.play(prediction.done, ends, prediction.down)
    return Agreement(compare(rows_in(database, edition.id), prediction.rows), tuple(answers))
