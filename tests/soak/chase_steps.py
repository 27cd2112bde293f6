"""Which steps of a chase fell due, reckoned anew from the rules, and whether each was taken.

It believes neither the ledger nor ``next_at``: from the day on which an obligation was opened, the
edition's policy, its calendar and the pauses say when each step is due; the journal says when it
was taken, and when somebody settled the matter instead.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from planning.calendar import calendar_of
from planning.escalation import due_at, promise_lapsed
from planning.working_time import Interval, planned_pauses
from schemas.courses import JournalEntry
from schemas.edition import Edition
from schemas.ids import edition_course_id
from schemas.obligations import Obligation, ObligationState
from storage import editions, pauses
from storage.records import every
from storage.tables.ledger import JournalRow
from storage.tables.sessions import ObligationRow

ASKED = {"chase.asked", "chase.escalated"}
STUCK, PAUSED = "obligation.stuck", "course.paused"
ENDED = {f"obligation.{state.value}" for state in ObligationState if not state.is_open}
OPENED, PROMISED, LAPSED = "obligation.opened", "obligation.promised", "promise.lapsed"
TOLD = {*ASKED, *ENDED, OPENED, STUCK, PROMISED, LAPSED, "obligation.reopened"}


@dataclass(frozen=True)
class Step:
    """A step that was taken: who was asked stands in the ledger under these three."""

    obligation_id: str
    step: str
    generation: int


@dataclass
class ChaseAccount:
    """What became of the steps that fell due.

    Attributes:
        taken: Those that were taken, each as often as it was.
        overtaken: How many somebody was faster than, by less than what a kill may cost.
        latest: The longest that one was taken after it fell due, in programme time.
        wrong: Those that fell due and were not taken, or came too early, in sentences.

    """

    taken: list[Step] = field(default_factory=list)
    overtaken: int = 0
    latest: timedelta = timedelta(0)
    wrong: list[str] = field(default_factory=list)

    @property
    def due(self) -> int:
        """How many fell due."""
        return len(self.taken) + self.overtaken


def chases(rows: Rows, until: datetime, slack: timedelta) -> ChaseAccount:
    """Reckon every chase.

    Args:
        rows: The database.
        until: Programme time at which the run was over.
        slack: How much later than due a step may be taken, in programme time.

    """
    told: defaultdict[str, list[JournalEntry]] = defaultdict(list)
    where = col(JournalRow.event).in_({*TOLD, PAUSED})
    for entry in every(rows, JournalEntry, JournalRow, where, order=[col(JournalRow.id)]):
        told[entry.subject].append(entry)
    account = ChaseAccount()
    for one in every(rows, Obligation, ObligationRow, order=[col(ObligationRow.id)]):
        _Chase(rows, one, account, slack, told).follow(until)
    return account


class _Chase:
    """One obligation, lived through again."""

    def __init__(
        self,
        rows: Rows,
        one: Obligation,
        account: ChaseAccount,
        slack: timedelta,
        told: Mapping[str, list[JournalEntry]],
    ) -> None:
        self._rows = rows
        self._told = told
        self._account = account
        self._slack = slack
        self._is = Obligation(
            id=one.id,
            course_id=one.course_id,
            edition_id=one.edition_id,
            kind=one.kind,
            subject=one.subject,
            opened_at=one.opened_at,
        )
        self._version = 0
        self._entry: int | None = None

    def follow(self, until: datetime) -> None:
        for entry in self._told.get(self._is.id, ()):
            self._version, self._entry = entry.policy_version, entry.id
            if entry.event in ASKED | {STUCK}:
                self._take(entry)
            elif entry.event != OPENED:
                self._overtake(entry.at)
                self._turn(entry)
        self._entry = None
        self._overtake(until)

    def _take(self, entry: JournalEntry) -> None:
        """Take a step, or find that there is none left to take."""
        steps = self._edition.policy(self._is.kind).steps
        due, number = self._due, self._is.steps_done
        expected = steps[number].id if number < len(steps) else None
        if entry.facts.get("step") != expected:
            self._say(f"{entry.facts.get('step') or 'stuck'} was taken, {expected} was next")
        if due is None or due > entry.at:
            self._say(f"{expected or 'stuck'} was taken at {entry.at}, and is due at {due}")
        else:
            self._account.latest = max(self._account.latest, entry.at - due)
        if entry.event == STUCK:
            self._is = self._is.model_copy(update={"state": ObligationState.STUCK})
            return
        step = str(entry.facts["step"])
        self._account.taken.append(Step(self._is.id, step, self._is.generation))
        self._is = self._is.model_copy(update={"steps_done": number + 1, "since_at": entry.at})

    def _overtake(self, at: datetime) -> None:
        """Miss the step that fell due before somebody did something about the matter."""
        due = self._due
        if due is None or due >= at:
            return
        if due + self._slack >= at:
            self._account.overtaken += 1
            return
        number = self._is.steps_done
        self._say(f"step {number + 1} fell due at {due} and was not taken by {at}")

    def _turn(self, entry: JournalEntry) -> None:
        change: dict[str, object] = {"since_at": entry.at, "state": ObligationState.OPEN}
        if entry.event == LAPSED:
            self._is = promise_lapsed(self._is)
        elif entry.event == PROMISED:
            change = {"state": ObligationState.PROMISED}
        elif entry.event in ENDED:
            change = {"state": ObligationState(entry.event.removeprefix("obligation."))}
        self._is = self._is.model_copy(update=change)

    @property
    def _due(self) -> datetime | None:
        """When the next step is due; none while a promise holds: its day is not in the journal."""
        edition = self._edition
        return due_at(
            edition.policy(self._is.kind),
            self._is,
            calendar_of(edition),
            edition.mail,
            tuple(self._pauses(edition)),
        )

    @property
    def _edition(self) -> Edition:
        return editions.edition_in(self._rows, self._is.edition_id, self._version)

    def _pauses(self, edition: Edition) -> Iterator[Interval]:
        yield from planned_pauses(edition, calendar_of(edition))
        scopes = [self._is.course_id, edition_course_id(self._is.edition_id)]
        for one in pauses.pauses_of(self._rows, scopes):
            if self._knows(one.id):
                yield Interval(one.from_at, one.until_at)

    def _knows(self, pause_id: str) -> bool:
        """Tell whether a pause was known by then: people may say of one only when it has begun."""
        said = self._told.get(pause_id)
        if self._entry is None or not said or said[0].id is None:
            return True
        return said[0].id < self._entry

    def _say(self, what: str) -> None:
        self._account.wrong.append(f"{self._is.id}: {what}")
