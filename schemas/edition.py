"""An edition: one run of the programme, as data.

Everything that the domain marks as an assumption is a value here and never code. A file is read by
``planning.edition_file``; ``docs/edition-file.md`` explains each key.
"""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Form
from schemas.delays import Delay
from schemas.people import ProviderKind, Role, ServiceType
from schemas.policies import EscalationPolicy, ReminderStep
from schemas.sessions import Cadence

Weekday = Annotated[int, Field(ge=0, le=6)]
"""A day of the week; Monday is 0."""


class Window(Form):
    """Days from ``opens`` to ``closes``, both included."""

    opens: date
    closes: date


class Phase(Form):
    """A named stretch of the edition; phases may overlap."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    opens: date
    closes: date


class ProviderEligibility(Form):
    """From which day a kind of provider may apply, by when it submitted (R06)."""

    kind: ProviderKind
    opens: date


class Commitment(Form):
    """One of the things that the executive sponsor signs (R09)."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    text: str


PlaceOrder = Literal["earlier_interest", "submitted_at", "service_id"]
"""One thing that the proposed order of places looks at (R07)."""


class Recruitment(Form):
    """Who may apply, until when, and how places are given.

    Attributes:
        opens: First day on which an expression of interest is taken.
        deadline: Last day; interest closes at its end, local time (R08).
        deadline_on_non_working_day: What a deadline on a day off does (R08).
        service_types: Types of service in scope (R04).
        detained_people_required: Whether the service must care for people detained (R05).
        providers: Eligibility by kind of provider (R06).
        not_after_editions: Editions whose services cannot take a place here (R03).
        order: What the proposed order looks at, most important first (R07).
        offer_valid: How long an offer stands (R13).
        on_expiry: Whether an expired offer waits for a coordinator or lapses by itself (R13).
        refill_before_week: A place freed in or after this week stays free (R13).
        undo: How long a withdrawal can be undone; its place is freed after that (R13).
        commitments: What the sponsor signs, all of it, before anything starts (R09).

    """

    opens: date
    deadline: date
    deadline_on_non_working_day: Literal["stays", "rolls_forward"] = "stays"
    service_types: tuple[ServiceType, ...] = Field(min_length=1)
    detained_people_required: bool = True
    providers: tuple[ProviderEligibility, ...] = Field(min_length=1)
    not_after_editions: tuple[str, ...] = ()
    order: tuple[PlaceOrder, ...] = ("earlier_interest", "submitted_at", "service_id")
    offer_valid: Delay
    on_expiry: Literal["ask", "lapse"] = "ask"
    refill_before_week: int = Field(ge=0)
    undo: Delay
    commitments: tuple[Commitment, ...] = Field(min_length=1)


class EventStage(Form):
    """One stage of a full-day event: an obligation with its instant (X12).

    Attributes:
        obligation: The kind of obligation that opens.
        days: Days from the event; negative is before it.

    """

    obligation: Literal["event_prepared", "event_partner", "event_report_out", "event_follow_up"]
    days: int


class SessionKind(Form):
    """A kind of session and its cadence.

    Attributes:
        id: Name used in session ids, for example ``delivery``.
        cadence: ``weekly`` kinds walk the service's slot; ``monthly`` kinds belong to the
            executive sponsor; ``full_day`` and ``once`` kinds are dated one by one.
        minutes: Length by default; what was recorded overrides it (C12).
        planned: How many for each service or sponsor (C04).
        minimum: Below this many still possible, a service is at risk (C04, X10).
        coach: Role that leads the session.
        attends: Roles that take part and are invited with a calendar entry.
        held_with: A session counts as held when one of these roles attends (C18); empty: any.
        place: Room or meeting link by default (C19).
        starts: Local time where the slot or a person does not say otherwise.
        due_by_week: The last day for the session is this many full weeks after the window
            opened (C05: week 11 of 2 September 2024 is 18 November).
        not_before_week: The first day for it is this many full weeks after the window opened
            (C08).
        on_day_off: What a weekly slot on a day off does: it is left out, not shifted to another
            day, and a spare week is used (C10).
        gives_way: When a weekly session is replaced by a full-day event of its service: on the
            same day, anywhere in the same week, or never (C15a).
        catch_up: Where a catch-up of a missed session is offered: within the weeks that the
            edition's ``missed`` rules say, within the month, or nowhere (X02, X03).
        lead: How long ahead it must be dated (X12).
        late_change: A move inside this much is told to the sponsor (X11).
        moves_told: From this many moves on, the sponsor is told (X11); none: never.
        minimum_gap_days: Closer than this is a warning (C14).
        invite_ahead_days: How far ahead invitations go; none: as soon as dated (M18).
        blocks_day: Whether it blocks its coach's whole day (C15).
        reminders: Reminder policy (M01).
        stages: What is prepared and followed up (X12).

    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    cadence: Cadence
    minutes: int = Field(gt=0, le=1440)
    planned: int = Field(ge=1)
    minimum: int = Field(default=0, ge=0)
    coach: Role
    attends: tuple[Role, ...]
    held_with: tuple[Role, ...] = ()
    place: str
    starts: time = time(9, 30)
    due_by_week: int | None = Field(default=None, ge=0)
    not_before_week: int = Field(default=0, ge=0)
    on_day_off: Literal["skip"] = "skip"
    gives_way: Literal["same_day", "same_week", "never"] = "same_day"
    catch_up: Literal["weeks", "month", "no"] = "weeks"
    lead: Delay | None = None
    late_change: Delay | None = None
    moves_told: int | None = Field(default=None, ge=1)
    minimum_gap_days: int = Field(default=0, ge=0)
    invite_ahead_days: int | None = Field(default=None, ge=0)
    blocks_day: bool = False
    reminders: tuple[ReminderStep, ...] = ()
    stages: tuple[EventStage, ...] = ()


class PlannedPause(Form):
    """Days, both included, on which the whole programme rests (X07)."""

    opens: date
    closes: date
    reason: str


class MailRules(Form):
    """When mail may go (M02) and when coaches get their digest (M14).

    Attributes:
        opens: Start of the daily window, local time.
        closes: End of the daily window, local time.
        digest_weekday: Day of the coaches' weekly digest, Monday is 0.
        digest_at: Its local time.
        latest_before_start: A late reminder goes only if its session is further off (M10).
        failed_after: A message kept for resending is given up after this long.

    """

    opens: time = time(8)
    closes: time = time(18)
    digest_weekday: Weekday = 4
    digest_at: time = time(14)
    latest_before_start: Delay
    failed_after: Delay


class Caseload(Form):
    """How many services or sponsors a coach of a role usually has (C16)."""

    coach: Role
    most: int = Field(ge=1)


class Missed(Form):
    """Who is told of missed sessions, and when (X02, X03).

    Attributes:
        in_a_row: This many missed running are told to coach and coordinator.
        within: This many missed within ``within_weeks`` are put before the coordinator.
        within_weeks: Length of that span.
        catch_up_weeks: A catch-up is offered in this week and so many after it.

    """

    in_a_row: int = Field(default=2, ge=1)
    within: int = Field(default=3, ge=1)
    within_weeks: int = Field(default=6, ge=1)
    catch_up_weeks: int = Field(default=1, ge=0)


class Edition(Form):
    """One run of the programme.

    Attributes:
        id: Short name used in every id of the edition.
        version: Raised by each change of the file; journal rows carry it.
        zone: Time zone of every civil time in the file.
        holidays: Calendar of public holidays.
        extra_days_off: Days off announced after the calendar was published.
        weekend: Weekdays on which nobody works, Monday is 0 (C09).
        window: The coaching window (C03); "week n" counts full weeks since it opened.

    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")
    title: str
    programme: str
    version: int = Field(ge=1)
    zone: str = "Europe/London"
    holidays: Literal["england"] = "england"
    extra_days_off: tuple[date, ...] = ()
    weekend: tuple[Weekday, ...] = (5, 6)
    places: int = Field(ge=1)
    window: Window
    coordinator: str
    phases: tuple[Phase, ...] = ()
    recruitment: Recruitment
    sessions: tuple[SessionKind, ...] = Field(min_length=1)
    chases: tuple[EscalationPolicy, ...]
    pauses: tuple[PlannedPause, ...] = ()
    mail: MailRules
    caseloads: tuple[Caseload, ...] = ()
    missed: Missed = Missed()

    def session_kind(self, kind: str) -> SessionKind:
        """Return the session kind of that id.

        Raises:
            LookupError: The edition has no such kind.

        """
        for candidate in self.sessions:
            if candidate.id == kind:
                return candidate
        raise LookupError(f"edition {self.id} has no session kind {kind}")

    def policy(self, obligation: str) -> EscalationPolicy:
        """Return the escalation policy of a kind of obligation.

        Raises:
            LookupError: The edition has no such policy.

        """
        for candidate in self.chases:
            if candidate.obligation == obligation:
                return candidate
        raise LookupError(f"edition {self.id} has no escalation policy for {obligation}")
