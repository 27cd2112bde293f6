"""Obligations: what somebody still has to do, and how a chase ends."""

from datetime import datetime
from enum import StrEnum

from schemas.base import Record


class ObligationKind(StrEnum):
    """What is chased; the edition file holds one escalation policy for each."""

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


ONBOARDING = (
    ObligationKind.TEAM_NAMED,
    ObligationKind.PARTNER_SOUGHT,
    ObligationKind.COACH_ASSIGNED,
    ObligationKind.SLOT_CHOSEN,
    ObligationKind.EVENT_DATED,
    ObligationKind.SPONSOR_SESSION_SET,
)
"""What must be settled between signed commitments and the first session (R16)."""


class ObligationState(StrEnum):
    """Where an obligation stands; the first three are open."""

    OPEN = "open"
    PROMISED = "promised"
    STUCK = "stuck"
    DONE = "done"
    WAIVED = "waived"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has something to do."""
        return self in {ObligationState.OPEN, ObligationState.PROMISED, ObligationState.STUCK}


class Obligation(Record):
    """Something that somebody still has to do, and how far its chase has come.

    Attributes:
        id: ``{course subject}/{kind}/{ordinal}`` behind the edition.
        subject: What it is about: a session, a commitment, a person, or the course itself.
        holder_id: Who has to do it; none where the role is held by nobody.
        steps_done: Steps of the escalation policy that were taken in this generation.
        generation: Raised when a promise lapses, so that the chase can ask again.
        next_at: When the next step is due; none when it is closed or stuck.
        since_at: From when the next step counts: the last step taken, or the lapse of a promise;
            none: the opening. The next instant follows from it and the pauses as they are.
        promised_until: Midnight after the last day that the holder promised.
        promises: Promises made so far.

    """

    id: str
    course_id: str
    edition_id: str
    kind: ObligationKind
    subject: str
    ordinal: int = 1
    state: ObligationState = ObligationState.OPEN
    holder_id: str | None = None
    opened_at: datetime
    steps_done: int = 0
    generation: int = 0
    next_at: datetime | None = None
    since_at: datetime | None = None
    promised_until: datetime | None = None
    promises: int = 0
    closed_at: datetime | None = None
    closed_by: str | None = None
    reason: str | None = None
