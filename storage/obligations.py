"""Obligations: what somebody still has to do."""

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.obligations import Obligation, ObligationKind, ObligationState
from storage.records import add, every, find, find_all, save
from storage.tables.sessions import ObligationRow

READ = "obligations"
"""Where a transaction keeps the obligations that it read, until it writes one."""
OPEN_STATES = [state for state in ObligationState if state.is_open]


def obligation(rows: Session, obligation_id: str) -> Obligation | None:
    """Return an obligation."""
    return find(rows, Obligation, ObligationRow, {"id": obligation_id})


def obligations_of(
    rows: Session, course_id: str, kind: ObligationKind | None = None
) -> tuple[Obligation, ...]:
    """Return a course's obligations, open and closed, in the order they were opened."""
    known: dict[str, tuple[Obligation, ...]] = rows.info.setdefault(READ, {})
    if course_id not in known:
        about = {"course_id": course_id}
        known[course_id] = find_all(rows, Obligation, ObligationRow, ("opened_at", "id"), about)
    found = known[course_id]
    return found if kind is None else tuple([one for one in found if one.kind is kind])


def open_obligations_of(rows: Session, course_id: str) -> tuple[Obligation, ...]:
    """Return what is still to be done of a course, in the order it was opened."""
    about = {"course_id": course_id, "state": OPEN_STATES}
    return find_all(rows, Obligation, ObligationRow, ("opened_at", "id"), about)


def open_obligations(rows: Session, edition_id: str | None = None) -> tuple[Obligation, ...]:
    """Return what is still to be done, the stuck first, then by when the next step is due."""
    where: list[ColumnElement[bool]] = [col(ObligationRow.state).in_(OPEN_STATES)]
    if edition_id is not None:
        where.append(col(ObligationRow.edition_id) == edition_id)
    order = [col(ObligationRow.next_at).is_not(None), col(ObligationRow.next_at)]
    return every(rows, Obligation, ObligationRow, *where, order=[*order, col(ObligationRow.id)])


def add_obligation(rows: Session, new: Obligation) -> None:
    """Write a new obligation."""
    rows.info.pop(READ, None)
    add(rows, ObligationRow, [new])


def save_obligation(rows: Session, changed: Obligation) -> None:
    """Write a changed obligation."""
    rows.info.pop(READ, None)
    save(rows, ObligationRow, changed)
