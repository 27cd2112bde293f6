"""The sheets that a programme is brought in with: one strict form for a line of each.

Each field is a column; its description is what ``docs/import-columns.md`` says of it. A column
whose field has a default may be left out of a sheet, and an empty cell means the default.
"""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from schemas.base import Form
from schemas.cells import (
    CellError,
    ClockTime,
    Day,
    EditionId,
    FreeText,
    Id,
    LocalInstant,
    MailAddress,
    OdsCode,
    Phone,
    Scope,
    YesNo,
    one_of,
)
from schemas.people import Channel, ProviderKind, Role, ServiceType


class Region(StrEnum):
    """The seven regions of the NHS in England."""

    EAST_OF_ENGLAND = "east_of_england"
    LONDON = "london"
    MIDLANDS = "midlands"
    NORTH_EAST_AND_YORKSHIRE = "north_east_and_yorkshire"
    NORTH_WEST = "north_west"
    SOUTH_EAST = "south_east"
    SOUTH_WEST = "south_west"


class Weekday(StrEnum):
    """A working day of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"

    @property
    def number(self) -> int:
        """Its number, Monday is 0."""
        return list(Weekday).index(self)


class CoachRole(StrEnum):
    """What a coach does."""

    DELIVERY_COACH = "delivery_coach"
    EXECUTIVE_COACH = "executive_coach"


class OrganisationLine(Form):
    """An organisation that provides services."""

    organisation: Id = Field(description="Id of the organisation, such as ORG-03.")
    name: FreeText = Field(description="Name as letters should print it.")
    ods_code: OdsCode = Field(description="ODS code, three or five letters and digits.")
    kind: Annotated[ProviderKind, BeforeValidator(one_of(ProviderKind))] = Field(
        description="Kind of provider."
    )
    region: Annotated[Region, BeforeValidator(one_of(Region))] = Field(
        description="Region of the NHS in England."
    )
    synthetic: YesNo = Field(default=False, description="Whether it is made up, for a sample.")


class ServiceLine(Form):
    """An inpatient service: a ward or unit."""

    service: Id = Field(description="Id of the service, such as SVC-16.")
    organisation: Id = Field(description="Organisation that provides it.")
    name: FreeText = Field(description="Name of the ward or unit.")
    type: Annotated[ServiceType, BeforeValidator(one_of(ServiceType))] = Field(
        description="Type of service; the edition says which may apply."
    )
    detains: YesNo = Field(
        default=True, description="Whether it cares for people detained under the Act."
    )
    synthetic: YesNo = Field(default=False, description="Whether it is made up, for a sample.")


class PersonLine(Form):
    """Somebody who takes part."""

    person: Id = Field(description="Id of the person, such as PER-0001.")
    name: FreeText = Field(description="Name as letters should print it.")
    email: MailAddress | None = Field(default=None, description="One e-mail address.")
    phone: Phone | None = Field(default=None, description="Telephone number.")
    channel: Annotated[Channel, BeforeValidator(one_of(Channel))] = Field(
        default=Channel.MAIL, description="How the person wants to be reached."
    )
    assistant: Id | None = Field(
        default=None,
        description="Who keeps their diary, and reads their mail where channel is assistant.",
    )

    @model_validator(mode="after")
    def _assistant_is_named(self) -> Self:
        if self.channel is Channel.ASSISTANT and self.assistant is None:
            raise CellError(
                "the person is reached by an assistant, and none is named",
                "fill in the column assistant, or set channel to phone",
            )
        if self.assistant == self.person:
            raise CellError("the person is their own assistant", "empty the column assistant")
        return self


class RoleLine(Form):
    """What a person is to a service, an organisation or an edition."""

    person: Id = Field(description="Who holds the role.")
    role: Annotated[Role, BeforeValidator(one_of(Role))] = Field(description="The role.")
    scope: Scope = Field(
        description="Service, organisation or edition it is held for; * for the whole programme."
    )
    opted_in: YesNo = Field(
        default=False,
        description="Whether a team member asked for the reminders of weekly sessions.",
    )


class CoachLine(Form):
    """A coach of an edition."""

    coach: Id = Field(description="The coach, a person.")
    role: Annotated[CoachRole, BeforeValidator(one_of(CoachRole))] = Field(
        description="Whether they coach delivery teams or executives."
    )
    edition: EditionId = Field(description="Edition in which they coach.")


class AbsenceLine(Form):
    """Days on which a person is away."""

    person: Id = Field(description="Who is away.")
    from_day: Day = Field(description="First day away.")
    until_day: Day = Field(description="Last day away.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until_day < self.from_day:
            raise CellError("the absence ends before it begins", "exchange from_day and until_day")
        return self


class InterestLine(Form):
    """An expression of interest in a place."""

    interest: Id = Field(description="Id of the expression of interest, such as EOI-001.")
    edition: EditionId = Field(description="Edition applied for.")
    service: Id = Field(description="Service that applies.")
    submitted_at: LocalInstant = Field(
        description="When it was submitted; London time where no zone is written."
    )
    sponsor: Id = Field(description="Executive sponsor, a person.")
    lead: Id = Field(description="Service lead, a person.")
    earlier_interest: YesNo = Field(
        default=False, description="Whether the service had expressed interest before."
    )
    sessions_before: int = Field(
        default=0,
        ge=0,
        le=200,
        description="Weekly sessions held before the service was brought in mid-course.",
    )


class EnrolmentLine(Form):
    """A place that a service had in an edition which is over (R02, R03)."""

    edition: EditionId = Field(description="Edition in which the service had its place.")
    service: Id = Field(description="The service.")
    sponsor: Id = Field(description="Executive sponsor at the time, a person.")
    lead: Id = Field(description="Service lead at the time, a person.")
    placed_at: LocalInstant = Field(description="When the place was taken.")
    completed_on: Day = Field(description="Last day of coaching.")
    sessions_held: int = Field(ge=0, le=200, description="Weekly sessions held.")


class SlotLine(Form):
    """What a service and its coach settled before the first session (R16)."""

    edition: EditionId = Field(description="Edition in which the service has its place.")
    service: Id = Field(description="The service.")
    coach: Id = Field(description="Delivery coach, a person.")
    weekday: Annotated[Weekday, BeforeValidator(one_of(Weekday))] = Field(
        description="Day of the weekly session."
    )
    starts: ClockTime = Field(description="Local time at which it starts.")
    event_day: Day = Field(description="Day of the improvement event.")
    partner: Id | None = Field(
        default=None, description="Lived-experience partner; empty while one is being sought."
    )
    executive_coach: Id | None = Field(
        default=None, description="Executive coach of the sponsor, a person."
    )
    executive_day: Day | None = Field(
        default=None, description="Day of the sponsor's first session; empty where it is set."
    )
    executive_starts: ClockTime | None = Field(
        default=None, description="Local time at which that session starts."
    )

    @model_validator(mode="after")
    def _session_is_whole(self) -> Self:
        if (self.executive_day is None) != (self.executive_starts is None):
            raise CellError(
                "the sponsor's first session has a day or a time, not both",
                "fill in both executive_day and executive_starts, or neither",
            )
        return self


class SheetKind(StrEnum):
    """The sheets, in the order in which they are read: each refers only to those before it."""

    ORGANISATIONS = "organisations"
    SERVICES = "services"
    PEOPLE = "people"
    ROLES = "roles"
    COACHES = "coaches"
    ABSENCES = "absences"
    ENROLMENTS = "enrolments"
    EOIS = "eois"
    SLOTS = "slots"


FORMS: dict[SheetKind, type[Form]] = {
    SheetKind.ORGANISATIONS: OrganisationLine,
    SheetKind.SERVICES: ServiceLine,
    SheetKind.PEOPLE: PersonLine,
    SheetKind.ROLES: RoleLine,
    SheetKind.COACHES: CoachLine,
    SheetKind.ABSENCES: AbsenceLine,
    SheetKind.ENROLMENTS: EnrolmentLine,
    SheetKind.EOIS: InterestLine,
    SheetKind.SLOTS: SlotLine,
}

KEYS: dict[SheetKind, tuple[str, ...]] = {
    SheetKind.ORGANISATIONS: ("organisation",),
    SheetKind.SERVICES: ("service",),
    SheetKind.PEOPLE: ("person",),
    SheetKind.ROLES: ("person", "role", "scope"),
    SheetKind.COACHES: ("coach", "role", "edition"),
    SheetKind.ABSENCES: ("person", "from_day"),
    SheetKind.ENROLMENTS: ("edition", "service"),
    SheetKind.EOIS: ("interest",),
    SheetKind.SLOTS: ("edition", "service"),
}
"""The columns that name what a line is about; two lines of a sheet may not name the same."""

REFERENCES: dict[SheetKind, dict[str, SheetKind]] = {
    SheetKind.SERVICES: {"organisation": SheetKind.ORGANISATIONS},
    SheetKind.PEOPLE: {"assistant": SheetKind.PEOPLE},
    SheetKind.ROLES: {"person": SheetKind.PEOPLE},
    SheetKind.COACHES: {"coach": SheetKind.PEOPLE},
    SheetKind.ABSENCES: {"person": SheetKind.PEOPLE},
    SheetKind.ENROLMENTS: {
        "service": SheetKind.SERVICES,
        "sponsor": SheetKind.PEOPLE,
        "lead": SheetKind.PEOPLE,
    },
    SheetKind.EOIS: {
        "service": SheetKind.SERVICES,
        "sponsor": SheetKind.PEOPLE,
        "lead": SheetKind.PEOPLE,
    },
    SheetKind.SLOTS: {
        "service": SheetKind.SERVICES,
        "coach": SheetKind.PEOPLE,
        "partner": SheetKind.PEOPLE,
        "executive_coach": SheetKind.PEOPLE,
    },
}
"""The columns that name something of another sheet; it must stand there or in the database."""
