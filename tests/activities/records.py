"""What the database says of the courses of one edition, for tests to compare."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from planning.calendar import WorkingCalendar
from schemas.courses import Course, Enrolment, JournalEntry, Place, Stage
from schemas.edition import Edition
from schemas.ids import edition_course_id, executive_course_id, service_course_id
from schemas.messages import Message, MessageKind
from schemas.obligations import Obligation, ObligationKind
from schemas.sessions import Participant, Session
from storage import courses, journal, ledger, obligations, places, sessions
from storage.database import Database
from storage.records import every
from storage.tables.ledger import CommandRow, JournalRow, MessageRow
from tests.journeys import cast as people


class Records:
    """Reads of one edition.

    Attributes:
        database: Where everything is.
        edition: Whose courses are read.

    """

    database: Database
    edition: Edition
    calendar: WorkingCalendar

    @property
    def course_id(self) -> str:
        """The edition's own course."""
        return edition_course_id(self.edition.id)

    @property
    def executive(self) -> str:
        """The course of the sponsor whom all services share."""
        return executive_course_id(self.edition.id, people.SPONSOR)

    def of(self, service: str) -> str:
        """Return the course of a service."""
        return service_course_id(self.edition.id, service)

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        with self.database.reading() as rows:
            yield rows

    def course(self, course_id: str) -> Course:
        with self.database.reading() as rows:
            found = courses.course(rows, course_id)
        assert found is not None, f"there is no course {course_id}"
        return found

    def stage(self, service: str) -> Stage:
        return self.course(self.of(service)).stage

    def enrolment(self, service: str) -> Enrolment:
        with self.database.reading() as rows:
            found = courses.enrolment(rows, self.of(service))
        assert found is not None
        return found

    def all_sessions(self) -> tuple[Session, ...]:
        with self.database.reading() as rows:
            known = courses.courses_of(rows, self.edition.id)
            return tuple(one for of in known for one in sessions.sessions_of(rows, of.id))

    def sessions(self, course_id: str, kind: str | None = None) -> tuple[Session, ...]:
        with self.database.reading() as rows:
            return sessions.sessions_of(rows, course_id, kind)

    def session(self, session_id: str) -> Session:
        with self.database.reading() as rows:
            found = sessions.session(rows, session_id)
        assert found is not None
        return found

    def participants(self, session_id: str) -> tuple[Participant, ...]:
        with self.database.reading() as rows:
            return sessions.participants(rows, [session_id])

    def obligations(
        self, course_id: str, kind: ObligationKind | None = None
    ) -> tuple[Obligation, ...]:
        with self.database.reading() as rows:
            return obligations.obligations_of(rows, course_id, kind)

    def obligation(self, course_id: str, kind: ObligationKind) -> Obligation:
        """Return the one obligation of its kind; the last where there are several."""
        return self.obligations(course_id, kind)[-1]

    def messages(self, subject: str, *kinds: MessageKind) -> tuple[Message, ...]:
        """Return the ledger's rows about a subject, by when they are due."""
        with self.database.reading() as rows:
            found = ledger.messages_about(rows, subject)
        return tuple(one for one in found if not kinds or one.kind in kinds)

    def all_messages(self) -> tuple[Message, ...]:
        with self.database.reading() as rows:
            order = [col(MessageRow.due_at), col(MessageRow.key)]
            return every(rows, Message, MessageRow, order=order)

    def journal(self, subject: str) -> tuple[JournalEntry, ...]:
        """Return the journal of a course or of what a course is about, oldest first."""
        with self.database.reading() as rows:
            return journal.entries_about(rows, subject)

    def events(self, subject: str) -> list[str]:
        return [one.event for one in self.journal(subject)]

    def places(self) -> tuple[Place, ...]:
        with self.database.reading() as rows:
            return places.places_of(rows, self.edition.id)

    def states_of_places(self) -> list[tuple[str, str | None]]:
        """Return the state of each place and the id of the service that has it."""
        return [
            (one.state.value, one.course_id and one.course_id.rpartition("/")[2])
            for one in self.places()
        ]

    def place(self, service: str) -> Place | None:
        with self.database.reading() as rows:
            return places.place_of(rows, self.of(service))

    def everything(self) -> tuple[object, ...]:
        """Return all that a refusal must leave as it was."""
        with self.database.reading() as rows:
            numbers = [
                rows.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (JournalRow, CommandRow)
            ]
            known = courses.courses_of(rows, self.edition.id)
            return (
                numbers,
                every(rows, Message, MessageRow, order=[col(MessageRow.key)]),
                known,
                [sessions.sessions_of(rows, one.id) for one in known],
                [obligations.obligations_of(rows, one.id) for one in known],
                courses.enrolments_of(rows, self.edition.id),
                places.places_of(rows, self.edition.id),
            )

    def day(self, when: datetime | None) -> date:
        assert when is not None
        return self.calendar.day_of(when)
