"""Hold the answer key against the database: did the planted cases come out as they must."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session as Rows

from planning.calendar import WorkingCalendar, calendar_of
from rehearsal.script import ExpectationLine
from schemas.courses import CourseKind
from schemas.ids import edition_course_id, executive_course_id, service_course_id, session_id
from schemas.messages import MessageKind, MessageState
from schemas.sessions import Session, SessionState
from storage import courses, ledger, people, sessions, successions
from storage.database import Database
from storage.editions import latest_edition
from storage.journal import entries_about
from storage.obligations import obligations_of
from storage.places import places_of
from storage.reads.message_list import WantedMessages, messages_listed

ALL = "all"
ANY_TOPIC = "*"
EVERYTHING = 1_000_000
NOON = time(12)
WENT = {MessageState.ACCEPTED, MessageState.BUNDLED}
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    ">=": lambda found, wanted: found >= wanted,
    "<=": lambda found, wanted: found <= wanted,
}


@dataclass(frozen=True)
class Subject:
    """What an expectation is about, and where its facts are read."""

    rows: Rows
    edition: str
    id: str
    course: str
    calendar: WorkingCalendar


@dataclass(frozen=True)
class Checked:
    """An expectation with what was found."""

    line: ExpectationLine
    found: str

    @property
    def holds(self) -> bool:
        """Whether what was found is what must be."""
        sign, wanted = self.line.expected[:2], self.line.expected[2:]
        if sign in COMPARISONS:
            return COMPARISONS[sign](int(self.found), int(wanted))
        return self.found == self.line.expected

    def __str__(self) -> str:
        """Return a sentence."""
        line = self.line
        wanted = f"{line.fact} of {line.subject} must be {line.expected}"
        return f"{line.case}: {wanted} and is {self.found or 'nothing'} ({line.because})"


class NotThereError(Exception):
    """What a fact is about never came to be, as where everything lagged far behind."""


def check(database: Database, edition: str, key: Iterable[ExpectationLine]) -> list[Checked]:
    """Return every expectation with what the database says of it."""
    with database.reading() as rows:
        calendar = calendar_of(latest_edition(rows, edition))
        return [
            Checked(line, read(_subject(rows, edition, line.subject, calendar), line.fact))
            for line in key
        ]


def read(subject: Subject, fact: str) -> str:
    """Return a fact, such as ``sessions:delivery:held`` or ``stage``; empty where nothing is there.

    Raises:
        LookupError: There is no such fact.

    """
    name, *words = fact.split(":")
    try:
        return str(FACTS[name](subject, *words))
    except NotThereError:
        return ""
    except (KeyError, TypeError) as error:
        raise LookupError(f"the answer key knows no fact {fact}") from error


def _subject(rows: Rows, edition: str, wanted: str, calendar: WorkingCalendar) -> Subject:
    course = service_course_id(edition, wanted)
    executive = executive_course_id(edition, wanted)
    if wanted == edition:
        course = edition_course_id(edition)
    elif courses.course(rows, executive) is not None:
        course = executive
    return Subject(rows, edition, wanted, course, calendar)


def _stage(subject: Subject) -> str:
    found = courses.course(subject.rows, subject.course)
    return found.stage.value if found else ""


def _because(subject: Subject) -> str:
    found = courses.enrolment(subject.rows, subject.course)
    return (found.ineligible_because or "") if found else ""


def _sessions(subject: Subject, kind: str, state: str) -> int:
    found = sessions.sessions_of(subject.rows, subject.course, kind)
    return sum(state in {ALL, one.state.value} for one in found)


def _moves(subject: Subject, kind: str) -> int:
    return sum(one.moves for one in sessions.sessions_of(subject.rows, subject.course, kind))


def _dated(subject: Subject, kind: str | None = None) -> list[tuple[Session, datetime]]:
    """Return the sessions that were or are to be, with their local time."""
    return [
        (one, subject.calendar.local(one.starts_at))
        for one in sessions.sessions_of(subject.rows, subject.course, kind)
        if one.starts_at is not None and one.state is not SessionState.CANCELLED
    ]


def _days(subject: Subject, kind: str) -> str:
    return " ".join(sorted(f"{local:%Y-%m-%d}" for _, local in _dated(subject, kind)))


def _local_times(subject: Subject, kind: str) -> str:
    plain = [local for one, local in _dated(subject, kind) if one.catch_up_for is None]
    return " ".join(sorted({f"{local:%H:%M}" for local in plain}))


def _sessions_between(subject: Subject, first: str, last: str) -> int:
    days = date.fromisoformat(first), date.fromisoformat(last)
    return sum(days[0] <= local.date() <= days[1] for _, local in _dated(subject))


def _held_since(subject: Subject, day: str) -> int:
    since = date.fromisoformat(day)
    return sum(
        one.state is SessionState.HELD and local.date() >= since for one, local in _dated(subject)
    )


def _one(subject: Subject, name: str) -> Session:
    kind, _, number = name.partition("/")
    found = sessions.session(
        subject.rows, session_id(subject.edition, subject.id, kind, int(number))
    )
    if found is None:
        raise NotThereError(f"{subject.id} has no session {name}")
    return found


def _obligations(subject: Subject, kind: str, state: str) -> int:
    found = obligations_of(subject.rows, subject.course)
    return sum(one.kind.value == kind and state in {ALL, one.state.value} for one in found)


def _tasks_about_lead(subject: Subject, kind: str, state: str) -> int:
    """Count what the coordinator has to do about the lead, which the edition's course keeps."""
    found = courses.enrolment(subject.rows, subject.course)
    lead = found.lead_id if found else ""
    return sum(
        one.subject == lead and one.kind.value == kind and state in {ALL, one.state.value}
        for one in obligations_of(subject.rows, edition_course_id(subject.edition))
    )


def _journal(subject: Subject, event: str) -> int:
    return sum(one.event == event for one in entries_about(subject.rows, subject.course))


def _messages(subject: Subject, topic: str, state: str) -> int:
    wanted = WantedMessages(about=subject.course, limit=EVERYTHING)
    return sum(
        topic in {ANY_TOPIC, one.topic} and state in {ALL, one.state.value}
        for one in messages_listed(subject.rows, wanted)
    )


def _messages_to_lead(subject: Subject, state: str) -> int:
    found = courses.enrolment(subject.rows, subject.course)
    lead = found.lead_id if found else ""
    wanted = WantedMessages(about=subject.course, states=[MessageState(state)], limit=EVERYTHING)
    return sum(one.person_id == lead for one in messages_listed(subject.rows, wanted))


def _coach(subject: Subject) -> str:
    found = courses.enrolment(subject.rows, subject.course)
    return (found.delivery_coach_id or "") if found else ""


def _sponsor(subject: Subject, day: str) -> str:
    """Return who is its sponsor on a day; nobody while the post is vacant."""
    found = courses.enrolment(subject.rows, subject.course)
    at = subject.calendar.instant(date.fromisoformat(day), NOON)
    return (successions.sponsor_at(subject.rows, found, at) or "nobody") if found else ""


def _organisation(subject: Subject, day: str) -> str:
    """Return whose a service is on a day (P02)."""
    found = people.service(subject.rows, subject.id)
    at = subject.calendar.instant(date.fromisoformat(day), NOON)
    first = found.organisation_id if found else ""
    return successions.organisation_at(subject.rows, first, at)


def _with(subject: Subject, person: str, first: str, last: str) -> int:
    """Count the sessions between two days, both included, in which somebody takes part."""
    days = date.fromisoformat(first), date.fromisoformat(last)
    return sum(
        sessions.participant(subject.rows, one.id, person) is not None
        for one, local in _dated(subject)
        if days[0] <= local.date() <= days[1]
    )


def _reminded(subject: Subject, name: str) -> str:
    """Return the days on which the reminders of a session were due that went."""
    session = _one(subject, name)
    went = [
        one
        for one in ledger.messages_about(subject.rows, session.id)
        if one.kind is MessageKind.REMINDER and one.state in WENT
    ]
    return " ".join(sorted(f"{subject.calendar.local(one.due_at):%Y-%m-%d}" for one in went))


def _due(subject: Subject, first: str, minutes: str, state: str) -> int:
    """Count the messages in a state that were due within some minutes of a local moment."""
    local = datetime.fromisoformat(first)
    begins = subject.calendar.instant(local.date(), local.time())
    wanted = WantedMessages(
        edition_id=subject.edition,
        states=[MessageState(state)],
        from_at=begins,
        until_at=begins + timedelta(minutes=int(minutes)),
        limit=EVERYTHING,
    )
    return len(messages_listed(subject.rows, wanted))


def _places(subject: Subject, state: str) -> int:
    return sum(one.state.value == state for one in places_of(subject.rows, subject.edition))


def _interests(subject: Subject) -> int:
    found = courses.interests_of(subject.rows, subject.edition)
    return sum(subject.id in {one.service_id, subject.edition} for one in found)


def _selections(subject: Subject) -> int:
    return len(courses.selections_of(subject.rows, subject.edition))


def _executive_courses(subject: Subject) -> int:
    return len(courses.courses_of(subject.rows, subject.edition, CourseKind.EXECUTIVE_COACHING))


FACTS: dict[str, Callable[..., object]] = {
    "stage": _stage,
    "because": _because,
    "sessions": _sessions,
    "sessions between": _sessions_between,
    "held since": _held_since,
    "days": _days,
    "local times": _local_times,
    "moves": _moves,
    "state": lambda subject, name: _one(subject, name).state.value,
    "sequence": lambda subject, name: _one(subject, name).sequence,
    "obligations": _obligations,
    "tasks about lead": _tasks_about_lead,
    "journal": _journal,
    "messages": _messages,
    "messages to lead": _messages_to_lead,
    "places": _places,
    "interests": _interests,
    "selections": _selections,
    "executive courses": _executive_courses,
    "coach": _coach,
    "sponsor": _sponsor,
    "organisation": _organisation,
    "with": _with,
    "reminded": _reminded,
    "due": _due,
}
"""What the answer key can look at; the words behind a fact's name are its arguments."""
