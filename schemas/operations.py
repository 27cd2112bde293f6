"""Operations: one act of a person on many courses, item by item."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from schemas.base import Record


class OperationAct(StrEnum):
    """What an operation does to each of its courses."""

    PAUSE = "pause"
    RESUME = "resume"
    MOVE = "move"
    REPLACE = "replace"
    ABSENCE = "absence"
    UNDO_ABSENCE = "undo_absence"


class ItemState(StrEnum):
    """Where an item stands; one that was refused can be asked for again by another operation."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


class Operation(Record):
    """One act on many courses; its items are carried out one after another.

    Attributes:
        scope: Whom it is for, as codes and ids: ``region:north_west coach:DC-07``.
        wish: What was asked, as codes, ids, days and instants.
        at: Programme time from which every item counts, but for those that go on long after it.
        recorded_at: Programme time at which it was asked.
        undoes: The operation that it takes back.
        ended_at: Programme time at which no item waited any more.

    """

    id: str
    edition_id: str
    act: OperationAct
    scope: str
    wish: dict[str, str] = Field(default_factory=dict)
    actor: str
    at: datetime
    recorded_at: datetime
    reason: str = ""
    note_id: str | None = None
    undoes: str | None = None
    ended_at: datetime | None = None


class OperationItem(Record):
    """What an operation does to one course; ``{operation}/{number}`` names its request.

    Attributes:
        subject: The session that it is about; else the course.
        wish: Fields of the form that is handed in for it.
        summary: What a person was told would happen.
        answer: What came of it, in a sentence.

    """

    operation_id: str
    number: int
    course_id: str
    subject: str
    wish: dict[str, object] = Field(default_factory=dict)
    summary: str = ""
    state: ItemState = ItemState.WAITING
    answer: str = ""
    ended_at: datetime | None = None

    @property
    def request_id(self) -> str:
        """Name of the request, the same each time it is sent."""
        return f"{self.operation_id}/{self.number}"
