"""The regions that there are."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from storage.tables.people import OrganisationRow


def regions(rows: Session) -> tuple[str, ...]:
    """Return every region of an organisation, in the order of their names."""
    query = select(col(OrganisationRow.region)).distinct().order_by(col(OrganisationRow.region))
    return tuple(rows.execute(query).scalars())
