"""The ids that there are, so that a mistyped one can be answered with the nearest."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.courses import Course, CourseKind
from storage.records import every
from storage.tables.courses import CourseRow
from storage.tables.ledger import MessageRow
from storage.tables.people import PersonRow, ServiceRow
from storage.tables.sessions import ObligationRow, SessionRow


def service_ids(rows: Session) -> tuple[str, ...]:
    """Return the ids of all services, enrolled or not."""
    return tuple(rows.execute(select(col(ServiceRow.id)).order_by(col(ServiceRow.id))).scalars())


def person_ids(rows: Session) -> tuple[str, ...]:
    """Return the ids of all people."""
    return tuple(rows.execute(select(col(PersonRow.id)).order_by(col(PersonRow.id))).scalars())


def session_ids(rows: Session, edition_id: str | None = None) -> tuple[str, ...]:
    """Return the ids of sessions."""
    query = select(col(SessionRow.id)).order_by(col(SessionRow.id))
    if edition_id is not None:
        query = query.where(col(SessionRow.edition_id) == edition_id)
    return tuple(rows.execute(query).scalars())


def obligation_ids(rows: Session, edition_id: str | None = None) -> tuple[str, ...]:
    """Return the ids of obligations, open and closed."""
    query = select(col(ObligationRow.id)).order_by(col(ObligationRow.id))
    if edition_id is not None:
        query = query.where(col(ObligationRow.edition_id) == edition_id)
    return tuple(rows.execute(query).scalars())


def message_keys(rows: Session, beginning: str) -> tuple[str, ...]:
    """Return the keys of messages that begin so, at most ten."""
    query = select(col(MessageRow.key)).where(
        col(MessageRow.key).startswith(beginning, autoescape=True)
    )
    return tuple(rows.execute(query.order_by(col(MessageRow.key)).limit(10)).scalars())


def courses_about(rows: Session, subject_id: str) -> tuple[Course, ...]:
    """Return the courses of a service, sponsor or edition, in whatever edition."""
    where = col(CourseRow.subject_id) == subject_id
    return every(rows, Course, CourseRow, where, order=[col(CourseRow.id)])


def edition_courses(rows: Session) -> tuple[Course, ...]:
    """Return the course of each edition that was opened."""
    where = col(CourseRow.kind) == CourseKind.EDITION
    return every(rows, Course, CourseRow, where, order=[col(CourseRow.id)])
