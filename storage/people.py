"""Organisations, services, people, roles and absences."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.people import AddressState, Held, Organisation, Person, Role, Service
from storage.records import find, find_all
from storage.statements import Statement
from storage.tables.people import AbsenceRow, OrganisationRow, PersonRow, RoleRow, ServiceRow

PROGRAMME = "*"
"""Scope of a role that is held for the whole programme."""


def person(rows: Session, person_id: str) -> Person | None:
    """Return a person."""
    return find(rows, Person, PersonRow, {"id": person_id})


def people(rows: Session, ids: Iterable[str]) -> dict[str, Person]:
    """Return those of the people who exist, by id."""
    found = find_all(rows, Person, PersonRow, (), {"id": sorted(set(ids))})
    return {one.id: one for one in found}


def service(rows: Session, service_id: str) -> Service | None:
    """Return a service."""
    return find(rows, Service, ServiceRow, {"id": service_id})


def organisation(rows: Session, organisation_id: str) -> Organisation | None:
    """Return an organisation."""
    return find(rows, Organisation, OrganisationRow, {"id": organisation_id})


def holders(rows: Session, role: Role, scopes: Iterable[str]) -> tuple[Held, ...]:
    """Return who holds a role in any of the scopes, in the order of their ids."""
    return find_all(rows, Held, RoleRow, ("person_id",), {"role": role, "scope": list(scopes)})


def absent(rows: Session, ids: Iterable[str], day: date) -> set[str]:
    """Return which of the people are away on a day (X05)."""
    return {row[0] for row in _ABSENT.ask(rows, {"people": sorted(set(ids)), "day": day})}


def lock_people(rows: Session, ids: Iterable[str]) -> None:
    """Hold the people's rows until the transaction ends, so that nobody else books their hour.

    In the order of their ids, so that two transactions never wait for each other (C15).
    """
    _HELD.ask(rows, {"people": sorted(set(ids))})


def mark_address(rows: Session, person_id: str, state: AddressState) -> None:
    """Note whether mail to a person arrives (M11)."""
    row = rows.get(PersonRow, person_id)
    if row is not None:
        row.address_state = state
        rows.flush()


_PEOPLE: BindParameter[str] = bindparam("people", expanding=True)
_ABSENT = Statement(
    select(col(AbsenceRow.person_id)).where(
        col(AbsenceRow.person_id).in_(_PEOPLE),
        col(AbsenceRow.from_day) <= bindparam("day"),
        col(AbsenceRow.until_day) >= bindparam("day"),
    )
)
_HELD = Statement(
    select(col(PersonRow.id))
    .where(col(PersonRow.id).in_(_PEOPLE))
    .order_by(col(PersonRow.id))
    .with_for_update(key_share=True)
)
