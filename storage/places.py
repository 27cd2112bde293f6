"""Places: each change is one conditional statement whose answer is final (R14)."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.courses import Place, PlaceState
from storage.records import add_new, find, find_all
from storage.tables.courses import PlaceRow


def create_places(rows: Session, edition_id: str, count: int) -> None:
    """Write an edition's places; those that exist stay as they are."""
    places = [
        Place(id=f"{edition_id}/place/{number}", edition_id=edition_id, number=number)
        for number in range(1, count + 1)
    ]
    add_new(rows, PlaceRow, places)


def places_of(rows: Session, edition_id: str) -> tuple[Place, ...]:
    """Return an edition's places by number."""
    return find_all(rows, Place, PlaceRow, ("number",), {"edition_id": edition_id})


def place_of(rows: Session, course_id: str) -> Place | None:
    """Return the place that a service was offered or has taken."""
    return find(rows, Place, PlaceRow, {"course_id": course_id})


def offer(rows: Session, place_id: str, course_id: str, at: datetime, expires_at: datetime) -> bool:
    """Offer a free place; return false where it is not free."""
    return _change(
        rows,
        place_id,
        PlaceState.FREE,
        None,
        state=PlaceState.OFFERED,
        course_id=course_id,
        offered_at=at,
        expires_at=expires_at,
    )


def accept(rows: Session, place: Place, course_id: str, at: datetime) -> bool:
    """Take an offered place; return false where it is not offered, or the offer has expired."""
    if place.expires_at is None or at > place.expires_at:
        return False
    return _change(
        rows,
        place.id,
        PlaceState.OFFERED,
        course_id,
        state=PlaceState.TAKEN,
        taken_at=at,
    )


def extend(rows: Session, place: Place, expires_at: datetime) -> bool:
    """Let an offer stand until later."""
    return _change(rows, place.id, PlaceState.OFFERED, place.course_id, expires_at=expires_at)


def release(rows: Session, place: Place, *, refill: bool) -> bool:
    """Give a place back, to be offered again or closed for good (R13)."""
    return _change(
        rows,
        place.id,
        place.state,
        place.course_id,
        state=PlaceState.FREE if refill else PlaceState.CLOSED,
        course_id=None,
        offered_at=None,
        expires_at=None,
        taken_at=None,
    )


def close(rows: Session, place_id: str) -> bool:
    """Close a free place that nobody will be offered any more."""
    return _change(rows, place_id, PlaceState.FREE, None, state=PlaceState.CLOSED)


def _change(
    rows: Session, place_id: str, was: PlaceState, holder: str | None, /, **values: object
) -> bool:
    statement = (
        update(PlaceRow)
        .where(
            col(PlaceRow.id) == place_id,
            col(PlaceRow.state) == was,
            col(PlaceRow.course_id).is_(None)
            if holder is None
            else col(PlaceRow.course_id) == holder,
        )
        .values(**values)
        .returning(col(PlaceRow.id))
    )
    return rows.execute(statement).first() is not None
