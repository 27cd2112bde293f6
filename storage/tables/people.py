"""Organisations, services, people and their roles."""

from datetime import date

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from schemas.people import AddressState, Channel, ProviderKind, Role, ServiceType
from storage.tables.columns import Code, code, reference


class OrganisationRow(SQLModel, table=True):
    """A provider organisation."""

    __tablename__ = "organisation"

    id: str = Field(primary_key=True, max_length=60)
    ods_code: str = Field(max_length=5)
    name: str = Field(max_length=200)
    kind: ProviderKind = Field(sa_column=code(ProviderKind))
    region: str = Field(max_length=60)
    synthetic: bool = False


class ServiceRow(SQLModel, table=True):
    """An inpatient service."""

    __tablename__ = "service"

    id: str = Field(primary_key=True, max_length=60)
    organisation_id: str = Field(sa_column=reference("organisation.id"))
    name: str = Field(max_length=200)
    type: ServiceType = Field(sa_column=code(ServiceType))
    detains: bool = True
    synthetic: bool = False


class PersonRow(SQLModel, table=True):
    """A person; the only place where names and addresses stand."""

    __tablename__ = "person"

    id: str = Field(primary_key=True, max_length=60)
    name: str = Field(max_length=200)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=40)
    channel: Channel = Field(default=Channel.MAIL, sa_column=code(Channel))
    assistant_id: str | None = Field(default=None, sa_column=reference("person.id", nullable=True))
    address_state: AddressState = Field(default=AddressState.GOOD, sa_column=code(AddressState))


class RoleRow(SQLModel, table=True):
    """A role that a person holds in a scope."""

    __tablename__ = "role"

    person_id: str = Field(foreign_key="person.id", primary_key=True, max_length=60)
    role: Role = Field(sa_column=Column(Code(Role), primary_key=True))
    scope: str = Field(primary_key=True, max_length=60, index=True)
    opted_in: bool = False


class AbsenceRow(SQLModel, table=True):
    """Days, both included, on which a person is away (X05)."""

    __tablename__ = "absence"

    person_id: str = Field(foreign_key="person.id", primary_key=True, max_length=60)
    from_day: date = Field(primary_key=True)
    until_day: date
