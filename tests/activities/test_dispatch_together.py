"""Several dispatchers on one ledger, and people who change things while they work."""

import asyncio
from dataclasses import replace

from messaging.channel import Parcel
from schemas.messages import MessageReason, MessageState
from storage import ledger
from storage.database import Database
from tests.activities.ledger_scene import COACH, LEAD, TUESDAY, FakeChannel, Scene


async def test_two_dispatchers_hand_each_message_over_once(database: Database) -> None:
    """M08: one claim each, whoever is first; on both databases."""
    scene = Scene(database).prepared()
    messages = [scene.notice(person, step=f"{n}") for n in range(40) for person in (LEAD, COACH)]
    other_database = Database(database.url)
    one = scene.through(FakeChannel())
    other = replace(scene.through(FakeChannel()), database=other_database)

    await asyncio.gather(one.dispatch(), other.dispatch())
    other_database.close()

    handed = [parcel.key for each in (one, other) for parcel in parcels(each)]
    assert sorted(handed) == sorted(message.key for message in messages)
    assert {scene.told(message).state for message in messages} == {MessageState.ACCEPTED}
    assert {scene.told(message).attempt for message in messages} == {1}


async def test_of_a_change_and_a_hand_over_at_once_both_agree_who_was_first(
    database: Database,
) -> None:
    """M05: what was superseded never goes, and what went was not superseded."""
    scene = Scene(database, FakeChannel()).prepared()
    messages = [scene.notice(step=f"{n}", subject=f"about/{n}") for n in range(40)]

    def change() -> int:
        ended = 0
        for number in reversed(range(40)):
            with database.transaction() as rows:
                ended += ledger.supersede(
                    rows, f"about/{number}", MessageReason.SESSION_MOVED, TUESDAY
                )
        return ended

    _, ended = await asyncio.gather(scene.dispatch(), asyncio.to_thread(change))

    states = [scene.told(message).state for message in messages]
    handed = {parcel.key for parcel in parcels(scene)}
    assert states.count(MessageState.SUPERSEDED) == ended == 40 - len(handed)
    for message, state in zip(messages, states, strict=True):
        assert (message.key in handed) == (state is MessageState.ACCEPTED)


def parcels(scene: Scene) -> list[Parcel]:
    assert isinstance(scene.channel, FakeChannel)
    return scene.channel.parcels
