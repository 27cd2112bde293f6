"""The services of an edition, those that need a look first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.base import Record
from schemas.courses import Stage
from schemas.obligations import ObligationState
from schemas.people import Organisation, ServiceType
from schemas.sessions import SessionState
from storage import successions
from storage.obligations import OPEN_STATES
from storage.tables.columns import Instant
from storage.tables.courses import CourseRow, EnrolmentRow
from storage.tables.people import OrganisationRow, ServiceRow
from storage.tables.sessions import ObligationRow, SessionRow


class ServiceSummary(Record):
    """One line of the list of services.

    Attributes:
        attention: Code of what a person must look at; empty when nothing.
        held: Sessions of every kind of the service's own, without its sponsor's.
        next_at: When its next session starts.
        unrecorded: Sessions that are over and of which nobody has said how they went.
        chases: Obligations that are open.
        stuck: Those of them that a person must decide.

    """

    course_id: str
    edition_id: str
    service_id: str
    service: str
    organisation: str
    region: str
    type: ServiceType
    stage: Stage
    attention: str
    held: int
    missed: int
    cancelled: int
    to_come: int
    unrecorded: int
    next_at: datetime | None
    chases: int
    stuck: int


def services_of(rows: Session, edition_id: str, now: datetime) -> tuple[ServiceSummary, ...]:
    """Return the services of an edition: stuck chases, attention and open chases come first.

    Those that have ended come last; equals are in the order of their ids.
    """
    sessions, chases = _sessions(edition_id, now), _chases(edition_id)
    query = (
        select(
            col(CourseRow.id),
            *(col(CourseRow.stage), col(CourseRow.attention), col(EnrolmentRow.service_id)),
            col(ServiceRow.name),
            col(ServiceRow.type),
            col(OrganisationRow.id).label("organisation_id"),
            col(OrganisationRow.name).label("organisation"),
            col(OrganisationRow.region),
            *(column for column in sessions.c if column.name != "course_id"),
            *(column for column in chases.c if column.name != "course_id"),
        )
        .join(EnrolmentRow, col(EnrolmentRow.course_id) == col(CourseRow.id))
        .join(ServiceRow, col(ServiceRow.id) == col(EnrolmentRow.service_id))
        .join(OrganisationRow, col(OrganisationRow.id) == col(ServiceRow.organisation_id))
        .outerjoin(sessions, sessions.c.course_id == col(CourseRow.id))
        .outerjoin(chases, chases.c.course_id == col(CourseRow.id))
        .where(col(CourseRow.edition_id) == edition_id)
    )
    merged = successions.organisations_by(rows, now)
    found = (_summary(edition_id, row, merged) for row in rows.execute(query).all())
    return tuple(sorted(found, key=_worst))


def _summary(edition_id: str, row: Row[Any], merged: Mapping[str, Organisation]) -> ServiceSummary:
    other = merged.get(row.organisation_id)
    return ServiceSummary(
        course_id=row.id,
        edition_id=edition_id,
        service_id=row.service_id,
        service=row.name,
        organisation=other.name if other else row.organisation,
        region=other.region if other else row.region,
        type=row.type,
        stage=row.stage,
        attention=row.attention,
        held=row.held or 0,
        missed=row.missed or 0,
        cancelled=row.cancelled or 0,
        to_come=row.to_come or 0,
        unrecorded=row.unrecorded or 0,
        next_at=row.next_at,
        chases=row.chases or 0,
        stuck=row.stuck or 0,
    )


def _worst(one: ServiceSummary) -> tuple[bool, bool, bool, int, str]:
    return (one.stage.is_end, not one.stuck, not one.attention, -one.chases, one.service_id)


def _sessions(edition_id: str, now: datetime) -> Any:
    state, starts_at = col(SessionRow.state), col(SessionRow.starts_at)
    ahead = (state == SessionState.TO_COME) & (starts_at >= now)
    over = (state == SessionState.TO_COME) & (col(SessionRow.ends_at) < now)
    return (
        select(
            col(SessionRow.course_id),
            *(_sum(state == one).label(one.value) for one in SessionState),
            _sum(over).label("unrecorded"),
            func.min(case((ahead, starts_at)), type_=Instant()).label("next_at"),
        )
        .where(col(SessionRow.edition_id) == edition_id)
        .group_by(col(SessionRow.course_id))
        .subquery()
    )


def _chases(edition_id: str) -> Any:
    state = col(ObligationRow.state)
    return (
        select(
            col(ObligationRow.course_id),
            _sum(state.in_(OPEN_STATES)).label("chases"),
            _sum(state == ObligationState.STUCK).label("stuck"),
        )
        .where(col(ObligationRow.edition_id) == edition_id)
        .group_by(col(ObligationRow.course_id))
        .subquery()
    )


def _sum(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))
