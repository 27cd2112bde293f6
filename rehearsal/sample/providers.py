"""The sample's organisations and services: fictional, in the shape of the real programme."""

from dataclasses import dataclass
from functools import cached_property

from rehearsal.sample.dice import Dice
from rehearsal.sample.names import ODS_CODES, PLACES, RIVERS, TREES
from schemas.imports import OrganisationLine, Region, ServiceLine
from schemas.people import ProviderKind, ServiceType

NHS, ORGANISATIONS = 30, 33
PILOT, PLACES_IN_PILOT = "pilot", 15
WIDER, PLACES_IN_WIDER = "wider", 37

TYPES = {
    ServiceType.ADULT_ACUTE: 20,
    ServiceType.OLDER_ADULT: 8,
    ServiceType.PICU: 6,
    ServiceType.ADULT_SECURE: 5,
    ServiceType.CYP_GAU: 4,
    ServiceType.LD_AUTISM: 4,
    ServiceType.DEMENTIA: 3,
    ServiceType.CYP_PICU: 2,
}
"""How many of the 52 services are of each type."""

OUT_OF_SCOPE = {"OUT-01": ServiceType.REHABILITATION, "OUT-02": ServiceType.ADULT_ACUTE}
"""Services whose interest is out of scope; the second cares for nobody who is detained."""

SHARED = {
    1: (17, 18),
    2: (19, 20, 33, 34),
    3: (21, 22),
    4: (23, 24),
    5: (25, 26),
    6: (27, 30),
    7: (28, 29),
    8: (31, 32),
}
"""Organisations with several wards in the wider edition; EX-02 sponsors four of them."""

ALONE = {
    16: 15, 35: 10, 36: 11, 37: 12, 38: 13, 39: 14, 40: 9, 41: 16, 42: 17, 43: 18, 44: 19, 45: 20,
    46: 21, 47: 22, 48: 33, 49: 23, 50: 24,
}  # fmt: skip
"""The organisation of each ward that is the only one of its sponsor."""

MERGED_ORGANISATION, GOES_ON_AS = 6, 5
"""The organisation that becomes one with another on 1 November (P02)."""
MERGED_WARD, SURVIVING_WARD = "SVC-29", "SVC-28"
"""Two wards of ORG-07, which become one on 6 January (P03)."""

PILOT_ONLY = range(25, 31)
INDEPENDENT = {"IND-01": 31, "IND-02": 32, "IND-03": 31, "IND-04": 32, "IND-05": 31, "IND-06": 32}
COMMUNITY_INTEREST = 33
REFILLS = {"WL-01": 24, "WL-03": 23, "WL-04": 12}
"""Waiting services that come to a place, and their organisations."""


@dataclass(frozen=True)
class Providers:
    """Every organisation and service of the sample."""

    dice: Dice

    @cached_property
    def pilot(self) -> list[str]:
        """Return the services of the pilot."""
        return [f"SVC-{number:02}" for number in range(1, PLACES_IN_PILOT + 1)]

    @cached_property
    def placed(self) -> list[str]:
        """Return the services that are offered the 37 places first, in the confirmed order."""
        earlier_and_new = [f"SVC-{number}" for number in range(16, 51)]
        return [*earlier_and_new, "IND-03", "IND-02"]

    @cached_property
    def waiting(self) -> list[str]:
        """Return the eligible services that no place is left for, in their order."""
        nhs = [f"WL-{number:02}" for number in range(1, 15)]
        return [*nhs[:6], "IND-05", *nhs[6:10], "IND-06", *nhs[10:]]

    @cached_property
    def services(self) -> list[str]:
        """Return every service that stands in the sheet."""
        others = ["IND-01", "IND-04", *OUT_OF_SCOPE, "LATE-01"]
        return sorted({*self.pilot, *self.placed, *self.waiting, *others}, key=_reading_order)

    @cached_property
    def organisation_of(self) -> dict[str, int]:
        """Return the number of each service's organisation."""
        found = {f"SVC-{ward}": number for number, wards in SHARED.items() for ward in wards}
        found |= {f"SVC-{ward}": number for ward, number in ALONE.items()}
        found |= INDEPENDENT | REFILLS
        # Six organisations took part in the pilot alone, three of them with two wards.
        alone = [*PILOT_ONLY, *list(PILOT_ONLY)[:3]]
        for service, number in zip(self.pilot, [*alone, *range(9, 15)], strict=True):
            found[service] = number
        rest = [service for service in self.services if service not in found]
        for place, service in enumerate(rest):
            found[service] = place % 16 + 8
        return found

    @cached_property
    def types(self) -> dict[str, ServiceType]:
        """Return the type of each service; those of the 52 are in the programme's proportion."""
        of_the_52 = [kind for kind, count in TYPES.items() for _ in range(count)]
        taking_part = [*self.pilot, *self.placed]
        shuffled = self.dice.shuffled(of_the_52, "types")
        found = dict(zip(taking_part, shuffled, strict=True)) | OUT_OF_SCOPE
        for service in self.services:
            found.setdefault(service, self.dice.pick(of_the_52, "type", service))
        return found

    def organisation_lines(self) -> list[OrganisationLine]:
        """Return organisations.csv."""
        regions = list(Region)
        return [
            OrganisationLine(
                organisation=f"ORG-{number:02}",
                name=f"{PLACES[number - 1]} {_suffix(number)}",
                ods_code=ODS_CODES[number - 1],
                kind=_kind(number),
                region=regions[number % len(regions)],
                synthetic=True,
            )
            for number in range(1, ORGANISATIONS + 1)
        ]

    def service_lines(self) -> list[ServiceLine]:
        """Return services.csv."""
        names = self.dice.shuffled([*TREES, *RIVERS], "wards")
        return [
            ServiceLine(
                service=service,
                organisation=f"ORG-{self.organisation_of[service]:02}",
                name=f"{names[place]} Ward",
                type=self.types[service],
                detains=service != "OUT-02",
                synthetic=True,
            )
            for place, service in enumerate(self.services)
        ]


def _reading_order(service: str) -> tuple[int, str]:
    return ["SVC", "IND", "WL", "OUT", "LATE"].index(service.split("-")[0]), service


def _kind(number: int) -> ProviderKind:
    if number == COMMUNITY_INTEREST:
        return ProviderKind.COMMUNITY_INTEREST
    return ProviderKind.NHS if number <= NHS else ProviderKind.INDEPENDENT


def _suffix(number: int) -> str:
    if number > NHS:
        return "Community Interest Company" if number == COMMUNITY_INTEREST else "Care Group"
    return "NHS Trust" if number % 3 == 0 else "Partnership NHS Foundation Trust"
