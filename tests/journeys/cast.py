"""The people of one small programme: two wards of one organisation, and everybody who comes."""

from sqlalchemy.orm import Session

from schemas.people import (
    Channel,
    Held,
    Organisation,
    Person,
    ProviderKind,
    Role,
    Service,
    ServiceType,
)
from storage.people import PROGRAMME
from storage.records import add
from storage.tables.people import OrganisationRow, PersonRow, RoleRow, ServiceRow

SPONSOR, ASSISTANT, COORDINATOR, PROGRAMME_LEAD = "PER-SP", "PER-PA", "PER-CO", "PER-PL"
COACH, OTHER_COACH, EXECUTIVE_COACH, PARTNER = "PER-DC1", "PER-DC2", "PER-EC", "PER-LX"


def lead_of(service_id: str) -> str:
    """Return the lead of a service."""
    return f"PER-L-{service_id}"


def team_of(service_id: str) -> tuple[str, ...]:
    """Return the team of a service."""
    return tuple(f"PER-T{number}-{service_id}" for number in (1, 2))


def write_cast(rows: Session, edition_id: str, service_ids: tuple[str, ...]) -> None:
    """Write an organisation, its services and everybody who takes part."""
    add(
        rows,
        OrganisationRow,
        [
            Organisation(
                id="ORG-01",
                ods_code="ZX1",
                name="Northmoor Partnership NHS FT",
                kind=ProviderKind.NHS,
                region="north_west",
                synthetic=True,
            )
        ],
    )
    services = [
        Service(id=one, organisation_id="ORG-01", name=f"{one} Ward", type=ServiceType.ADULT_ACUTE)
        for one in service_ids
    ]
    add(rows, ServiceRow, services)
    programme = (COORDINATOR, PROGRAMME_LEAD, COACH, OTHER_COACH, EXECUTIVE_COACH, PARTNER)
    add(rows, PersonRow, [_person(one) for one in (ASSISTANT, *programme)])
    sponsor = _person(SPONSOR).model_copy(update={"assistant_id": ASSISTANT})
    add(rows, PersonRow, [sponsor])
    roles = [
        Held(person_id=COORDINATOR, role=Role.COORDINATOR, scope=PROGRAMME),
        Held(person_id=PROGRAMME_LEAD, role=Role.PROGRAMME_LEAD, scope=PROGRAMME),
        Held(person_id=COACH, role=Role.DELIVERY_COACH, scope=edition_id),
        Held(person_id=OTHER_COACH, role=Role.DELIVERY_COACH, scope=edition_id),
        Held(person_id=EXECUTIVE_COACH, role=Role.EXECUTIVE_COACH, scope=edition_id),
    ]
    for one in service_ids:
        add(rows, PersonRow, [_person(lead_of(one)), *(_person(who) for who in team_of(one))])
        roles += [Held(person_id=who, role=Role.TEAM_MEMBER, scope=one) for who in team_of(one)]
    add(rows, RoleRow, roles)


def _person(person_id: str) -> Person:
    address = f"{person_id.lower()}@northmoor.nhs.example"
    return Person(id=person_id, name=f"Name of {person_id}", email=address, channel=Channel.MAIL)
