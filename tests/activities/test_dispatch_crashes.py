"""The crash matrix: a real SMTP dialogue, faults of the server, and a dispatcher that is killed.

What is promised: a reminder is never delivered twice, a notice never goes missing unless it was
refused, and what is not known is said.
"""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from messaging.smtp import SmtpChannel
from messaging.smtp_server import SmtpServer
from schemas.messages import Message, MessageState
from storage.database import Database
from tests.activities.killed_dispatcher import ANSWERED, CLAIMED, HALTED
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


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database, FakeChannel()).prepared()


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


@pytest.mark.parametrize(
    ("phase", "fault", "reminder", "notice"),
    [
        (None, None, (1, "accepted"), (1, "accepted")),
        ("rcpt", Answer("450 4.2.1 later"), (1, "accepted"), (1, "accepted")),
        ("data", Answer("451 4.3.0 later"), (1, "accepted"), (1, "accepted")),
        ("body", Answer("451 4.3.0 later"), (1, "accepted"), (1, "accepted")),
        ("rcpt", Answer("550 5.1.1 nobody"), (0, "refused"), (0, "refused")),
        ("body", DROP, (0, "unknown"), (1, "accepted")),
        ("body", STORE_AND_DROP, (1, "unknown"), (2, "accepted")),
        ("body", STORE_AND_STALL, (1, "unknown"), (2, "accepted")),
        ("quit", DROP, (1, "accepted"), (1, "accepted")),
    ],
    ids=lambda value: getattr(value, "reply", value) if not isinstance(value, tuple) else "",
)
@pytest.mark.parametrize("kind", ["reminder", "notice"])
async def test_a_fault_of_the_server_costs_what_is_promised_and_no_more(
    scene: Scene,
    phase: Phase | None,
    fault: Answer | None,
    kind: str,
    reminder: tuple[int, str],
    notice: tuple[int, str],
) -> None:
    """M08, M11: copies and state for each fault of delivery, as promised for the kind."""
    faults = {} if phase is None or fault is None else {phase: [fault]}
    async with FaultServer(faults) as server:
        message = planned(scene, kind)
        await dispatched(scene, server, timedelta(), HOUR / 2, HOUR)

    expected = reminder if kind == "reminder" else notice
    assert (len(server.mails), scene.told(message).state.value) == expected
    assert len({mail.content for mail in server.mails}) <= 1
    assert scene.is_balanced()


@pytest.mark.parametrize(
    ("kind", "point", "copies", "state"),
    [
        ("reminder", CLAIMED, 0, MessageState.UNKNOWN),
        ("notice", CLAIMED, 1, MessageState.ACCEPTED),
        ("reminder", ANSWERED, 1, MessageState.UNKNOWN),
        ("notice", ANSWERED, 2, MessageState.ACCEPTED),
    ],
)
async def test_a_kill_costs_what_is_promised_and_no_more(
    scene: Scene, kind: str, point: str, copies: int, state: MessageState
) -> None:
    """M08: killed between claim and hand-over, and between the server's 250 and the commit."""
    async with FaultServer() as server:
        message = planned(scene, kind)
        await killed(scene, server, point)
        assert scene.told(message).state is MessageState.HANDING_OVER
        await dispatched(scene, server, HOUR, 2 * HOUR)

    assert (len(server.mails), scene.told(message).state) == (copies, state)
    assert len({mail.content for mail in server.mails}) <= 1
    assert scene.is_balanced()


async def test_a_mail_server_that_is_away_for_a_night_delays_what_is_still_true(
    scene: Scene,
) -> None:
    """M10, M11: the reminder has become useless by then, and the notice goes."""
    async with FaultServer() as server:
        pass
    reminder, notice = scene.remind(scene.session()), scene.notice()
    await dispatched(scene, server, timedelta(), HOUR)
    assert {scene.told(one).state for one in (reminder, notice)} == {MessageState.WAITING}

    async with FaultServer(port=server.port) as back:
        await dispatched(scene, back, 23 * HOUR)
        await dispatched(scene, back, 25 * HOUR)

    assert scene.told(reminder).state is MessageState.TOO_LATE
    assert scene.told(notice).state is MessageState.ACCEPTED
    assert len(back.mails) == 1
