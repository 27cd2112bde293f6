"""A programme as it was known at an instant, read from the journal (E38)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from planning.calendar import calendar_of
from planning.report import Known, PlannedSession, known_at
from planning.report_numbers import AsAt, Frame, Whereabouts, numbers
from schemas.courses import JournalEntry
from schemas.edition import Edition
from schemas.ids import service_course_id
from schemas.sessions import Cadence
from storage.editions import latest_edition
from storage.records import every
from storage.tables.courses import EditionRow, EnrolmentRow
from storage.tables.ledger import JournalRow
from storage.tables.people import OrganisationRow, ServiceRow
from storage.tables.sessions import SessionRow


def as_at(rows: Rows, edition_id: str, at: datetime) -> AsAt:
    """Return the numbers of an edition as they were known at an instant, programme time.

    The same instant gives the same numbers for ever: whatever is recorded later, of whatever day,
    is not in them.

    Raises:
        LookupError: No edition of that id was opened.

    """
    known = known_at(journal_until(rows, edition_id, at), planned_sessions(rows, edition_id), at)
    edition = edition_version(rows, edition_id, known)
    return numbers(known, Frame(edition, calendar_of(edition), at, whereabouts(rows, edition_id)))


def journal_until(rows: Rows, edition_id: str, at: datetime) -> tuple[JournalEntry, ...]:
    """Return the journal of an edition up to an instant, in its order."""
    where = (col(JournalRow.edition_id) == edition_id, col(JournalRow.recorded_at) <= at)
    return every(rows, JournalEntry, JournalRow, *where, order=[col(JournalRow.id)])


def planned_sessions(rows: Rows, edition_id: str) -> tuple[PlannedSession, ...]:
    """Return what never changes of an edition's sessions, by id."""
    cadences = {one.id: one.cadence for one in latest_edition(rows, edition_id).sessions}
    query = (
        select(
            col(SessionRow.id),
            col(SessionRow.course_id),
            col(SessionRow.kind),
            col(SessionRow.number),
            col(SessionRow.planned_day),
            col(SessionRow.catch_up_for).is_not(None).label("catch_up"),
            (col(SessionRow.number) <= col(EnrolmentRow.sessions_before)).label("before"),
        )
        .outerjoin(EnrolmentRow, col(EnrolmentRow.course_id) == col(SessionRow.course_id))
        .where(col(SessionRow.edition_id) == edition_id)
        .order_by(col(SessionRow.id))
    )
    return tuple(
        PlannedSession(
            id=row.id,
            course_id=row.course_id,
            kind=row.kind,
            cadence=cadences.get(row.kind, Cadence.ONCE),
            number=row.number,
            planned_day=row.planned_day,
            catch_up=bool(row.catch_up),
            held_before=bool(row.before) and cadences.get(row.kind) is Cadence.WEEKLY,
        )
        for row in rows.execute(query)
    )


def edition_version(rows: Rows, edition_id: str, known: Known) -> Edition:
    """Return the edition's file in the version by which the programme went then."""
    row = rows.get(EditionRow, (edition_id, known.version))
    return latest_edition(rows, edition_id) if row is None else Edition.model_validate(row.document)


def whereabouts(rows: Rows, edition_id: str) -> dict[str, Whereabouts]:
    """Return type and region of an edition's services, by course."""
    query = (
        select(col(ServiceRow.id), col(ServiceRow.type), col(OrganisationRow.region))
        .join(EnrolmentRow, col(EnrolmentRow.service_id) == col(ServiceRow.id))
        .join(OrganisationRow, col(OrganisationRow.id) == col(ServiceRow.organisation_id))
        .where(col(EnrolmentRow.edition_id) == edition_id)
    )
    return {
        service_course_id(edition_id, service_id): Whereabouts(service_id, kind.value, region)
        for service_id, kind, region in rows.execute(query)
    }
