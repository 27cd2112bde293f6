"""The journal: one row for each change, only ever added to."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Boolean, ColumnElement, bindparam, insert, literal_column, select
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.courses import JournalEntry
from storage.records import every
from storage.statements import Statement
from storage.tables.ledger import JournalRow

ALL_BEFORE_HAVE_ENDED = (
    "journal.xmin::text::bigint < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
)
"""PostgreSQL: no transaction goes on that began to write before the one that wrote the entry."""


def write(rows: Session, entries: Iterable[JournalEntry]) -> None:
    """Add entries, in order."""
    _ADD.order_all(rows, [entry.model_dump(exclude={"id"}) for entry in entries])


def entries_about(rows: Session, subject: str) -> tuple[JournalEntry, ...]:
    """Return what happened to a subject or course, oldest first."""
    where = (col(JournalRow.subject) == subject) | (col(JournalRow.course_id) == subject)
    return every(rows, JournalEntry, JournalRow, where, order=[col(JournalRow.id)])


def entries_after(rows: Session, last: int, limit: int = 1000) -> tuple[JournalEntry, ...]:
    """Return the entries behind ``last``, oldest first.

    Whoever goes on from the last one returned misses none: an entry is left for the next time
    while a transaction goes on that may have written one before it.
    """
    where: list[ColumnElement[bool]] = [col(JournalRow.id) > last]
    if rows.get_bind().dialect.name == "postgresql":
        where.append(literal_column(ALL_BEFORE_HAVE_ENDED, Boolean))
    return every(
        rows,
        JournalEntry,
        JournalRow,
        *where,
        order=[col(JournalRow.id)],
        limit=limit,
    )


def planned_messages(rows: Session) -> Counter[str]:
    """Return how many messages of each kind were ever called for, summed from the journal."""
    total: Counter[str] = Counter()
    for planned in rows.execute(select(col(JournalRow.planned))).scalars():
        total.update(planned)
    return total


_ADD = Statement(
    insert(JournalRow.__table__).values(  # type: ignore[attr-defined]
        {name: bindparam(name) for name in JournalEntry.model_fields if name != "id"}
    )
)
