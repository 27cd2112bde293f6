"""What real course transactions plan, from the first offer to the end, is all handed over."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import col
from structlog.testing import capture_logs

from activities.dispatching.dispatcher import Dispatcher
from schemas.clock import ProgrammeClock
from schemas.messages import MailMode, Message, MessageState
from storage import journal, ledger
from storage.installation import prepare_installation, set_mail_mode
from storage.records import every
from storage.tables.columns import Instant
from storage.tables.ledger import MessageRow
from tests.activities.fake_channel import FakeChannel
from tests.activities.ledger_scene import SENDER
from tests.activities.scene import CourseScene
from tests.planning.builders import at

DAY = timedelta(days=1)


async def test_every_message_of_a_whole_course_goes_or_says_why_not(coached: CourseScene) -> None:
    """M13, C04: nobody records anything, so that everything is chased as well."""
    channel = FakeChannel()
    dispatcher = Dispatcher(coached.database, {"mail": channel}, SENDER)
    with coached.database.transaction() as rows:
        prepare_installation(rows, ProgrammeClock(), MailMode.LIVE)
        set_mail_mode(rows, MailMode.LIVE, None)

    with capture_logs() as logs:
        now = coached.now
        while now < at("2025-04-15"):
            now += 3 * DAY
            coached.walk(now)
            await everything_until(coached, dispatcher, now)

    found = messages(coached)
    states = Counter(one.state for one in found)
    assert [log for log in logs if log["event"] == "message.put_aside"] == []
    assert not any(state.is_open for state in states)
    assert states[MessageState.ACCEPTED] == len(channel.parcels) > 200
    assert {one.kind for one in found if one.state is MessageState.ACCEPTED} >= {
        "reminder",
        "digest",
        "chase",
        "escalation",
        "notice",
        "invitation",
    }
    with coached.database.reading() as rows:
        assert journal.planned_messages(rows).total() == ledger.counts(rows).total()


async def everything_until(coached: CourseScene, dispatcher: Dispatcher, until: datetime) -> None:
    """Dispatch at each instant at which something falls due."""
    while (due_at := first_due(coached)) is not None and due_at <= until:
        await dispatcher.dispatch_once(due_at, due_at)


def first_due(coached: CourseScene) -> datetime | None:
    query = select(func.min(col(MessageRow.due_at), type_=Instant()))
    query = query.where(col(MessageRow.state) == MessageState.WAITING)
    with coached.database.reading() as rows:
        found: datetime | None = rows.execute(query).scalar_one()
    return found


def messages(coached: CourseScene) -> tuple[Message, ...]:
    with coached.database.reading() as rows:
        return every(rows, Message, MessageRow)
