"""A scenario: what is planned, what happens when, and what must be true after.

One TOML file holds one; ``docs/scenarios.md`` says how such a file is written. Times are local.
"""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Self

from pydantic import Field, model_validator

from rehearsal.scenarios.wanted import Wanted
from schemas.base import Form
from schemas.imports import AbsenceLine, Weekday
from schemas.obligations import ObligationKind
from schemas.people import Channel, ProviderKind, ServiceType
from schemas.sessions import SessionReason

RULE = r"^[RCMXP]\d\d[a-z]?$"
SAYS_A_COMMAND = r"^[a-z_]+$"


class Comes(StrEnum):
    """How far a service has come by itself before the story begins."""

    KNOWN = "known"
    APPLIED = "applied"
    ACCEPTED = "accepted"
    SIGNED = "signed"
    COACHED = "coached"

    def reaches(self, other: "Comes") -> bool:
        """Tell whether a service that has come so far has come that far."""
        order = list(Comes)
        return order.index(self) >= order.index(other)


class Goes(StrEnum):
    """How a session goes that does not go by the plan."""

    MISSED = "missed"
    SILENT = "silent"


class ServiceOf(Form):
    """A service of the story; SVC-16 has the lead SL-16, the team TM-161 and TM-162."""

    service: str
    comes: Comes = Comes.COACHED
    organisation: str = "ORG-01"
    provider: ProviderKind = ProviderKind.NHS
    region: str = "north_west"
    type: ServiceType = ServiceType.ADULT_ACUTE
    detains: bool = True
    applies: datetime | None = Field(default=None, description="Else from 1 May, one a day.")
    earlier_interest: bool = False
    sponsor: str = "EX-01"
    coach: str = "DC-01"
    executive_coach: str = "XC-01"
    slot: Weekday = Weekday.TUESDAY
    starts: time = time(10)
    event: date = date(2024, 11, 7)
    partner: str = ""
    executive_first: datetime = datetime(2024, 9, 10, 9, 30)  # noqa: DTZ001 - local time


class PersonOf(Form):
    """Somebody who differs from the others, or somebody besides them."""

    person: str
    email: str | None = None
    channel: Channel = Channel.MAIL


class SessionOf(Form):
    """A session that is not simply held and recorded an hour after its end."""

    session: str = Field(description="Such as SVC-16/delivery/8.")
    goes: Goes
    why: SessionReason | None = None


class Happening(Form):
    """One thing that somebody does, asked at the programme's door."""

    at: datetime
    who: str = "CO-01"
    does: str = Field(pattern=SAYS_A_COMMAND, description="A method of the door, or ``outage``.")
    to: str = Field(default="", description="Service, session, or service/kind of obligation.")
    saying: dict[str, Any] = Field(default_factory=dict, description="What the form needs besides.")
    why: str = ""
    twice: bool = Field(default=False, description="Whether it is sent again under its name.")
    refused: str = Field(default="", description="What the refusal says; empty: it is done.")
    answered: str = Field(default="", description="What the answer says.")


class Must(Wanted):
    """One thing that must be true, at an instant or when the story is over."""

    that: str
    rules: tuple[str, ...] = Field(min_length=1)
    at: datetime | None = None


class Scenario(Form):
    """One edge case.

    Attributes:
        edition: What differs from the shipped wider edition, key by key; sessions by their id,
            chases by their obligation.
        left_open: Kinds of obligation that nobody sees to unless the story says so; all other ones
            are seen to at once.

    """

    id: str = Field(pattern=r"^E\d\d[a-z]?$")
    title: str
    story: str
    begins: datetime
    ends: datetime
    edition: dict[str, Any] = Field(default_factory=dict)
    services: tuple[ServiceOf, ...] = Field(min_length=1)
    people: tuple[PersonOf, ...] = ()
    absences: tuple[AbsenceLine, ...] = ()
    sessions: tuple[SessionOf, ...] = ()
    left_open: tuple[ObligationKind, ...] = ()
    happens: tuple[Happening, ...] = ()
    must: tuple[Must, ...] = Field(min_length=1)

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the rules that the scenario proves, each once."""
        return tuple(sorted({rule for one in self.must for rule in one.rules}))

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        said = [one.at for one in self.happens]
        said += [one.at for one in self.must if one.at is not None]
        outside = [at for at in said if not self.begins <= at <= self.ends]
        if outside:
            raise ValueError(f"{outside[0]} lies outside of the story")
        return self
