"""The mail of a ``CourseScene``: steps and hand-overs in the order of their instants.

    post = Posted(play)
    await post.until(at("2024-11-01"))        # walk, and hand over what falls due on the way
    post.to(LEAD, MessageKind.REMINDER)       # what somebody got since post.forget()

The dispatcher is the real one; only the channel is a fake that accepts whatever it is given. A
message that stays behind although it is due fails the test: nothing may be put aside for good.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email import policy
from email.parser import BytesParser
from functools import partial
from pathlib import Path
from shutil import copy
from typing import Any, NamedTuple

import pytest
from icalendar import Calendar
from sqlalchemy import func, select
from sqlmodel import col

from activities.dispatching.dispatcher import Dispatcher
from activities.dispatching.letters import Sender
from messaging.channel import Parcel
from schemas.clock import ProgrammeClock
from schemas.commands import RecordSession
from schemas.courses import CourseState
from schemas.messages import MailMode, Message, MessageKind, MessageState
from schemas.sessions import Session, SessionState
from storage import dispatching, installation, ledger
from storage.database import Database
from storage.records import every, save
from storage.sessions import save_session
from storage.tables.columns import Instant
from storage.tables.ledger import MessageRow
from storage.tables.sessions import SessionRow
from tests.activities.ledger_scene import FakeChannel
from tests.activities.scene import CLOCK, SVC_16, SVC_17, SVC_18, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at

WEDNESDAY, AN_HOUR = 2, timedelta(hours=1)
NOT_ASKED = {"record_due_at": None}
SECOND_EVENT_DAY = date(2024, 11, 14)
OCTOBER = at("2024-10-01", "09:30")
"""A Tuesday on which SVC-16 meets at ten and SVC-17 met the Wednesday before."""


@dataclass(frozen=True)
class Got:
    """One mail as it arrived."""

    at: datetime
    message: Message
    parcel: Parcel

    @property
    def entry(self) -> "Entry":
        """What the mail's calendar part says."""
        return entry_in(self.parcel.content)


class Entry(NamedTuple):
    """The calendar part of a mail."""

    method: str
    uid: str
    sequence: int
    starts_at: datetime


def entry_in(content: bytes) -> Entry:
    """Return the calendar part of a mail, whose MIME type must name the same method (M17)."""
    for part in BytesParser(policy=policy.default).parsebytes(content).walk():
        if part.get_content_type() == "text/calendar":
            calendar: Any = Calendar.from_ical(part.get_content())
            (event,) = calendar.walk("VEVENT")
            method = str(calendar["METHOD"])
            assert part.get_param("method") == method
            return Entry(method, str(event["UID"]), int(event["SEQUENCE"]), event["DTSTART"].dt)
    raise AssertionError("it carries no calendar part")


class Posted:
    """A scene whose mail goes out.

    Attributes:
        play: The courses.
        channel: Where mail arrives.
        got: Every mail since the test began, or since ``forget``.

    """

    def __init__(self, play: CourseScene) -> None:
        """Release the mail of a scene."""
        self.play = play
        self.channel = FakeChannel()
        self.got: list[Got] = []
        with play.database.transaction() as rows:
            installation.prepare_installation(rows, ProgrammeClock(), MailMode.LIVE)
            installation.set_mail_mode(rows, MailMode.LIVE, None)
        self._dispatcher = Dispatcher(
            play.database,
            {"mail": self.channel},
            Sender("programme@drumbeat.example", "drumbeat.example"),
        )

    async def until(self, when: datetime, *, recording: bool = False) -> None:
        """Take every step and hand over every message that falls due until ``when``.

        With ``recording`` each session is recorded as held an hour after its end.
        """
        while (moment := self._next(when, recording)) is not None:
            now = max(moment, self.play.now)
            if self.play._next(now) is not None:
                self.play.walk(now)
            self.play.now = now
            if recording:
                self.record_what_is_over()
            await self.deliver()
        self.play.walk(max(when, self.play.now))
        await self.deliver()

    async def deliver(self, when: datetime | None = None) -> None:
        """Hand over what is due now."""
        now = when or self.play.now
        before = len(self.channel.parcels)
        moment = CLOCK.real_time(now)
        await self._dispatcher.dispatch_once(now, moment)
        with self.play.database.reading() as rows:
            for parcel in self.channel.parcels[before:]:
                message = ledger.message(rows, parcel.key)
                assert message is not None
                self.got.append(Got(now, message, parcel))
        behind = self._waiting(now)
        assert not behind or when is not None, f"these were put aside: {behind}"

    def to(self, person_id: str, *kinds: MessageKind) -> list[Got]:
        """Return what a person got."""
        mine = [one for one in self.got if one.message.person_id == person_id]
        return [one for one in mine if not kinds or one.message.kind in kinds]

    def of(self, *kinds: MessageKind, topic: str = "") -> list[Got]:
        """Return every mail of some kinds, about one topic if it is said."""
        found = [one for one in self.got if one.message.kind in kinds]
        return [one for one in found if not topic or one.message.topic == topic]

    def about(self, subject: str, *kinds: MessageKind) -> list[Got]:
        """Return every mail about a session, an obligation or a course."""
        found = [one for one in self.got if one.message.subject == subject]
        return [one for one in found if not kinds or one.message.kind in kinds]

    def forget(self) -> None:
        """Leave what has arrived so far out of the account."""
        self.got.clear()

    def record_what_is_over(self) -> None:
        """Record every session that ended an hour ago as held."""
        with self.play.database.reading() as rows:
            over = every(
                rows,
                Session,
                SessionRow,
                col(SessionRow.state) == SessionState.TO_COME,
                col(SessionRow.ends_at) <= self.play.now - AN_HOUR,
            )
        for one in over:
            self.play.do(RecordSession, one.course_id, session_id=one.id, outcome=SessionState.HELD)

    def handing_over(self, message: Message) -> None:
        """Begin the hand-over of a message, and leave it there."""
        self.rewrite(
            message,
            state=MessageState.HANDING_OVER,
            attempt=message.attempt + 1,
            lease_token="a hand-over that takes long",
            lease_until=CLOCK.real_time(self.play.now) + timedelta(minutes=2),
        )

    def answered(self, message: Message, outcome: MessageState) -> None:
        """End that hand-over."""
        with self.play.database.reading() as rows:
            found = ledger.message(rows, message.key)
        assert found is not None
        self.rewrite(found, state=outcome, lease_token=None, lease_until=None)

    def diary(self, person_id: str) -> dict[str, datetime]:
        """Return when each session is by the calendar of a person who took every entry.

        All entries count that ever arrived, in the order of their arrival, by the session's id.
        """
        shown: dict[str, Entry] = {}
        with self.play.database.reading() as rows:
            arrived = every(
                rows,
                Message,
                MessageRow,
                col(MessageRow.person_id) == person_id,
                col(MessageRow.kind).in_([kind for kind in MessageKind if kind.is_calendar]),
                col(MessageRow.state) == MessageState.ACCEPTED,
                order=[col(MessageRow.ended_at), col(MessageRow.sequence)],
            )
            content = dispatching.contents(rows, [one.key for one in arrived])
        for one in arrived:
            entry, last = entry_in(content[one.key]), shown.get(one.subject)
            assert last is None or entry.uid == last.uid, f"{one.subject} has two UIDs (M17)"
            assert last is None or entry.sequence > last.sequence, f"{one.subject} goes back (M17)"
            shown[one.subject] = entry
        return {about: one.starts_at for about, one in shown.items() if one.method == "REQUEST"}

    def wrong_entries(self) -> list[str]:
        """Return what stands in a diary and is not so; what is over is nobody's concern."""
        wrong = []
        known = {one.id: one for one in self.play.all_sessions()}
        parts = [part for one in known for part in self.play.participants(one)]
        for person_id in sorted({part.person_id for part in parts}):
            for about, starts_at in self.diary(person_id).items():
                one = known[about]
                stands = one.starts_at if one.state is SessionState.TO_COME else None
                over = min(starts_at, one.starts_at or starts_at) <= self.play.now
                if starts_at != stands and not over:
                    wrong.append(f"{person_id}: {about} {starts_at} is {stands}")
        return wrong

    def rewrite(self, message: Message, **changes: object) -> None:
        """Change a message's row behind everybody's back."""
        changed = message.model_copy(update=changes)
        with self.play.database.transaction() as rows:
            save(rows, MessageRow, changed)

    def _waiting(self, until: datetime) -> tuple[Message, ...]:
        with self.play.database.reading() as rows:
            waits = col(MessageRow.state) == MessageState.WAITING
            return every(rows, Message, MessageRow, waits, col(MessageRow.due_at) <= until)

    def _next(self, when: datetime, recording: bool) -> datetime | None:
        """Return the next instant at which something is due."""
        head = self.play._next(when)
        due = select(func.min(col(MessageRow.due_at), type_=Instant())).where(
            col(MessageRow.state) == MessageState.WAITING
        )
        over = select(func.min(col(SessionRow.ends_at), type_=Instant())).where(
            col(SessionRow.state) == SessionState.TO_COME
        )
        with self.play.database.reading() as rows:
            mail, session = rows.execute(due).scalar(), rows.execute(over).scalar()
        moments = [mail, head[1].at if head else None]
        if recording and session is not None:
            moments.append(session + AN_HOUR)
        return min((one for one in moments if one is not None and one <= when), default=None)


class Autumn(NamedTuple):
    """A programme to begin tests from.

    Attributes:
        path: Its database.
        known: What the workflow of each course knows.

    """

    path: Path
    known: dict[str, CourseState]

    @contextmanager
    def begun(self, folder: Path) -> Iterator[Posted]:
        """Give a copy of the programme, in a folder, on the morning of 1 October."""
        path = folder / "autumn.db"
        copy(self.path, path)
        opened = Database(f"sqlite:///{path}")
        play = CourseScene(opened)
        play.begin(OCTOBER, self.known)
        yield Posted(play)
        opened.close()


@pytest.fixture(scope="session")
async def autumn_template(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Autumn:
    """Give a programme in October whose two wards have been coached for a month."""
    path = tmp_path_factory.mktemp("autumn") / "drumbeat.db"
    copy(sqlite_template, path)
    opened = Database(f"sqlite:///{path}")
    play = CourseScene(opened)
    play.open(SVC_16, SVC_17, SVC_18)
    play.committed(SVC_16, SVC_17)
    play.onboarded(SVC_16, partner=people.PARTNER)
    play.onboarded(SVC_17, weekday=WEDNESDAY, day=SECOND_EVENT_DAY)
    await Posted(play).until(OCTOBER, recording=True)
    for one in play.all_sessions():
        if one.state is SessionState.TO_COME and one.id != f"wider/{SVC_16}/delivery/5":
            play.write(partial(save_session, changed=one.model_copy(update=NOT_ASKED)))
    play.resume(OCTOBER)
    opened.close()
    return Autumn(path, dict(play.known))


@pytest.fixture
def autumn(autumn_template: Autumn, tmp_path: Path) -> Iterator[Posted]:
    """Give two wards on the morning of 1 October 2024, four weeks into their coaching.

    SVC-16 meets on Tuesdays at ten and has its event on 7 November; SVC-17 on Wednesdays at ten and
    on 14 November. They share their coach and their executive sponsor; SVC-18 waits for a place.
    All that was due has gone out; what goes out from now on is counted. Nobody is asked how a
    session went but that of SVC-16 on that very day, so that a walk through autumn is short.
    """
    with autumn_template.begun(tmp_path) as posted:
        yield posted
