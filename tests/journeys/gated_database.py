"""A database as a worker reaches it on a bad day: it stands still, or does not answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import OperationalError as SqliteError
from threading import Event

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from storage.database import Database
from tests.journeys.world import PATIENCE


class GatedDatabase(Database):
    """Holds a transaction open, all but committed; or refuses all of them.

    Attributes:
        reached: Set when the transaction that is held has come to its commit.
        released: To be set when it may commit.
        refused: Set when a transaction could not begin, whether refused here or by the database.
        broken_off: What was raised in the thread of the transaction that was held.

    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.reached, self.released, self.refused = Event(), Event(), Event()
        self.broken_off: list[BaseException] = []
        self._holds = False
        self._lets_through: int | None = None

    def hold(self) -> None:
        """Hold the next transaction."""
        for event in (self.reached, self.released, self.refused):
            event.clear()
        self._holds = True

    def refuse(self, *, after: int = 0) -> None:
        """Refuse every transaction but the next few."""
        self._lets_through = after

    def answer(self) -> None:
        """Answer again."""
        self._lets_through = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a transaction, if this is a good day."""
        self._refuse()
        try:
            with super().transaction() as rows:
                yield rows
                self._pass()
        except OperationalError:
            self.refused.set()
            raise

    def _refuse(self) -> None:
        if self._lets_through is None:
            return
        if self._lets_through == 0:
            self.refused.set()
            raise OperationalError("BEGIN IMMEDIATE", None, SqliteError("database is locked"))
        self._lets_through -= 1

    def _pass(self) -> None:
        if not self._holds:
            return
        self._holds = False
        self.reached.set()
        try:
            assert self.released.wait(PATIENCE)
        except BaseException as error:
            self.broken_off.append(error)
            raise
