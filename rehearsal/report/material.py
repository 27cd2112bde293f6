"""What a report is made of, read from a finished programme's database in one look."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from planning.calendar import WorkingCalendar, calendar_of
from planning.report import Known, PlannedSession, known_at
from planning.working_time import Interval, planned_pauses
from schemas.courses import JournalEntry
from schemas.edition import Edition, SessionKind
from schemas.ids import edition_course_id
from schemas.people import Role
from schemas.sessions import Cadence, SessionState
from storage.database import Database
from storage.editions import latest_edition
from storage.pauses import pauses_of
from storage.reads import report_rows
from storage.reads.report_as_at import journal_until, planned_sessions
from storage.reads.report_rows import Mail, Part, Personal, Ward
from storage.reads.session_list import SessionLine, Wanted, sessions_listed

WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Material:
    """A programme from its first to its last day.

    Attributes:
        at: The instant of the report, programme time; what was recorded later is not in it.
        journal: Of the edition, in its order.
        planned: What never changes of each session.
        texts: Bytes of one message of each text, by key.
        personal: What must not be shown of people.

    """

    edition: Edition
    at: datetime
    wards: tuple[Ward, ...]
    sessions: tuple[SessionLine, ...]
    parts: tuple[Part, ...]
    mails: tuple[Mail, ...]
    journal: tuple[JournalEntry, ...]
    planned: tuple[PlannedSession, ...]
    pauses: dict[str, tuple[Interval, ...]]
    roles: tuple[tuple[str, Role], ...]
    texts: dict[str, bytes]
    personal: tuple[Personal, ...]

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """The edition's calendar."""
        return calendar_of(self.edition)

    @cached_property
    def kinds(self) -> dict[str, SessionKind]:
        """The edition's session kinds by id."""
        return {one.id: one for one in self.edition.sessions}

    @cached_property
    def weeks(self) -> tuple[date, ...]:
        """The Mondays of the coaching window."""
        window = self.edition.window
        first, last = monday(window.opens), monday(window.closes)
        return tuple(first + n * WEEK for n in range((last - first).days // 7 + 1))

    @cached_property
    def coached(self) -> tuple[Ward, ...]:
        """The services that have had sessions planned, by id."""
        theirs = {one.course_id for one in self.sessions}
        return tuple(ward for ward in self.wards if ward.course_id in theirs)

    @cached_property
    def sessions_of(self) -> dict[str, list[SessionLine]]:
        """Sessions by course, earliest first."""
        found: dict[str, list[SessionLine]] = defaultdict(list)
        for one in self.sessions:
            found[one.course_id].append(one)
        return found

    @cached_property
    def roles_of(self) -> dict[str, tuple[Role, ...]]:
        """The roles of each person: those they hold, and those in which they took part."""
        order = list(Role)
        found: dict[str, set[Role]] = defaultdict(set)
        for person_id, role in self.roles:
            found[person_id].add(role)
        for part in self.parts:
            found[part.person_id].add(part.role)
        for ward in self.wards:
            for sponsor_id in ward.sponsor_ids:
                found[sponsor_id].add(Role.EXECUTIVE_SPONSOR)
            found[ward.lead_id].add(Role.SERVICE_LEAD)
        return {one: tuple(sorted(theirs, key=order.index)) for one, theirs in found.items()}

    def known(self, at: datetime) -> Known:
        """Return what the journal had said by an instant."""
        return known_at(self.journal, self.planned, at)

    def day(self, one: SessionLine) -> date | None:
        """Return the civil day of a session."""
        return None if one.starts_at is None else self.calendar.day_of(one.starts_at)

    def is_weekly(self, one: SessionLine) -> bool:
        """Tell whether a session belongs to a weekly slot."""
        return self.kinds[one.kind].cadence is Cadence.WEEKLY

    def is_event(self, one: SessionLine) -> bool:
        """Tell whether a session is a full-day event."""
        return self.kinds[one.kind].cadence is Cadence.FULL_DAY


def moves_of(one: SessionLine) -> int:
    """Return how often people moved a session; the day of a catch-up they chose, and not moved."""
    return max(one.moves - (one.catch_up_for is not None), 0)


def monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def hours(sessions: Iterable[SessionLine], kinds: dict[str, SessionKind]) -> float:
    """Return the hours of those sessions that were held."""
    minutes = [
        kinds[one.kind].minutes if one.held_minutes is None else one.held_minutes
        for one in sessions
        if one.state is SessionState.HELD
    ]
    return round(sum(minutes) / 60, 2)


def read_material(database_url: str, edition_id: str, at: datetime) -> Material:
    """Read an edition's programme as it stands.

    Raises:
        LookupError: No edition of that id was opened.

    """
    database = Database(database_url)
    try:
        with database.reading() as rows:
            edition = latest_edition(rows, edition_id)
            wards = report_rows.wards(rows, edition_id, at)
            mails = report_rows.mails(rows, edition_id)
            keys = report_rows.keys_with_text(rows, edition_id)
            courses = [edition_course_id(edition_id), *(one.course_id for one in wards)]
            return Material(
                edition=edition,
                at=at,
                wards=wards,
                sessions=sessions_listed(rows, Wanted(edition_id)),
                parts=report_rows.parts(rows, edition_id),
                mails=mails,
                journal=journal_until(rows, edition_id, at),
                planned=planned_sessions(rows, edition_id),
                pauses={
                    scope: tuple(
                        Interval(one.from_at, one.until_at) for one in pauses_of(rows, [scope])
                    )
                    for scope in courses
                },
                roles=report_rows.roles(rows),
                texts=report_rows.texts(rows, (one.key for one in one_of_each(mails, keys))),
                personal=report_rows.personal(rows),
            )
    finally:
        database.close()


def one_of_each(mails: Iterable[Mail], keys: frozenset[str]) -> tuple[Mail, ...]:
    """Return the first message of each text that was ever put into words."""
    found: dict[tuple[str, str, bool], Mail] = {}
    for one in mails:
        if one.key in keys:
            topic = "session" if one.kind.is_calendar else one.topic
            found.setdefault((one.kind.value, topic, one.asks), one)
    return tuple(found[key] for key in sorted(found))


def all_pauses(material: Material, course_id: str) -> tuple[Interval, ...]:
    """Return the pauses of a course, of its edition and of the edition's file."""
    own = material.pauses.get(course_id, ())
    everyone = material.pauses.get(edition_course_id(material.edition.id), ())
    return (*planned_pauses(material.edition, material.calendar), *everyone, *own)
