"""Who takes part in a random cast: shared sponsors and coaches, some whom mail does not reach."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from rehearsal.mail_catcher import NOBODY
from rehearsal.sample.names import (
    ODS_CODES,
    PLACES,
    PROGRAMME_DOMAIN,
    RIVERS,
    TREES,
    domain,
    phone,
)
from schemas.edition import Edition
from schemas.imports import (
    AbsenceLine,
    CoachLine,
    CoachRole,
    OrganisationLine,
    PersonLine,
    Region,
    RoleLine,
    ServiceLine,
)
from schemas.people import Channel, ProviderKind, Role, ServiceType

COORDINATOR, PROGRAMME_LEAD = "CO-01", "PL-01"
WARDS_A_COACH, SPONSORS_A_COACH = 4, 8
PHONES = 1000
NEW = 50
"""Who may follow EX-01 is EX-51."""
TEAMS = (2, 1, 1, 2, 2, 3, 3, 0)
"""Members of a team besides its lead; a team of nobody cannot be named."""
BAD, BY_PHONE, BY_ASSISTANT, OPTED_IN = 0.06, 0.05, 0.2, 0.2
"""Shares of people whom mail does not reach, or who asked for more of it."""


@dataclass
class Ward:
    """One service and its people, as the cast was thrown.

    Attributes:
        organisation: Number of its organisation, from 1.
        partners: Lived-experience partners; the first may be named only in the script.

    """

    id: str
    organisation: int
    sponsor: str
    lead: str
    coach: str
    executive_coach: str
    team: list[str] = field(default_factory=list)
    partners: list[str] = field(default_factory=list)


class Company:
    """Everybody of a random cast."""

    def __init__(self, edition: Edition, chance: Random, services: int) -> None:
        """Throw who takes part."""
        self.edition, self._chance = edition, chance
        number = min(max(1, round(services / 1.7)), len(PLACES))
        self.sponsors = [f"EX-{one:02}" for one in range(1, number + 1)]
        self.successors = {
            one: f"EX-{place + NEW:02}" for place, one in enumerate(self.sponsors, 1)
        }
        self.coaches = _named("DC", -(-services // WARDS_A_COACH))
        self.executive_coaches = _named("XC", -(-number // SPONSORS_A_COACH))
        self.wards = [self._ward(one) for one in range(1, services + 1)]
        self._kind = [self._provider() for _ in self.sponsors]

    def organisation_lines(self) -> list[OrganisationLine]:
        """Return organisations.csv."""
        regions = list(Region)
        return [
            OrganisationLine(
                organisation=f"ORG-{one:02}",
                name=f"{PLACES[one - 1]} NHS Trust",
                ods_code=ODS_CODES[one - 1],
                kind=self._kind[one - 1],
                region=regions[one % len(regions)],
                synthetic=True,
            )
            for one in range(1, len(self.sponsors) + 1)
        ]

    def service_lines(self) -> list[ServiceLine]:
        """Return services.csv; a few are out of scope."""
        names = [*TREES, *RIVERS]
        lines = []
        for place, ward in enumerate(self.wards):
            scope = self._chance.choice(self.edition.recruitment.service_types)
            out = self._chance.random() < 0.04
            number = f" {place // len(names) + 1}" if place >= len(names) else ""
            lines.append(
                ServiceLine(
                    service=ward.id,
                    organisation=f"ORG-{ward.organisation:02}",
                    name=f"{names[place % len(names)]} Ward{number}",
                    type=ServiceType.COMMUNITY if out else scope,
                    synthetic=True,
                )
            )
        return lines

    def person_lines(self) -> list[PersonLine]:
        """Return people.csv."""
        drafts = [
            _person(COORDINATOR, "Coordinator", PROGRAMME_DOMAIN),
            _person(PROGRAMME_LEAD, "Programme lead", PROGRAMME_DOMAIN),
            *(_person(one, "Delivery coach", PROGRAMME_DOMAIN) for one in self.coaches),
            *(_person(one, "Executive coach", PROGRAMME_DOMAIN) for one in self.executive_coaches),
        ]
        for number, sponsor in enumerate(self.sponsors, start=1):
            drafts += self._at_the_top(sponsor, domain(number))
        for ward in self.wards:
            at = domain(ward.organisation)
            theirs = [
                (ward.lead, "Service lead"),
                *((one, "Team member") for one in ward.team),
                *((one, "Lived-experience partner") for one in ward.partners),
            ]
            drafts += [self._reached(_person(code, part, at)) for code, part in theirs]
        drafts += [
            _person(new, "Exec sponsor", domain(number))
            for number, new in enumerate(self.successors.values(), start=1)
        ]
        return [
            draft.model_copy(update={"phone": phone(number % PHONES)})
            for number, draft in enumerate(drafts)
        ]

    def role_lines(self) -> list[RoleLine]:
        """Return roles.csv; coaches stand in their own sheet."""
        lines = [
            RoleLine(person=COORDINATOR, role=Role.COORDINATOR, scope="*"),
            RoleLine(person=PROGRAMME_LEAD, role=Role.PROGRAMME_LEAD, scope="*"),
        ]
        for number, sponsor in enumerate(self.sponsors, start=1):
            scope = f"ORG-{number:02}"
            lines.append(RoleLine(person=sponsor, role=Role.EXECUTIVE_SPONSOR, scope=scope))
        for ward in self.wards:
            lines.append(RoleLine(person=ward.lead, role=Role.SERVICE_LEAD, scope=ward.id))
            lines += [
                RoleLine(
                    person=member,
                    role=Role.TEAM_MEMBER,
                    scope=ward.id,
                    opted_in=self._chance.random() < OPTED_IN,
                )
                for member in ward.team
            ]
            lines += [
                RoleLine(person=one, role=Role.PARTNER, scope=ward.id) for one in ward.partners[1:]
            ]
        return lines

    def coach_lines(self) -> list[CoachLine]:
        """Return coaches.csv."""
        both = (
            (CoachRole.DELIVERY_COACH, self.coaches),
            (CoachRole.EXECUTIVE_COACH, self.executive_coaches),
        )
        return [
            CoachLine(coach=coach, role=role, edition=self.edition.id)
            for role, coaches in both
            for coach in coaches
        ]

    def absence_lines(self) -> list[AbsenceLine]:
        """Return absences.csv: some coaches and leads are away for a while."""
        lines = []
        opens = self.edition.window.opens
        days = (self.edition.window.closes - opens).days
        for person in [*self.coaches, *self.executive_coaches, *(one.lead for one in self.wards)]:
            if self._chance.random() < 0.3:
                day = opens + timedelta(days=self._chance.randint(-60, days))
                until = day + timedelta(days=self._chance.randint(1, 14))
                lines.append(AbsenceLine(person=person, from_day=day, until_day=until))
        return lines

    def _ward(self, number: int) -> Ward:
        organisation = self._chance.randint(1, len(self.sponsors))
        place = organisation - 1
        return Ward(
            id=f"SVC-{number:02}",
            organisation=organisation,
            sponsor=self.sponsors[place],
            lead=f"SL-{number:02}",
            coach=self.coaches[(number - 1) % len(self.coaches)],
            executive_coach=self.executive_coaches[place % len(self.executive_coaches)],
            team=[f"TM-{number:02}{one}" for one in range(self._chance.choice(TEAMS))],
            partners=[f"LX-{number:02}{one}" for one in range(self._chance.randint(0, 2))],
        )

    def _provider(self) -> ProviderKind:
        kinds = [one.kind for one in self.edition.recruitment.providers]
        return self._chance.choice(kinds) if self._chance.random() < 0.1 else ProviderKind.NHS

    def _at_the_top(self, sponsor: str, at: str) -> list[PersonLine]:
        """Return a sponsor, and who keeps their diary where anybody does."""
        line = _person(sponsor, "Exec sponsor", at)
        if self._chance.random() < 0.5:
            return [self._reached(line)]
        keeper = _person(sponsor.replace("EX", "PA"), "Assistant", at)
        by_assistant = self._chance.random() < BY_ASSISTANT
        channel = Channel.ASSISTANT if by_assistant else Channel.MAIL
        told = line.model_copy(update={"assistant": keeper.person, "channel": channel})
        return [self._reached(keeper), told]

    def _reached(self, line: PersonLine) -> PersonLine:
        thrown = self._chance.random()
        if thrown < BAD:
            return line.model_copy(update={"email": f"{NOBODY}{line.email}"})
        if thrown < BAD + BY_PHONE:
            channel = self._chance.choice([Channel.PHONE, Channel.EASY_READ])
            return line.model_copy(update={"channel": channel})
        return line


def _named(prefix: str, number: int) -> list[str]:
    return [f"{prefix}-{one:02}" for one in range(1, number + 1)]


def _person(code: str, part: str, at: str) -> PersonLine:
    name = f"{part} {code.split('-')[1]}"
    return PersonLine(person=code, name=name, email=f"{code.lower()}@{at}")
