import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from storage.database import Database
from storage.schema import SchemaError, check, head_revision, revision_of, upgrade
from storage.tables.columns import METADATA
from tests.databases import on_sqlite

TOP = Path(__file__).parents[2]


def test_an_upgraded_database_is_what_the_tables_say(database: Database) -> None:
    assert check(database) == []
    assert set(inspect(database.engine).get_table_names()) - {"alembic_version"} == set(
        METADATA.tables
    )


@pytest.fixture
def own(bare_url: str) -> Iterator[Database]:
    """Give a database whose tables the test may change."""
    upgrade(bare_url)
    database = Database(bare_url)
    yield database
    database.close()


def test_a_difference_is_told(own: Database) -> None:
    with own.transaction() as rows:
        rows.execute(text("ALTER TABLE person DROP COLUMN phone"))

    assert any("add_column" in line and "phone" in line for line in check(own))


def test_a_database_without_tables_becomes_whole_and_a_second_time_changes_nothing(
    bare_url: str,
) -> None:
    database = Database(bare_url)
    assert revision_of(database) is None
    assert check(database) == [f"the database is at revision None, not at {head_revision()}"]

    assert upgrade(bare_url) == upgrade(bare_url) == head_revision()

    assert revision_of(database) == head_revision()
    database.close()


def test_processes_that_start_together_take_turns(bare_url: str) -> None:
    with ThreadPoolExecutor(4) as starters:
        revisions = list(starters.map(upgrade, [bare_url] * 4))

    assert revisions == [head_revision()] * 4


def test_a_database_of_a_newer_version_is_refused_in_one_sentence(own: Database) -> None:
    with own.transaction() as rows:
        rows.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))

    with pytest.raises(SchemaError, match="at revision r9999, which this version"):
        upgrade(own.url)


@on_sqlite
def test_an_upgrade_that_leaves_rows_pointing_nowhere_is_taken_back(
    database: Database, database_url: str
) -> None:
    with database.engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.execute("INSERT INTO service VALUES ('SVC-1', 'ORG-9', 'a', 'picu', 1, 0)")
        cursor.close()
        connection.connection.invalidate()

    with pytest.raises(SchemaError, match="point nowhere"):
        upgrade(database_url)


def test_every_name_of_a_constraint_is_given(database: Database) -> None:
    """A later revision must be able to name what it drops, on both databases."""
    inspector = inspect(database.engine)
    for table in METADATA.tables:
        assert inspector.get_pk_constraint(table)["name"] == f"pk_{table}"
        for key in [*inspector.get_foreign_keys(table), *inspector.get_unique_constraints(table)]:
            assert key["name"]


@pytest.mark.timeout(180)
def test_the_revisions_run_from_an_installed_wheel(tmp_path: Path) -> None:
    """The code is found beside itself, wherever it lies and whatever the working directory."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist"],
        cwd=TOP,
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    program = (
        "import sys, storage.schema as schema;"
        "print(schema.__file__, schema.upgrade('sqlite:///' + sys.argv[1]))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "drumbeat.db")],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "installed")},
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    file, revision = said.split()
    assert file.startswith(str(tmp_path / "installed"))
    assert revision == head_revision()
