"""Editions and their versions."""

from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.edition import Edition
from storage.statements import Statement
from storage.tables.courses import EditionRow

READ = "editions"
"""Where a database keeps the editions that it read: a version never changes once it is written."""


def latest_edition(rows: Session, edition_id: str) -> Edition:
    """Return an edition in its present version; within a session it is asked for once.

    Raises:
        LookupError: No edition of that id was opened.

    """
    known: Edition | None = rows.info.get(f"edition/{edition_id}")
    if known is None:
        known = rows.info[f"edition/{edition_id}"] = _latest(rows, edition_id)
    return known


def latest_version(rows: Session, edition_id: str) -> int | None:
    """Return the newest version of an edition; none where it was never opened."""
    found: int | None = _LATEST.ask(rows, {"edition_id": edition_id})[0][0]
    return found


def _latest(rows: Session, edition_id: str) -> Edition:
    version = latest_version(rows, edition_id)
    if version is None:
        raise LookupError(f"no edition {edition_id} has been opened")
    return edition_in(rows, edition_id, version)


def edition_in(rows: Session, edition_id: str, version: int) -> Edition:
    """Return an edition in one of its versions; 0: in the newest.

    Raises:
        LookupError: That version was never gone by.

    """
    if not version:
        return latest_edition(rows, edition_id)
    read: dict[tuple[str, int], Edition] = rows.info[READ]
    if (edition_id, version) not in read:
        row = rows.get(EditionRow, (edition_id, version))
        if row is None:
            raise LookupError(f"edition {edition_id} has no version {version}")
        read[edition_id, version] = Edition.model_validate(row.document)
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
    # A database that was put back to an older copy may be given that version anew.
    rows.info[READ].pop((edition.id, edition.version), None)
    return True


# Written once: every course transaction asks it.
_LATEST = Statement(
    select(func.max(col(EditionRow.version))).where(col(EditionRow.id) == bindparam("edition_id"))
)
