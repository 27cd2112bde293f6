"""The way out of a rehearsal: nothing leaves, and every copy is counted."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from messaging.channel import Cause, Outcome, Parcel, Result
from rehearsal.mail_catcher import NOBODY
from rehearsal.script import Stretch

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class CountingChannel:
    """Takes every parcel but those to addresses that nobody has, and keeps none.

    Attributes:
        name: How the ledger names the channel.
        copies: How many copies it took of each message, by key; as the mail catcher counts them.

    """

    name = "mail"

    def __init__(
        self, puts_off: Sequence[Stretch] = (), now: Callable[[], datetime] = lambda: LONG_AGO
    ) -> None:
        """Begin with no copy taken.

        Args:
            puts_off: When it answers 421, as a server does that has too much to do (M11).
            now: Programme time.

        """
        self.copies: Counter[str] = Counter()
        self.now = now
        self._puts_off = tuple(puts_off)

    async def hand_over(self, parcel: Parcel) -> Outcome:
        """Take a parcel, as the mail catcher does (M11)."""
        if parcel.recipient.startswith(NOBODY):
            return Outcome(Result.REFUSED, 550, Cause.BAD_ADDRESS)
        if any(one.covers(self.now()) for one in self._puts_off):
            return Outcome(Result.NOT_SENT, 421, Cause.SLOW_DOWN)
        self.copies[parcel.key] += 1
        return Outcome(Result.ACCEPTED, 250)

    async def probe(self, reference: str) -> Outcome | None:
        """Say whether an earlier hand-over was completed (M09)."""
        taken = reference.partition(".")[0] in self.copies
        return Outcome(Result.ACCEPTED if taken else Result.NOT_SENT)

    async def close(self) -> None:
        """Do nothing: nothing is held open."""
