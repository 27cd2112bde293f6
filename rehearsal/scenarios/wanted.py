"""What a scenario looks at: rows of the database, picked out and counted."""

from datetime import date, datetime
from typing import Self

from pydantic import Field, model_validator

from schemas.base import Form
from schemas.courses import PlaceState, Stage
from schemas.messages import MessageKind, MessageReason, MessageState
from schemas.obligations import ObligationKind, ObligationState
from schemas.sessions import SessionReason, SessionState

Span = tuple[date | datetime, date | datetime]
"""From the first to the last, whole days where no time is said; local time."""


class MailWanted(Form):
    """Which messages are counted; what is left out leaves nothing out."""

    to: str = ""
    kinds: tuple[MessageKind, ...] = ()
    topic: str = ""
    about: str = Field(default="", description="Service, session or obligation.")
    state: MessageState | None = None
    reason: MessageReason | None = None
    step: str = ""
    between: Span | None = Field(default=None, description="When it ended, or is due while open.")


class SessionsWanted(Form):
    """Which sessions are counted."""

    of: str = Field(description="Service, sponsor, or one session such as SVC-16/delivery/8.")
    kind: str = ""
    state: SessionState | None = None
    reason: SessionReason | None = None
    between: Span | None = None
    undated: bool | None = None
    moved: bool | None = None
    catch_up: bool | None = None
    with_person: str = Field(default="", description="Only those in which somebody takes part.")


class DutiesWanted(Form):
    """Which obligations are counted."""

    of: str = Field(description="Service, sponsor or edition.")
    kind: ObligationKind
    state: ObligationState | None = None
    holder: str = ""
    reason: str = ""


class JournalWanted(Form):
    """Which entries of the journal are counted."""

    of: str
    event: str
    actor: str = ""
    between: Span | None = None


class Wanted(Form):
    """One look: exactly one of the kinds of rows, and what must be found.

    Attributes:
        report_as_at: An instant as at which somebody reported before: the report must be the same.
        count: A number, or ``>=`` or ``<=`` and a number.
        on: Local times at which the sessions begin, all of them, in their order.

    """

    mail: MailWanted | None = None
    sessions: SessionsWanted | None = None
    duties: DutiesWanted | None = None
    journal: JournalWanted | None = None
    places: PlaceState | None = None
    interests_of: str = ""
    stage_of: str = ""
    report_as_at: datetime | None = None
    count: int | str | None = None
    on: tuple[datetime, ...] | None = None
    stage: Stage | None = None

    @model_validator(mode="after")
    def _one_look(self) -> Self:
        looks = (self.mail, self.sessions, self.duties, self.journal, self.places)
        found = sum(one is not None for one in looks)
        found += bool(self.interests_of) + bool(self.stage_of)
        answers = (self.count, self.on, self.stage)
        if self.report_as_at is not None and not found:
            return self
        if found != 1 or sum(one is not None for one in answers) != 1:
            raise ValueError("say one thing to look at, and one thing that must be found")
        return self
