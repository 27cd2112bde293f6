"""What every way out of the house has in common: a parcel goes in, an outcome comes back."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Result(StrEnum):
    """What became of one hand-over."""

    ACCEPTED = "accepted"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """Why it was not accepted, as far as it decides what happens next (M11)."""

    NONE = "none"
    TEMPORARY = "temporary"
    BAD_ADDRESS = "bad_address"
    SENDER_FAULT = "sender_fault"
    SLOW_DOWN = "slow_down"
    DISCONNECTED = "disconnected"
    DEADLINE = "deadline"


@dataclass(frozen=True)
class Outcome:
    """What became of one hand-over; it names no person and quotes no server.

    Attributes:
        result: ``accepted`` when the channel took it; ``not_sent`` when it surely did not, so that
            another try is free; ``refused`` when no further try can help; ``unknown`` otherwise.
        code: The channel's reply code, where it gave one.

    """

    result: Result
    code: int | None = None
    cause: Cause = Cause.NONE


@dataclass(frozen=True)
class Parcel:
    """One message for one address, ready to go.

    Attributes:
        key: The ledger's key of the message; the same for each hand-over of it.
        reference: The id of this hand-over, ``key.n``; it names nobody (M15).
        content: The finished bytes; a second hand-over brings the same ones.

    """

    key: str
    reference: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)


class Channel(Protocol):
    """A way out: SMTP, a folder, later a provider that can be asked by reference."""

    name: str

    async def hand_over(self, parcel: Parcel) -> Outcome:
        """Try once to pass a parcel on, and say honestly what is known of it.

        It never raises for what the other side does, retries nothing that may have arrived, and
        returns within the channel's own deadline. It may be called many times at once.
        """

    async def probe(self, reference: str) -> Outcome | None:
        """Say what became of an earlier hand-over (M09), or nothing if the channel cannot tell."""

    async def close(self) -> None:
        """Let go of what the channel holds open; it is of no use afterwards."""
