"""The ledger of messages, the journal, stored answers, and the installation's own row."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, true
from sqlmodel import Field, SQLModel

from schemas.messages import MailMode, MessageKind, MessageReason, MessageState
from storage.tables.columns import code, document, instant, reference


class MessageRow(SQLModel, table=True):
    """One message that the plan calls for."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_state_due_at", "state", "due_at"),
        Index("ix_message_subject_person_id", "subject", "person_id"),
    )

    key: str = Field(primary_key=True, max_length=32)
    course_id: str = Field(sa_column=reference("course.id"))
    edition_id: str = Field(max_length=40, index=True)
    kind: MessageKind = Field(sa_column=code(MessageKind))
    topic: str = Field(max_length=60)
    subject: str = Field(max_length=160)
    sequence: int = 0
    step: str = Field(default="", max_length=60)
    person_id: str = Field(sa_column=reference("person.id"))
    channel: str = Field(default="mail", max_length=20)
    due_at: datetime = Field(sa_column=instant())
    useful_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    asks: bool = False
    state: MessageState = Field(default=MessageState.WAITING, sa_column=code(MessageState))
    reason: MessageReason | None = Field(default=None, sa_column=code(MessageReason, nullable=True))
    planned_at: datetime = Field(sa_column=instant())
    ended_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    policy_version: int = 1
    facts: dict[str, str | int] = Field(default_factory=dict, sa_column=document())
    attempt: int = 0
    begun: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    unheard: int = 0
    retry_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    lease_token: str | None = Field(default=None, max_length=40)
    lease_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    first_tried_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    digest_key: str | None = Field(default=None, max_length=32, index=True)


class MessageContentRow(SQLModel, table=True):
    """The bytes of a message as first rendered, used again for every copy."""

    __tablename__ = "message_content"

    key: str = Field(foreign_key="message.key", primary_key=True, max_length=32)
    content: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    composed_at: datetime = Field(sa_column=instant())


class JournalRow(SQLModel, table=True):
    """One change; only ever added to."""

    __tablename__ = "journal"

    id: int | None = Field(
        default=None,
        sa_column=Column(
            BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
        ),
    )
    course_id: str = Field(sa_column=Column(String(120), nullable=False, index=True))
    edition_id: str = Field(max_length=40, index=True)
    event: str = Field(max_length=60)
    subject: str = Field(max_length=160, index=True)
    actor: str = Field(max_length=60)
    at: datetime = Field(sa_column=instant())
    recorded_at: datetime = Field(sa_column=instant())
    reason: str | None = Field(default=None, max_length=40)
    note_id: str | None = Field(default=None, max_length=40)
    request_id: str = Field(max_length=200, index=True)
    policy_version: int = 1
    planned: dict[str, int] = Field(default_factory=dict, sa_column=document())
    facts: dict[str, str | int] = Field(default_factory=dict, sa_column=document())


class CommandRow(SQLModel, table=True):
    """The stored answer of a command, so that a repeat changes nothing."""

    __tablename__ = "command"

    request_id: str = Field(primary_key=True, max_length=200)
    course_id: str = Field(sa_column=Column(String(120), nullable=False, index=True))
    command: str = Field(max_length=60)
    course_version: int
    answer: str = Field(default="", max_length=500)
    wake: list[str] = Field(default_factory=list, sa_column=document())
    committed_at: datetime = Field(sa_column=instant())
    acknowledged: bool = Field(default=False, index=True)


class NoteRow(SQLModel, table=True):
    """What a person wrote; it travels as its id."""

    __tablename__ = "note"

    id: str = Field(primary_key=True, max_length=40)
    text: str = Field(max_length=2000)
    written_by: str = Field(max_length=60)
    written_at: datetime = Field(sa_column=instant())


class InstallationRow(SQLModel, table=True):
    """The one row of facts about this installation."""

    __tablename__ = "installation"

    id: int = Field(default=1, primary_key=True)
    clock: dict[str, object] = Field(sa_column=document())
    mail_mode: MailMode = Field(default=MailMode.HELD, sa_column=code(MailMode))
    redirect_to: str | None = Field(default=None, max_length=254)
    breaker: dict[str, object] = Field(default_factory=dict, sa_column=document())
