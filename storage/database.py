"""The engine and its transactions; the only place that commits."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session

from storage.one_connection import OneConnection, driver_of
from storage.turns import Turns

# Together below the local activity's deadline of 4 s.
TURN_TIMEOUT = timedelta(seconds=1)
BUSY_TIMEOUT = timedelta(seconds=2)
BUSY_TIMEOUT_MS = BUSY_TIMEOUT // timedelta(milliseconds=1)
ASK_AGAIN = 0.001  # seconds between two tries to take SQLite's write lock
PRIMARY_CODE = 0xFF
POOL = {"pool_size": 10, "max_overflow": 10, "pool_timeout": 1}
READS = "query_only=ON"
POSTGRESQL_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
SQLITE = {"check_same_thread": False, "cached_statements": 512}
"""The programme has more statements than the 128 that a connection usually keeps prepared."""

SHARED = ("journal_mode=WAL", "foreign_keys=ON")
ALONE = (
    "locking_mode=EXCLUSIVE",
    "journal_mode=MEMORY",
    "synchronous=OFF",
    "temp_store=MEMORY",
    "cache_size=-65536",
    "foreign_keys=ON",
)
"""SQLite's settings for a file that others use too, and for one that nobody else does."""


class Rows(Session):
    """A session on one connection, whose transaction others begin and end.

    Most of what is asked goes to the connection itself, and for that a session of its own would
    ask for it, join it and leave it again each time.
    """

    def __init__(self, connection: Connection, kept: dict[str, Any]) -> None:
        """Work on ``connection``, whose transaction has begun, with what the database keeps."""
        super().__init__(connection, expire_on_commit=False, info=kept)
        self._connection = connection
        if connection.dialect.name == "sqlite":
            self.info["driver"] = driver_of(connection)  # storage.statements

    def close(self) -> None:
        """Let go of what was read as objects, which is rarely done."""
        if self.in_transaction():
            super().close()

    def connection(self, *_args: Any, **_kwargs: Any) -> Connection:
        """Return the connection."""
        return self._connection


class Database:
    """One database, SQLite or PostgreSQL, reached through short synchronous transactions."""

    def __init__(self, url: str, *, full_sync: bool = False, alone: bool = False) -> None:
        """Open the database at ``url``.

        Args:
            url: ``sqlite:///path`` or ``postgresql+psycopg://…``.
            full_sync: Whether SQLite waits for the disk at each commit, so that a power cut
                loses nothing; without it a killed process loses nothing.
            alone: Whether nobody else opens the SQLite file meanwhile and it need survive nothing:
                who reads and who writes then take turns on one connection, which is faster.

        """
        self.url = url
        self._only: OneConnection | None = None
        self._turns = Turns()
        self._kept: dict[str, Any] = {"editions": {}}  # storage.editions
        if not url.startswith("sqlite"):
            self.engine = _postgresql_engine(url)
            self._snapshots: Engine = self.engine.execution_options(**POSTGRESQL_SNAPSHOT)
        elif alone:
            self.engine = self._snapshots = _engine_alone(url)
            self._only = OneConnection(self.engine)
        else:
            sync = f"synchronous={'FULL' if full_sync else 'NORMAL'}"
            self.engine = _sqlite_engine(url, *SHARED, sync)
            # To let a connection write, or no longer, makes SQLite prepare all its statements
            # anew, so readers have their own.
            self._snapshots = _sqlite_engine(url, *SHARED, sync, READS)

    @property
    def is_sqlite(self) -> bool:
        """Whether writers take turns on the whole file instead of on rows."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commit when the block ends, roll back when it raises. Nobody else calls commit.

        On SQLite the transaction holds the write lock from its beginning, so that what it read is
        still true when it writes.

        Raises:
            OperationalError: What it has to wait for was not free within three seconds.

        """
        with (
            self._turn(self.is_sqlite),
            self._only.writing() if self._only else self.engine.begin() as connection,
            Rows(connection, self._kept) as rows,
        ):
            yield rows
            rows.flush()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one moment, holds no writer up and refuses to write."""
        with (
            self._turn(self._only is not None),
            self._only.reading() if self._only else self._snapshots.begin() as connection,
            Rows(connection, self._kept) as rows,
        ):
            yield rows

    @contextmanager
    def _turn(self, takes_turns: bool) -> Iterator[None]:
        """Queue this process's writers on SQLite, which polls for its lock and starves some."""
        if not takes_turns:
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
        """Give every connection back; whoever asks again may find another file there."""
        self._kept["editions"].clear()
        if self._only:
            self._only.close()
        self._snapshots.dispose()
        self.engine.dispose()


def _engine_alone(url: str) -> Engine:
    engine = _engine(url, connect_args=SQLITE, poolclass=StaticPool)
    _prepare(engine, *ALONE)
    return engine


def _sqlite_engine(url: str, *settings: str) -> Engine:
    engine = _engine(url, connect_args=SQLITE, **POOL)
    _prepare(engine, f"busy_timeout={BUSY_TIMEOUT_MS}", *settings)
    event.listen(engine, "begin", _begin if READS in settings else _begin_to_write)
    return engine


def _prepare(engine: Engine, *settings: str) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own transactions begin late and lose updates; ours begin at once (below).
        connection.isolation_level = None
        for setting in settings:
            connection.execute(f"PRAGMA {setting}").close()


def _begin(connection: Connection) -> None:
    driver_of(connection).execute("BEGIN").close()


def _begin_to_write(connection: Connection) -> None:
    take_write_lock(driver_of(connection))


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


def _postgresql_engine(url: str) -> Engine:
    # A writer that stands still, its machine frozen, must not hold everybody's rows for ever.
    limits = f"-c lock_timeout={BUSY_TIMEOUT_MS} -c idle_in_transaction_session_timeout=60000"
    connect = {"options": limits, "connect_timeout": BUSY_TIMEOUT.seconds}
    return _engine(url, pool_pre_ping=True, connect_args=connect, **POOL)


def _engine(url: str, **options: Any) -> Engine:
    # Errors end in logs and histories, where nobody's name or address may stand.
    engine = create_engine(url, hide_parameters=True, **options)
    event.listen(engine, "handle_error", _quote_nothing)
    return engine


def _quote_nothing(context: ExceptionContext) -> None:
    """Keep the first line of PostgreSQL's errors; the ones behind it quote the row."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0], *error.args[1:])
