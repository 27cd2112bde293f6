"""One hand-over: outside any transaction, within its lease, and honest about what is known."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from activities.dispatching.batches import Claim, reference
from activities.dispatching.beginnings import Beginnings
from activities.dispatching.outcomes import Delivered
from messaging.channel import Cause, Channel, Outcome, Result

log = structlog.get_logger(__name__)

UNKNOWN = Outcome(Result.UNKNOWN, None, Cause.DEADLINE)


@dataclass(frozen=True)
class Deadlines:
    """How long the parts of a hand-over may last, in real time.

    Attributes:
        channel: Within this the channel itself answers.
        margin: What the machine may take for the rest.

    """

    channel: timedelta = timedelta(seconds=30)
    margin: timedelta = timedelta(seconds=2)

    @property
    def begun(self) -> timedelta:
        """Within this of its claim a hand-over begins, or else it is given back."""
        return self.channel

    @property
    def ended(self) -> timedelta:
        """Within this of its beginning a hand-over ends, whatever the channel does."""
        return self.channel + self.margin

    @property
    def lease(self) -> timedelta:
        """For this long a message is ours: a hand-over never outlives it (M08)."""
        return self.begun + self.ended + self.margin


@dataclass
class HandOvers:
    """Hands over as many messages at once as there are connections.

    Attributes:
        channels: Ways out, by the name that the ledger's rows carry.
        beginnings: Writes down that a hand-over begins.

    """

    channels: Mapping[str, Channel]
    beginnings: Beginnings
    connections: int
    deadlines: Deadlines
    _slots: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        """Make a slot for each connection."""
        self._slots = asyncio.Semaphore(self.connections)

    async def deliver(self, claim: Claim, claimed_at: float) -> Delivered:
        """Hand a claimed message over and return what is known of it.

        It raises only where the database does, and then nothing was sent.

        Args:
            claim: The message.
            claimed_at: When its lease began, on the monotonic clock.

        """
        async with self._slots:
            begins = claim.parcel is None or await self.beginnings.begins(claim)
            late = time.monotonic() - claimed_at > self.deadlines.begun.total_seconds()
            if late or not begins:
                return self._delivered(claim, None)
            outcome = UNKNOWN
            try:
                async with asyncio.timeout(self.deadlines.ended.total_seconds()):
                    outcome = await self._outcome(self.channels[claim.message.channel], claim)
            except TimeoutError:
                log.warning("handover.timed_out", key=claim.message.key)
            except Exception as error:  # a channel's fault must not lose what became of the others
                fault = type(error).__name__
                log.warning("handover.broken", key=claim.message.key, fault=fault)
            return self._delivered(claim, outcome)

    async def _outcome(self, channel: Channel, claim: Claim) -> Outcome:
        """Hand over, unless an earlier hand-over proves to have arrived (M09)."""
        key, attempt = claim.message.key, claim.message.attempt
        if claim.parcel is None:
            return await channel.probe(reference(key, attempt)) or UNKNOWN
        if claim.message.unheard:
            for earlier in range(1, attempt):
                found = await channel.probe(reference(key, earlier))
                if found is not None and found.result is Result.ACCEPTED:
                    return found
        outcome = await channel.hand_over(claim.parcel)
        if outcome.result is Result.UNKNOWN:
            outcome = await channel.probe(claim.parcel.reference) or outcome
        return outcome

    def _delivered(self, claim: Claim, outcome: Outcome | None) -> Delivered:
        redirected = claim.parcel is not None and claim.addressee_id is None
        if redirected and outcome is not None and outcome.cause is Cause.BAD_ADDRESS:
            # The one address that all mail goes to is ours to put right; nobody else's is bad.
            outcome = Outcome(Result.NOT_SENT, outcome.code, Cause.SENDER_FAULT)
        return Delivered(
            claim.message,
            claim.lease.token,
            outcome,
            claim.addressee_id,
            looked_back=claim.parcel is None,
        )
