"""The dispatcher: the one door out (architecture §2).

It takes messages up in small commits, hands them over outside of any, and writes what became of
them; while some are under way the next are taken up. It needs no Temporal.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import OperationalError

from activities.dispatching.batches import Batch
from activities.dispatching.beginnings import Beginnings
from activities.dispatching.desk import Counts, Desk
from activities.dispatching.guard import Guard
from activities.dispatching.handovers import Deadlines, HandOvers
from activities.dispatching.letters import Sender
from activities.dispatching.moments import Moment
from activities.dispatching.outcomes import Delivered
from messaging.channel import Channel, Result
from storage.database import Database
from storage.installation import installation

log = structlog.get_logger(__name__)

Now = Callable[[], Moment]

CLAIMED_PER_CONNECTION = 8
"""So that no connection waits for the database."""

TRY_AGAIN = 0.2
"""Seconds between tries to write an outcome while the database cannot be reached."""


class Dispatcher:
    """Empties the ledger of what is due."""

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
        deadlines, capacity = Deadlines(deadline), connections * CLAIMED_PER_CONNECTION
        self._database = database
        self._lease = deadlines.lease
        self._desk = Desk(database, sender, deadlines.lease, capacity)
        beginnings = Beginnings(self._desk.begin)
        self._handovers = HandOvers(channels, beginnings, connections, deadlines)
        # A batch costs its dozen queries however small it is, so it waits until it is worth them.
        self._refill_below = capacity // 2

    @property
    def guard(self) -> Guard:
        """Lets nothing out of a database that is an older copy."""
        return self._desk.guard

    async def dispatch_once(self, at: datetime, real_now: datetime) -> Counts:
        """Hand over all that is due at ``at``, programme time, and return when nothing is left.

        What has to wait, for its window or for another try, waits: ask again at its instant.
        """
        with self._database.reading() as rows:
            moment = Moment(at, real_now, installation(rows).clock)
        return await self.empty(lambda: moment)

    async def empty(self, now: Now, stopping: Callable[[], bool] = lambda: False) -> Counts:
        """Take messages up until nothing is due, and finish what is under way.

        When cancelled it takes nothing more up, but finishes too before it gives way: what was
        handed over must be written down.

        Args:
            now: Reads the clocks; asked once for each batch.
            stopping: Whether nothing more may be taken up.

        """
        cancelled = False
        emptied = asyncio.create_task(self._empty(now, lambda: cancelled or stopping()))
        try:
            return await asyncio.shield(emptied)
        except asyncio.CancelledError:
            cancelled = True
            await emptied
            raise

    def has_work(self, moment: Moment) -> bool:
        """Tell, without holding anybody up, whether there is anything to take up."""
        return self._desk.has_work(moment)

    async def examine(self, moment: Moment) -> None:
        """See whether the database is an older copy; one that is busy is seen when it is used."""
        with suppress(OperationalError):
            await asyncio.to_thread(self._desk.examine, moment)

    async def _empty(self, now: Now, stopping: Callable[[], bool]) -> Counts:
        counts = Counts()
        under_way: set[asyncio.Task[Delivered]] = set()
        while True:
            touched = 0
            if len(under_way) <= self._refill_below and not stopping():
                batch = await self._take_up(now, under_way)
                if batch is not None:
                    touched = batch.touched
                    counts.add(batch.states, batch.wake)
                    claimed_at = time.monotonic()
                    under_way |= {
                        asyncio.create_task(self._handovers.deliver(claim, claimed_at))
                        for claim in batch.claims
                    }
            if under_way:
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                settled = await self._settle([task.result() for task in done], now)
                counts.add(settled.states, settled.wake)
            elif not touched:
                return counts

    async def _take_up(self, now: Now, under_way: Set[asyncio.Task[Delivered]]) -> Batch | None:
        """Take more up; where the database is busy, what is under way is settled first.

        Its outcomes must be written down before anything else may fail.
        """
        try:
            return await asyncio.to_thread(self._desk.take_up, now(), len(under_way))
        except OperationalError:
            if not under_way:
                raise
            return None

    async def _settle(self, delivered: Sequence[Delivered], now: Now) -> Counts:
        """Write what became of hand-overs; try again for as long as their leases hold."""
        give_up_at = time.monotonic() + self._lease.total_seconds()
        while True:
            try:
                counts = await asyncio.to_thread(self._desk.write, delivered, now())
            except OperationalError:
                if time.monotonic() > give_up_at:
                    raise
                log.warning("outcome.write_delayed", messages=len(delivered))
                await asyncio.sleep(TRY_AGAIN)
            else:
                for one in delivered:
                    _tell(one)
                return counts


def _tell(one: Delivered) -> None:
    """Log a hand-over; what went well is told by the ledger, and here only to whoever debugs."""
    key, attempt, outcome = one.message.key, one.message.attempt, one.outcome
    if outcome is None:
        log.info("message.given_back", key=key, attempt=attempt)
    elif outcome.result is Result.ACCEPTED:
        log.debug("message.accepted", key=key, attempt=attempt)
    else:
        result, cause = outcome.result.value, outcome.cause.value
        code = outcome.code
        log.info("message.kept", key=key, attempt=attempt, result=result, cause=cause, code=code)
