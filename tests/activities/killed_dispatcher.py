"""A dispatcher that stops at a point and waits there to be killed; run as a process of its own."""

import asyncio
import sys
from datetime import timedelta

import pytest

from activities.dispatching.batches import Claim
from activities.dispatching.beginnings import Beginnings
from messaging.channel import Outcome, Parcel
from messaging.smtp import SmtpChannel
from messaging.smtp_server import SmtpServer
from storage.database import Database
from tests.activities.ledger_scene import TUESDAY, Scene

PLANNED, CLAIMED, BEGUN, ANSWERED, COMMITTED = (
    "planned",
    "claimed",
    "begun",
    "answered",
    "committed",
)
HALTED = b"halted\n"
LONG = timedelta(minutes=5)


class HaltingChannel(SmtpChannel):
    """Real SMTP, and a stop before the server hears of it or after its answer."""

    def __init__(self, port: int, point: str) -> None:
        super().__init__(SmtpServer("127.0.0.1", port), deadline=LONG)
        self._point = point

    async def hand_over(self, parcel: Parcel) -> Outcome:
        if self._point == BEGUN:
            await halt()
        outcome = await super().hand_over(parcel)
        if self._point == ANSWERED:
            await halt()
        return outcome


class HaltingBeginnings(Beginnings):
    """A stop when the turn of a hand-over has come, before that is written."""

    async def begins(self, claim: Claim) -> bool:
        await halt()
        return await super().begins(claim)


async def halt() -> None:
    """Say so, and wait for ever."""
    sys.stdout.buffer.write(HALTED)
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    url, port, point = sys.argv[1:]
    beginnings = HaltingBeginnings if point == CLAIMED else Beginnings
    with pytest.MonkeyPatch.context() as stops:
        stops.setattr("activities.dispatching.dispatcher.Beginnings", beginnings)
        scene = Scene(Database(url), HaltingChannel(int(port), point), deadline=LONG)
        if point == PLANNED:
            asyncio.run(halt())
        asyncio.run(scene.dispatch(TUESDAY))
    asyncio.run(halt())
