"""A dispatcher that stops at a point and waits there to be killed; run as a process of its own."""

import asyncio
import sys
from datetime import timedelta

from messaging.channel import Outcome, Parcel
from messaging.smtp import SmtpChannel
from messaging.smtp_server import SmtpServer
from storage.database import Database
from tests.activities.ledger_scene import TUESDAY, Scene

PLANNED, CLAIMED, ANSWERED, COMMITTED = "planned", "claimed", "answered", "committed"
HALTED = b"halted\n"
LONG = timedelta(minutes=5)


class HaltingChannel(SmtpChannel):
    """Real SMTP, and a stop before the hand-over or after the server's answer."""

    def __init__(self, port: int, point: str) -> None:
        super().__init__(SmtpServer("127.0.0.1", port), deadline=LONG)
        self._point = point

    async def hand_over(self, parcel: Parcel) -> Outcome:
        if self._point == CLAIMED:
            await halt()
        outcome = await super().hand_over(parcel)
        if self._point == ANSWERED:
            await halt()
        return outcome


async def halt() -> None:
    """Say so, and wait for ever."""
    sys.stdout.buffer.write(HALTED)
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    url, port, point = sys.argv[1:]
    scene = Scene(Database(url), HaltingChannel(int(port), point), deadline=LONG)
    if point == PLANNED:
        asyncio.run(halt())
    asyncio.run(scene.dispatch(TUESDAY))
    asyncio.run(halt())
