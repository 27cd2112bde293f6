"""A course: the versioned state of an edition, a service or a sponsor, and its agenda."""

from datetime import date, datetime, time
from enum import StrEnum

from pydantic import AwareDatetime, Field

from schemas.base import Payload, Record


class CourseKind(StrEnum):
    """Whose course it is."""

    EDITION = "edition"
    SERVICE = "service"
    EXECUTIVE_COACHING = "executive-coaching"


class Stage(StrEnum):
    """Where a course stands; each kind of course walks its own few of them."""

    APPLIED = "applied"
    ELIGIBLE = "eligible"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    COMMITTING = "committing"
    ONBOARDING = "onboarding"
    COACHING = "coaching"
    COMPLETED = "completed"
    INELIGIBLE = "ineligible"
    DECLINED = "declined"
    NOT_PLACED = "not_placed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    RECRUITING = "recruiting"
    SELECTING = "selecting"
    PLACING = "placing"
    FINISHED = "finished"
    IDLE = "idle"

    @property
    def is_end(self) -> bool:
        """Whether nothing follows."""
        return self in ENDS


ENDS = {
    Stage.COMPLETED,
    Stage.INELIGIBLE,
    Stage.DECLINED,
    Stage.NOT_PLACED,
    Stage.WITHDRAWN,
    Stage.MERGED,
    Stage.FINISHED,
}


class Step(StrEnum):
    """What an agenda item calls for; the workflow decides which course transaction that is."""

    CHECK_ELIGIBILITY = "check_eligibility"
    TAKE_UP_OFFER = "take_up_offer"
    TAKE_UP_PLACE = "take_up_place"
    TAKE_UP_LAPSE = "take_up_lapse"
    TAKE_UP_WAITLIST = "take_up_waitlist"
    BEGIN_ONBOARDING = "begin_onboarding"
    PLAN_SESSIONS = "plan_sessions"
    ASK_FOR_RECORD = "ask_for_record"
    OPEN_STAGE = "open_stage"
    CHASE = "chase"
    PROMISE_LAPSES = "promise_lapses"
    REPLAN = "replan"
    CLOSE_WITHDRAWAL = "close_withdrawal"
    COMPLETE = "complete"
    CLOSE_RECRUITMENT = "close_recruitment"
    ALLOCATE = "allocate"
    OFFER_EXPIRES = "offer_expires"
    CLOSE_WAITLIST = "close_waitlist"
    DIGEST = "digest"
    FINISH_EDITION = "finish_edition"
    TAKE_UP_PARTICIPATION = "take_up_participation"
    OPEN_PHASE = "open_phase"
    OPEN_TASK = "open_task"
    TAKE_UP_SUCCESSION = "take_up_succession"
    TAKE_UP_EDITION = "take_up_edition"


class AgendaItem(Payload):
    """Something that must be done next.

    Attributes:
        at: Programme time, UTC.
        step: What is due.
        subject: Id of what it is due for; empty for the course itself.

    """

    at: AwareDatetime
    step: Step
    subject: str = ""


class CourseState(Payload):
    """What a course transaction returns to the workflow that owns the course.

    Attributes:
        version: Raised by each transaction that changed the course.
        stage: Where it stands.
        attention: Code of what a person must look at; empty when nothing.
        ended: Whether nothing can follow, so that the workflow may return.
        agenda: The next items, earliest first; a workflow takes it over only with a higher
            version, and each transaction returns a new one, so the far end may be left out.
        answer: What the person who sent the command is told.
        refused: Why nothing was done; a sentence for the person.
        stale: The version did not match, so that nothing was applied.
        wake: Ids of other courses that must look again.
        restored: The database was put back to an older copy, and a person has dealt with it: the
            workflow takes over the version, though it has known a higher one.

    """

    version: int = 0
    stage: Stage = Stage.APPLIED
    attention: str = ""
    ended: bool = False
    agenda: tuple[AgendaItem, ...] = ()
    answer: str = ""
    refused: str = ""
    stale: bool = False
    wake: tuple[str, ...] = ()
    restored: bool = False


class Course(Record):
    """A course as the database holds it.

    Attributes:
        walked_to: Programme time up to which steps that come round (digests, phases) were taken.
        edition_version: The version of the edition's file that it goes by; 0: the newest.

    """

    id: str
    kind: CourseKind
    edition_id: str
    subject_id: str
    version: int = 0
    stage: Stage
    attention: str = ""
    opened_at: datetime
    ended_at: datetime | None = None
    walked_to: datetime | None = None
    edition_version: int = 0


class Enrolment(Record):
    """What a service's course knows besides its stage.

    Attributes:
        sponsor_id: The executive sponsor: named in the expression of interest, or a successor.
        sponsor_vacant: Whether nobody has followed that sponsor yet, who has left (E05).
        slot_weekday: Monday is 0.
        slot_time: Local time of the weekly session.
        withdrawn_at: When the withdrawal took effect.
        undo_until: Until when it can be undone.
        sponsor_first_at: When the sponsor's first executive session was set for (R16).
        sessions_before: Sessions held before the service was brought in mid-course (R17).

    """

    course_id: str
    edition_id: str
    service_id: str
    submitted_at: datetime
    earlier_interest: bool = False
    sponsor_id: str
    sponsor_vacant: bool = False
    lead_id: str
    delivery_coach_id: str | None = None
    slot_weekday: int | None = None
    slot_time: time | None = None
    event_day: date | None = None
    stage_before: Stage | None = None
    ineligible_because: str | None = None
    withdrawn_at: datetime | None = None
    undo_until: datetime | None = None
    withdrawal_reason: str | None = None
    sponsor_first_at: datetime | None = None
    executive_coach_id: str | None = None
    sessions_before: int = 0


class SelectionOutcome(StrEnum):
    """What the confirmed order says of a service (R07)."""

    SELECTED = "selected"
    WAITLISTED = "waitlisted"
    NOT_SELECTED = "not_selected"


class Selection(Record):
    """A service's position in the confirmed order; the edition's workflow writes it."""

    course_id: str
    edition_id: str
    rank: int
    outcome: SelectionOutcome
    reasons: str = ""


class Interest(Record):
    """An expression of interest as it was submitted; a second one waits for a merge (R12)."""

    id: str
    edition_id: str
    service_id: str
    submitted_at: datetime
    earlier_interest: bool = False
    sponsor_id: str
    lead_id: str
    state: str = "first"


class PlaceState(StrEnum):
    """Where one of the edition's places stands."""

    FREE = "free"
    OFFERED = "offered"
    TAKEN = "taken"
    CLOSED = "closed"


class Place(Record):
    """One of the edition's places (R14); ``closed`` when it is not refilled (R13)."""

    id: str
    edition_id: str
    number: int
    state: PlaceState = PlaceState.FREE
    course_id: str | None = None
    offered_at: datetime | None = None
    expires_at: datetime | None = None
    taken_at: datetime | None = None


class CommitmentState(StrEnum):
    """Whether the sponsor has signed."""

    OPEN = "open"
    SIGNED = "signed"
    DECLINED = "declined"


class SignedCommitment(Record):
    """One executive commitment of one service (R09)."""

    course_id: str
    commitment: str
    state: CommitmentState = CommitmentState.OPEN
    decided_at: datetime | None = None
    decided_by: str | None = None
    recorded_by: str | None = None


class Pause(Record):
    """An interval in which clocks stand still (X04, X08).

    Attributes:
        scope: Id of the course that pauses: a service's, or an edition's for all of it.
        taken_up: Whether the course's sessions have been put round it.

    """

    id: str
    scope: str
    from_at: datetime
    until_at: datetime | None = None
    reason: str
    taken_up: bool = False


class JournalEntry(Record):
    """One change, written in the same commit as the change itself.

    Attributes:
        at: When it took effect.
        recorded_at: When it was recorded; programme time like ``at``.
        planned: Messages that this change called for, by kind; the ledger's planned total is
            the sum of these and never read off the ledger's rows.

    """

    id: int | None = None
    course_id: str
    edition_id: str
    event: str
    subject: str
    actor: str
    at: datetime
    recorded_at: datetime
    reason: str | None = None
    note_id: str | None = None
    request_id: str
    policy_version: int
    planned: dict[str, int] = Field(default_factory=dict)
    facts: dict[str, str | int] = Field(default_factory=dict)


class StoredAnswer(Record):
    """What a command was answered, so that a repeat of it changes nothing.

    Attributes:
        command: Name of the kind of command.
        course_version: Version of the course that it led to.
        wake: Ids of other courses that had to look again.
        committed_at: Real time of the commit.
        acknowledged: Whether the workflow is known to have heard of it.

    """

    request_id: str
    course_id: str
    command: str
    course_version: int
    answer: str = ""
    wake: list[str] = Field(default_factory=list)
    committed_at: datetime
    acknowledged: bool = False
