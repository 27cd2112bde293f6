"""What a mail says, as typed facts; ``messaging`` makes the words and the bytes from them.

A letter holds names and addresses, so it never travels through a workflow: it is made from rows,
composed and forgotten. Its errors never quote what they were given.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from schemas.messages import MessageKind
from schemas.obligations import ObligationKind
from schemas.people import Role

BARE_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*"
"""A regular expression for the whole of a :data:`MailAddress`."""

MailAddress = Annotated[str, StringConstraints(max_length=254, pattern=rf"\A{BARE_ADDRESS}\z")]
"""One bare ASCII address: no name, list, quotes, space or control can hide in it."""

MessageKey = Annotated[str, StringConstraints(pattern=r"\A[0-9a-f]{32}\z")]
"""The ledger's key of a message."""

Asks = Literal["confirm", "information"]
"""Whether a reminder asks people to confirm, or informs them."""


class Topic(StrEnum):
    """What a message is about; with its kind it names the text (``messaging/templates``)."""

    # Sessions: reminders, invitations, moves and cancellations
    DELIVERY = "delivery"
    EXECUTIVE = "executive"
    IMPROVEMENT_EVENT = "improvement_event"
    MIDPOINT = "midpoint"
    LEARNING_EVENT = "learning_event"
    SESSION = "session"
    # Digests
    COACH_WEEK = "coach_week"
    BUNDLE = "bundle"
    # Notices
    EOI_RECEIVED = "eoi_received"
    INELIGIBLE_THANKS = "ineligible_thanks"
    NOT_IN_SCOPE = "not_in_scope"
    WAITLISTED = "waitlisted"
    PLACE_OFFERED = "place_offered"
    PLACE_CONFIRMED = "place_confirmed"
    OFFER_EXTENDED = "offer_extended"
    OFFER_LAPSED = "offer_lapsed"
    NO_PLACE_LEFT = "no_place_left"
    DUPLICATE_INTEREST = "duplicate_interest"
    MISSED_TWICE = "missed_twice"
    THREE_MISSED = "three_missed"
    EXECUTIVE_MISSED_TWICE = "executive_missed_twice"
    CATCH_UP_OFFER = "catch_up_offer"
    EVENT_MOVED_LATE = "event_moved_late"
    WITHDRAWN = "withdrawn"
    PAUSED = "paused"
    RESUMED = "resumed"
    ADDRESS_PROBLEM = "address_problem"
    COMPLETED = "completed"
    COACH_CHANGED = "coach_changed"
    MERGED = "merged"
    COACH_AWAY = "coach_away"
    COACH_BACK = "coach_back"
    # Chases and escalations: one for each kind of obligation
    SELECTION_DECISION = "selection_decision"
    PLACE_DECISION = "place_decision"
    ACCEPT_PLACE = "accept_place"
    COMMITMENTS = "commitments"
    COMMITMENT_DECLINED = "commitment_declined"
    TEAM_NAMED = "team_named"
    PARTNER_SOUGHT = "partner_sought"
    COACH_ASSIGNED = "coach_assigned"
    SLOT_CHOSEN = "slot_chosen"
    EVENT_DATED = "event_dated"
    SPONSOR_SESSION_SET = "sponsor_session_set"
    SESSION_RECORD = "session_record"
    EVENT_PREPARED = "event_prepared"
    EVENT_PARTNER = "event_partner"
    EVENT_REPORT_OUT = "event_report_out"
    EVENT_FOLLOW_UP = "event_follow_up"
    CATCH_UP = "catch_up"
    EXECUTIVE_SLOT = "executive_slot"
    BAD_ADDRESS = "bad_address"
    PHONE_CALL = "phone_call"
    SPONSOR_NAMED = "sponsor_named"
    RECORD_CONFLICT = "record_conflict"

    @classmethod
    def of_session(cls, kind: str) -> Self:
        """Return the topic of a session kind; one that only its edition knows is ``session``."""
        own = {cls.DELIVERY, cls.EXECUTIVE, cls.IMPROVEMENT_EVENT, cls.MIDPOINT, cls.LEARNING_EVENT}
        return cls(kind) if kind in own else cls("session")

    @classmethod
    def of_obligation(cls, kind: ObligationKind) -> Self:
        """Return the topic of a kind of obligation."""
        return cls(kind.value)


class Said(BaseModel):
    """A part of a letter: frozen, strict, and silent about its input when it refuses it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Party(Said):
    """Who a mail is from or for."""

    name: str
    address: MailAddress


class SessionLine(Said):
    """One session in a digest or a bundle.

    Attributes:
        note: What is worth knowing of it, for example ``moved`` or ``please confirm``.

    """

    title: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    service: str | None = None
    place: str | None = None
    note: str | None = None


class Facts(Said):
    """What the words of a text may name; each text says which of them it needs.

    Attributes:
        programme: The programme's name, for the signature.
        zone: IANA time zone in which every instant is shown.
        session: Title of the session that the message is about.
        was_starts_at: When a moved session was before.
        was_place: Where it was before; none where that has not changed.
        coach: Who leads the session, or the new coach.
        sponsor: The executive sponsor whose session or signature it is.
        holder: Who was asked before the matter came to the recipient.
        person: Whom the task is about: somebody to ring, or whose address does not work.
        phone: That person's number.
        days_waiting: Whole working days since the question was first asked.
        deadline_day: Last day for what is asked.
        from_day: Day from which it holds: first day of a week, of a pause or after one.
        reason: A clause that follows "because", without a full stop.
        task: What is to be done, for a text that serves several.
        items: What is signed or listed, one line each.
        contact: Whom to ask besides replying, with a way to reach them.

    """

    programme: str
    zone: str = "Europe/London"
    service: str | None = None
    organisation: str | None = None
    session: str | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    was_starts_at: AwareDatetime | None = None
    was_ends_at: AwareDatetime | None = None
    was_place: str | None = None
    place: str | None = None
    coach: str | None = None
    sponsor: str | None = None
    holder: str | None = None
    person: str | None = None
    phone: str | None = None
    days_waiting: int | None = Field(default=None, ge=0)
    deadline_day: date | None = None
    from_day: date | None = None
    reason: str | None = None
    task: str | None = None
    items: tuple[str, ...] = ()
    sessions: tuple[SessionLine, ...] = ()
    contact: str | None = None


class CalendarEvent(Said):
    """One session in one person's calendar (M17, C19).

    Attributes:
        uid: The same for the session's whole life, and opaque.
        sequence: Raised by each change; never by sending again.
        location: Room or meeting link; an entry never lacks it.
        organizer: The address that the mail comes from.
        cancelled: Whether the entry is taken out again.

    """

    uid: str = Field(min_length=1, max_length=255, pattern=r"\A[\x21-\x7e]+\z")
    sequence: int = Field(ge=0)
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    summary: str = Field(min_length=1)
    location: str = Field(min_length=1)
    description: str = ""
    organizer: MailAddress
    attendee: Party
    cancelled: bool = False

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("a calendar entry ends after it starts")
        return self


class Letter(Said):
    """One mail to one person, complete: composing it twice gives the same bytes.

    Attributes:
        key: The ledger's key; the Message-ID is made from it.
        attempt: Number of the hand-over for which the bytes are first made, from 1.
        asks: Whether a reminder asks to confirm; other kinds ignore it.
        audience: The role in which the recipient gets it; the words differ a little.
        true_recipient: Who would have got it, while mail is redirected (M19).
        message_domain: Domain of the Message-ID.
        composed_at: Becomes Date and DTSTAMP.
        event: The calendar part of an invitation, move or cancellation.

    """

    key: MessageKey
    attempt: int = Field(default=1, ge=1)
    kind: MessageKind
    topic: Topic
    asks: Asks = "information"
    audience: Role | None = None
    sender: Party
    recipient: Party
    true_recipient: Party | None = None
    reply_to: Party | None = None
    message_domain: str = Field(pattern=r"\A[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\z")
    composed_at: AwareDatetime
    facts: Facts
    event: CalendarEvent | None = None

    @property
    def reference(self) -> str:
        """The id of the hand-over for which the bytes are first made: ``key.n``."""
        return f"{self.key}.{self.attempt}"

    @model_validator(mode="after")
    def _calendar_part_fits(self) -> Self:
        if self.kind.is_calendar != (self.event is not None):
            raise ValueError(f"a letter of kind {self.kind} and its calendar part do not fit")
        if self.event is not None:
            if self.event.cancelled != (self.kind is MessageKind.CANCELLATION):
                raise ValueError("a cancellation, and nothing else, carries a cancelled entry")
            if self.event.organizer != self.sender.address:
                raise ValueError("the organizer of an entry is the sender of its letter")
        return self
