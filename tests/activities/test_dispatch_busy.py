"""A database that is busy while hand-overs are under way."""

import asyncio
import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from activities.dispatching.batches import Batch
from activities.dispatching.desk import Desk
from activities.dispatching.moments import Moment
from messaging.channel import Outcome, Parcel
from schemas.messages import MessageState
from tests.activities.ledger_scene import COACH, LEAD, TUESDAY, FakeChannel, Scene
from tests.databases import on_sqlite

pytestmark = on_sqlite


async def test_what_is_under_way_is_written_down_though_nothing_more_can_be_taken_up(
    scene: Scene, channel: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M08: a mail that the server took is never unknown because the database was busy."""
    loop, refused = asyncio.get_running_loop(), asyncio.Event()
    take_up, hand_over = Desk.take_up, channel.hand_over

    def busy_while_under_way(desk: Desk, moment: Moment, under_way: int) -> Batch | None:
        if under_way and not refused.is_set():
            loop.call_soon_threadsafe(refused.set)
            locked = sqlite3.OperationalError("database is locked")
            raise OperationalError("BEGIN IMMEDIATE", None, locked)
        return take_up(desk, moment, under_way)

    async def second_waits(parcel: Parcel) -> Outcome:
        outcome = await hand_over(parcel)
        if len(channel.parcels) == 2:
            await refused.wait()
        return outcome

    monkeypatch.setattr(Desk, "take_up", busy_while_under_way)
    monkeypatch.setattr(channel, "hand_over", second_waits)
    notices = [scene.notice(LEAD), scene.notice(COACH)]

    await scene.dispatch(TUESDAY)

    assert refused.is_set()
    assert [scene.state(one)[0] for one in notices] == [MessageState.ACCEPTED] * 2
    assert len(channel.parcels) == 2
