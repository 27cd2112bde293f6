"""Several reminders for one person at once, and the coaches' digest of the week."""

from datetime import timedelta

from messaging.channel import Cause, Outcome, Result
from schemas.clock import ProgrammeClock
from schemas.letters import Topic
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from schemas.people import Channel
from schemas.sessions import Session
from storage import journal
from storage.database import Database
from storage.records import every
from storage.tables.ledger import MessageRow
from tests.activities.ledger_scene import (
    COACH,
    EDITION_COURSE,
    LEAD,
    TUESDAY,
    FakeChannel,
    Scene,
    planner,
)
from tests.databases import on_sqlite
from tests.planning.builders import at

MINUTE = timedelta(minutes=1)
NOT_NOW = Outcome(Result.NOT_SENT, 450, Cause.TEMPORARY)


def digests(scene: Scene) -> tuple[Message, ...]:
    with scene.database.reading() as rows:
        return every(rows, Message, MessageRow, MessageRow.kind == MessageKind.DIGEST)  # type: ignore[arg-type]


def two_sessions(scene: Scene) -> tuple[Session, Session]:
    event = scene.session(
        1, at("2024-10-29", "09:00"), "improvement_event", place="The training room"
    )
    return scene.session(), event


async def test_two_reminders_for_one_person_go_as_one_mail(
    scene: Scene, channel: FakeChannel
) -> None:
    """M13: each reminder names the digest that carried it, and the journal has planned that."""
    weekly, event = two_sessions(scene)
    reminders = [
        scene.remind(weekly),
        scene.remind(event, step="d14", asks=True, topic=Topic.IMPROVEMENT_EVENT),
    ]
    other = scene.remind(weekly, COACH)

    counts = await scene.dispatch()

    assert counts.states == {"bundled": 2, "accepted": 2}
    (digest,) = digests(scene)
    for one in reminders:
        told = scene.told(one)
        assert (told.state, told.digest_key) == (MessageState.BUNDLED, digest.key)
    assert scene.state(other) == (MessageState.ACCEPTED, None)
    assert scene.is_balanced()
    with scene.database.reading() as rows:
        assert journal.planned_messages(rows)["digest"] == 1
    text = next(channel.text(n) for n, one in enumerate(channel.parcels) if one.key == digest.key)
    assert "Delivery coaching, Willow Ward, Room 1" in text
    assert "The training room (please confirm)" in text


@on_sqlite
async def test_bundling_again_never_makes_a_second_digest(
    scene: Scene, channel: FakeChannel
) -> None:
    """M08: its key is of the person, the day and the instant; what comes later goes alone."""
    weekly, event = two_sessions(scene)
    first = [scene.remind(weekly), scene.remind(event, step="d14")]
    await scene.dispatch()
    later = [scene.rewrite(one, state=MessageState.WAITING, digest_key=None) for one in first]

    await scene.dispatch()

    assert len(digests(scene)) == 1
    assert [scene.state(one)[0] for one in later] == [MessageState.ACCEPTED] * 2


@on_sqlite
async def test_reminders_due_at_different_hours_of_one_batch_are_all_told(
    database: Database,
) -> None:
    """On a clock so fast that hours pass in a batch, each is judged at its own instant."""
    clock = ProgrammeClock(real_anchor=TUESDAY, programme_anchor=TUESDAY, rate=86400)
    channel = FakeChannel()
    scene = Scene(database, channel).prepared(clock=clock)
    weekly, event = two_sessions(scene)
    scene.remind(weekly)
    scene.remind(event, step="d14", due_at=TUESDAY + timedelta(hours=1))
    await scene.dispatch(TUESDAY + timedelta(hours=2))
    assert "Willow Ward, Room 1" in channel.text()
    assert "The training room" in channel.text()


@on_sqlite
async def test_all_that_is_due_for_one_person_goes_together_however_much_it_is(
    scene: Scene, channel: FakeChannel
) -> None:
    """More than a batch takes up at once: still one mail."""
    scene.connections = 1
    for number in range(20):
        scene.remind(scene.session(number, at("2024-10-16", "10:00"), place=f"Room {number}."))
    counts = await scene.dispatch()
    assert counts.states == {"bundled": 20, "accepted": 1}
    assert all(f"Room {number}." in channel.text() for number in range(20))


@on_sqlite
async def test_a_digest_that_is_tried_again_leaves_out_what_was_cancelled_meanwhile(
    scene: Scene, channel: FakeChannel
) -> None:
    """M05: not even when it waited for a retry."""
    weekly, event = two_sessions(scene)
    scene.remind(weekly)
    scene.remind(event, step="d14")
    channel.outcomes = [NOT_NOW]
    await scene.dispatch()
    scene.change(weekly, sequence=1, starts_at=at("2024-10-17", "10:00"))

    await scene.dispatch(TUESDAY + MINUTE)

    assert "Room 1" in channel.text(0)
    assert "Room 1" not in channel.text(1)
    assert "The training room" in channel.text(1)


@on_sqlite
async def test_a_digest_with_nothing_left_to_tell_ends_as_its_reminders_would(
    scene: Scene, channel: FakeChannel
) -> None:
    """M05."""
    weekly, event = two_sessions(scene)
    scene.remind(weekly)
    scene.remind(event, step="d14")
    channel.outcomes = [NOT_NOW]
    await scene.dispatch()
    for session in (weekly, event):
        scene.change(session, sequence=1, starts_at=at("2024-11-20", "10:00"))

    await scene.dispatch(TUESDAY + MINUTE)

    (digest,) = digests(scene)
    assert scene.state(digest) == (MessageState.SUPERSEDED, MessageReason.SESSION_MOVED)
    assert len(channel.parcels) == 1


@on_sqlite
async def test_only_what_would_go_is_bundled(scene: Scene, channel: FakeChannel) -> None:
    """M03: of two that are due one is stopped, and the other goes alone."""
    weekly, event = two_sessions(scene)
    alone = scene.remind(weekly)
    scene.remind(event, step="d14", asks=True)
    scene.confirm(event, LEAD)
    await scene.dispatch()
    assert digests(scene) == ()
    assert scene.state(alone) == (MessageState.ACCEPTED, None)


@on_sqlite
async def test_a_digest_is_not_sent_twice(scene: Scene, channel: FakeChannel) -> None:
    """M08."""
    weekly, event = two_sessions(scene)
    scene.remind(weekly)
    scene.remind(event, step="d14")
    channel.outcomes = [Outcome(Result.UNKNOWN, None, Cause.DEADLINE)]
    await scene.dispatch()
    await scene.dispatch(TUESDAY + timedelta(hours=1))
    (digest,) = digests(scene)
    assert scene.state(digest) == (MessageState.UNKNOWN, MessageReason.OUTCOME_NOT_KNOWN)
    assert len(channel.parcels) == 1


class TestTheCoachesWeek:
    """M14: on Friday, every session of the week to come."""

    pytestmark = on_sqlite
    FRIDAY = at("2024-10-11", "14:00")

    def digest(self, scene: Scene) -> Message:
        row = planner().message(
            MessageKind.DIGEST,
            Topic.COACH_WEEK,
            EDITION_COURSE,
            COACH,
            step="2024-10-14",
            due_at=self.FRIDAY,
            useful_until=at("2024-10-14", "12:00"),
            facts={"week": "2024-10-14"},
        )
        return scene.plan(row.model_copy(update={"course_id": EDITION_COURSE}))[0]

    async def test_it_lists_the_sessions_that_the_coach_leads(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M14: as they are when it goes, and none of another week."""
        scene.session()
        scene.session(8, at("2024-10-21", "10:00"), place="Room 2")
        scene.session(1, at("2024-10-18", "09:00"), "improvement_event", place="Room 3")
        digest = self.digest(scene)

        await scene.dispatch(self.FRIDAY)

        assert scene.state(digest) == (MessageState.ACCEPTED, None)
        text = channel.text()
        assert "Your coaching week from Monday 14 October 2024" in text
        assert text.index("Delivery coaching, Willow Ward, Room 1") < text.index("Room 3")
        assert "Room 2" not in text

    async def test_a_week_without_a_session_says_nothing(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M14."""
        digest = self.digest(scene)
        await scene.dispatch(self.FRIDAY)
        assert scene.state(digest) == (MessageState.SUPPRESSED, MessageReason.NOTHING_TO_SAY)
        assert channel.parcels == []

    async def test_it_waits_for_nobody_who_prefers_the_phone(self, scene: Scene) -> None:
        """M20."""
        scene.session()
        scene.person(COACH, channel=Channel.PHONE)
        digest = self.digest(scene)
        await scene.dispatch(self.FRIDAY)
        assert scene.state(digest) == (MessageState.SUPPRESSED, MessageReason.PREFERS_PHONE)
