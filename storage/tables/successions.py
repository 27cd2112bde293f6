"""Successions, what each course has taken up of them, and what they left of the old world."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from schemas.courses import CommitmentState
from schemas.successions import SuccessionKind
from storage.tables.columns import code, document, instant, reference


class SuccessionRow(SQLModel, table=True):
    """Somebody or something takes the place of another from a day on."""

    __tablename__ = "succession"

    id: str = Field(primary_key=True, max_length=160)
    edition_id: str = Field(max_length=40, index=True)
    kind: SuccessionKind = Field(sa_column=code(SuccessionKind))
    old_id: str = Field(max_length=60, index=True)
    new_id: str | None = Field(default=None, max_length=60)
    from_day: date
    from_at: datetime = Field(sa_column=instant())
    said_at: datetime = Field(sa_column=instant())
    said_by: str = Field(max_length=60)
    reason: str = Field(default="", max_length=40)
    taken_back_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    taken_back_by: str | None = Field(default=None, max_length=60)


class TakenUpRow(SQLModel, table=True):
    """A course has taken up a succession."""

    __tablename__ = "succession_taken_up"

    succession_id: str = Field(foreign_key="succession.id", primary_key=True, max_length=160)
    course_id: str = Field(foreign_key="course.id", primary_key=True, max_length=120, index=True)
    at: datetime = Field(sa_column=instant())


class SponsorshipRow(SQLModel, table=True):
    """Who was a service's executive sponsor, from when until when."""

    __tablename__ = "sponsorship"

    course_id: str = Field(foreign_key="course.id", primary_key=True, max_length=120)
    number: int = Field(primary_key=True)
    sponsor_id: str | None = Field(default=None, sa_column=reference("person.id", nullable=True))
    from_at: datetime = Field(sa_column=instant())
    until_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class CommitmentAgainRow(SQLModel, table=True):
    """An executive commitment that a successor is asked to sign again."""

    __tablename__ = "commitment_again"

    course_id: str = Field(foreign_key="course.id", primary_key=True, max_length=120)
    sponsor_id: str = Field(foreign_key="person.id", primary_key=True, max_length=60)
    commitment: str = Field(primary_key=True, max_length=60)
    state: CommitmentState = Field(default=CommitmentState.OPEN, sa_column=code(CommitmentState))
    asked_at: datetime = Field(sa_column=instant())
    decided_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    recorded_by: str | None = Field(default=None, max_length=60)


class EditionProposalRow(SQLModel, table=True):
    """A version of an edition's file that somebody asked to go on under; never changed."""

    __tablename__ = "edition_proposal"

    id: str = Field(primary_key=True, max_length=80)
    edition_id: str = Field(max_length=40, index=True)
    version: int
    document: dict[str, object] = Field(sa_column=document())
    proposed_at: datetime = Field(sa_column=instant())
