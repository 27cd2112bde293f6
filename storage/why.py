"""Collects what explains a message, a session, an obligation or a service, and has it told."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from planning.calendar import WorkingCalendar, calendar_of
from planning.phrases import TO_DO, Spoken
from planning.why import MessageStory, why_message
from planning.why_courses import (
    ObligationStory,
    ServiceStory,
    SessionStory,
    why_obligation,
    why_service,
    why_session,
)
from planning.working_time import Interval, planned_pauses
from schemas.courses import Course, CourseKind
from schemas.edition import Edition
from schemas.ids import edition_course_id
from schemas.messages import MailMode, Message, MessageState
from schemas.obligations import Obligation
from schemas.sessions import Session, SessionState
from storage import (
    courses,
    editions,
    journal,
    ledger,
    obligations,
    pauses,
    people,
    places,
    sessions,
)
from storage.dispatching import CALENDAR_KINDS, OPEN_STATES
from storage.installation import installation
from storage.records import every
from storage.tables.courses import CourseRow
from storage.tables.ledger import MessageRow

PROGRAMME = "the programme"

SHOWN = 8
"""Figures of a message's key that are enough to tell it from others."""


MOVED = (
    *("session.moved", "session.displaced", "session.relocated"),
    *("session.covered", "session.given_back", "session.invited_again"),
)
"""What the journal says of a session that has another time, place, coach or version."""


class NothingToExplainError(LookupError):
    """An id names nothing, or several messages; the sentence says what to write instead."""


@dataclass(frozen=True)
class Explainer:
    """Tells why, as of a real instant."""

    rows: Rows
    real_now: datetime

    def explain(self, asked: str) -> tuple[str, ...]:
        """Return why something stands where it stands.

        Args:
            asked: Id of a session, obligation or service, a course, or the key of a message or
                the beginning of one.

        Raises:
            NothingToExplainError: There is no such thing, or several messages begin like that.

        """
        session = sessions.session(self.rows, asked)
        if session is not None:
            return self._session(session)
        obligation = obligations.obligation(self.rows, asked)
        if obligation is not None:
            return self._obligation(obligation)
        found = self._courses(asked)
        if found:
            return tuple(sentence for course in found for sentence in self._service(course))
        return self._message(self._keyed(asked))

    @property
    def _now(self) -> datetime:
        return installation(self.rows).clock.programme_time(self.real_now)

    def _keyed(self, asked: str) -> Message:
        start = asked.strip().lower()
        found = (
            every(
                self.rows,
                Message,
                MessageRow,
                col(MessageRow.key).startswith(start, autoescape=True),
                order=[col(MessageRow.key)],
                limit=SHOWN,
            )
            if start
            else ()
        )
        if not found:
            raise NothingToExplainError(
                f"There is nothing called {asked}: write the id of a message, session, obligation "
                "or service, as drumbeat mail list, sessions, chases and services print them."
            )
        if len(found) > 1:
            keys = ", ".join(one.key[: max(len(start) + 4, SHOWN)] for one in found)
            raise NothingToExplainError(f"Several messages begin with {asked}: {keys}. Write more.")
        return found[0]

    def _message(self, message: Message) -> tuple[str, ...]:
        edition = editions.latest_edition(self.rows, message.edition_id)
        calendar, installed = calendar_of(edition), installation(self.rows)
        obligation = obligations.obligation(self.rows, message.subject)
        reopens_at = installed.breaker.get("reopens_at")
        pause, paused = self._pause_over(message, edition, calendar)
        return why_message(
            MessageStory(
                message=message,
                spoken=Spoken(calendar, self._now),
                person=self._name(message.person_id),
                about=self._about(message.subject, edition, message.course_id),
                whose=paused or self._whose(message.course_id),
                now=self._now,
                real_now=self.real_now,
                pause=pause,
                digest=ledger.message(self.rows, message.digest_key or ""),
                obligation=obligation.state if obligation else None,
                changed_at=self._last(message.subject, *MOVED)
                if message.reason == "session_moved"
                else self._last(message.subject, "session.cancelled"),
                held=installed.mail_mode is MailMode.HELD,
                rests_until=datetime.fromisoformat(reopens_at)
                if isinstance(reopens_at, str)
                else None,
                earlier_open=self._earlier_open(message),
            )
        )

    def _session(self, session: Session) -> tuple[str, ...]:
        edition = editions.latest_edition(self.rows, session.edition_id)
        about = ledger.messages_about(self.rows, session.id)
        states = Counter(one.state.value for one in about)
        told = journal.entries_about(self.rows, session.id)
        parts = sessions.participants(self.rows, [session.id])
        return why_session(
            SessionStory(
                session=session,
                title=self._title(session, edition),
                spoken=Spoken(calendar_of(edition), self._now),
                now=self._now,
                moved_at=[one.at for one in told if one.event in MOVED],
                cancelled_at=self._last(session.id, "session.cancelled"),
                recorded_by=self._name(session.recorded_by) if session.recorded_by else "",
                confirmed=[self._name(one.person_id) for one in parts if one.confirmed_at],
                messages={
                    state.value: states[state.value]
                    for state in MessageState
                    if states[state.value]
                },
            )
        )

    def _obligation(self, obligation: Obligation) -> tuple[str, ...]:
        edition = editions.latest_edition(self.rows, obligation.edition_id)
        sent = {MessageState.ACCEPTED, MessageState.UNKNOWN}
        asked = [
            (self._name(one.person_id), one.ended_at or one.due_at)
            for one in ledger.messages_about(self.rows, obligation.id)
            if one.state in sent
        ]
        resting = self._resting(obligation)
        return why_obligation(
            ObligationStory(
                obligation=obligation,
                about=self._about(obligation.subject, edition, obligation.course_id),
                holder=self._name(obligation.holder_id) if obligation.holder_id else "Somebody",
                spoken=Spoken(calendar_of(edition), self._now),
                closed_by=self._name(obligation.closed_by) if obligation.closed_by else "",
                asked=asked,
                paused=resting,
            )
        )

    def _service(self, course: Course) -> tuple[str, ...]:
        edition = editions.latest_edition(self.rows, course.edition_id)
        calendar, now = calendar_of(edition), self._now
        planned = sessions.sessions_of(self.rows, course.id)
        ahead = [
            one
            for one in planned
            if one.state is SessionState.TO_COME and one.starts_at and one.starts_at > now
        ]
        first = min(ahead, key=lambda one: (one.starts_at, one.id), default=None)
        place = places.place_of(self.rows, course.id)
        states = Counter(one.state.value for one in planned)
        return why_service(
            ServiceStory(
                course=course,
                name=self._course_name(course.id),
                edition=edition.id,
                spoken=Spoken(calendar, now),
                now=now,
                enrolment=courses.enrolment(self.rows, course.id),
                pause=self._pause_at(course.id, edition, calendar, now)[0],
                expires_at=place.expires_at if place else None,
                sessions={
                    state.value: states[state.value]
                    for state in SessionState
                    if states[state.value]
                },
                next_session=self._about(first.id, edition, course.id) if first else "",
                to_do=[
                    one
                    for one in obligations.obligations_of(self.rows, course.id)
                    if one.state.is_open
                ],
            )
        )

    def _courses(self, asked: str) -> tuple[Course, ...]:
        """Return the courses of a service in every edition, or the one course of that id."""
        where = (col(CourseRow.id) == asked) | col(CourseRow.subject_id).in_([asked, asked.upper()])
        return every(self.rows, Course, CourseRow, where, order=[col(CourseRow.id)])

    def _about(self, subject: str, edition: Edition, course_id: str) -> str:
        session = sessions.session(self.rows, subject)
        if session is not None:
            title = self._title(session, edition)
            if session.starts_at is None:
                return title
            spoken = Spoken(calendar_of(edition), self._now)
            return f"{title} on {spoken.moment(session.starts_at)}"
        obligation = obligations.obligation(self.rows, subject)
        if obligation is not None and obligation.subject != subject:
            about = self._about(obligation.subject, edition, course_id)
            return f"the request to {TO_DO[obligation.kind]} ({about})"
        person = people.person(self.rows, subject)
        if person is not None:
            return person.name
        if subject == course_id or courses.course(self.rows, subject) is not None:
            return self._course_name(subject)
        return "several sessions" if "/bundle/" in subject else self._course_name(course_id)

    def _title(self, session: Session, edition: Edition) -> str:
        kind = edition.session_kind(session.kind).title
        return f"{kind} {session.number} of {self._course_name(session.course_id)}"

    def _course_name(self, course_id: str) -> str:
        course = courses.course(self.rows, course_id)
        if course is None:
            return course_id
        if course.kind is CourseKind.SERVICE:
            service = people.service(self.rows, course.subject_id)
            return f"{service.name} ({service.id})" if service else course.subject_id
        if course.kind is CourseKind.EXECUTIVE_COACHING:
            return f"{self._name(course.subject_id)} ({course.subject_id})"
        return f"edition {course.edition_id}"

    def _whose(self, course_id: str) -> str:
        course = courses.course(self.rows, course_id)
        if course is None or course.kind is CourseKind.EDITION:
            return PROGRAMME
        return course.subject_id

    def _name(self, person_id: str) -> str:
        person = people.person(self.rows, person_id)
        return person.name if person else person_id

    def _last(self, subject: str, *events: str) -> datetime | None:
        told = journal.entries_about(self.rows, subject)
        return max((one.at for one in told if one.event in events), default=None)

    def _pause_over(
        self, message: Message, edition: Edition, calendar: WorkingCalendar
    ) -> tuple[Interval | None, str]:
        """Return the pause in which a message fell due or ended, and whose it was."""
        for at in (message.due_at, message.ended_at):
            if at is not None:
                found = self._pause_at(message.course_id, edition, calendar, at)
                if found[0] is not None:
                    return found
        return None, ""

    def _pause_at(
        self, course_id: str, edition: Edition, calendar: WorkingCalendar, at: datetime
    ) -> tuple[Interval | None, str]:
        scopes = {course_id: self._whose(course_id)}
        scopes.setdefault(edition_course_id(edition.id), PROGRAMME)
        for one in pauses.pauses_of(self.rows, list(scopes)):
            if Interval(one.from_at, one.until_at).covers(at):
                return Interval(one.from_at, one.until_at), scopes[one.scope]
        for planned in planned_pauses(edition, calendar):
            if planned.covers(at):
                return planned, PROGRAMME
        return None, ""

    def _resting(self, obligation: Obligation) -> Interval | None:
        scopes = [obligation.course_id, edition_course_id(obligation.edition_id)]
        endless = [one for one in pauses.pauses_of(self.rows, scopes) if one.until_at is None]
        return Interval(endless[0].from_at, None) if endless else None

    def _earlier_open(self, message: Message) -> bool:
        if not message.kind.is_calendar:
            return False
        about = ledger.messages_about(self.rows, message.subject, message.person_id)
        return any(
            one.kind in CALENDAR_KINDS
            and one.state in OPEN_STATES
            and one.sequence < message.sequence
            for one in about
        )


def why(rows: Rows, asked: str, real_now: datetime) -> tuple[str, ...]:
    """Return, in sentences, why something stands where it stands; see :class:`Explainer`."""
    return Explainer(rows, real_now).explain(asked)
