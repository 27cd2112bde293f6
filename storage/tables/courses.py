"""Editions, courses, enrolments, places, commitments and pauses."""

from datetime import date, datetime, time

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from schemas.courses import CommitmentState, CourseKind, PlaceState, SelectionOutcome, Stage
from storage.tables.columns import code, document, instant, reference


class EditionRow(SQLModel, table=True):
    """An edition's file, one row for each version of it."""

    __tablename__ = "edition"

    id: str = Field(primary_key=True, max_length=40)
    version: int = Field(primary_key=True)
    document: dict[str, object] = Field(sa_column=document())
    opened_at: datetime = Field(sa_column=instant())


class CourseRow(SQLModel, table=True):
    """The versioned state of an edition, a service or a sponsor."""

    __tablename__ = "course"

    id: str = Field(primary_key=True, max_length=120)
    kind: CourseKind = Field(sa_column=code(CourseKind, index=True))
    edition_id: str = Field(max_length=40, index=True)
    subject_id: str = Field(max_length=60)
    version: int = 0
    stage: Stage = Field(sa_column=code(Stage))
    attention: str = Field(default="", max_length=40)
    opened_at: datetime = Field(sa_column=instant())
    ended_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    walked_to: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    edition_version: int = 0


class EnrolmentRow(SQLModel, table=True):
    """What a service's course knows; one for each service of an edition (R12, R15)."""

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("edition_id", "service_id"),)

    course_id: str = Field(foreign_key="course.id", primary_key=True, max_length=120)
    edition_id: str = Field(max_length=40, index=True)
    service_id: str = Field(sa_column=reference("service.id"))
    submitted_at: datetime = Field(sa_column=instant())
    earlier_interest: bool = False
    sponsor_id: str = Field(sa_column=reference("person.id"))
    sponsor_vacant: bool = False
    lead_id: str = Field(sa_column=reference("person.id"))
    delivery_coach_id: str | None = Field(
        default=None, sa_column=reference("person.id", nullable=True)
    )
    slot_weekday: int | None = None
    slot_time: time | None = None
    event_day: date | None = None
    stage_before: Stage | None = Field(default=None, sa_column=code(Stage, nullable=True))
    ineligible_because: str | None = Field(default=None, max_length=40)
    withdrawn_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    undo_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    withdrawal_reason: str | None = Field(default=None, max_length=40)
    sponsor_first_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    executive_coach_id: str | None = Field(
        default=None, sa_column=reference("person.id", nullable=True)
    )
    sessions_before: int = 0


class SelectionRow(SQLModel, table=True):
    """A service's position in the confirmed order."""

    __tablename__ = "selection"

    course_id: str = Field(foreign_key="course.id", primary_key=True, max_length=120)
    edition_id: str = Field(max_length=40, index=True)
    rank: int
    outcome: SelectionOutcome = Field(sa_column=code(SelectionOutcome))
    reasons: str = Field(default="", max_length=200)


class InterestRow(SQLModel, table=True):
    """An expression of interest."""

    __tablename__ = "interest"

    id: str = Field(primary_key=True, max_length=60)
    edition_id: str = Field(max_length=40, index=True)
    service_id: str = Field(sa_column=reference("service.id"))
    submitted_at: datetime = Field(sa_column=instant())
    earlier_interest: bool = False
    sponsor_id: str = Field(sa_column=reference("person.id", index=False))
    lead_id: str = Field(sa_column=reference("person.id", index=False))
    state: str = Field(default="first", max_length=20)


class PlaceRow(SQLModel, table=True):
    """One place of an edition (R14)."""

    __tablename__ = "place"
    __table_args__ = (UniqueConstraint("edition_id", "number"), UniqueConstraint("course_id"))

    id: str = Field(primary_key=True, max_length=60)
    edition_id: str = Field(max_length=40, index=True)
    number: int
    state: PlaceState = Field(default=PlaceState.FREE, sa_column=code(PlaceState))
    course_id: str | None = Field(default=None, max_length=120)
    offered_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    expires_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    taken_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class CommitmentRow(SQLModel, table=True):
    """One executive commitment of one service."""

    __tablename__ = "commitment"

    course_id: str = Field(foreign_key="course.id", primary_key=True, max_length=120)
    commitment: str = Field(primary_key=True, max_length=60)
    state: CommitmentState = Field(default=CommitmentState.OPEN, sa_column=code(CommitmentState))
    decided_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    decided_by: str | None = Field(default=None, max_length=60)
    recorded_by: str | None = Field(default=None, max_length=60)


class PauseRow(SQLModel, table=True):
    """An interval in which a course, or an edition's all, stands still."""

    __tablename__ = "pause"

    id: str = Field(primary_key=True, max_length=160)
    scope: str = Field(max_length=120, index=True)
    from_at: datetime = Field(sa_column=instant())
    until_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    reason: str = Field(max_length=40)
    taken_up: bool = False
