"""What becomes of a message after its hand-over, in the ledger."""

from datetime import timedelta

import pytest

from messaging.channel import Cause, Outcome, Result
from schemas.clock import ProgrammeClock
from schemas.ids import edition_course_id
from schemas.messages import MailMode, Message, MessageReason, MessageState
from schemas.people import AddressState
from storage.database import Database
from tests.activities.ledger_scene import (
    COACH,
    EDITION,
    LEAD,
    SPONSOR,
    TUESDAY,
    FakeChannel,
    Scene,
)
from tests.databases import on_sqlite
from tests.planning.builders import at

pytestmark = on_sqlite

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BUSY = Outcome(Result.NOT_SENT, 450, Cause.TEMPORARY)
LOST = Outcome(Result.UNKNOWN, None, Cause.DISCONNECTED)
NO_SUCH_ADDRESS = Outcome(Result.REFUSED, 550, Cause.BAD_ADDRESS)
REFUSED = Outcome(Result.REFUSED, 554)
OUR_FAULT = Outcome(Result.NOT_SENT, 535, Cause.SENDER_FAULT)


async def tries(scene: Scene, message: Message, *after: timedelta) -> list[int]:
    """Return how many hand-overs there have been at some times after the first."""
    found = []
    for wait in after:
        await scene.dispatch(TUESDAY + wait)
        found.append(scene.told(message).attempt)
    return found


async def test_a_temporary_failure_is_tried_again_after_1_5_15_and_60_minutes(
    scene: Scene, channel: FakeChannel
) -> None:
    """M11: in real time, each wait from the try before it."""
    channel.outcomes = [BUSY] * 5
    notice = scene.notice()
    waits = [MINUTE, 6 * MINUTE, 21 * MINUTE, 81 * MINUTE, 141 * MINUTE]
    just_before = [wait - timedelta(seconds=1) for wait in waits]

    assert await tries(scene, notice, timedelta()) == [1]
    for number, (before, then) in enumerate(zip(just_before, waits, strict=True), start=1):
        assert await tries(scene, notice, before, then) == [number, number + 1]

    assert scene.state(notice) == (MessageState.ACCEPTED, None)
    assert [one.reference for one in channel.parcels] == [f"{notice.key}.{n}" for n in range(1, 7)]


async def test_a_reminder_is_tried_until_its_latest_useful_moment(
    scene: Scene, channel: FakeChannel
) -> None:
    """M11: the next try would come too late, so nobody waits for it."""
    channel.outcomes = [BUSY] * 9
    reminder = scene.remind(scene.session(), useful_until=TUESDAY + 20 * MINUTE)

    await scene.dispatch()
    await scene.dispatch(TUESDAY + MINUTE)
    assert scene.state(reminder) == (MessageState.WAITING, None)
    await scene.dispatch(TUESDAY + 6 * MINUTE)

    assert scene.state(reminder) == (MessageState.TOO_LATE, MessageReason.NO_SERVER_TOOK_IT)
    assert len(channel.parcels) == 3


async def test_what_no_server_takes_for_a_day_has_failed(
    scene: Scene, channel: FakeChannel
) -> None:
    """M11: of the kinds that are kept for sending again."""
    channel.outcomes = [BUSY] * 99
    notice = scene.notice()
    for _ in range(99):
        told = scene.told(notice)
        if told.state is not MessageState.WAITING:
            break
        await scene.dispatch(max(told.retry_at or TUESDAY, told.due_at))

    assert scene.state(notice) == (MessageState.FAILED, MessageReason.NO_SERVER_TOOK_IT)
    assert scene.told(notice).ended_at is not None
    assert len(channel.parcels) < 30


async def test_a_superseded_message_does_not_go_when_its_retry_comes(
    scene: Scene, channel: FakeChannel
) -> None:
    """M05: not even those waiting for a retry."""
    channel.outcomes = [BUSY]
    session = scene.session()
    reminder = scene.remind(session)
    await scene.dispatch()
    scene.change(session, sequence=1, starts_at=at("2024-10-17", "10:00"))

    await scene.dispatch(TUESDAY + MINUTE)

    assert scene.state(reminder) == (MessageState.SUPERSEDED, MessageReason.SESSION_MOVED)
    assert len(channel.parcels) == 1


async def test_a_refused_address_is_marked_and_the_edition_told(
    scene: Scene, channel: FakeChannel
) -> None:
    """M11: no more is sent to it."""
    channel.outcomes = [NO_SUCH_ADDRESS]
    first = scene.notice()

    counts = await scene.dispatch()
    second = scene.notice(step="second")
    await scene.dispatch()

    assert scene.state(first) == (MessageState.REFUSED, MessageReason.BAD_ADDRESS)
    assert scene.state(second) == (MessageState.SUPPRESSED, MessageReason.BAD_ADDRESS)
    assert scene.address_of(LEAD) is AddressState.BAD
    assert counts.wake == {edition_course_id(EDITION)}
    assert len(channel.parcels) == 1


async def test_a_refusal_that_is_not_the_address_leaves_the_address_good(
    scene: Scene, channel: FakeChannel
) -> None:
    """M11."""
    channel.outcomes = [REFUSED]
    notice = scene.notice()
    await scene.dispatch()
    assert scene.state(notice) == (MessageState.REFUSED, MessageReason.REFUSED_BY_SERVER)
    assert scene.address_of(LEAD) is AddressState.GOOD


async def test_a_refused_redirection_is_our_fault_and_nobody_elses_address(
    scene: Scene, channel: FakeChannel
) -> None:
    """M19, M11: the line rests until the one address is put right."""
    scene.mode(MailMode.REDIRECT, "trial@drumbeat.example")
    channel.outcomes = [NO_SUCH_ADDRESS]
    notice = scene.notice()
    await scene.dispatch()
    assert scene.state(notice) == (MessageState.WAITING, None)
    assert scene.address_of(LEAD) is AddressState.GOOD


class TestTheBreaker:
    async def test_a_fault_of_ours_stops_the_line_and_one_message_tests_it_later(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M11: the rest are not burnt; a try that cannot have arrived is not counted."""
        scene.connections = 1
        channel.outcomes = [OUR_FAULT]
        first = scene.notice(due_at=TUESDAY - HOUR)
        await scene.dispatch()
        others = [scene.notice(COACH), scene.notice(SPONSOR)]

        assert scene.state(first) == (MessageState.WAITING, None)
        assert scene.told(first).attempt == 0
        await scene.dispatch(TUESDAY + timedelta(seconds=59))
        assert len(channel.parcels) == 1
        channel.outcomes = [OUR_FAULT]
        await scene.dispatch(TUESDAY + MINUTE)
        assert len(channel.parcels) == 2  # one to test the line, and it rests for longer
        await scene.dispatch(TUESDAY + 5 * MINUTE)
        assert len(channel.parcels) == 2
        await scene.dispatch(TUESDAY + 6 * MINUTE)

        assert [scene.state(one)[0] for one in (first, *others)] == [MessageState.ACCEPTED] * 3
        assert len(channel.parcels) == 5

    async def test_the_breaker_outlives_the_dispatcher(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M11: it is kept in the database; another dispatcher rests as well."""
        channel.outcomes = [OUR_FAULT]
        scene.notice()
        await scene.dispatch()
        other = FakeChannel()
        await scene.through(other).dispatch(TUESDAY + timedelta(seconds=30))
        assert other.parcels == []

    async def test_being_asked_to_slow_down_rests_the_whole_channel(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        channel.outcomes = [Outcome(Result.NOT_SENT, 421, Cause.SLOW_DOWN)]
        scene.connections = 1
        scene.notice()
        await scene.dispatch()
        other = scene.notice(COACH)
        await scene.dispatch(TUESDAY + timedelta(seconds=4))
        assert scene.state(other) == (MessageState.WAITING, None)
        await scene.dispatch(TUESDAY + timedelta(seconds=6))
        assert scene.state(other) == (MessageState.ACCEPTED, None)


class TestUnknownOutcomes:
    async def test_a_reminder_whose_outcome_is_unknown_is_not_sent_again(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M08: losing it is better than sending it twice."""
        channel.outcomes = [LOST]
        reminder = scene.remind(scene.session())
        await scene.dispatch()
        await scene.dispatch(TUESDAY + HOUR)
        assert scene.state(reminder) == (MessageState.UNKNOWN, MessageReason.OUTCOME_NOT_KNOWN)
        assert len(channel.parcels) == 1

    @pytest.mark.parametrize(
        ("second", "state"),
        [
            (Outcome(Result.ACCEPTED), MessageState.ACCEPTED),
            (LOST, MessageState.UNKNOWN),
            (NO_SUCH_ADDRESS, MessageState.REFUSED),
        ],
    )
    async def test_a_notice_is_sent_again_once_with_the_same_bytes(
        self, scene: Scene, channel: FakeChannel, second: Outcome, state: MessageState
    ) -> None:
        """M08: at least once and at most twice, and what is not known is said."""
        channel.outcomes = [LOST, second]
        notice = scene.notice()
        await scene.dispatch()
        scene.person(LEAD, name="Another Name")
        await scene.dispatch(TUESDAY + MINUTE)
        await scene.dispatch(TUESDAY + DAY)
        assert scene.state(notice)[0] is state
        assert len(channel.parcels) == 2
        assert channel.parcels[0].content == channel.parcels[1].content

    async def test_a_try_that_surely_failed_is_written_anew(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M07: nobody has the first bytes, so the second tell how things are now."""
        channel.outcomes = [BUSY]
        scene.notice()
        await scene.dispatch()
        scene.person(LEAD, name="Another Name")
        await scene.dispatch(TUESDAY + MINUTE)
        assert "Dear Alex Lead" in channel.text(0)
        assert "Dear Another Name" in channel.text(1)

    async def test_what_may_have_arrived_does_not_end_as_if_it_had_not(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        channel.outcomes = [LOST]
        notice = scene.notice()
        await scene.dispatch()
        scene.person(LEAD, address_state=AddressState.BAD)
        await scene.dispatch(TUESDAY + MINUTE)
        assert scene.state(notice) == (MessageState.UNKNOWN, MessageReason.OUTCOME_NOT_KNOWN)

    async def test_a_channel_that_can_tell_is_asked_before_anything_goes_twice(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M09: asked by the reference of the hand-over."""
        channel.outcomes = [LOST]
        notice = scene.notice()
        await scene.dispatch()
        channel.found = {f"{notice.key}.1": Outcome(Result.ACCEPTED)}

        await scene.dispatch(TUESDAY + MINUTE)

        assert scene.state(notice) == (MessageState.ACCEPTED, None)
        assert len(channel.parcels) == 1

    async def test_a_channel_that_can_tell_is_asked_at_once(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M09: so even a reminder need not end unknown."""
        channel.outcomes = [LOST]
        reminder = scene.remind(scene.session())
        channel.found = {f"{reminder.key}.1": Outcome(Result.ACCEPTED)}
        await scene.dispatch()
        assert scene.state(reminder) == (MessageState.ACCEPTED, None)


async def test_a_fast_clock_makes_no_message_late(database: Database) -> None:
    """M10: less than five real seconds late is judged at its own instant, at a day a second too."""
    clock = ProgrammeClock(real_anchor=TUESDAY, programme_anchor=TUESDAY, rate=86400)
    channel = FakeChannel()
    scene = Scene(database, channel).prepared(clock=clock)
    reminder = scene.remind(scene.session())
    evening = scene.notice(COACH, due_at=at("2024-10-15", "17:59"))

    await scene.dispatch(at("2024-10-18", "23:00"))  # three real seconds and a half later

    assert scene.state(reminder) == scene.state(evening) == (MessageState.ACCEPTED, None)


async def test_a_clock_that_ran_on_without_us_makes_it_late(database: Database) -> None:
    """M10: after five real seconds it is judged at the present."""
    clock = ProgrammeClock(real_anchor=TUESDAY, programme_anchor=TUESDAY, rate=86400)
    scene = Scene(database, FakeChannel()).prepared(clock=clock)
    reminder = scene.remind(scene.session())
    await scene.dispatch(at("2024-10-20", "09:05"))
    assert scene.state(reminder) == (MessageState.TOO_LATE, MessageReason.SESSION_OVER)
