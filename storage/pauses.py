"""Pauses of a service and of an edition."""

from sqlalchemy.orm import Session

from schemas.courses import Pause
from storage.records import add, find_all, save
from storage.tables.courses import PauseRow


def pauses_of(rows: Session, scopes: list[str]) -> tuple[Pause, ...]:
    """Return the pauses of the courses named, earliest first."""
    return find_all(rows, Pause, PauseRow, ("from_at", "id"), {"scope": scopes})


def add_pause(rows: Session, new: Pause) -> None:
    """Write a new pause."""
    add(rows, PauseRow, [new])


def save_pause(rows: Session, changed: Pause) -> None:
    """Write a changed pause."""
    save(rows, PauseRow, changed)
