"""People and the roles they hold."""

from enum import StrEnum

from schemas.base import Record


class Role(StrEnum):
    """What a person is to the programme, a service, an organisation or a session."""

    COORDINATOR = "coordinator"
    PROGRAMME_LEAD = "programme_lead"
    OPS = "ops"
    DELIVERY_COACH = "delivery_coach"
    EXECUTIVE_COACH = "executive_coach"
    EXECUTIVE_SPONSOR = "executive_sponsor"
    SENIOR_OPERATIONAL_LEADER = "senior_operational_leader"
    ASSISTANT = "assistant"
    SERVICE_LEAD = "service_lead"
    TEAM_MEMBER = "team_member"
    PARTNER = "partner"


class Channel(StrEnum):
    """How a person wants to be reached (M20)."""

    MAIL = "mail"
    PHONE = "phone"
    EASY_READ = "easy_read"
    ASSISTANT = "assistant"


class ProviderKind(StrEnum):
    """What kind of organisation provides a service (R06)."""

    NHS = "nhs"
    INDEPENDENT = "independent"
    COMMUNITY_INTEREST = "community_interest"


class ServiceType(StrEnum):
    """What kind of inpatient service it is (R04)."""

    ADULT_ACUTE = "adult_acute"
    PICU = "picu"
    OLDER_ADULT = "older_adult"
    DEMENTIA = "dementia"
    CYP_GAU = "cyp_gau"
    CYP_PICU = "cyp_picu"
    LD_AUTISM = "ld_autism"
    ADULT_SECURE = "adult_secure"
    REHABILITATION = "rehabilitation"
    COMMUNITY = "community"
    OTHER = "other"


class Organisation(Record):
    """A provider of services."""

    id: str
    ods_code: str
    name: str
    kind: ProviderKind
    region: str
    synthetic: bool = False


class Service(Record):
    """An inpatient service: a ward or unit that may be enrolled."""

    id: str
    organisation_id: str
    name: str
    type: ServiceType
    detains: bool = True
    synthetic: bool = False


class AddressState(StrEnum):
    """Whether mail to a person's address arrives (M11)."""

    GOOD = "good"
    BAD = "bad"


class Person(Record):
    """Somebody who takes part; their name and address never leave the database but in a mail.

    Attributes:
        channel: How the person wants to be reached (M20).
        assistant_id: Who reads mail for them, where ``channel`` is ``assistant``.

    """

    id: str
    name: str
    email: str | None = None
    phone: str | None = None
    channel: Channel = Channel.MAIL
    assistant_id: str | None = None
    address_state: AddressState = AddressState.GOOD


class Held(Record):
    """A role that a person holds, for the programme, an organisation or a service.

    Attributes:
        scope: Id of the service, organisation or edition; ``*`` for the whole programme.
        opted_in: Whether a team member asked for reminders of weekly sessions (M01, M18).

    """

    person_id: str
    role: Role
    scope: str
    opted_in: bool = False
