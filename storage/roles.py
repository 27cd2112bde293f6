"""Giving and taking roles."""

from sqlalchemy.orm import Session

from schemas.people import Held, Role
from storage.records import add_new
from storage.tables.people import RoleRow


def give(rows: Session, person_id: str, role: Role, scope: str) -> None:
    """Give a person a role; one who holds it already keeps it as it is."""
    add_new(rows, RoleRow, [Held(person_id=person_id, role=role, scope=scope)])
