"""Pauses of a service and of an edition."""

from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.courses import Pause
from storage.records import add, every, save
from storage.tables.courses import PauseRow


def pauses_of(rows: Session, scopes: list[str]) -> tuple[Pause, ...]:
    """Return the pauses of the courses named, earliest first."""
    where = col(PauseRow.scope).in_(scopes)
    return every(rows, Pause, PauseRow, where, order=[col(PauseRow.from_at), col(PauseRow.id)])


def add_pause(rows: Session, new: Pause) -> None:
    """Write a new pause."""
    add(rows, PauseRow, [new])


def save_pause(rows: Session, changed: Pause) -> None:
    """Write a changed pause."""
    save(rows, PauseRow, changed)
