"""Whose hand-over it is: leases, zombies, deadlines, and outcomes that come late."""

import asyncio
import time
from datetime import timedelta

import pytest

from activities.dispatching.batches import Claim
from activities.dispatching.beginnings import Beginnings
from activities.dispatching.handovers import Deadlines, HandOvers
from messaging.channel import Cause, Outcome, Parcel, Result
from schemas.messages import MailMode, Message, MessageReason, MessageState
from storage import dispatching
from storage.dispatching import Lease
from tests.activities.ledger_scene import COACH, LEAD, TUESDAY, FakeChannel, Scene
from tests.databases import on_sqlite

pytestmark = on_sqlite

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NO_SUCH_ADDRESS = Outcome(Result.REFUSED, 550, Cause.BAD_ADDRESS)


class TestLeases:
    """Somebody else's hand-over, begun at ``TUESDAY`` and never heard of again."""

    lease = Lease("somebody-elses", TUESDAY + MINUTE)

    def claimed(self, scene: Scene, message: Message) -> Message:
        with scene.database.transaction() as rows:
            dispatching.claim(rows, [message.key], self.lease, TUESDAY)
            dispatching.keep_contents(rows, {message.key: b"their bytes"}, TUESDAY)
        return scene.told(message)

    def begun(self, scene: Scene, message: Message) -> Message:
        self.claimed(scene, message)
        with scene.database.transaction() as rows:
            dispatching.begin(rows, [(message.key, self.lease.token)])
        return scene.told(message)

    async def test_a_lease_that_holds_is_left_alone(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M08."""
        reminder = self.begun(scene, scene.remind(scene.session()))
        await scene.dispatch(TUESDAY + MINUTE)
        assert scene.told(reminder) == reminder
        assert channel.parcels == []

    async def test_a_reminder_whose_lease_ran_out_is_unknown(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M08: nobody can say whether it went; it does not go again."""
        reminder = self.begun(scene, scene.remind(scene.session()))
        await scene.dispatch(TUESDAY + 2 * MINUTE)
        assert scene.state(reminder) == (MessageState.UNKNOWN, MessageReason.OUTCOME_NOT_KNOWN)
        assert channel.parcels == []

    @pytest.mark.parametrize("mode", [MailMode.LIVE, MailMode.HELD])
    async def test_what_was_claimed_and_never_begun_waits_as_if_it_had_not_been_claimed(
        self, scene: Scene, channel: FakeChannel, mode: MailMode
    ) -> None:
        """M08: nothing of it was sent, so a reminder still goes, and no try is counted."""
        reminder = scene.remind(scene.session())
        assert self.claimed(scene, reminder).state is MessageState.HANDING_OVER
        scene.mode(MailMode.HELD)
        await scene.dispatch(TUESDAY + 2 * MINUTE)
        assert scene.told(reminder).model_copy(update={"begun": True}) == reminder
        scene.mode(mode)
        await scene.dispatch(TUESDAY + 2 * MINUTE)
        assert len(channel.parcels) == (mode is MailMode.LIVE)
        assert scene.told(reminder).attempt == (mode is MailMode.LIVE)

    async def test_a_hand_over_whose_lease_was_lost_does_not_begin(self, scene: Scene) -> None:
        """M08: the lease is looked at once more when its turn comes."""
        reminder = self.begun(scene, scene.remind(scene.session()))
        with scene.database.transaction() as rows:
            dispatching.renew(rows, [reminder.key], Lease("another", TUESDAY + HOUR))
            assert dispatching.begin(rows, [(reminder.key, self.lease.token)]) == set()
            assert dispatching.begin(rows, [(reminder.key, "another")]) == {reminder.key}

    async def test_a_notice_whose_lease_ran_out_goes_again_at_once_with_the_same_bytes(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M08: the lease was wait enough."""
        notice = self.begun(scene, scene.notice())
        await scene.dispatch(TUESDAY + 2 * MINUTE)
        assert scene.state(notice) == (MessageState.ACCEPTED, None)
        assert [one.content for one in channel.parcels] == [b"their bytes"]

    async def test_leases_run_out_while_mail_is_held(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M19: nothing is on its way for ever; and nothing goes."""
        reminder, notice = scene.remind(scene.session()), scene.notice()
        self.begun(scene, reminder)
        self.begun(scene, notice)
        scene.mode(MailMode.HELD)
        await scene.dispatch(TUESDAY + 2 * MINUTE)
        assert scene.state(reminder)[0] is MessageState.UNKNOWN
        assert scene.state(notice)[0] is MessageState.WAITING
        assert channel.parcels == []

    async def test_a_channel_that_can_tell_is_asked_what_became_of_it(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M09."""
        reminder = self.begun(scene, scene.remind(scene.session()))
        channel.found = {f"{reminder.key}.1": Outcome(Result.ACCEPTED)}
        await scene.dispatch(TUESDAY + 2 * MINUTE)
        assert scene.state(reminder) == (MessageState.ACCEPTED, None)

    async def test_a_zombie_writes_nothing(self, scene: Scene) -> None:
        """M08: whoever outlived its lease finds it taken, and its word does not count."""
        notice = scene.notice()
        slow = SlowChannel()
        zombie = asyncio.create_task(scene.through(slow).dispatch())
        await slow.begun.wait()
        later = FakeChannel(NO_SUCH_ADDRESS)
        await scene.through(later).dispatch(TUESDAY + HOUR)
        slow.go_on.set()
        await zombie
        assert scene.state(notice) == (MessageState.REFUSED, MessageReason.BAD_ADDRESS)
        assert scene.told(notice).attempt == 2


class SlowChannel(FakeChannel):
    """Waits in the middle of a hand-over until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def hand_over(self, parcel: Parcel) -> Outcome:
        self.begun.set()
        await self.go_on.wait()
        return await super().hand_over(parcel)


class BrokenChannel(FakeChannel):
    """Raises, which no channel should."""

    async def hand_over(self, parcel: Parcel) -> Outcome:
        raise RuntimeError("a fault in the channel")


async def test_a_hand_over_that_never_returns_is_given_up_within_its_lease(scene: Scene) -> None:
    """M08: its own deadline is shorter than the lease."""
    reminder, moment = scene.remind(scene.session()), timedelta(milliseconds=20)
    deadlines = Deadlines(moment, moment)
    everyone = Beginnings(lambda claims: {one.message.key for one in claims})
    handovers = HandOvers({"mail": SlowChannel()}, everyone, 1, deadlines)
    parcel = Parcel(reminder.key, f"{reminder.key}.1", "us", "them", b"")
    lease = Lease("ours", TUESDAY + deadlines.lease)
    claim = Claim(reminder.model_copy(update={"attempt": 1}), lease, parcel, LEAD)

    delivered = await handovers.deliver(claim, time.monotonic())

    assert delivered.outcome == Outcome(Result.UNKNOWN, None, Cause.DEADLINE)
    assert deadlines.begun + deadlines.ended < deadlines.lease


async def test_a_fault_in_a_channel_is_an_unknown_outcome(scene: Scene) -> None:
    notice = scene.notice()
    await scene.through(BrokenChannel()).dispatch()
    told = scene.told(notice)
    assert (told.state, told.unheard) == (MessageState.WAITING, 1)


async def test_what_was_claimed_and_not_begun_in_time_is_given_back(
    scene: Scene, channel: FakeChannel
) -> None:
    """M08: nothing begins that would outlive its lease; and no try is counted."""
    slow = SlowChannel()
    scene = Scene(scene.database, slow, connections=1, deadline=timedelta(milliseconds=50))
    first = scene.notice(due_at=TUESDAY - HOUR)
    second = scene.notice(COACH)
    dispatched = asyncio.create_task(scene.dispatch())
    await slow.begun.wait()
    await asyncio.sleep(0.1)
    slow.begun.clear()
    slow.go_on.set()
    counts = await dispatched
    assert scene.state(first) == scene.state(second) == (MessageState.ACCEPTED, None)
    assert counts.states["waiting"] == 1
    assert scene.told(second).attempt == 1


async def test_cancelling_finishes_what_is_under_way(scene: Scene) -> None:
    """A worker that stops loses no outcome."""
    slow = SlowChannel()
    notice = scene.notice()
    dispatched = asyncio.create_task(scene.through(slow).dispatch())
    await slow.begun.wait()
    dispatched.cancel()
    await asyncio.sleep(0)
    slow.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await dispatched
    assert scene.state(notice) == (MessageState.ACCEPTED, None)


async def test_outcomes_are_written_once_the_database_answers_again(scene: Scene) -> None:
    """The database is away after the server's 250: nothing is lost and nothing goes twice."""
    notice = scene.notice()
    slow = SlowChannel()
    dispatched = asyncio.create_task(scene.through(slow).dispatch())
    await slow.begun.wait()
    lock = scene.database.engine.raw_connection()
    lock.cursor().execute("BEGIN IMMEDIATE")
    slow.go_on.set()
    await asyncio.sleep(2.5)  # longer than the database's busy timeout
    assert not dispatched.done()
    lock.rollback()
    lock.close()
    await dispatched
    assert scene.state(notice) == (MessageState.ACCEPTED, None)
    assert len(slow.parcels) == 1
