"""What people ask at the door; ``runtime.programme.Programme`` takes each of these.

A service is named by its id, a session or obligation by the id that the commands print.
"""

from datetime import date, datetime, time
from typing import Self

from pydantic import AwareDatetime, Field, field_validator, model_validator

from schemas.absences import SessionChange
from schemas.base import Form
from schemas.cells import nhs_number_in
from schemas.courses import CommitmentState
from schemas.sessions import SessionReason, SessionState
from schemas.successions import SuccessionKind


class ActForm(Form):
    """Who asks for something, from when it counts, and why.

    Attributes:
        actor: Id of the person who asks (R18: not always the person it is about).
        at: Programme time from which it counts; none: now.
        reason: Code of why.
        note: A sentence kept in the database.
        request_id: Names the act; repeat it and nothing happens twice. None: made from the act
            itself and the time, so that only a quick double click is recognised.

    """

    actor: str = Field(min_length=1, max_length=60)
    at: AwareDatetime | None = None
    reason: str = Field(default="", pattern=r"^[a-z_]{0,40}$")
    note: str = Field(default="", max_length=2000)
    request_id: str | None = Field(default=None, max_length=120)

    @field_validator("note")
    @classmethod
    def _says_nothing_of_patients(cls, note: str) -> str:
        if nhs_number_in(note):
            raise ValueError("it holds what looks like an NHS number: leave that out")
        return note


class ApplyForm(ActForm):
    """An expression of interest (R12)."""

    interest_id: str = Field(min_length=1, max_length=60)
    edition: str
    service: str
    sponsor: str
    lead: str
    submitted_at: AwareDatetime | None = None
    earlier_interest: bool = False
    sessions_before: int = Field(default=0, ge=0)


class EditionForm(ActForm):
    """Something asked of a whole edition."""

    edition: str


class SelectForm(EditionForm):
    """Confirm the order in which places are offered; empty: as proposed (R07)."""

    order: tuple[str, ...] = ()


class ServiceForm(ActForm):
    """Something asked of one service in one edition."""

    edition: str
    service: str


class OfferForm(ServiceForm):
    """Extend an expired offer, or let it lapse (R13)."""

    extend: bool


class SignForm(ServiceForm):
    """Sign executive commitments, or decline them; empty: all that are open (R09, R11)."""

    commitments: tuple[str, ...] = ()
    decision: CommitmentState = CommitmentState.SIGNED


class TeamForm(ServiceForm):
    """Name the project team; empty: those whom the import listed (R16)."""

    people: tuple[str, ...] = ()


class PartnerForm(ServiceForm):
    """Name a lived-experience partner (R16)."""

    partner: str = ""


class CoachForm(ServiceForm):
    """Assign a delivery coach (R16)."""

    coach: str


class ExecutiveCoachForm(EditionForm):
    """Assign another executive coach to a sponsor."""

    sponsor: str
    coach: str


class SlotForm(ServiceForm):
    """Choose the weekly slot (R16)."""

    weekday: int = Field(ge=0, le=4)
    clock_time: time


class EventForm(ServiceForm):
    """Date a full-day event (R16)."""

    day: date
    kind: str = "improvement_event"


class SponsorSessionForm(ServiceForm):
    """Set the sponsor's first executive session, local time, and who coaches (R16)."""

    day: date
    clock_time: time
    coach: str = ""


class RecordForm(ActForm):
    """Say how a session went; no free text for executive sessions (P07)."""

    session: str
    outcome: SessionState
    minutes: int | None = Field(default=None, gt=0, le=1440)
    why: SessionReason | None = None
    attended: tuple[str, ...] | None = None


class MoveForm(ActForm):
    """Put a session on another instant, in another place, or both (C19).

    Attributes:
        session: Its id.
        starts: When it begins; local time where it has no offset. None: when it did.
        place: A room or the link of a meeting; empty: where it was.
        why: A code.

    """

    session: str
    starts: datetime | None = None
    place: str = Field(default="", max_length=200)
    why: SessionReason = SessionReason.OTHER

    @model_validator(mode="after")
    def _moves_something(self) -> Self:
        if self.starts is None and not self.place.strip():
            raise ValueError("a move needs another time, another place, or both")
        return self


class CancelForm(ActForm):
    """Cancel a session."""

    session: str
    why: SessionReason = SessionReason.OTHER


class CatchUpForm(ActForm):
    """Add a session that makes up for a missed one (X02)."""

    session: str
    starts: datetime


class ConfirmForm(ActForm):
    """A participant will be there (M03); changes no course."""

    session: str
    person: str


class ArrangeForm(ActForm):
    """Cover, move or cancel a course's sessions while a coach is away, or take that back (E01)."""

    course: str
    operation: str
    coach: str
    from_day: date
    until_day: date
    changes: tuple[SessionChange, ...] = Field(min_length=1)
    undoes: str = ""


class RestoreForm(ActForm):
    """Say that the database was put back to an older copy.

    Attributes:
        from_at: Programme time of the copy.
        to_at: Programme time until which the lost database was at work.

    """

    from_at: AwareDatetime
    to_at: AwareDatetime


class PauseForm(ActForm):
    """Pause a service, or the whole edition where no service is named."""

    edition: str
    service: str | None = None
    until: date | None = None


class ResumeForm(ActForm):
    """Resume a service or an edition."""

    edition: str
    service: str | None = None


class UndoForm(ActForm):
    """Take back a withdrawal, the cancellation of a session, or a succession before its day."""

    edition: str | None = None
    service: str | None = None
    session: str | None = None
    succession: str | None = None


class PromiseForm(ActForm):
    """Promise to have an obligation done by the end of a day (X04)."""

    obligation: str
    until: date


class CloseForm(ActForm):
    """Say that an obligation is done, or waive it."""

    obligation: str
    waived: bool = False


class SuccessionForm(ActForm):
    """Say who or what takes the place of another from a day on (P01-P03).

    Attributes:
        kind: Of what: a sponsor's post, an organisation, a service.
        old: Id of whose place is taken.
        new: Id of who takes it; none: the post is vacant.
        from_day: The first day of it.

    """

    edition: str
    kind: SuccessionKind
    old: str
    new: str | None = None
    from_day: date


class MergeInterestForm(ActForm):
    """Merge a second expression of interest into the first (R12).

    Attributes:
        interest: Its id.
        contacts: Whether its lead and sponsor take the place of the first one's.

    """

    interest: str
    contacts: bool = False


class Answer(Form):
    """What the door answers: the course's id and a sentence for the person."""

    course_id: str
    text: str
