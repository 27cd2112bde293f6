"""What is left when a process ends without a word."""

import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import select
from sqlmodel import col

from storage.database import Database
from storage.schema import upgrade
from storage.tables.ledger import NoteRow
from tests.postgres import running_server
from tests.storage.scene import NOON

TOP = Path(__file__).parents[2]

WRITE = """
import sys, time
from datetime import UTC, datetime
from storage.database import Database
from storage.tables.ledger import NoteRow

def note(note_id):
    at = datetime(2024, 9, 2, 11, tzinfo=UTC)
    return NoteRow(id=note_id, text="rang", written_by="PER-0001", written_at=at)

database = Database(sys.argv[1])
with database.transaction() as rows:
    rows.add(note("committed"))
with database.transaction() as rows:
    rows.add(note("under way"))
    rows.flush()
    print("now", flush=True)
    time.sleep(60)
"""


def written(database: Database) -> list[str]:
    with database.reading() as rows:
        return sorted(rows.execute(select(col(NoteRow.id))).scalars())


def write(database: Database, note_id: str) -> None:
    with database.transaction() as rows:
        rows.add(NoteRow(id=note_id, text="rang", written_by="PER-0001", written_at=NOON))


def test_a_writer_that_is_killed_leaves_its_commits_and_no_lock(database: Database) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITE, database.url], cwd=TOP, stdout=subprocess.PIPE
    )
    with writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"now\n"
        writer.kill()

    assert written(database) == ["committed"]
    write(database, "under way")
    assert written(database) == ["committed", "under way"]


def test_a_server_that_is_killed_keeps_what_was_committed_and_is_found_again(
    postgres_programmes: Path,
) -> None:
    with running_server(postgres_programmes) as server:
        url = server.url.format(name="postgres")
        upgrade(url)
        database = Database(url)
        write(database, "before")

        server.stop(signal.SIGQUIT)  # as a crash: it recovers from its log
        server.start()

        write(database, "after")
        assert written(database) == ["after", "before"]
        database.close()
