"""The few rows that most storage tests stand on: a ward, its people, and its course."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from schemas.courses import Course, CourseKind, JournalEntry, Stage
from schemas.ids import edition_course_id, service_course_id
from schemas.messages import Message, MessageKind
from schemas.obligations import Obligation, ObligationKind
from schemas.people import Organisation, Person, ProviderKind, Role, Service, ServiceType
from schemas.sessions import Participant
from schemas.sessions import Session as CoachingSession
from storage.courses import open_course
from storage.records import add
from storage.tables.people import OrganisationRow, PersonRow, ServiceRow

EDITION = "wider-2024"
EDITION_COURSE = edition_course_id(EDITION)
COURSE = service_course_id(EDITION, "SVC-01")
LEAD, SPONSOR, COACH, COORDINATOR = "PER-0001", "PER-0002", "PER-0003", "PER-0004"
NOON = datetime(2024, 9, 2, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def set_scene(rows: Session, services: int = 2) -> None:
    """Write an organisation, its services with a course each, the edition's course, four people."""
    organisation = Organisation(
        id="ORG-01", ods_code="RXX", name="Ashdown", kind=ProviderKind.NHS, region="South East"
    )
    add(rows, OrganisationRow, [organisation])
    add(rows, PersonRow, [a_person(one) for one in (LEAD, SPONSOR, COACH, COORDINATOR)])
    open_course(rows, a_course(EDITION_COURSE, CourseKind.EDITION, Stage.PLACING))
    for number in range(1, services + 1):
        service = Service(
            id=f"SVC-{number:02}",
            organisation_id="ORG-01",
            name=f"Ward {number}",
            type=ServiceType.ADULT_ACUTE,
        )
        add(rows, ServiceRow, [service])
        open_course(rows, a_course(course_id(number)))


def course_id(number: int) -> str:
    """Return the course of the nth service."""
    return service_course_id(EDITION, f"SVC-{number:02}")


def a_person(person_id: str) -> Person:
    """Return a person with a good address."""
    return Person(id=person_id, name=f"Name of {person_id}", email=f"{person_id}@ward.example")


def a_course(
    of: str = COURSE, kind: CourseKind = CourseKind.SERVICE, stage: Stage = Stage.COACHING
) -> Course:
    """Return a course that begins at noon."""
    return Course(
        id=of,
        kind=kind,
        edition_id=EDITION,
        subject_id=of.rpartition("/")[2],
        stage=stage,
        opened_at=NOON,
    )


def a_session(
    number: int, starts_at: datetime | None, of: str = COURSE, **changes: object
) -> CoachingSession:
    """Return a weekly session of an hour."""
    session = CoachingSession(
        id=f"{EDITION}/{of.rpartition('/')[2]}/delivery/{number}",
        course_id=of,
        edition_id=EDITION,
        kind="delivery",
        number=number,
        planned_day=date(2024, 9, 2) if starts_at is None else starts_at.date(),
        starts_at=starts_at,
        ends_at=None if starts_at is None else starts_at + HOUR,
        minutes=60,
        place="The ward",
    )
    return session.model_copy(update=changes)


def a_part(session: CoachingSession, person_id: str, role: Role) -> Participant:
    """Return a person's part in a session."""
    return Participant(session_id=session.id, person_id=person_id, role=role)


def an_obligation(number: int = 1, **changes: object) -> Obligation:
    """Return an open obligation of the lead."""
    obligation = Obligation(
        id=f"{EDITION}/SVC-01/session_record/{number}",
        course_id=COURSE,
        edition_id=EDITION,
        kind=ObligationKind.SESSION_RECORD,
        subject=f"{EDITION}/SVC-01/delivery/{number}",
        ordinal=number,
        holder_id=LEAD,
        opened_at=NOON,
    )
    return obligation.model_copy(update=changes)


def a_message(key: str, kind: MessageKind = MessageKind.REMINDER, **changes: object) -> Message:
    """Return a message to the lead that is due at noon."""
    message = Message(
        key=key,
        course_id=COURSE,
        edition_id=EDITION,
        kind=kind,
        topic="session_reminder",
        subject=f"{EDITION}/SVC-01/delivery/1",
        person_id=LEAD,
        due_at=NOON,
        planned_at=NOON - DAY,
    )
    return message.model_copy(update=changes)


def an_entry(event: str = "session.planned", **changes: object) -> JournalEntry:
    """Return what the journal says of a change to the course."""
    entry = JournalEntry(
        course_id=COURSE,
        edition_id=EDITION,
        event=event,
        subject=COURSE,
        actor=COORDINATOR,
        at=NOON,
        recorded_at=NOON,
        request_id=f"request/{event}",
        policy_version=1,
    )
    return entry.model_copy(update=changes)
