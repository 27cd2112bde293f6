"""Changes that no command makes: an import, a new version of the file, mail that was taken."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session as Rows

from schemas.courses import Stage
from schemas.edition import Edition
from schemas.messages import Message, MessageState
from schemas.people import Held, Person, Role, Service, ServiceType
from schemas.sessions import Participant, Session
from storage import courses, editions, sessions
from storage.records import add, save
from storage.tables.ledger import MessageRow
from storage.tables.people import PersonRow, RoleRow, ServiceRow
from tests.activities.records import Records
from tests.journeys import cast as people


class Outside(Records):
    """What happens to an edition from outside its courses.

    Attributes:
        now: Programme time.

    """

    now: datetime

    def prepare_service(self, service: str) -> None:
        """Write one more service, its lead and its team; it has not applied."""
        new = Service(
            id=service, organisation_id="ORG-01", name=f"{service} Ward", type=ServiceType.PICU
        )
        team = people.team_of(service)
        named = [Person(id=one, name=f"Name of {one}") for one in (people.lead_of(service), *team)]
        held = [Held(person_id=one, role=Role.TEAM_MEMBER, scope=service) for one in team]
        with self.database.transaction() as rows:
            add(rows, ServiceRow, [new])
            add(rows, PersonRow, named)
            add(rows, RoleRow, held)

    def use(self, changed: Edition) -> None:
        """Go on under a new version of the edition's file."""
        self.edition = changed
        with self.database.transaction() as rows:
            assert editions.store_edition(rows, changed, self.now)
            for one in courses.courses_of(rows, changed.id):
                # As if every course had been opened under it: nothing is there to be taken up.
                courses.save_course(
                    rows, one.model_copy(update={"edition_version": changed.version})
                )

    def opt_in(self, person_id: str, service: str) -> None:
        """Let a member of a team ask for mail about the weekly sessions."""
        held = Held(person_id=person_id, role=Role.TEAM_MEMBER, scope=service, opted_in=True)
        self.write(lambda rows: save(rows, RoleRow, held))

    def book(self, person_id: str, starts_at: datetime, ends_at: datetime) -> Session:
        """Let a person have something to come in the course of the edition, whatever it is."""
        new = Session(
            id=f"{self.edition.id}/elsewhere/midpoint/{person_id}",
            course_id=self.course_id,
            edition_id=self.edition.id,
            kind="midpoint",
            number=1,
            planned_day=starts_at.date(),
            starts_at=starts_at,
            ends_at=ends_at,
            minutes=60,
            place="Elsewhere",
        )
        part = Participant(session_id=new.id, person_id=person_id, role=Role.PARTNER)
        self.write(lambda rows: sessions.add_sessions(rows, [new]))
        self.write(lambda rows: sessions.add_participants(rows, [part]))
        return new

    def make_idle(self, course_id: str) -> None:
        """Let a sponsor's coaching stand still, as if nobody took part so far."""
        course = self.course(course_id).model_copy(update={"stage": Stage.IDLE})
        self.write(lambda rows: courses.save_course(rows, course))

    def another_sponsor(self, service: str, sponsor_id: str) -> None:
        """Let a service have been applied for by another sponsor."""
        person = Person(id=sponsor_id, name=f"Name of {sponsor_id}")
        enrolment = self.enrolment(service).model_copy(update={"sponsor_id": sponsor_id})
        self.write(lambda rows: add(rows, PersonRow, [person]))
        self.write(lambda rows: courses.save_enrolment(rows, enrolment))

    def accept_mail(self, subject: str) -> None:
        """Let the mail server have taken all that waits about a subject."""
        for one in self.messages(subject):
            if one.state is MessageState.WAITING:
                sent = {"state": MessageState.ACCEPTED, "attempt": 1, "ended_at": self.now}
                accepted = one.model_copy(update=sent)
                self.write(partial(_save_message, message=accepted))

    def write(self, change: Callable[[Rows], object]) -> None:
        """Write rows that no command writes: an import, an absence, a hand-over."""
        with self.database.transaction() as rows:
            change(rows)


def _save_message(rows: Rows, message: Message) -> None:
    save(rows, MessageRow, message)
