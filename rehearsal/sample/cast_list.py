"""Who takes part in the sample: everybody is a part and a number, and nobody is real."""

from dataclasses import dataclass
from functools import cached_property

from rehearsal.mail_catcher import NOBODY
from rehearsal.sample.names import PROGRAMME_DOMAIN, domain, phone
from rehearsal.sample.providers import (
    ORGANISATIONS,
    PILOT_ONLY,
    REFILLS,
    WIDER,
    Providers,
)
from schemas.imports import AbsenceLine, CoachLine, CoachRole, PersonLine, RoleLine
from schemas.people import Channel, Role

COORDINATOR, PROGRAMME_LEAD, OPS = "CO-01", "PL-01", "OPS-01"
DELIVERY_COACHES, EXECUTIVE_COACHES, SPONSORS = 10, 3, 27

ONLY_BAD_ADDRESSES = "SVC-35"
PREFERS_PHONE = "SVC-44"
OPTED_IN = "SVC-38"
PARTNER_FOUND_LATE = "SVC-36"
BY_ASSISTANT = "EX-05"
"""An address that begins so is refused for good by the mail catcher."""

SUCCESSORS = {"EX-04": "EX-34", "EX-09": "EX-35"}
"""Who follows the sponsor that changes in January, and the one whose post is vacant till December.

The diary of each is kept by whoever kept that of the one before.
"""


@dataclass(frozen=True)
class CastList:
    """Everybody of the sample and the part they have."""

    providers: Providers

    def lead(self, service: str) -> str:
        """Return a service's lead; the number of SVC-16's is 16."""
        return f"SL-{self.providers.services.index(service) + 1:02}"

    def sponsor(self, service: str) -> str:
        """Return the sponsor of a service's organisation."""
        return self.sponsors[self.providers.organisation_of[service]]

    @cached_property
    def sponsors(self) -> dict[int, str]:
        """Return the sponsor of each organisation; EX-02 is that of ORG-02."""
        wider = [number for number in range(1, ORGANISATIONS + 1) if number not in PILOT_ONLY]
        return {number: f"EX-{place:02}" for place, number in enumerate([*wider, *PILOT_ONLY], 1)}

    @cached_property
    def coaches(self) -> dict[str, str]:
        """Return the delivery coach of each service that is offered a place, or might be.

        Four services a coach at most: SVC-50 declines, and WL-01 has its coach; the others who
        wait have the coaches that have three.
        """
        placed = [service for service in self.providers.placed if service != "SVC-50"]
        found = {service: _coach(place) for place, service in enumerate(placed)}
        found["SVC-50"] = found["WL-01"] = _coach(len(placed))
        rest = [service for service in self.providers.waiting if service != "WL-01"]
        return found | {service: _coach(7 + place % 3) for place, service in enumerate(rest)}

    @cached_property
    def expected(self) -> list[str]:
        """Return the services that take part when all goes by the script."""
        return [*self.providers.placed, *REFILLS]

    @cached_property
    def executive_coaches(self) -> dict[str, str]:
        """Return the executive coach of each sponsor."""
        return {
            f"EX-{number:02}": f"XC-{(number - 1) % EXECUTIVE_COACHES + 1:02}"
            for number in range(1, SPONSORS + 1)
        }

    @cached_property
    def teams(self) -> dict[str, list[str]]:
        """Return the members of each team besides its lead: six to nine people with the lead."""
        found: dict[str, list[str]] = {}
        number = 0
        for service in self.coaches:
            size = self.providers.dice.among(5, 8, "team", service)
            found[service] = [f"TM-{number + place:03}" for place in range(1, size + 1)]
            number += size
        return found

    @cached_property
    def partners(self) -> dict[str, list[str]]:
        """Return the lived-experience partners of each service: none, one or two."""
        found: dict[str, list[str]] = {}
        number = 0
        for service in self.coaches:
            share = self.providers.dice.share("partners", service)
            count = 0 if share < 0.15 else 1 if share < 0.72 else 2
            if service == PARTNER_FOUND_LATE:
                count = 1
            found[service] = [f"LX-{number + place:02}" for place in range(1, count + 1)]
            number += count
        return found

    def person_lines(self) -> list[PersonLine]:
        """Return people.csv."""
        drafts = [*self._programme(), *self._organisations(), *self._services()]
        drafts += self._successors()
        return [
            draft.model_copy(update={"phone": phone(number)}) for number, draft in enumerate(drafts)
        ]

    def role_lines(self) -> list[RoleLine]:
        """Return roles.csv; coaches stand in their own sheet."""
        lines = [
            RoleLine(person=COORDINATOR, role=Role.COORDINATOR, scope="*"),
            RoleLine(person=PROGRAMME_LEAD, role=Role.PROGRAMME_LEAD, scope="*"),
            RoleLine(person=OPS, role=Role.OPS, scope="*"),
        ]
        for number, sponsor in self.sponsors.items():
            scope = f"ORG-{number:02}"
            lines.append(RoleLine(person=sponsor, role=Role.EXECUTIVE_SPONSOR, scope=scope))
            if _has_assistant(sponsor):
                keeper = sponsor.replace("EX", "PA")
                lines.append(RoleLine(person=keeper, role=Role.ASSISTANT, scope=scope))
        for service in self.providers.services:
            lead = self.lead(service)
            lines.append(RoleLine(person=lead, role=Role.SERVICE_LEAD, scope=service))
            lines += self._team_roles(service)
        return lines

    def coach_lines(self) -> list[CoachLine]:
        """Return coaches.csv."""
        delivery = [f"DC-{number:02}" for number in range(1, DELIVERY_COACHES + 1)]
        executive = [f"XC-{number:02}" for number in range(1, EXECUTIVE_COACHES + 1)]
        return [
            CoachLine(coach=coach, role=role, edition=WIDER)
            for role, coaches in (
                (CoachRole.DELIVERY_COACH, delivery),
                (CoachRole.EXECUTIVE_COACH, executive),
            )
            for coach in coaches
        ]

    def _team_roles(self, service: str) -> list[RoleLine]:
        members = [
            RoleLine(
                person=member, role=Role.TEAM_MEMBER, scope=service, opted_in=service == OPTED_IN
            )
            for member in self.teams.get(service, [])
        ]
        if service == PARTNER_FOUND_LATE:  # the partner joins in the ninth week
            return members
        return members + [
            RoleLine(person=partner, role=Role.PARTNER, scope=service)
            for partner in self.partners.get(service, [])
        ]

    def _programme(self) -> list[PersonLine]:
        parts = [(COORDINATOR, "Coordinator"), (PROGRAMME_LEAD, "Programme lead"), (OPS, "Ops")]
        parts += [(f"DC-{n:02}", "Delivery coach") for n in range(1, DELIVERY_COACHES + 1)]
        parts += [(f"XC-{n:02}", "Executive coach") for n in range(1, EXECUTIVE_COACHES + 1)]
        return [_person(code, part, PROGRAMME_DOMAIN) for code, part in parts]

    def _organisations(self) -> list[PersonLine]:
        lines = []
        for number, sponsor in self.sponsors.items():
            keeper = sponsor.replace("EX", "PA") if _has_assistant(sponsor) else None
            if keeper is not None:
                lines.append(_person(keeper, "Assistant", domain(number)))
            line = _person(sponsor, "Exec sponsor", domain(number))
            channel = Channel.ASSISTANT if sponsor == BY_ASSISTANT else Channel.MAIL
            lines.append(line.model_copy(update={"assistant": keeper, "channel": channel}))
        return lines

    def _successors(self) -> list[PersonLine]:
        number_of = {sponsor: number for number, sponsor in self.sponsors.items()}
        return [
            _person(new, "Exec sponsor", domain(number_of[old])).model_copy(
                update={"assistant": old.replace("EX", "PA")}
            )
            for old, new in SUCCESSORS.items()
        ]

    def _services(self) -> list[PersonLine]:
        lines = []
        for service in self.providers.services:
            at = domain(self.providers.organisation_of[service])
            bad = service == ONLY_BAD_ADDRESSES
            lead = _person(self.lead(service), "Service lead", at, bad=bad)
            if service == PREFERS_PHONE:
                lead = lead.model_copy(update={"channel": Channel.PHONE})
            lines.append(lead)
            members = self.teams.get(service, [])
            lines += [_person(member, "Team member", at, bad=bad) for member in members]
            partners = self.partners.get(service, [])
            lines += [_person(one, "Lived-experience partner", at, bad=bad) for one in partners]
        return lines

    def absence_lines(self) -> list[AbsenceLine]:
        """Return absences.csv: two weeks of summer for each coach, a week of spring for some."""
        lines = []
        for coach in self.coach_lines():
            day = self.providers.dice.among(5, 19, "summer", coach.coach)
            lines.append(
                AbsenceLine.model_validate(
                    {
                        "person": coach.coach,
                        "from_day": f"2024-08-{day:02}",
                        "until_day": f"2024-08-{day + 11:02}",
                    }
                )
            )
        return lines


def _coach(place: int) -> str:
    return f"DC-{place % DELIVERY_COACHES + 1:02}"


def _has_assistant(sponsor: str) -> bool:
    """Tell whether somebody keeps the sponsor's diary: that of each of the wider edition's."""
    return int(sponsor[3:]) <= SPONSORS


def _person(code: str, part: str, at: str, *, bad: bool = False) -> PersonLine:
    name = f"{part} {code.split('-')[1]}"
    return PersonLine(person=code, name=name, email=f"{NOBODY if bad else ''}{code.lower()}@{at}")
