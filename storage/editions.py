"""Editions and their versions."""

from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool
from sqlmodel import col

from schemas.edition import Edition
from storage.tables.courses import EditionRow

_read: WeakKeyDictionary[Pool, dict[tuple[str, int], Edition]] = WeakKeyDictionary()
"""Editions that were read, by database: a version never changes once it is written."""


def latest_edition(rows: Session, edition_id: str) -> Edition:
    """Return an edition in its present version; within a session it is asked for once.

    Raises:
        LookupError: No edition of that id was opened.

    """
    known: Edition | None = rows.info.get(f"edition/{edition_id}")
    if known is None:
        known = rows.info[f"edition/{edition_id}"] = _latest(rows, edition_id)
    return known


def _latest(rows: Session, edition_id: str) -> Edition:
    query = select(func.max(col(EditionRow.version))).where(col(EditionRow.id) == edition_id)
    version = rows.execute(query).scalar()
    if version is None:
        raise LookupError(f"no edition {edition_id} has been opened")
    bind = rows.get_bind()
    read = _read.setdefault(bind.engine.pool, {})
    if (edition_id, version) not in read:
        row = rows.get(EditionRow, (edition_id, version))
        read[edition_id, version] = Edition.model_validate(row.document if row else None)
    return read[edition_id, version]


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
    rows.info.pop(f"edition/{edition.id}", None)
    return True
