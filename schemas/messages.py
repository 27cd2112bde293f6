"""The words of the message ledger: kinds, states, reasons."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from schemas.base import Record


class MessageKind(StrEnum):
    """What a message is for; the kind decides what is promised of it (docs/messages.md)."""

    REMINDER = "reminder"
    DIGEST = "digest"
    CHASE = "chase"
    ESCALATION = "escalation"
    NOTICE = "notice"
    INVITATION = "invitation"
    MOVE = "move"
    CANCELLATION = "cancellation"

    @property
    def at_most_once(self) -> bool:
        """Whether losing the message is better than sending it twice."""
        return self in {MessageKind.REMINDER, MessageKind.DIGEST}

    @property
    def is_calendar(self) -> bool:
        """Whether the message carries a calendar part, and so is kept in order for each person."""
        return self in {MessageKind.INVITATION, MessageKind.MOVE, MessageKind.CANCELLATION}

    @property
    def copies_promised(self) -> int:
        """The most copies that the channel may ever hold of one message of this kind."""
        return 1 if self.at_most_once else 2


class MessageState(StrEnum):
    """Where a message stands; the first two are open, the others are for good unless revived."""

    WAITING = "waiting"
    HANDING_OVER = "handing_over"
    ACCEPTED = "accepted"
    BUNDLED = "bundled"
    SUPPRESSED = "suppressed"
    SUPERSEDED = "superseded"
    TOO_LATE = "too_late"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        """Whether something is still to happen to the message."""
        return self in {MessageState.WAITING, MessageState.HANDING_OVER}


class MessageReason(StrEnum):
    """Why a message ended without being handed over."""

    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    CONFIRMED = "confirmed"
    ALREADY_DONE = "already_done"
    SESSION_CANCELLED = "session_cancelled"
    SESSION_MOVED = "session_moved"
    SESSION_OVER = "session_over"
    NEARER_STEP = "nearer_step"
    INSIDE_LEAD = "inside_lead"
    BAD_ADDRESS = "bad_address"
    NO_ADDRESS = "no_address"
    PREFERS_PHONE = "prefers_phone"
    MAIL_HELD = "mail_held"
    NO_SERVER_TOOK_IT = "no_server_took_it"
    REFUSED_BY_SERVER = "refused_by_server"
    OUTCOME_NOT_KNOWN = "outcome_not_known"
    DATABASE_RESTORED = "database_restored"
    NEVER_INVITED = "never_invited"
    NOTHING_TO_SAY = "nothing_to_say"
    EDITION_ENDED = "edition_ended"
    MERGED = "merged"
    POLICY_CHANGED = "policy_changed"


class MailMode(StrEnum):
    """What the dispatcher does with mail that is due (M19)."""

    HELD = "held"
    REDIRECT = "redirect"
    LIVE = "live"


class Message(Record):
    """One row of the ledger.

    Attributes:
        key: Hash of kind, subject, sequence, step, person and channel; unique (M08).
        topic: Which text it carries, a ``schemas.letters.Topic``.
        subject: Session, obligation or course that it is about.
        sequence: Version of the occurrence, or generation of the chase.
        due_at: Programme time at which it may go.
        useful_until: After this it says nothing useful; none: for as long as it is true.
        asks: Whether it asks for a confirmation, and so is stopped by one (M03).
        facts: Codes and instants that its text needs and that may change in the meantime.
        attempt: Hand-overs so far, the one under way included.
        begun: Whether the turn of the hand-over under way had come; before that nothing of it can
            have been sent.
        unheard: Hand-overs of which no outcome is known.
        retry_at: Real time before which it is not tried again.
        lease_token: Names the hand-over under way.
        lease_until: Real time at which that hand-over must be over.
        first_tried_at: Real time of the first hand-over, for giving up.
        digest_key: The digest that carried it.

    """

    key: str
    course_id: str
    edition_id: str
    kind: MessageKind
    topic: str
    subject: str
    sequence: int = 0
    step: str = ""
    person_id: str
    channel: str = "mail"
    due_at: datetime
    useful_until: datetime | None = None
    asks: bool = False
    state: MessageState = MessageState.WAITING
    reason: MessageReason | None = None
    planned_at: datetime
    ended_at: datetime | None = None
    policy_version: int = 1
    facts: dict[str, str | int] = Field(default_factory=dict)
    attempt: int = 0
    begun: bool = True
    unheard: int = 0
    retry_at: datetime | None = None
    lease_token: str | None = None
    lease_until: datetime | None = None
    first_tried_at: datetime | None = None
    digest_key: str | None = None
