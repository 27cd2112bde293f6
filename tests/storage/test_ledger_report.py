from collections import Counter
from datetime import timedelta

import pytest

from messaging.channel import Cause, Outcome, Result
from schemas.ledger import LedgerReport
from schemas.messages import MailMode, MessageKind
from schemas.sessions import SessionState
from storage import dispatching
from storage.database import Database
from storage.dispatching import Lease
from storage.ledger_report import ledger_report
from storage.tables.ledger import MessageRow
from tests.activities.ledger_scene import COACH, SPONSOR, TUESDAY, WEDNESDAY, FakeChannel, Scene
from tests.databases import on_sqlite

LEASE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
NOT_NOW = Outcome(Result.NOT_SENT, 450, Cause.TEMPORARY)


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def scene(database: Database, channel: FakeChannel) -> Scene:
    return Scene(database, channel).prepared()


def report(
    scene: Scene, after: timedelta = timedelta(), copies: Counter[str] | None = None
) -> LedgerReport:
    with scene.database.reading() as rows:
        return ledger_report(rows, TUESDAY + after, LEASE, copies or Counter())


async def test_every_planned_message_is_open_or_has_ended(
    scene: Scene, channel: FakeChannel
) -> None:
    """M13: planned from the journal, the rest from the rows, for each kind."""
    channel.outcomes = [Outcome(Result.REFUSED, 554)]
    session = scene.session()
    scene.notice(SPONSOR, due_at=TUESDAY - SECOND)
    scene.remind(session)
    event = scene.session(1, WEDNESDAY + timedelta(days=13), "improvement_event")
    scene.remind(event, step="d14")
    scene.notice(COACH, step="later", due_at=TUESDAY + timedelta(hours=1))
    await scene.dispatch()

    found = report(scene)

    assert found.model_dump() == {
        "planned": 5,
        "open": 1,
        "ended": {"accepted": 1, "bundled": 2, "refused": 1},
        "unexplained": 0,
        "duplicates": 0,
        "held": 0,
        "stopped": False,
        "by_kind": {
            "digest": {"planned": 1, "open": 0, "ended": {"accepted": 1}},
            "notice": {"planned": 2, "open": 1, "ended": {"refused": 1}},
            "reminder": {"planned": 2, "open": 0, "ended": {"bundled": 2}},
        },
    }
    assert found.is_clean


@on_sqlite
def test_a_row_that_is_lost_does_not_pass(scene: Scene) -> None:
    """M13: the sum of what was planned is never read off the rows."""
    lost = scene.notice()
    scene.notice(COACH)
    with scene.database.transaction() as rows:
        rows.delete(rows.get_one(MessageRow, lost.key))

    found = report(scene)

    assert (found.planned, found.open, found.is_balanced) == (2, 1, False)


class TestUnexplained:
    pytestmark = on_sqlite

    def test_a_message_may_take_a_lease_past_its_instant_and_no_longer(self, scene: Scene) -> None:
        scene.notice()
        assert report(scene, LEASE).unexplained == 0
        found = report(scene, LEASE + SECOND)
        assert (found.unexplained, found.is_balanced, found.is_clean) == (1, True, False)

    async def test_a_retry_explains_until_its_instant(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M11."""
        channel.outcomes = [NOT_NOW]
        scene.notice()
        await scene.dispatch()
        assert report(scene, 2 * LEASE).unexplained == 0
        assert report(scene, 2 * LEASE + SECOND).unexplained == 1

    async def test_a_line_that_rests_explains_what_waits_for_it(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M11: until it reopens, and a lease."""
        channel.outcomes = [Outcome(Result.NOT_SENT, 535, Cause.SENDER_FAULT)]
        scene.notice()
        await scene.dispatch()
        scene.notice(COACH)
        assert report(scene, 2 * LEASE - SECOND).unexplained == 0
        assert report(scene, 2 * LEASE + SECOND).unexplained == 2

    def test_held_mail_is_counted_apart(self, scene: Scene) -> None:
        """M19."""
        scene.notice()
        scene.notice(COACH, due_at=TUESDAY + timedelta(days=1))
        scene.mode(MailMode.HELD)
        found = report(scene, timedelta(hours=5))
        assert (found.open, found.held, found.unexplained) == (2, 1, 0)
        scene.mode(MailMode.LIVE)
        assert (report(scene, timedelta(hours=5)).held) == 0

    def test_a_hand_over_beyond_its_lease_is_unexplained_held_mail_or_not(
        self, scene: Scene
    ) -> None:
        """M08."""
        notice = scene.notice()
        with scene.database.transaction() as rows:
            dispatching.claim(rows, [notice.key], Lease("theirs", TUESDAY + LEASE), TUESDAY)
        scene.mode(MailMode.HELD)
        assert report(scene, 2 * LEASE).unexplained == 0
        assert report(scene, 2 * LEASE + SECOND).unexplained == 1

    async def test_what_waits_for_an_earlier_calendar_message_is_explained_by_it(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M17: as long as that one is itself explained."""
        session = scene.session()
        channel.outcomes = [NOT_NOW]
        scene.entry(MessageKind.INVITATION, session)
        await scene.dispatch()
        off = scene.change(session, sequence=1, state=SessionState.CANCELLED)
        scene.entry(MessageKind.CANCELLATION, off)
        assert report(scene, 2 * LEASE).unexplained == 0
        assert report(scene, 3 * LEASE).unexplained == 2


class TestDuplicates:
    pytestmark = on_sqlite

    def test_copies_are_held_against_what_the_kind_promises(self, scene: Scene) -> None:
        """M08: a reminder once, a notice twice at most."""
        reminder, notice = scene.remind(scene.session()), scene.notice()
        assert report(scene, copies=Counter({reminder.key: 1, notice.key: 2})).duplicates == 0
        assert report(scene, copies=Counter({reminder.key: 2, notice.key: 2})).duplicates == 1
        assert report(scene, copies=Counter({reminder.key: 2, notice.key: 3})).duplicates == 2

    def test_a_mail_that_the_ledger_does_not_know_is_one_too_many(self, scene: Scene) -> None:
        assert report(scene, copies=Counter({"f" * 32: 1})).duplicates == 1


def test_an_empty_ledger_is_in_order(scene: Scene) -> None:
    assert report(scene) == LedgerReport()
