"""What happened in a scenario, for people to read: acts, steps and mail in their order."""

from dataclasses import dataclass, field
from datetime import datetime

from planning.calendar import WorkingCalendar
from rehearsal.scenarios.scenario import Must, Scenario
from storage.courses import courses_of
from storage.database import Database
from storage.journal import entries_about
from storage.reads.message_list import WantedMessages, messages_listed

EVERYTHING = 1_000_000


@dataclass(frozen=True)
class Judged:
    """One thing that must be true, and what was found."""

    must: Must
    holds: bool
    expected: str
    found: str

    def __str__(self) -> str:
        """Return a sentence."""
        rules = ", ".join(self.must.rules)
        if self.holds:
            return f"{self.must.that} ({rules})"
        return f"{self.must.that} ({rules}): must be {self.expected} and is {self.found}"


@dataclass(frozen=True)
class Told:
    """One line of the account."""

    at: datetime
    text: str


@dataclass
class Account:
    """What became of a scenario that was played.

    Attributes:
        scenario: The one.
        judged: What must be true, in its order.
        unexpected: Acts that were refused or answered otherwise than the scenario says; sentences.
        told: What happened since the story began.

    """

    scenario: Scenario
    calendar: WorkingCalendar
    judged: list[Judged] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Return a sentence for everything that is not as the scenario says; empty: all is well."""
        return [*self.unexpected, *(str(one) for one in self.judged if not one.holds)]

    def lines(self) -> list[str]:
        """Return the account, a line for each thing that happened, and what was found."""
        head = [f"{self.scenario.id}  {self.scenario.title}", *_folded(self.scenario.story), ""]
        happened = [
            f"  {self.calendar.local(one.at):%a %d %b %Y %H:%M}  {one.text}"
            for one in sorted(self.told, key=lambda one: one.at)
        ]
        found = [f"  {'holds' if one.holds else 'DOES NOT HOLD'}: {one}" for one in self.judged]
        wrong = [f"  NOT AS TOLD: {one}" for one in self.unexpected]
        return [*head, "What happened", *happened, "", "What must be true", *found, *wrong]


def mail_told(database: Database, since: datetime) -> list[Told]:
    """Return what became of each message since an instant."""
    with database.reading() as rows:
        known = messages_listed(rows, WantedMessages(limit=EVERYTHING))
    return [
        Told(
            one.ended_at,
            f"mail: {one.kind} {one.topic} about {one.subject} to {one.person_id}: {one.state}"
            + (f" ({one.reason})" if one.reason else ""),
        )
        for one in known
        if one.ended_at is not None and one.ended_at >= since
    ]


def journal_told(database: Database, edition: str, since: datetime) -> list[Told]:
    """Return what the journal has of the courses of an edition since an instant."""
    with database.reading() as rows:
        entries = [
            entry
            for course in courses_of(rows, edition)
            for entry in entries_about(rows, course.id)
            if entry.recorded_at >= since
        ]
    return [
        Told(entry.at, f"{entry.course_id}: {entry.event} {entry.subject} by {entry.actor}")
        for entry in {entry.id: entry for entry in entries}.values()
    ]


def _folded(story: str) -> list[str]:
    return [line.strip() for line in story.strip().splitlines()]
