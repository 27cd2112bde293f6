"""The engine and its transactions; the only place that commits."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from time import monotonic, sleep
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session

from storage.turns import Turns

# Together below the local activity's deadline of 4 s.
TURN_TIMEOUT = timedelta(seconds=1)
BUSY_TIMEOUT = timedelta(seconds=2)
BUSY_TIMEOUT_MS = BUSY_TIMEOUT // timedelta(milliseconds=1)
ASK_AGAIN = 0.001  # seconds between two tries to take SQLite's write lock
PRIMARY_CODE = 0xFF
POOL = {"pool_size": 10, "max_overflow": 10, "pool_timeout": 1}
POSTGRESQL_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class Database:
    """One database, SQLite or PostgreSQL, reached through short synchronous transactions."""

    def __init__(self, url: str, *, full_sync: bool = False, echo: bool = False) -> None:
        """Open the database at ``url``.

        Args:
            url: ``sqlite:///path`` or ``postgresql+psycopg://…``.
            full_sync: Whether SQLite waits for the disk at each commit, so that a power cut
                loses nothing; without it a killed process loses nothing.
            echo: Whether statements are logged.

        """
        self.url = url
        self.engine = _engine(url, full_sync=full_sync, echo=echo)
        self._turns = Turns()
        self._snapshots = self.engine.execution_options(
            **{"drumbeat_reads": True} if self.is_sqlite else POSTGRESQL_SNAPSHOT
        )

    @property
    def is_sqlite(self) -> bool:
        """Whether writers take turns on the whole file instead of on rows."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commit when the block ends, roll back when it raises. Nobody else calls commit.

        On SQLite the transaction holds the write lock from its first statement, so that what it
        read is still true when it writes.

        Raises:
            OperationalError: What it has to wait for was not free within three seconds.

        """
        with (
            self._turn_to_write(),
            Session(self.engine, expire_on_commit=False) as rows,
            rows.begin(),
        ):
            yield rows

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one moment, holds no writer up and refuses to write."""
        with Session(self._snapshots, expire_on_commit=False) as rows:
            yield rows
            rows.rollback()

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """Queue this process's writers on SQLite, which polls for its lock and starves some."""
        if not self.is_sqlite:
            yield
            return
        with ExitStack() as turn:
            try:
                turn.enter_context(self._turns.turn(TURN_TIMEOUT))
            except TimeoutError:
                busy = sqlite3.OperationalError("database is locked: this process is still writing")
                raise OperationalError("BEGIN IMMEDIATE", None, busy) from None
            yield

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def _engine(url: str, *, full_sync: bool, echo: bool) -> Engine:
    # Errors end in logs and histories, where nobody's name or address may stand.
    common: dict[str, Any] = {"echo": echo, "hide_parameters": True}
    if url.startswith("sqlite"):
        engine = _sqlite_engine(url, full_sync=full_sync, **common)
    else:
        engine = _postgresql_engine(url, **common)
    event.listen(engine, "handle_error", _quote_nothing)
    return engine


def _sqlite_engine(url: str, *, full_sync: bool, **common: Any) -> Engine:
    if url in {"sqlite://", "sqlite:///:memory:"}:
        common["poolclass"] = StaticPool
    else:
        common |= POOL
    engine = create_engine(url, connect_args={"check_same_thread": False}, **common)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own transactions begin late and lose updates; ours begin at once (below).
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={'FULL' if full_sync else 'NORMAL'}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("drumbeat_reads", False)
        connection.exec_driver_sql(f"PRAGMA query_only={int(reads)}")
        if reads:
            connection.exec_driver_sql("BEGIN")
        else:
            take_write_lock(cast(sqlite3.Connection, connection.connection.driver_connection))

    return engine


def take_write_lock(driver: sqlite3.Connection) -> None:
    """Take SQLite's write lock, asking for it often.

    Its own busy handler asks ever more rarely, up to ten times a second, and so starves beside a
    process that writes much: a command waited for seconds while a worker went on.

    Raises:
        OperationalError: Another process held it all the time.

    """
    deadline = monotonic() + BUSY_TIMEOUT.total_seconds()
    driver.execute("PRAGMA busy_timeout=0").close()
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE").close()
            except sqlite3.OperationalError as error:
                if not _is_locked(error) or monotonic() > deadline:
                    raise OperationalError("BEGIN IMMEDIATE", None, error) from error
                sleep(ASK_AGAIN)
            else:
                return
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}").close()


def _is_locked(error: sqlite3.OperationalError) -> bool:
    # The code's upper bits say why: another process that commits meanwhile is BUSY_SNAPSHOT.
    return error.sqlite_errorcode & PRIMARY_CODE == sqlite3.SQLITE_BUSY


def _postgresql_engine(url: str, **common: Any) -> Engine:
    # A writer that stands still, its machine frozen, must not hold everybody's rows for ever.
    limits = f"-c lock_timeout={BUSY_TIMEOUT_MS} -c idle_in_transaction_session_timeout=60000"
    connect = {"options": limits, "connect_timeout": BUSY_TIMEOUT.seconds}
    return create_engine(url, pool_pre_ping=True, connect_args=connect, **common, **POOL)


def _quote_nothing(context: ExceptionContext) -> None:
    """Keep the first line of PostgreSQL's errors; the ones behind it quote the row."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0], *error.args[1:])
