"""Everybody of a scenario: parts and numbers, with addresses that do not exist."""

from collections.abc import Iterator

from rehearsal.scenarios.scenario import PersonOf, Scenario, ServiceOf
from schemas.base import Form
from schemas.imports import (
    CoachLine,
    CoachRole,
    OrganisationLine,
    PersonLine,
    Region,
    RoleLine,
    ServiceLine,
    SheetKind,
)
from schemas.people import Role

COORDINATOR, PROGRAMME_LEAD = "CO-01", "PL-01"
DELIVERY_COACHES, EXECUTIVE_COACHES = ("DC-01", "DC-02", "DC-03"), ("XC-01", "XC-02")
TEAM = 2
PARTS = {
    "CO": "Coordinator",
    "PL": "Programme lead",
    "DC": "Delivery coach",
    "XC": "Executive coach",
    "SL": "Service lead",
    "TM": "Team member",
    "EX": "Exec sponsor",
    "PA": "Assistant",
    "LX": "Lived-experience partner",
}


def lead_of(service: str) -> str:
    """Return the lead of a service: SL-16 leads SVC-16."""
    return f"SL-{_number(service)}"


def team_of(service: str) -> list[str]:
    """Return the team of a service besides its lead: TM-161 and TM-162."""
    return [f"TM-{_number(service)}{place}" for place in range(1, TEAM + 1)]


def company(scenario: Scenario) -> dict[SheetKind, list[Form]]:
    """Return everybody as the lines of sheets, in the order in which they are brought in."""
    return {
        SheetKind.ORGANISATIONS: list(_organisations(scenario)),
        SheetKind.SERVICES: list(_services(scenario)),
        SheetKind.PEOPLE: list(_people(scenario)),
        SheetKind.ROLES: list(_roles(scenario)),
        SheetKind.COACHES: list(_coaches(scenario.edition.get("id", "wider"))),
        SheetKind.ABSENCES: list(scenario.absences),
    }


def _number(service: str) -> str:
    return service.removeprefix("SVC-")


def _organisations(scenario: Scenario) -> Iterator[OrganisationLine]:
    known: dict[str, ServiceOf] = {}
    for one in scenario.services:
        known.setdefault(one.organisation, one)
    for place, (organisation, one) in enumerate(known.items()):
        yield OrganisationLine(
            organisation=organisation,
            name=f"Organisation {organisation.partition('-')[2]}",
            ods_code=f"ZX{place}",
            kind=one.provider,
            region=Region(one.region),
            synthetic=True,
        )


def _services(scenario: Scenario) -> Iterator[ServiceLine]:
    for one in scenario.services:
        yield ServiceLine(
            service=one.service,
            organisation=one.organisation,
            name=f"Ward {_number(one.service)}",
            type=one.type,
            detains=one.detains,
            synthetic=True,
        )


def _people(scenario: Scenario) -> Iterator[PersonLine]:
    own = {one.person: one for one in scenario.people}
    everybody = [COORDINATOR, PROGRAMME_LEAD, *DELIVERY_COACHES, *EXECUTIVE_COACHES]
    sponsors = dict.fromkeys([one.sponsor for one in scenario.services])
    sponsors |= dict.fromkeys(person for person in own if person.startswith("EX"))
    everybody += [sponsor.replace("EX", "PA") for sponsor in sponsors]
    everybody += sponsors
    for one in scenario.services:
        everybody += [lead_of(one.service), *team_of(one.service)]
        everybody += [one.partner] if one.partner else []
    for person in dict.fromkeys([*everybody, *own]):
        yield _person(person, own.get(person, PersonOf(person=person)))


def _person(person: str, own: PersonOf) -> PersonLine:
    part, _, number = person.partition("-")
    return PersonLine(
        person=person,
        name=f"{PARTS.get(part, 'Person')} {number}",
        email=own.email or f"{person.lower()}@northmoor.nhs.example",
        channel=own.channel,
        assistant=person.replace("EX", "PA") if part == "EX" else None,
    )


def _roles(scenario: Scenario) -> Iterator[RoleLine]:
    yield RoleLine(person=COORDINATOR, role=Role.COORDINATOR, scope="*")
    yield RoleLine(person=PROGRAMME_LEAD, role=Role.PROGRAMME_LEAD, scope="*")
    sponsored = dict.fromkeys((one.sponsor, one.organisation) for one in scenario.services)
    for sponsor, organisation in sponsored:
        yield RoleLine(person=sponsor, role=Role.EXECUTIVE_SPONSOR, scope=organisation)
    for one in scenario.services:
        yield RoleLine(person=lead_of(one.service), role=Role.SERVICE_LEAD, scope=one.service)
        for member in team_of(one.service):
            yield RoleLine(person=member, role=Role.TEAM_MEMBER, scope=one.service)


def _coaches(edition: str) -> Iterator[CoachLine]:
    for coach in DELIVERY_COACHES:
        yield CoachLine(coach=coach, role=CoachRole.DELIVERY_COACH, edition=edition)
    for coach in EXECUTIVE_COACHES:
        yield CoachLine(coach=coach, role=CoachRole.EXECUTIVE_COACH, edition=edition)
