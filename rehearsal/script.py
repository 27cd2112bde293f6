"""The script: what scripted people do by themselves, what they answer, how their sessions go."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from schemas.base import Form
from schemas.cells import Id, LocalInstant
from schemas.delays import Delay, DelayValue, Unit
from schemas.obligations import ObligationKind
from schemas.sessions import SessionReason

ANYBODY = "*"
"""Stands for every service or sponsor that has no line of its own."""


class Verb(StrEnum):
    """What somebody does; named after the commands."""

    APPLY = "apply"
    SELECT = "select"
    ACCEPT = "accept"
    DECLINE = "decline"
    EXTEND = "extend"
    LAPSE = "lapse"
    SIGN = "sign"
    REFUSE = "refuse"
    TEAM = "team"
    PARTNER = "partner"
    COACH = "coach"
    SLOT = "slot"
    EVENT = "event"
    SPONSOR_SESSION = "sponsor_session"
    RECORD = "record"
    CONFIRM = "confirm"
    MOVE = "move"
    CANCEL = "cancel"
    CATCH_UP = "catch_up"
    PAUSE = "pause"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    UNDO = "undo"
    PROMISE = "promise"
    DONE = "done"
    WAIVE = "waive"
    SUCCESSOR = "successor"
    MERGE = "merge"
    EDITION_CHANGE = "edition_change"
    ABSENCE = "absence"
    WORKERS_DOWN = "workers_down"
    MAIL_PUT_OFF = "mail_put_off"


TROUBLES = {Verb.WORKERS_DOWN, Verb.MAIL_PUT_OFF}
"""What nobody does and what happens all the same; its detail ``for`` says how long it lasts."""

NOW = "now"
"""Detail ``at`` of an act that counts from when it is said, however late that is."""

YES = "yes"
"""Detail ``move`` of an absence whose sessions go to their nearest free times, cover or not."""


class Conduct(StrEnum):
    """How a session goes."""

    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"
    SILENT = "silent"


@dataclass(frozen=True)
class Stretch:
    """From an instant on, until another."""

    begins: datetime
    ends: datetime

    def covers(self, at: datetime) -> bool:
        """Tell whether an instant lies in it."""
        return self.begins <= at < self.ends


class EventLine(Form):
    """Something that somebody does by themselves, or that happens, at a time of its own."""

    at: LocalInstant = Field(description="When, London time.")
    actor: Id = Field(description="Who does it.")
    verb: Verb = Field(description="What they do.")
    target: str = Field(description="Service, session, sponsor or edition it is done to.")
    details: str = Field(default="", description="What else it needs, as name=value; name=value.")
    reason: str = Field(default="", description="Code of why.")

    @property
    def stretch(self) -> Stretch:
        """How long a trouble lasts, by its detail ``for`` in minutes."""
        return Stretch(self.at, self.at + timedelta(minutes=int(details_of(self.details)["for"])))


class AnswerLine(Form):
    """What somebody does about an obligation, and how long after it was opened.

    An obligation with no line for its subject is answered by the lines for everybody; one whose
    only line says nothing to do is left to the chase.
    """

    subject: str = Field(description="Service, sponsor or edition; * for every other.")
    obligation: ObligationKind = Field(description="What is to be done.")
    after: Delay = Field(
        default=DelayValue(amount=0, unit=Unit.WORKING_DAYS), description="How long after."
    )
    verb: Verb | None = Field(default=None, description="What is done; empty: nothing.")
    details: str = Field(default="", description="What else it needs, as name=value; name=value.")
    by_coordinator: bool = Field(default=False, description="Whether the coordinator does it.")
    reason: str = Field(default="", description="Code of why.")


class ConductLine(Form):
    """How the sessions of a service or sponsor go."""

    subject: str = Field(description="Service or sponsor; * for every other.")
    kind: str = Field(description="Kind of session.")
    number: int = Field(ge=0, description="Number of the session; 0 for every other.")
    conduct: Conduct = Field(description="How it goes.")
    why: SessionReason | None = Field(default=None, description="Why it is not held.")
    after: Delay = Field(
        default=DelayValue(amount=2, unit=Unit.HOURS),
        description="How long after its end it is recorded.",
    )
    confirms: int = Field(
        default=60, ge=0, le=100, description="Share of those asked who confirm, in per cent."
    )


class ExpectationLine(Form):
    """What must be true when the year has been played."""

    case: str = Field(description="Name of the planted case.")
    subject: str = Field(description="What it is about.")
    fact: str = Field(description="What is looked at, as rehearsal.answer_key reads it.")
    expected: str = Field(description="What it must be: a value, or >= or <= and a number.")
    because: str = Field(description="The rule, and what happened.")


def details_of(text: str) -> dict[str, str]:
    """Read ``name=value; name=value``."""
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    return {name.strip(): value.strip() for name, _, value in pairs}
