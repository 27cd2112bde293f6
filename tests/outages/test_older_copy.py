"""A database put back to an older copy, as the dispatcher sees it: it stops by itself."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from activities.dispatching.dispatcher import Dispatcher
from runtime.asking import Refused
from runtime.restoring import close_gap, gap_of
from schemas.audit import Check
from schemas.forms import RestoreForm
from schemas.messages import MessageReason, MessageState
from storage import journal, restoring
from storage.audit import findings
from storage.database import Database
from storage.ledger_report import ledger_report
from tests.activities.ledger_scene import COACH, LEAD, TUESDAY, FakeChannel, Scene
from tests.databases import on_sqlite
from tests.outages.copies import copied
from tests.planning.builders import at

pytestmark = on_sqlite

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def scene(database: Database, channel: FakeChannel) -> Scene:
    return Scene(database, channel).prepared()


async def dispatched(dispatcher: Dispatcher, when: datetime = TUESDAY) -> None:
    await dispatcher.dispatch_once(when, when)


def restore_form(from_at: datetime, to_at: datetime) -> RestoreForm:
    return RestoreForm(actor="PER-0004", from_at=from_at, to_at=to_at)


def what_is_amiss(scene: Scene, when: datetime) -> list[Check]:
    with scene.database.reading() as rows:
        found = [one.check for one in findings(rows, when, 5 * MINUTE, MINUTE)]
    return [one for one in found if one is not Check.SESSION_WITHOUT_INVITATION]


async def test_what_went_after_the_copy_does_not_go_again(
    scene: Scene, channel: FakeChannel, tmp_path: Path
) -> None:
    """M08: a reminder and a notice are sent, and the database forgets that they were."""
    dispatcher = scene.dispatcher()
    reminder, notice = scene.remind(scene.session()), scene.notice(COACH)
    copy = copied(scene.database, tmp_path)
    await dispatched(dispatcher)
    assert len(channel.parcels) == 2
    copy.put_back()
    assert {scene.told(one).state for one in (reminder, notice)} == {MessageState.WAITING}

    for hours in range(3):
        await dispatched(dispatcher, TUESDAY + hours * HOUR)

    assert len(channel.parcels) == 2
    with scene.database.reading() as rows:
        events = [one.event for one in journal.entries_about(rows, "installation")]
        report = ledger_report(rows, TUESDAY + 2 * HOUR, MINUTE, {})
    assert events == ["dispatch.stopped"]
    assert (report.stopped, report.held, report.unexplained, report.is_clean) == (True, 2, 0, False)
    assert what_is_amiss(scene, TUESDAY + 2 * HOUR) == [Check.DATABASE_OLDER]


async def test_a_change_that_the_copy_lacks_stops_it_though_nothing_went(
    scene: Scene, channel: FakeChannel, tmp_path: Path
) -> None:
    """A lost change may be the cancellation of the very session that a reminder is about."""
    dispatcher = scene.dispatcher()
    scene.notice(COACH)
    await dispatched(dispatcher)
    copy = copied(scene.database, tmp_path)
    scene.notice(LEAD)
    await dispatched(dispatcher)
    copy.put_back()
    scene.notice(LEAD, step="other")  # the journal's newest entry has the lost one's number
    await dispatched(dispatcher, TUESDAY + HOUR)

    assert len(channel.parcels) == 2
    assert what_is_amiss(scene, TUESDAY + HOUR) == [Check.DATABASE_OLDER]


async def test_after_a_restore_dispatch_goes_on_and_the_gap_stays_shut(
    scene: Scene, channel: FakeChannel, tmp_path: Path
) -> None:
    """M08, M13: what may have gone is unknown; what is due later goes, and the sums are right."""
    dispatcher = scene.dispatcher()
    reminder, notice = scene.remind(scene.session()), scene.notice(COACH)
    later = scene.notice(LEAD, due_at=at("2024-10-16", "09:00"))
    copy = copied(scene.database, tmp_path)
    await dispatched(dispatcher)
    copy.put_back()
    await dispatched(dispatcher, TUESDAY + HOUR)
    form = restore_form(TUESDAY - HOUR, TUESDAY + HOUR)

    gap = gap_of(scene.database, form, TUESDAY + HOUR)
    assert gap.messages.total() == 2
    assert scene.told(reminder).state is MessageState.WAITING  # a dry run changes nothing
    first = close_gap(scene.database, form, TUESDAY + HOUR)
    again = close_gap(scene.database, form, TUESDAY + 2 * HOUR)
    await dispatched(dispatcher, TUESDAY + DAY)

    assert first == again
    assert first.unknown == 2
    unknown = (MessageState.UNKNOWN, MessageReason.DATABASE_RESTORED)
    assert scene.state(reminder) == scene.state(notice) == unknown
    assert scene.state(later) == (MessageState.ACCEPTED, None)
    assert len(channel.parcels) == 3
    assert scene.is_balanced()
    assert what_is_amiss(scene, TUESDAY + DAY) == []


async def test_a_hand_over_that_was_under_way_in_the_copy_is_unknown_too(
    scene: Scene, channel: FakeChannel, tmp_path: Path
) -> None:
    """M08: the lost database has seen its end, and may have sent it once more."""
    notice = scene.notice(COACH)
    until = TUESDAY + timedelta(seconds=30)
    scene.rewrite(
        notice,
        state=MessageState.HANDING_OVER,
        attempt=1,
        lease_token="theirs",
        lease_until=until,
        first_tried_at=TUESDAY,
    )
    close_gap(scene.database, restore_form(TUESDAY, TUESDAY + HOUR), TUESDAY + HOUR)
    await dispatched(scene.dispatcher(), TUESDAY + HOUR)

    assert scene.state(notice)[0] is MessageState.UNKNOWN
    assert channel.parcels == []


async def test_a_second_loss_is_not_answered_by_the_restore_of_the_first(
    scene: Scene, channel: FakeChannel, tmp_path: Path
) -> None:
    dispatcher = scene.dispatcher()
    close_gap(scene.database, restore_form(TUESDAY - DAY, TUESDAY - HOUR), TUESDAY - HOUR)
    scene.notice(COACH)
    copy = copied(scene.database, tmp_path)
    await dispatched(dispatcher)
    copy.put_back()

    await dispatched(dispatcher, TUESDAY + HOUR)

    assert len(channel.parcels) == 1
    with scene.database.reading() as rows:
        assert restoring.stopped(rows) is not None


async def test_the_right_database_put_back_after_all_needs_nobody(
    scene: Scene, channel: FakeChannel, tmp_path: Path
) -> None:
    dispatcher = scene.dispatcher()
    scene.notice(COACH)
    older = copied(scene.database, tmp_path, "older")
    await dispatched(dispatcher)
    newest = copied(scene.database, tmp_path, "newest")
    older.put_back()
    await dispatched(dispatcher, TUESDAY + MINUTE)
    newest.put_back()
    scene.notice(LEAD)

    await dispatched(dispatcher, TUESDAY + HOUR)

    assert len(channel.parcels) == 2
    assert what_is_amiss(scene, TUESDAY + HOUR) == []


async def test_a_database_that_is_only_newer_is_believed(
    scene: Scene, channel: FakeChannel
) -> None:
    """A dispatcher that was killed before it said how far it had come is no restore."""
    killed, next_one = scene.dispatcher(), scene.dispatcher()
    scene.notice(COACH)
    await dispatched(killed)
    known = killed.guard.mark
    scene.notice(LEAD)
    await dispatched(killed)
    next_one.guard.remember(known)
    scene.notice(LEAD, step="other")

    await dispatched(next_one)

    assert len(channel.parcels) == 3


@pytest.mark.parametrize(
    ("from_at", "to_at", "said"),
    [
        (TUESDAY + HOUR, TUESDAY, "--from lies after --to"),
        (TUESDAY, TUESDAY + DAY, "--to lies ahead"),
        (TUESDAY - DAY, TUESDAY - HOUR, "still dispatched from at 2024-10-15 08:05:00 UTC"),
    ],
)
async def test_instants_that_make_no_sense_are_refused_in_a_sentence(
    scene: Scene, tmp_path: Path, from_at: datetime, to_at: datetime, said: str
) -> None:
    dispatcher = scene.dispatcher()
    scene.notice(COACH)
    copy = copied(scene.database, tmp_path)
    await dispatched(dispatcher)
    copy.put_back()
    await dispatched(dispatcher, TUESDAY + MINUTE)

    with pytest.raises(Refused, match=said):
        gap_of(scene.database, restore_form(from_at, to_at), TUESDAY + 2 * HOUR)
