"""Editions and their versions."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.edition import Edition
from storage.tables.courses import EditionRow

_read: dict[tuple[str, int], tuple[dict[str, object], Edition]] = {}


def latest_edition(rows: Session, edition_id: str) -> Edition:
    """Return an edition in its present version.

    Raises:
        LookupError: No edition of that id was opened.

    """
    query = (
        select(EditionRow)
        .where(col(EditionRow.id) == edition_id)
        .order_by(col(EditionRow.version).desc())
        .limit(1)
    )
    row = rows.execute(query).scalars().first()
    if row is None:
        raise LookupError(f"no edition {edition_id} has been opened")
    # A version never changes once it is written, but two databases may say different things of it.
    document, edition = _read.get((row.id, row.version), (None, None))
    if edition is None or document != row.document:
        edition = Edition.model_validate(row.document)
        _read[row.id, row.version] = (row.document, edition)
    return edition


def edition_ids(rows: Session) -> tuple[str, ...]:
    """Return the ids of the editions that were opened, in the order of their ids."""
    query = select(col(EditionRow.id)).distinct().order_by(col(EditionRow.id))
    return tuple(rows.execute(query).scalars())


def store_edition(rows: Session, edition: Edition, at: datetime) -> bool:
    """Keep a version of an edition; return false where that version was kept before."""
    if rows.get(EditionRow, (edition.id, edition.version)) is not None:
        return False
    document = edition.model_dump(mode="json")
    rows.add(EditionRow(id=edition.id, version=edition.version, document=document, opened_at=at))
    rows.flush()
    return True
