"""Second expressions of interest: they wait until a coordinator merges them (R12)."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from storage.tables.courses import InterestRow

WAITS, MERGED = "waits_for_merge", "merged"


def mark_merged(rows: Session, interest_id: str) -> bool:
    """Merge a second interest; return false where it does not wait. One statement decides."""
    statement = (
        update(InterestRow)
        .where(col(InterestRow.id) == interest_id, col(InterestRow.state) == WAITS)
        .values(state=MERGED)
        .returning(col(InterestRow.id))
    )
    return rows.execute(statement).first() is not None


def waiting(rows: Session, edition_id: str) -> tuple[str, ...]:
    """Return the ids of an edition's interests that wait to be merged, the earliest first."""
    query = (
        select(col(InterestRow.id))
        .where(col(InterestRow.edition_id) == edition_id, col(InterestRow.state) == WAITS)
        .order_by(col(InterestRow.submitted_at), col(InterestRow.id))
    )
    return tuple(rows.execute(query).scalars())
