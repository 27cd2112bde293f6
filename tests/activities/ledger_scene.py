"""A ward with its people and a ledger to dispatch from, in the shipped wider edition."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from activities.dispatching.desk import Counts
from activities.dispatching.dispatcher import Dispatcher
from activities.dispatching.letters import Sender
from messaging.channel import Channel
from planning.calendar import calendar_of
from planning.message_plan import MessagePlan
from schemas.clock import ProgrammeClock
from schemas.courses import Course, CourseKind, Enrolment, JournalEntry, Pause, Stage
from schemas.ids import edition_course_id, executive_course_id, service_course_id
from schemas.letters import Topic
from schemas.messages import MailMode, Message, MessageKind, MessageState
from schemas.obligations import Obligation, ObligationKind
from schemas.people import (
    AddressState,
    Held,
    Organisation,
    Person,
    ProviderKind,
    Role,
    Service,
    ServiceType,
)
from schemas.sessions import Participant, Session
from storage import (
    courses,
    editions,
    installation,
    journal,
    ledger,
    obligations,
    pauses,
    people,
    sessions,
)
from storage.database import Database
from storage.records import add, save
from storage.tables.ledger import MessageRow
from storage.tables.people import OrganisationRow, PersonRow, RoleRow, ServiceRow
from storage.tables.sessions import ParticipantRow
from tests.activities.fake_channel import FakeChannel as FakeChannel
from tests.planning.builders import at, edition

LEAD, COACH, SPONSOR, COORDINATOR = "PER-0001", "PER-0002", "PER-0003", "PER-0004"
PARTNER, ASSISTANT = "PER-0005", "PER-0006"
EDITION = edition().id
EDITION_COURSE = edition_course_id(EDITION)
COURSE = service_course_id(EDITION, "SVC-16")
EXECUTIVE = executive_course_id(EDITION, SPONSOR)
SENDER = Sender("programme@drumbeat.example", "drumbeat.example")
TUESDAY = at("2024-10-15", "09:05")
"""When the reminder of Wednesday's session falls due."""
WEDNESDAY = at("2024-10-16", "10:00")

NAMES = {
    LEAD: "Alex Lead",
    COACH: "Bo Coach",
    SPONSOR: "Charlie Sponsor",
    COORDINATOR: "Dee Coordinator",
    PARTNER: "Eli Partner",
    ASSISTANT: "Fay Assistant",
}


@dataclass
class Scene:
    """The database of the scene, and what tests do with it.

    Attributes:
        database: Empty, at the newest revision.
        channel: Where mail goes.

    """

    database: Database
    channel: Channel = field(default_factory=FakeChannel)
    connections: int = 4
    deadline: timedelta = timedelta(seconds=2)

    def prepared(
        self, mode: MailMode = MailMode.LIVE, clock: ProgrammeClock | None = None
    ) -> "Scene":
        with self.database.transaction() as rows:
            installation.prepare_installation(rows, clock or ProgrammeClock(), mode)
            editions.store_edition(rows, edition(), at("2024-04-01"))
            add(
                rows,
                OrganisationRow,
                [
                    Organisation(
                        id="ORG-03",
                        ods_code="RXX",
                        name="Northmoor",
                        kind=ProviderKind.NHS,
                        region="North",
                    )
                ],
            )
            add(
                rows,
                ServiceRow,
                [
                    Service(
                        id="SVC-16",
                        organisation_id="ORG-03",
                        name="Willow Ward",
                        type=ServiceType.ADULT_ACUTE,
                    )
                ],
            )
            add(rows, PersonRow, [a_person(one) for one in NAMES])
            add(
                rows,
                RoleRow,
                [Held(person_id=COORDINATOR, role=Role.COORDINATOR, scope="*")],
            )
            courses.open_course(rows, a_course(EDITION_COURSE, CourseKind.EDITION, Stage.PLACING))
            courses.open_course(rows, a_course(COURSE, CourseKind.SERVICE, Stage.COACHING))
            courses.open_course(
                rows, a_course(EXECUTIVE, CourseKind.EXECUTIVE_COACHING, Stage.COACHING)
            )
            courses.add_enrolment(
                rows,
                Enrolment(
                    course_id=COURSE,
                    edition_id=EDITION,
                    service_id="SVC-16",
                    submitted_at=at("2024-05-01"),
                    sponsor_id=SPONSOR,
                    lead_id=LEAD,
                    delivery_coach_id=COACH,
                ),
            )
        return self

    def session(
        self,
        number: int = 7,
        starts_at: datetime = WEDNESDAY,
        kind: str = "delivery",
        course_id: str = COURSE,
        **changes: object,
    ) -> Session:
        """Write a session of the ward with its coach and its lead."""
        subject = course_id.rpartition("/")[2]
        new = Session(
            id=f"{EDITION}/{subject}/{kind}/{number}",
            course_id=course_id,
            edition_id=EDITION,
            kind=kind,
            number=number,
            planned_day=starts_at.date(),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            minutes=60,
            place="Room 1",
        ).model_copy(update=changes)
        roles = {COACH: edition().session_kind(kind).coach, LEAD: Role.SERVICE_LEAD}
        if kind == "executive":
            roles = {COACH: Role.EXECUTIVE_COACH, SPONSOR: Role.EXECUTIVE_SPONSOR}
        with self.database.transaction() as rows:
            sessions.add_sessions(rows, [new])
            sessions.add_participants(
                rows,
                [
                    Participant(session_id=new.id, person_id=person, role=role)
                    for person, role in roles.items()
                ],
            )
        return new

    def change(self, session: Session, **changes: object) -> Session:
        changed = session.model_copy(update=changes)
        with self.database.transaction() as rows:
            sessions.save_session(rows, changed)
        return changed

    def confirm(self, session: Session, person_id: str) -> None:
        with self.database.transaction() as rows:
            part = sessions.participant(rows, session.id, person_id)
            assert part is not None
            sessions.save_participant(rows, part.model_copy(update={"confirmed_at": TUESDAY}))

    def parts(self, session: Session) -> tuple[Participant, ...]:
        with self.database.reading() as rows:
            return sessions.participants(rows, [session.id])

    def join(self, session: Session, person_id: str, role: Role) -> None:
        part = Participant(session_id=session.id, person_id=person_id, role=role)
        with self.database.transaction() as rows:
            add(rows, ParticipantRow, [part])

    def person(self, person_id: str, **changes: object) -> None:
        changed = a_person(person_id).model_copy(update=changes)
        with self.database.transaction() as rows:
            save(rows, PersonRow, changed)

    def obligation(self, kind: ObligationKind, subject: str, **changes: object) -> Obligation:
        new = Obligation(
            id=f"{EDITION}/SVC-16/{kind}/1",
            course_id=COURSE,
            edition_id=EDITION,
            kind=kind,
            subject=subject,
            holder_id=COACH,
            opened_at=at("2024-10-09"),
        ).model_copy(update=changes)
        with self.database.transaction() as rows:
            obligations.add_obligation(rows, new)
        return new

    def plan(self, *messages: Message) -> tuple[Message, ...]:
        """Write messages as a course transaction does: their number goes into the journal."""
        with self.database.transaction() as rows:
            planned = ledger.plan(rows, messages)
            entry = JournalEntry(
                course_id=COURSE,
                edition_id=EDITION,
                event="messages.planned",
                subject=COURSE,
                actor="programme",
                at=TUESDAY,
                recorded_at=TUESDAY,
                request_id="-".join(sorted(one.key for one in messages))[:200],
                policy_version=1,
                planned=dict(planned),
            )
            journal.write(rows, [entry])
        return messages

    def remind(self, session: Session, person_id: str = LEAD, **changes: object) -> Message:
        """Plan the reminder of a session, due on the working day before it."""
        row = planner().message(
            MessageKind.REMINDER,
            Topic.of_session(session.kind),
            session.id,
            person_id,
            step="day-before",
            sequence=session.sequence,
            due_at=TUESDAY,
            useful_until=session.starts_at and session.starts_at - timedelta(hours=2),
        )
        return self.plan(row.model_copy(update=changes))[0]

    def notice(self, person_id: str = LEAD, step: str = "once", **changes: object) -> Message:
        """Plan a notice that is due: it may go twice, and nothing ends it but its recipient."""
        row = planner().message(
            MessageKind.NOTICE, Topic.PLACE_CONFIRMED, COURSE, person_id, step=step, due_at=TUESDAY
        )
        return self.plan(row.model_copy(update=changes))[0]

    def chase(self, obligation: Obligation, person_id: str = COACH, **changes: object) -> Message:
        """Plan the first step of an obligation's chase, due."""
        row = planner().message(
            MessageKind.CHASE,
            Topic.of_obligation(obligation.kind),
            obligation.id,
            person_id,
            step="first",
            sequence=obligation.generation,
            due_at=TUESDAY,
        )
        return self.plan(row.model_copy(update=changes))[0]

    def entry(self, kind: MessageKind, session: Session, person_id: str = LEAD) -> Message:
        """Plan a calendar message of a session that is due at once."""
        row = planner().calendar_message(kind, session, person_id, due_at=TUESDAY, was=session)
        return self.plan(row)[0]

    def told(self, message: Message) -> Message:
        """Return a message as the ledger has it now."""
        with self.database.reading() as rows:
            found = ledger.message(rows, message.key)
        assert found is not None
        return found

    def state(self, message: Message) -> tuple[MessageState, object]:
        found = self.told(message)
        return found.state, found.reason

    def rewrite(self, message: Message, **changes: object) -> Message:
        """Change a message's row behind everybody's back."""
        changed = self.told(message).model_copy(update=changes)
        with self.database.transaction() as rows:
            save(rows, MessageRow, changed)
        return changed

    def mode(self, mode: MailMode, redirect_to: str | None = None) -> None:
        with self.database.transaction() as rows:
            installation.set_mail_mode(rows, mode, redirect_to)

    def pause(self, scope: str, first: str, last: str | None = None) -> None:
        until_at = None if last is None else at(last, "00:00")
        new = Pause(
            id=f"{scope}/{first}",
            scope=scope,
            from_at=at(first, "00:00"),
            until_at=until_at,
            reason="ward_moves",
        )
        with self.database.transaction() as rows:
            pauses.add_pause(rows, new)

    def course(self, course_id: str, **changes: object) -> None:
        with self.database.transaction() as rows:
            found = courses.course(rows, course_id)
            assert found is not None
            courses.save_course(rows, found.model_copy(update=changes))

    def enrolment(self, **changes: object) -> None:
        with self.database.transaction() as rows:
            found = courses.enrolment(rows, COURSE)
            assert found is not None
            courses.save_enrolment(rows, found.model_copy(update=changes))

    def address_of(self, person_id: str) -> AddressState:
        with self.database.reading() as rows:
            found = people.person(rows, person_id)
        assert found is not None
        return found.address_state

    def is_balanced(self) -> bool:
        """Tell whether planned = open + ended, planned summed from the journal."""
        with self.database.reading() as rows:
            return sum(journal.planned_messages(rows).values()) == sum(ledger.counts(rows).values())

    def dispatcher(self) -> Dispatcher:
        return Dispatcher(
            self.database,
            {"mail": self.channel},
            SENDER,
            connections=self.connections,
            deadline=self.deadline,
        )

    async def dispatch(self, when: datetime = TUESDAY, real: datetime | None = None) -> Counts:
        return await self.dispatcher().dispatch_once(when, real or when)

    def through(self, channel: Channel) -> "Scene":
        return replace(self, channel=channel)


def planner() -> MessagePlan:
    return MessagePlan(COURSE, edition(), calendar_of(edition()), at("2024-09-02", "08:00"))


def a_person(person_id: str) -> Person:
    name = NAMES[person_id]
    return Person(id=person_id, name=name, email=f"{name.split()[0].lower()}@northmoor.nhs.example")


def a_course(course_id: str, kind: CourseKind, stage: Stage) -> Course:
    return Course(
        id=course_id,
        kind=kind,
        edition_id=EDITION,
        subject_id=course_id.rpartition("/")[2],
        stage=stage,
        opened_at=at("2024-05-01"),
    )


def states_of(scene: Scene, messages: Iterable[Message]) -> list[str]:
    return [scene.told(one).state.value for one in messages]
