"""Operations on many courses, and their items."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from schemas.operations import ItemState, OperationAct
from storage.tables.columns import code, document, instant, reference


class OperationRow(SQLModel, table=True):
    """One act of a person on many courses."""

    __tablename__ = "operation"

    id: str = Field(primary_key=True, max_length=40)
    edition_id: str = Field(max_length=40, index=True)
    act: OperationAct = Field(sa_column=code(OperationAct))
    scope: str = Field(max_length=200)
    wish: dict[str, str] = Field(default_factory=dict, sa_column=document())
    actor: str = Field(max_length=60)
    at: datetime = Field(sa_column=instant())
    recorded_at: datetime = Field(sa_column=instant(index=True))
    reason: str = Field(default="", max_length=40)
    note_id: str | None = Field(default=None, max_length=60)
    undoes: str | None = Field(default=None, max_length=40, index=True)
    ended_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class OperationItemRow(SQLModel, table=True):
    """What an operation does to one course."""

    __tablename__ = "operation_item"

    operation_id: str = Field(foreign_key="operation.id", primary_key=True, max_length=40)
    number: int = Field(primary_key=True)
    course_id: str = Field(sa_column=reference("course.id"))
    subject: str = Field(max_length=160)
    wish: dict[str, object] = Field(default_factory=dict, sa_column=document())
    summary: str = Field(default="", max_length=500)
    state: ItemState = Field(default=ItemState.WAITING, sa_column=code(ItemState))
    answer: str = Field(default="", max_length=500)
    ended_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
