"""The dispatcher: the one door out (architecture §2).

It takes messages up in small commits, hands them over outside of any, and writes what became of
them, all at once: while some are under way the next are taken up.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from sqlalchemy.exc import OperationalError

from activities.dispatching.batches import Batch, Claim, may_claim
from activities.dispatching.breakers import breaker_of, note_outcomes
from activities.dispatching.handovers import Deadlines, HandOvers
from activities.dispatching.letters import Sender
from activities.dispatching.moments import Moment
from activities.dispatching.outcomes import Delivered, GivingUp, address_is_bad, consequence
from messaging.breaker import allowance
from messaging.channel import Channel
from planning.working_time import elapsed
from schemas.ids import edition_course_id
from schemas.messages import MessageState
from schemas.people import AddressState
from storage import dispatching, editions, people
from storage.database import Database
from storage.dispatching import Lease, Settlement
from storage.installation import Installation, installation

log = structlog.get_logger(__name__)

Now = Callable[[], Moment]

TAKEN_UP_PER_CONNECTION = 4
"""Messages claimed for each connection, so that none of them waits for the database."""

TRY_AGAIN = 0.2
"""Seconds between tries to write an outcome while the database cannot be reached."""


@dataclass(frozen=True)
class Counts:
    """What became of the messages that were taken up.

    Attributes:
        states: How many came into each state; ``waiting`` are those that go later.
        wake: Ids of courses that must look again.

    """

    states: Counter[str]
    wake: frozenset[str]


class Dispatcher:
    """Empties the ledger of what is due; needs no Temporal."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        sender: Sender,
        *,
        connections: int = 4,
        deadline: timedelta = timedelta(seconds=30),
    ) -> None:
        """Dispatch from ``database``.

        Args:
            database: Where the ledger is.
            channels: Ways out, by the name that the ledger's rows carry (``mail``).
            sender: Who mails are from.
            connections: How many hand-overs are under way at once.
            deadline: Within this a channel answers; the lease of a message is longer.

        """
        self._database = database
        self._sender = sender
        self._deadlines = Deadlines(deadline)
        self._handovers = HandOvers(channels, connections, self._deadlines)
        self._capacity = connections * TAKEN_UP_PER_CONNECTION

    async def dispatch_once(self, at: datetime, real_now: datetime) -> Counts:
        """Hand over all that is due at ``at``, programme time, and return when nothing is left.

        What has to wait, for its window or for another try, waits: ask again at its instant.
        """
        with self._database.reading() as rows:
            moment = Moment(at, real_now, installation(rows).clock)
        return await self.empty(lambda: moment)

    async def empty(self, now: Now, stopping: Callable[[], bool] = lambda: False) -> Counts:
        """Take messages up until nothing is due, and finish what is under way.

        When it is cancelled it takes nothing more up, but finishes as well: what was handed over
        must be written down.

        Args:
            now: Reads the clocks; asked once for each batch.
            stopping: Whether nothing more may be taken up.

        """
        states: Counter[str] = Counter()
        wake: set[str] = set()
        under_way: set[asyncio.Task[Delivered]] = set()
        try:
            while True:
                batch = None
                room = self._capacity - len(under_way)
                if room * 2 >= self._capacity and not stopping():
                    batch = await asyncio.to_thread(self._take_up, now(), room, len(under_way))
                if batch is not None:
                    states += batch.states
                    wake |= batch.wake
                    under_way |= self._begin(batch.claims)
                if under_way:
                    await self._land(under_way, now, states, wake)
                elif batch is None or not batch.touched:
                    return Counts(states, frozenset(wake))
        except asyncio.CancelledError:
            while under_way:
                await self._land(under_way, now, states, wake)
            raise

    async def _land(
        self,
        under_way: set[asyncio.Task[Delivered]],
        now: Now,
        states: Counter[str],
        wake: set[str],
    ) -> None:
        """Wait until some hand-overs have ended, and write what became of them."""
        done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        under_way -= done
        ...

    def has_work(self, moment: Moment) -> bool:
        """Tell, without holding anybody up, whether there is anything to do."""
        with self._database.reading() as rows:
            if dispatching.anything_expired(rows, moment.real_now):
                return True
            installed = installation(rows)
            if not self._room(installed, moment.real_now, self._capacity, 0):
                return False
            return dispatching.anything_due(rows, moment.at, moment.real_now)

    def _take_up(self, moment: Moment, room: int, under_way: int) -> Batch | None:
        if not self.has_work(moment):
            return None
        lease = Lease(uuid4().hex, moment.real_now + self._deadlines.lease)
        with self._database.transaction() as rows:
            installed = installation(rows)
            batch = Batch(rows, moment, installed, self._sender, lease)
            batch.recover(room)
            room = self._room(installed, moment.real_now, room - len(batch.claims), under_way)
            if room > 0:
                batch.take(room)
        return batch

    def _room(self, installed: Installation, now: datetime, room: int, under_way: int) -> int:
        """Return how many messages may be claimed: none while mail is held or the line rests."""
        if not may_claim(installed):
            return 0
        allowed = allowance(breaker_of(installed), self._capacity, now)
        return max(min(room, allowed - under_way), 0)

    def _begin(self, claims: Iterable[Claim]) -> set[asyncio.Task[Delivered]]:
        claimed_at = time.monotonic()
        return {
            asyncio.create_task(self._handovers.deliver(claim, claimed_at)) for claim in claims
        }

    async def _settle(
        self, delivered: Sequence[Delivered], now: Now
    ) -> tuple[Counter[str], set[str]]:
        """Write what became of hand-overs, for as long as their leases hold."""
        give_up_at = time.monotonic() + self._deadlines.lease.total_seconds()
        while True:
            try:
                return await asyncio.to_thread(self._write, delivered, now())
            except OperationalError:
                if time.monotonic() > give_up_at:
                    raise
                log.warning("outcome.write_delayed", messages=len(delivered))
                await asyncio.sleep(TRY_AGAIN)

    def _write(
        self, delivered: Sequence[Delivered], moment: Moment
    ) -> tuple[Counter[str], set[str]]:
        states: Counter[str] = Counter()
        wake: set[str] = set()
        with self._database.transaction() as rows:
            outcomes = [one.outcome for one in delivered if one.outcome and not one.looked_back]
            breaker = note_outcomes(rows, outcomes, moment.real_now)
            settlements = []
            for one in delivered:
                edition = editions.latest_edition(rows, one.message.edition_id)
                giving_up = GivingUp(elapsed(edition.mail.failed_after), breaker.reopens_at)
                values = consequence(one, moment, giving_up)
                settlements.append(Settlement(one.message.key, one.token, values))
            written = dispatching.settle(rows, settlements)
            for one, settlement in zip(delivered, settlements, strict=True):
                if one.message.key not in written:
                    log.warning("lease.lost", key=one.message.key)
                    continue
                states[str(settlement.values["state"])] += 1
                if address_is_bad(one) and one.addressee_id is not None:
                    people.mark_address(rows, one.addressee_id, AddressState.BAD)
                    wake.add(edition_course_id(one.message.edition_id))
        for one in delivered:
            _tell(one)
        return states, wake


def _tell(one: Delivered) -> None:
    """Log a hand-over; what went well is told in the ledger and only counted here."""
    outcome = one.outcome
    if outcome is None:
        log.info("message.given_back", key=one.message.key)
    elif outcome.result == "accepted":
        log.debug("message.accepted", key=one.message.key, attempt=one.message.attempt)
    else:
        log.info(
            f"message.{MessageState.WAITING}" if outcome.result == "not_sent" else "message.ended",
            key=one.message.key,
            attempt=one.message.attempt,
            result=outcome.result.value,
            cause=outcome.cause.value,
            code=outcome.code,
        )
