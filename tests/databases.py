"""Databases for tests: each its own and empty, at the newest revision, on SQLite and PostgreSQL.

A test that asks for ``database`` runs on both. To stay on one, mark it ``on_sqlite`` or
``on_postgresql``.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from storage.database import Database
from storage.schema import upgrade
from tests import postgres

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Give the URL of a running server, with ``{name}`` in the place of the database's name."""
    programmes = postgres.binaries()
    if programmes is None:
        pytest.skip("no PostgreSQL server is installed here (apt-get install postgresql)")
    with postgres.server(programmes) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an empty database file at the newest revision."""
    path = tmp_path_factory.mktemp("template") / "drumbeat.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """Give the name of an empty database at the newest revision."""
    order(postgres_server, "CREATE DATABASE template_drumbeat TEMPLATE template0")
    upgrade(postgres_server.format(name="template_drumbeat"))
    return "template_drumbeat"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database at the newest revision."""
    if request.param == "sqlite":
        path = tmp_path / "drumbeat.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        server: str = request.getfixturevalue("postgres_server")
        with created(server, request.getfixturevalue("postgres_template")) as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
    else:
        with created(request.getfixturevalue("postgres_server"), "template0") as url:
            yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Give an empty database at the newest revision."""
    opened = Database(database_url)
    yield opened
    opened.close()


@contextmanager
def created(server: str, template: str) -> Iterator[str]:
    """Create a database as a copy of another, yield its URL, and drop it."""
    name = f"test_{next(_numbers)}"
    order(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.format(name=name)
    order(server, f"DROP DATABASE {name} WITH (FORCE)")


def order(server: str, statement: str) -> None:
    """Have the server carry out what no transaction may hold."""
    plain = server.format(name="postgres").replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())
