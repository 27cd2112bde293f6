"""The dispatcher's desk in the database: takes messages up, and writes what became of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from sqlalchemy.orm import Session as Rows

from activities.dispatching.batches import Batch, Claim, may_claim
from activities.dispatching.breakers import breaker_of, note_outcomes
from activities.dispatching.guard import Guard
from activities.dispatching.letters import Sender
from activities.dispatching.moments import Moment
from activities.dispatching.outcomes import (
    Delivered,
    GivingUp,
    address_is_bad,
    consequence,
    is_kept,
)
from messaging.breaker import allowance
from planning.working_time import elapsed
from schemas.ids import edition_course_id
from schemas.people import AddressState
from storage import dispatching, editions, people
from storage.database import Database
from storage.dispatching import Lease, Settlement
from storage.installation import Installation, installation

log = structlog.get_logger(__name__)


@dataclass
class Counts:
    """What became of the messages that were taken up.

    Attributes:
        states: How many came into each state; ``waiting`` are those that go later.
        wake: Ids of courses that must look again.

    """

    states: Counter[str] = field(default_factory=Counter)
    wake: set[str] = field(default_factory=set)

    def add(self, states: Counter[str], wake: set[str]) -> None:
        """Count some more."""
        self.states.update(states)
        self.wake |= wake


@dataclass(frozen=True)
class Desk:
    """Every transaction of the dispatcher, each of them short.

    Attributes:
        lease: For how long a message that is claimed is ours.
        capacity: The most messages that may be under way.
        guard: Lets nothing out of a database that is an older copy.

    """

    database: Database
    sender: Sender
    lease: timedelta
    capacity: int
    guard: Guard = field(default_factory=Guard)

    def has_work(self, moment: Moment) -> bool:
        """Tell, without holding anybody up, whether there is anything to take up."""
        with self.database.reading() as rows:
            if not self.guard.may_look(rows):
                return False
            if dispatching.anything_expired(rows, moment.real_now):
                return True
            if not self._room(installation(rows), moment.real_now, self.capacity, 0):
                return False
            return dispatching.anything_due(rows, moment.at, moment.real_now)

    def examine(self, moment: Moment) -> None:
        """See whether the database is an older copy, though nothing may be due."""
        with self.database.transaction() as rows:
            self.guard.admits(rows, moment.at)

    def take_up(self, moment: Moment, under_way: int) -> Batch | None:
        """Judge what is due, and claim what may go; none where there is nothing to do."""
        if not self.has_work(moment):
            return None
        lease = Lease(uuid4().hex, moment.real_now + self.lease)
        with self.database.transaction() as rows:
            if not self.guard.admits(rows, moment.at):
                return None
            installed = installation(rows)
            batch = Batch(rows, moment, installed, self.sender, lease)
            batch.recover(self.capacity - under_way)
            room = self.capacity - under_way - len(batch.claims)
            room = self._room(installed, moment.real_now, room, under_way)
            if room:
                batch.take(room)
        return batch

    def begin(self, claims: Sequence[Claim]) -> set[str]:
        """Write that hand-overs begin, and return the keys of those whose lease still holds."""
        with self.database.transaction() as rows:
            return dispatching.begin(rows, [(one.message.key, one.lease.token) for one in claims])

    def write(self, delivered: Sequence[Delivered], moment: Moment) -> Counts:
        """Write what became of hand-overs; whoever lost a lease meanwhile writes nothing."""
        counts = Counts()
        with self.database.transaction() as rows:
            settlements = self._settlements(rows, delivered, moment)
            written = dispatching.settle(rows, settlements)
            for one, settlement in zip(delivered, settlements, strict=True):
                if one.message.key not in written:
                    log.warning("lease.lost", key=one.message.key, attempt=one.message.attempt)
                    continue
                counts.states[str(settlement.values["state"])] += 1
                if address_is_bad(one) and one.addressee_id is not None:
                    people.mark_address(rows, one.addressee_id, AddressState.BAD)
                    counts.wake.add(edition_course_id(one.message.edition_id))
        for settlement in settlements:
            if settlement.key in written:
                values = settlement.values
                self.guard.went(settlement.key, values["state"], _unheard(values))
        return counts

    def _settlements(
        self, rows: Rows, delivered: Sequence[Delivered], moment: Moment
    ) -> list[Settlement]:
        said = [one.outcome for one in delivered if one.outcome and not one.looked_back]
        breaker = note_outcomes(rows, said, moment.real_now)
        kept = {one.message.edition_id for one in delivered if is_kept(one)}
        limits = {
            edition_id: elapsed(editions.latest_edition(rows, edition_id).mail.failed_after)
            for edition_id in kept
        }
        return [
            Settlement(
                one.message.key,
                one.token,
                consequence(
                    one, moment, GivingUp(limits.get(one.message.edition_id), breaker.reopens_at)
                ),
            )
            for one in delivered
        ]

    def _room(self, installed: Installation, now: datetime, room: int, under_way: int) -> int:
        """Return how many messages may be claimed: none while mail is held or the line rests."""
        if not may_claim(installed):
            return 0
        allowed = allowance(breaker_of(installed), self.capacity, now)
        return max(min(room, allowed - under_way), 0)


def _unheard(values: Mapping[str, object]) -> int:
    unheard = values.get("unheard", 0)
    return unheard if isinstance(unheard, int) else 0
