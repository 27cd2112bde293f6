"""Successions: a post, an organisation or a ward goes on as another one from a day on (P01-P03)."""

from datetime import date, datetime
from enum import StrEnum

from schemas.base import Record
from schemas.courses import CommitmentState


class SuccessionKind(StrEnum):
    """What goes on as another one."""

    SPONSOR = "executive_sponsor"
    ORGANISATION = "organisation"
    SERVICE = "service"


class Succession(Record):
    """From a day on somebody, or something, takes the place of another.

    It is never changed, but for being taken back before its day.

    Attributes:
        edition_id: The edition in which it was said; an organisation's holds in every one.
        old_id: Whose place is taken.
        new_id: Who takes it; none: the post is vacant.
        from_day: The first day of the new world.
        from_at: Its midnight, local time, as an instant.
        said_at: Programme time at which it was said.
        taken_back_at: Programme time at which it was taken back; none: it stands.

    """

    id: str
    edition_id: str
    kind: SuccessionKind
    old_id: str
    new_id: str | None = None
    from_day: date
    from_at: datetime
    said_at: datetime
    said_by: str
    reason: str = ""
    taken_back_at: datetime | None = None
    taken_back_by: str | None = None

    def says(self, other: "Succession") -> bool:
        """Tell whether another one says the same of the same."""
        same = ("kind", "old_id", "new_id", "from_day")
        return all(getattr(self, name) == getattr(other, name) for name in same)


class TakenUp(Record):
    """A course has taken up a succession."""

    succession_id: str
    course_id: str
    at: datetime


class Sponsorship(Record):
    """Who was a service's executive sponsor, from when until when; nobody: the post was vacant.

    A service whose sponsor never changed has none of these: its enrolment says who.
    """

    course_id: str
    number: int
    sponsor_id: str | None
    from_at: datetime
    until_at: datetime | None = None


class CommitmentAgain(Record):
    """An executive commitment that a successor is asked to sign again (P01)."""

    course_id: str
    sponsor_id: str
    commitment: str
    state: CommitmentState = CommitmentState.OPEN
    asked_at: datetime
    decided_at: datetime | None = None
    recorded_by: str | None = None
