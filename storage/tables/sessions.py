"""Sessions, who takes part, and obligations."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Role
from schemas.sessions import SessionReason, SessionState
from storage.tables.columns import code, instant, reference


class SessionRow(SQLModel, table=True):
    """One session."""

    __tablename__ = "session"

    id: str = Field(primary_key=True, max_length=160)
    course_id: str = Field(sa_column=reference("course.id"))
    edition_id: str = Field(max_length=40, index=True)
    kind: str = Field(max_length=40)
    number: int
    state: SessionState = Field(default=SessionState.TO_COME, sa_column=code(SessionState))
    planned_day: date
    starts_at: datetime | None = Field(default=None, sa_column=instant(nullable=True, index=True))
    ends_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    minutes: int
    place: str = Field(max_length=200)
    sequence: int = 0
    moves: int = 0
    reason: SessionReason | None = Field(default=None, sa_column=code(SessionReason, nullable=True))
    record_due_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    recorded_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    recorded_by: str | None = Field(default=None, max_length=60)
    held_minutes: int | None = None
    catch_up_for: str | None = Field(default=None, max_length=160)


class ParticipantRow(SQLModel, table=True):
    """A person who takes part in a session."""

    __tablename__ = "participant"

    session_id: str = Field(foreign_key="session.id", primary_key=True, max_length=160)
    person_id: str = Field(foreign_key="person.id", primary_key=True, max_length=60, index=True)
    role: Role = Field(sa_column=code(Role))
    invited: bool = True
    confirmed_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    attended: bool | None = None


class ObligationRow(SQLModel, table=True):
    """Something that somebody still has to do."""

    __tablename__ = "obligation"

    id: str = Field(primary_key=True, max_length=160)
    course_id: str = Field(sa_column=reference("course.id"))
    edition_id: str = Field(max_length=40, index=True)
    kind: ObligationKind = Field(sa_column=code(ObligationKind))
    subject: str = Field(max_length=160)
    ordinal: int = 1
    state: ObligationState = Field(default=ObligationState.OPEN, sa_column=code(ObligationState))
    holder_id: str | None = Field(default=None, sa_column=reference("person.id", nullable=True))
    opened_at: datetime = Field(sa_column=instant())
    steps_done: int = 0
    generation: int = 0
    next_at: datetime | None = Field(default=None, sa_column=instant(nullable=True, index=True))
    since_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    promised_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    promises: int = 0
    closed_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    closed_by: str | None = Field(default=None, max_length=60)
    reason: str | None = Field(default=None, max_length=40)


class ContradictionRow(SQLModel, table=True):
    """What one person says of a session against its record (E37)."""

    __tablename__ = "contradiction"

    session_id: str = Field(foreign_key="session.id", primary_key=True, max_length=160)
    person_id: str = Field(primary_key=True, max_length=60)
    course_id: str = Field(sa_column=reference("course.id"))
    outcome: SessionState = Field(sa_column=code(SessionState))
    reason: SessionReason | None = Field(default=None, sa_column=code(SessionReason, nullable=True))
    minutes: int | None = None
    said_at: datetime = Field(sa_column=instant())
    settled_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    settled_by: str | None = Field(default=None, max_length=60)
