"""What becomes of the sessions of a coach who is away (E01)."""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime

from schemas.base import Payload, Record


class ChangeAct(StrEnum):
    """What happens to one session; each of the last three takes one of the first three back."""

    COVER = "cover"
    MOVE = "move"
    CANCEL = "cancel"
    GIVE_BACK = "give_back"
    MOVE_BACK = "move_back"
    RESTORE = "restore"


class SessionChange(Payload):
    """What happens to one session.

    Attributes:
        session_id: Which.
        act: What.
        coach: Who leads it instead, where it is covered.
        starts_at: Where it goes, or goes back to, where it is moved.
        was_starts_at: Where it was before, so that it can be put back.

    """

    session_id: str
    act: ChangeAct
    coach: str = ""
    starts_at: AwareDatetime | None = None
    was_starts_at: AwareDatetime | None = None


class Away(Record):
    """Days, both included, on which a person is away (X05)."""

    person_id: str
    from_day: date
    until_day: date
