"""What a report with pictures is made of: services, who takes part, messages, and their texts.

Of people there are ids and roles; their names, numbers and addresses are given only so that the
report can leave them out of the texts that it shows.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from schemas.base import Record
from schemas.courses import Stage
from schemas.messages import MessageKind, MessageReason, MessageState
from schemas.people import Role, ServiceType
from storage import courses, successions
from storage.tables.courses import CourseRow, EnrolmentRow
from storage.tables.ledger import MessageContentRow, MessageRow
from storage.tables.people import OrganisationRow, PersonRow, RoleRow, ServiceRow
from storage.tables.sessions import ParticipantRow, SessionRow


class Ward(Record):
    """A service that applied to the edition.

    Attributes:
        organisation_id: On the day of the report; before a merger it was another one (P02).
        region: That organisation's.
        sponsor_id: On the day of the report; empty: the post was vacant (E05).
        sponsor_ids: All who had been its executive sponsor by then, the latest last (P01).

    """

    course_id: str
    service_id: str
    name: str
    organisation_id: str
    region: str
    type: ServiceType
    stage: Stage
    sponsor_id: str
    sponsor_ids: tuple[str, ...]
    lead_id: str
    delivery_coach_id: str | None
    executive_coach_id: str | None


class Part(Record):
    """Somebody's part in a session."""

    session_id: str
    person_id: str
    role: Role


class Mail(Record):
    """A message of the ledger."""

    key: str
    kind: MessageKind
    topic: str
    subject: str
    step: str
    person_id: str
    asks: bool
    due_at: datetime
    state: MessageState
    reason: MessageReason | None
    ended_at: datetime | None


class Personal(Record):
    """What a report must not show of a person."""

    person_id: str
    name: str
    phone: str


def wards(rows: Rows, edition_id: str, at: datetime) -> tuple[Ward, ...]:
    """Return the services of an edition as they were at an instant, by id.

    Stage, lead and coaches are the present ones.
    """
    merged = successions.organisations_by(rows, at)
    enrolled = {one.course_id: one for one in courses.enrolments_of(rows, edition_id)}
    query = (
        select(
            col(EnrolmentRow.course_id),
            col(EnrolmentRow.service_id),
            col(ServiceRow.name),
            col(ServiceRow.organisation_id),
            col(OrganisationRow.region),
            col(ServiceRow.type),
            col(CourseRow.stage),
            col(EnrolmentRow.lead_id),
            *(col(EnrolmentRow.delivery_coach_id), col(EnrolmentRow.executive_coach_id)),
        )
        .join(CourseRow, col(CourseRow.id) == col(EnrolmentRow.course_id))
        .join(ServiceRow, col(ServiceRow.id) == col(EnrolmentRow.service_id))
        .join(OrganisationRow, col(OrganisationRow.id) == col(ServiceRow.organisation_id))
        .where(col(EnrolmentRow.edition_id) == edition_id)
        .order_by(col(EnrolmentRow.service_id))
    )
    found = []
    for row in rows.execute(query).mappings():
        enrolment, other = enrolled[row["course_id"]], merged.get(row["organisation_id"])
        moved = {} if other is None else {"organisation_id": other.id, "region": other.region}
        whose = {
            "sponsor_id": successions.sponsor_at(rows, enrolment, at) or "",
            "sponsor_ids": successions.sponsors_until(rows, enrolment, at),
        }
        found.append(Ward.model_construct(**{**row, **moved, **whose}))
    return tuple(found)


def parts(rows: Rows, edition_id: str) -> tuple[Part, ...]:
    """Return who takes part in the sessions of an edition, by session and person."""
    columns = [col(getattr(ParticipantRow, name)) for name in Part.model_fields]
    query = (
        select(*columns)
        .join(SessionRow, col(SessionRow.id) == col(ParticipantRow.session_id))
        .where(col(SessionRow.edition_id) == edition_id)
        .order_by(col(ParticipantRow.session_id), col(ParticipantRow.person_id))
    )
    return tuple(Part.model_construct(**row) for row in rows.execute(query).mappings())


def mails(rows: Rows, edition_id: str) -> tuple[Mail, ...]:
    """Return the messages of an edition by when they were due."""
    columns = [col(getattr(MessageRow, name)) for name in Mail.model_fields]
    query = (
        select(*columns)
        .where(col(MessageRow.edition_id) == edition_id)
        .order_by(col(MessageRow.due_at), col(MessageRow.key))
    )
    return tuple(Mail.model_construct(**row) for row in rows.execute(query).mappings())


def roles(rows: Rows) -> tuple[tuple[str, Role], ...]:
    """Return the roles that people hold anywhere, each once."""
    query = select(col(RoleRow.person_id), col(RoleRow.role)).distinct()
    return tuple(sorted((person_id, role) for person_id, role in rows.execute(query)))


def personal(rows: Rows) -> tuple[Personal, ...]:
    """Return people's names and numbers, by person."""
    columns = (col(PersonRow.id), col(PersonRow.name), col(PersonRow.phone))
    query = select(*columns).order_by(col(PersonRow.id))
    return tuple(
        Personal(person_id=person_id, name=name or "", phone=phone or "")
        for person_id, name, phone in rows.execute(query)
    )


def texts(rows: Rows, keys: Iterable[str]) -> dict[str, bytes]:
    """Return the bytes of messages as they were first made, by key."""
    query = select(col(MessageContentRow.key), col(MessageContentRow.content)).where(
        col(MessageContentRow.key).in_(list(keys))
    )
    return dict(rows.execute(query).all())


def keys_with_text(rows: Rows, edition_id: str) -> frozenset[str]:
    """Return the keys of an edition's messages that were ever put into words."""
    query = (
        select(col(MessageContentRow.key))
        .join(MessageRow, col(MessageRow.key) == col(MessageContentRow.key))
        .where(col(MessageRow.edition_id) == edition_id)
    )
    return frozenset(rows.execute(query).scalars())
