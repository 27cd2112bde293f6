"""A channel that takes everything and keeps nothing, to measure what lies before it."""

from messaging.channel import Outcome, Parcel, Result


class NullChannel:
    """Accepts each parcel at once.

    Attributes:
        name: How the ledger names the channel.
        taken: How many parcels it has accepted.

    """

    name = "null"

    def __init__(self) -> None:
        self.taken = 0

    async def hand_over(self, parcel: Parcel) -> Outcome:
        """Accept a parcel and forget it."""
        self.taken += 1
        return Outcome(Result.ACCEPTED)

    async def probe(self, reference: str) -> Outcome | None:
        """Return nothing: nothing was kept that could tell."""
        return None

    async def close(self) -> None:
        """Do nothing: nothing is held open."""
