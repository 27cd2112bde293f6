"""One connection of SQLite that stays open, for a file that nobody else opens meanwhile.

The driver itself begins and ends its transactions: to have SQLAlchemy do it, and fetch and return
the connection each time, costs more than most of those transactions.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import cast

from sqlalchemy import Connection, Engine


class OneConnection:
    """Gives its connection to one at a time; who takes turns is the caller's to see to."""

    def __init__(self, engine: Engine) -> None:
        """Connect with ``engine`` as soon as somebody asks."""
        self._engine = engine

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Commit when the block ends, roll back when it raises."""
        with self._begun() as (driver, connection):
            yield connection
            driver.commit()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Keep nothing of what is written by mistake."""
        with self._begun() as (_, connection):
            yield connection

    def close(self) -> None:
        """Let go of the connection; whoever asks again gets another."""
        if "_connection" in self.__dict__:
            self._connection.close()
            del self._connection

    @contextmanager
    def _begun(self) -> Iterator[tuple[sqlite3.Connection, Connection]]:
        connection = self._connection
        if not connection.in_transaction():
            connection.begin()  # to SQLAlchemy it is one long transaction, until one fails
        driver = driver_of(connection)
        driver.execute("BEGIN").close()
        try:
            yield driver, connection
        finally:
            driver.rollback()  # which does nothing after a commit

    @cached_property
    def _connection(self) -> Connection:
        return self._engine.connect()


def driver_of(connection: Connection) -> sqlite3.Connection:
    """Return SQLite's own connection."""
    return cast(sqlite3.Connection, connection.connection.driver_connection)
