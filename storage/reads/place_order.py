"""The order in which places are offered: as proposed, or as a person has confirmed it (R07)."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from planning.places import Application, proposed_order
from schemas.base import Record
from schemas.courses import Stage
from schemas.edition import Edition
from schemas.ids import service_course_id
from storage.courses import selections_of
from storage.successions import organisations_by
from storage.tables.courses import CourseRow, EnrolmentRow
from storage.tables.people import OrganisationRow, ServiceRow


class PlaceLine(Record):
    """One service in the order.

    Attributes:
        has_place: Whether the edition's places reach this far; the others are waitlisted.
        because: What put it behind the service before it, a key of the edition's order.

    """

    rank: int
    service_id: str
    service: str
    organisation: str
    submitted_at: datetime
    earlier_interest: bool
    has_place: bool
    because: str


class PlaceOrder(Record):
    """The order of an edition's services, and whether it has been confirmed."""

    confirmed: bool
    lines: tuple[PlaceLine, ...]


def place_order(rows: Rows, edition: Edition, now: datetime) -> PlaceOrder:
    """Return the confirmed order, or as long as there is none the proposed one."""
    merged = organisations_by(rows, now)
    confirmed = {one.course_id: one for one in selections_of(rows, edition.id)}
    if confirmed:
        ranks = {key: (one.rank, one.reasons) for key, one in confirmed.items()}
    else:
        ranks = {
            service_course_id(edition.id, one.service_id): (one.position, one.because or "")
            for one in proposed_order(edition, _applications(rows, edition.id))
        }
    lines = [
        PlaceLine(
            rank=ranks[row.course_id][0],
            service_id=row.service_id,
            service=row.service,
            organisation=merged[row.organisation_id].name
            if row.organisation_id in merged
            else row.organisation,
            submitted_at=row.submitted_at,
            earlier_interest=row.earlier_interest,
            has_place=ranks[row.course_id][0] <= edition.places,
            because=ranks[row.course_id][1],
        )
        for row in rows.execute(_named().where(col(EnrolmentRow.course_id).in_(list(ranks))))
    ]
    ordered = tuple(sorted(lines, key=lambda one: one.rank))
    return PlaceOrder(confirmed=bool(confirmed), lines=ordered)


def _applications(rows: Rows, edition_id: str) -> list[Application]:
    query = (
        select(
            col(EnrolmentRow.service_id),
            col(EnrolmentRow.submitted_at),
            col(EnrolmentRow.earlier_interest),
        )
        .join(CourseRow, col(CourseRow.id) == col(EnrolmentRow.course_id))
        .where(col(EnrolmentRow.edition_id) == edition_id, col(CourseRow.stage) == Stage.ELIGIBLE)
    )
    return [Application(*row) for row in rows.execute(query)]


def _named() -> Any:
    return (
        select(
            col(EnrolmentRow.course_id),
            col(EnrolmentRow.service_id),
            col(EnrolmentRow.submitted_at),
            col(EnrolmentRow.earlier_interest),
            col(ServiceRow.name).label("service"),
            col(OrganisationRow.id).label("organisation_id"),
            col(OrganisationRow.name).label("organisation"),
        )
        .join(ServiceRow, col(ServiceRow.id) == col(EnrolmentRow.service_id))
        .join(OrganisationRow, col(OrganisationRow.id) == col(ServiceRow.organisation_id))
    )
