"""Sessions: their states and why one was not held."""

from datetime import date, datetime
from enum import StrEnum

from schemas.base import Record
from schemas.people import Role


class SessionState(StrEnum):
    """Where a session stands (C17); moving keeps the session and raises its version."""

    TO_COME = "to_come"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


class SessionReason(StrEnum):
    """Why a session was missed, moved or cancelled; a code, never a free text (P07, X02)."""

    STAFFING = "staffing"
    ACUITY = "acuity"
    ANNUAL_LEAVE = "annual_leave"
    COACH_UNAVAILABLE = "coach_unavailable"
    EXECUTIVE_UNAVAILABLE = "executive_unavailable"
    TECHNICAL = "technical"
    CLASH = "clash"
    NO_WEEK_LEFT = "no_week_left"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    SPONSOR_CHANGED = "sponsor_changed"
    MERGED = "merged"
    OTHER = "other"

    @property
    def is_a_persons(self) -> bool:
        """Whether somebody may give it; the others say what planning has done, and may undo."""
        return self not in {
            SessionReason.NO_WEEK_LEFT,
            SessionReason.PAUSED,
            SessionReason.WITHDRAWN,
            SessionReason.SPONSOR_CHANGED,
            SessionReason.MERGED,
        }

    @property
    def of_the_programme(self) -> bool:
        """Whether the programme and not the service was the cause (X06)."""
        return self in {
            SessionReason.COACH_UNAVAILABLE,
            SessionReason.NO_WEEK_LEFT,
            SessionReason.PAUSED,
        }


class Cadence(StrEnum):
    """How often sessions of a kind come round."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    FULL_DAY = "full_day"
    ONCE = "once"


class Session(Record):
    """One session of a service, a sponsor or an edition.

    Attributes:
        id: ``{edition}/{subject}/{kind}/{number}``.
        planned_day: The day that the first plan gave it; a displaced session may return to it.
        starts_at: UTC; none while it waits for a spare week.
        sequence: Version of the occurrence, and SEQUENCE of its calendar entry; raised by a move.
        record_due_at: When whoever leads it is first asked how it went (X01).
        catch_up_for: The missed session that it makes up for.
        held_minutes: Actual length where it was recorded (C12).

    """

    id: str
    course_id: str
    edition_id: str
    kind: str
    number: int
    state: SessionState = SessionState.TO_COME
    planned_day: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    minutes: int
    place: str
    sequence: int = 0
    moves: int = 0
    reason: SessionReason | None = None
    record_due_at: datetime | None = None
    recorded_at: datetime | None = None
    recorded_by: str | None = None
    held_minutes: int | None = None
    catch_up_for: str | None = None


class Participant(Record):
    """A person who takes part in a session.

    Attributes:
        invited: Whether a calendar invitation is planned for the person (M18).
        confirmed_at: When the person said that they will be there (M03).
        attended: Whether the record of the session says that they came.

    """

    session_id: str
    person_id: str
    role: Role
    invited: bool = True
    confirmed_at: datetime | None = None
    attended: bool | None = None


class Contradiction(Record):
    """What somebody says of a session against what another person recorded of it (E37).

    Attributes:
        outcome: How the session went in their words; the first record stands until it is settled.
        said_at: From when it counts, programme time.
        settled_at: When it ceased to contradict; none while a person must settle it.
        settled_by: Who settled it, or took it back.

    """

    session_id: str
    person_id: str
    course_id: str
    outcome: SessionState
    reason: SessionReason | None = None
    minutes: int | None = None
    said_at: datetime
    settled_at: datetime | None = None
    settled_by: str | None = None
