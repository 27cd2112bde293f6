"""A mail server that is away, declines, drops, stalls or is late: what goes, and how often."""

import asyncio
from datetime import timedelta

import pytest

from messaging.smtp import SmtpChannel
from messaging.smtp_server import SmtpServer
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from storage.database import Database
from storage.installation import installation
from tests.activities.ledger_scene import COACH, LEAD, TUESDAY, FakeChannel, Scene, states_of
from tests.databases import on_sqlite
from tests.smtp_fault_server import DROP, STALL, Answer, FaultServer, Phase

pytestmark = on_sqlite

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DEADLINE = timedelta(milliseconds=500)
BUSY, TOO_FAST = Answer("450 4.3.2 later"), Answer("421 4.7.0 too many at once", hangs_up=True)
FORBIDDEN, UNWANTED = Answer("550 5.7.1 not from you"), Answer("554 5.6.0 not this one")
FAULTS = {"4xx": BUSY, "421": TOO_FAST, "5.7": FORBIDDEN, "drops": DROP, "silent": STALL}
BEFORE_THE_TEXT: tuple[Phase, ...] = ("greeting", "ehlo", "mail", "rcpt")


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database, FakeChannel(), connections=1).prepared()


def channel_to(server: FaultServer) -> SmtpChannel:
    return SmtpChannel(SmtpServer("127.0.0.1", server.port), deadline=DEADLINE, connections=1)


async def dispatched(scene: Scene, server: FaultServer, *after: timedelta) -> None:
    channel = channel_to(server)
    try:
        for wait in after:
            await scene.through(channel).dispatch(TUESDAY + wait)
    finally:
        await channel.close()


@pytest.mark.parametrize(
    ("phase", "fault"),
    [(phase, fault) for phase in BEFORE_THE_TEXT for fault in FAULTS.values()]
    + [("data", FAULTS[reply]) for reply in ("4xx", "421", "5.7")],
    ids=[f"{phase} {fault}" for phase in BEFORE_THE_TEXT for fault in FAULTS]
    + [f"data {reply}" for reply in ("4xx", "421", "5.7")],
)
async def test_what_goes_wrong_before_the_text_costs_a_wait_and_nothing_else(
    scene: Scene, phase: Phase, fault: Answer
) -> None:
    """M08, M11: surely not sent; another try brings one copy of each, a reminder too."""
    async with FaultServer({phase: [fault]}) as server:
        reminder, notice = scene.remind(scene.session()), scene.notice(COACH)
        await dispatched(scene, server, timedelta(), HOUR / 2)

    assert states_of(scene, [reminder, notice]) == ["accepted", "accepted"]
    assert len(server.mails) == 2
    assert len({mail.content for mail in server.mails}) == 2


@pytest.mark.parametrize("phase", ["rcpt", "data", "body"])
async def test_what_is_refused_for_its_own_sake_is_tried_once_and_the_next_goes(
    scene: Scene, phase: Phase
) -> None:
    """M11."""
    async with FaultServer({phase: [UNWANTED]}) as server:
        first, second = scene.notice(LEAD, due_at=TUESDAY - HOUR), scene.notice(COACH)
        await dispatched(scene, server, timedelta(), HOUR / 2, HOUR)

    assert states_of(scene, [first, second]) == ["refused", "accepted"]
    assert scene.told(first).attempt == 1


async def test_a_server_that_asks_to_slow_down_gets_all_of_it_a_little_later(scene: Scene) -> None:
    """M11: the sample's provider that asks for less, in SMTP's words: 421, seven times."""
    async with FaultServer({"greeting": [TOO_FAST] * 7}) as server:
        notices = [scene.notice(step=f"{n}") for n in range(6)]
        await dispatched(scene, server, timedelta())
        new = scene.notice(COACH)
        asked = [server.connections]
        for seconds in (4, 6, 20, 22, 90):
            await dispatched(scene, server, timedelta(seconds=seconds))
            asked.append(server.connections)

    assert asked[:4] == [6, 6, 7, 7]  # it rests for 5 seconds, then for 15, and one tests the line
    assert states_of(scene, [*notices, new]) == ["accepted"] * 7
    assert len(server.mails) == 7


async def test_an_attempt_that_outlives_its_deadline_sends_nothing(scene: Scene) -> None:
    """M08: the connection is gone, so that a server that wakes up late gets nothing of it."""
    slow = Answer("250 2.1.5 fine", wait=2 * DEADLINE.total_seconds())
    async with FaultServer({"rcpt": [slow]}) as server:
        reminder = scene.remind(scene.session())
        await dispatched(scene, server, timedelta())
        assert scene.told(reminder).state is MessageState.WAITING
        while server._open:  # until the server is done with it too
            await asyncio.sleep(0.05)
        assert server.mails == []
        await dispatched(scene, server, HOUR / 2)

    assert states_of(scene, [reminder]) == ["accepted"]
    assert len(server.mails) == 1


async def test_after_a_day_without_it_what_is_of_use_goes_once_and_the_rest_is_told(
    scene: Scene,
) -> None:
    """M10, M11: the line rests instead of knocking; notices go once, reminders are too late."""
    async with FaultServer() as server:
        pass  # now there is a port at which nobody answers
    session = scene.session()
    reminders = [scene.remind(session, person) for person in (LEAD, COACH)]
    notices = [scene.notice(step=f"{n}") for n in range(6)]
    for hour in range(24):
        await dispatched(scene, server, hour * HOUR)
    with scene.database.reading() as rows:
        breaker = installation(rows).breaker
    assert breaker["cause"] == "disconnected"
    tries = sum(scene.told(one).attempt for one in (*reminders, *notices))
    assert tries < 40  # of the 192 that each of them alone would have made

    async with FaultServer(port=server.port) as back:
        await dispatched(scene, back, 23 * HOUR + 58 * MINUTE, 25 * HOUR)

    assert {scene.state(one) for one in reminders} <= {
        (MessageState.TOO_LATE, MessageReason.INSIDE_LEAD),
        (MessageState.TOO_LATE, MessageReason.NO_SERVER_TOOK_IT),
        (MessageState.TOO_LATE, MessageReason.SESSION_OVER),
    }
    went = [one for one in notices if scene.state(one)[0] is MessageState.ACCEPTED]
    assert len(back.mails) == len(went) == len({mail.content for mail in back.mails})
    assert kinds_left(scene, (*reminders, *notices)) == set()
    assert scene.is_balanced()


def kinds_left(scene: Scene, messages: tuple[Message, ...]) -> set[MessageKind]:
    return {one.kind for one in messages if scene.told(one).state.is_open}
