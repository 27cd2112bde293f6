"""The crash matrix (delivery §5): what each kill and each fault of a mail server costs.

Real SMTP, a dispatcher of its own process that is killed, and a server that does wrong on request.
What is promised: a reminder never goes twice, a notice never goes missing unless it was refused,
and what is not known is said. SMTP cannot do better: nothing gives exactly one copy in every row.
"""

import asyncio
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from messaging.smtp import SmtpChannel
from messaging.smtp_server import SmtpServer
from schemas.messages import Message
from storage.database import Database
from tests.activities.killed_dispatcher import (
    ANSWERED,
    BEGUN,
    CLAIMED,
    COMMITTED,
    HALTED,
    PLANNED,
)
from tests.activities.ledger_scene import TUESDAY, FakeChannel, Scene
from tests.databases import on_sqlite
from tests.smtp_fault_server import (
    DROP,
    STORE_AND_DROP,
    STORE_AND_STALL,
    Answer,
    FaultServer,
    Phase,
)

pytestmark = on_sqlite

HOUR = timedelta(hours=1)
DEADLINE = timedelta(seconds=1)
ROOT = Path(__file__).parents[2]

Cost = tuple[int, str]
"""Copies that the mail server holds in the end, and the state in which the message ends."""


@dataclass(frozen=True)
class Row:
    """One row of the matrix.

    Attributes:
        what: What goes wrong.
        reminder: What it costs of a kind that goes once at most.
        notice: What it costs of a kind that goes once at least and twice at most.
        killed: Where the dispatcher is killed.
        phase: Where the server does wrong, and how.
        tries: Hand-overs of either that are begun, where that matters.

    """

    what: str
    reminder: Cost
    notice: Cost
    killed: str | None = None
    phase: Phase | None = None
    fault: Answer | None = None
    tries: int | None = None


ONCE: Cost = (1, "accepted")
TWICE: Cost = (2, "accepted")
LOST: Cost = (0, "unknown")
ARRIVED: Cost = (1, "unknown")
REFUSED: Cost = (0, "refused")

MATRIX = (
    Row("nothing", ONCE, ONCE, tries=1),
    Row("killed after it was planned", ONCE, ONCE, killed=PLANNED, tries=1),
    Row("killed after the claim", ONCE, ONCE, killed=CLAIMED, tries=1),
    Row("killed before DATA", LOST, ONCE, killed=BEGUN),
    Row("killed after 250, before the commit", ARRIVED, TWICE, killed=ANSWERED),
    Row("killed after the commit", ONCE, ONCE, killed=COMMITTED, tries=1),
    Row("RCPT 450", ONCE, ONCE, phase="rcpt", fault=Answer("450 4.2.1 later"), tries=2),
    Row("DATA 451", ONCE, ONCE, phase="data", fault=Answer("451 4.3.0 later"), tries=2),
    Row("451 after the text", ONCE, ONCE, phase="body", fault=Answer("451 4.3.0 later"), tries=2),
    Row("RCPT 550", REFUSED, REFUSED, phase="rcpt", fault=Answer("550 5.1.1 nobody"), tries=1),
    Row("dropped at DATA", LOST, ONCE, phase="data", fault=DROP),
    Row("dropped, message not stored", LOST, ONCE, phase="body", fault=DROP),
    Row("dropped after storing", ARRIVED, TWICE, phase="body", fault=STORE_AND_DROP),
    Row("250 slower than our deadline", ARRIVED, TWICE, phase="body", fault=STORE_AND_STALL),
    Row("dropped at QUIT", ONCE, ONCE, phase="quit", fault=DROP, tries=1),
)


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database, FakeChannel()).prepared()


@pytest.mark.parametrize("kind", ["reminder", "notice"])
@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.what)
async def test_a_crash_costs_what_the_matrix_says_and_no_more(
    scene: Scene, row: Row, kind: str
) -> None:
    """M08, M11: copies and state as promised for the kind, every copy the same bytes."""
    faults = {} if row.phase is None or row.fault is None else {row.phase: [row.fault]}
    async with FaultServer(faults) as server:
        message = planned(scene, kind)
        if row.killed is None:
            await dispatched(scene, server, timedelta(), HOUR / 2, HOUR)
        else:
            await killed(scene, server, row.killed)
            await dispatched(scene, server, HOUR, 2 * HOUR)

    told = scene.told(message)
    expected = row.reminder if kind == "reminder" else row.notice
    assert (len(server.mails), told.state.value) == expected
    assert row.tries is None or told.attempt == row.tries
    assert len({mail.content for mail in server.mails}) <= 1
    assert scene.is_balanced()


def planned(scene: Scene, kind: str) -> Message:
    return scene.remind(scene.session()) if kind == "reminder" else scene.notice()


async def dispatched(scene: Scene, server: FaultServer, *after: timedelta) -> None:
    channel = SmtpChannel(SmtpServer("127.0.0.1", server.port), deadline=DEADLINE)
    try:
        for wait in after:
            await scene.through(channel).dispatch(TUESDAY + wait)
    finally:
        await channel.close()


async def killed(scene: Scene, server: FaultServer, point: str) -> None:
    """Let a dispatcher of its own process come to a point, and kill it there."""
    arguments = [scene.database.url, str(server.port), point]
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.activities.killed_dispatcher",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert child.stdout is not None
    said = b"-"
    while said and said != HALTED:  # nothing more is said by one that has failed
        said = await child.stdout.readline()
    assert said == HALTED
    child.kill()
    await child.wait()
