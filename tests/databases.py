"""Databases for tests: each test's is empty and at the newest revision.

A test that asks for ``database`` runs on SQLite and on PostgreSQL. To stay on one, mark it
``on_sqlite`` or ``on_postgresql``. One that changes tables takes ``bare_url``.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Pool, event

from storage.database import Database
from storage.schema import upgrade
from storage.tables.columns import METADATA
from tests import postgres

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

_numbers = count(1)
_left_open: list[str] = []


@event.listens_for(Pool, "checkin")
def note_what_is_left_open(connection: object, _record: object) -> None:
    """Note a SQLite connection that is given back while a statement still reads.

    It keeps its old view of the file, and can take the write lock no more once others wrote.
    """
    if isinstance(connection, sqlite3.Connection):
        try:
            # SQLite refuses to replace a function while a statement is under way.
            connection.create_function("probe", 0, None)
            connection.create_function("probe", 0, int)
            connection.create_function("probe", 0, None)
        except sqlite3.OperationalError as error:
            _left_open.append(str(error))


@pytest.fixture(autouse=True)
def nothing_is_left_open() -> Iterator[None]:
    """Fail a test after which a statement is not read to its end."""
    _left_open.clear()
    yield
    assert _left_open == []


@pytest.fixture(scope="session")
def postgres_programmes() -> Path:
    """Give the folder of PostgreSQL's programmes, or skip the test and say why."""
    found = postgres.binaries()
    if found is None:
        pytest.skip("no PostgreSQL server is installed here (apt-get install postgresql)")
    return found


@pytest.fixture(scope="session")
def postgres_server(postgres_programmes: Path) -> Iterator[str]:
    """Give the URL of a running server, with ``{name}`` in the place of the database's name."""
    with postgres.running_server(postgres_programmes) as server:
        yield server.url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an empty database file at the newest revision."""
    path = tmp_path_factory.mktemp("template") / "drumbeat.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Give the URL of a database at the newest revision that tests use one after another."""
    with created(postgres_server) as url:
        upgrade(url)
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database at the newest revision; leave its tables as they are."""
    if request.param == "sqlite":
        path = tmp_path / "drumbeat.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        url: str = request.getfixturevalue("postgres_url")
        yield url
        empty(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
    else:
        with created(request.getfixturevalue("postgres_server")) as url:
            yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Give an empty database at the newest revision."""
    opened = Database(database_url)
    yield opened
    opened.close()


@contextmanager
def created(server: str) -> Iterator[str]:
    """Create a database on a PostgreSQL server, yield its URL, and drop it."""
    name = f"test_{next(_numbers)}"
    order(server.format(name="postgres"), f"CREATE DATABASE {name} TEMPLATE template0")
    yield server.format(name=name)
    order(server.format(name="postgres"), f"DROP DATABASE {name} WITH (FORCE)")


def empty(url: str) -> None:
    """Remove every row, that of the revision apart, and whoever is still there."""
    order(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "SET session_replication_role = replica",  # past foreign keys and the journal's guard
        *(f"DELETE FROM {table}" for table in METADATA.tables),
        "ALTER SEQUENCE journal_id_seq RESTART",
    )


def order(url: str, *statements: str) -> None:
    """Have a PostgreSQL server carry out statements outside of any transaction."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
