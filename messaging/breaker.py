"""When a channel rests, and when a message is tried again: values and pure functions.

The breaker stops the line where every message would suffer the same fate: at once when the server
finds fault with us as the sender, after a few connections in a row that came to nothing, and for a
moment when the server asks us to slow down. All instants are real time and come as arguments;
whoever dispatches keeps the value.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from messaging.channel import Cause, Outcome

RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
"""Waits before another try of one message (M11); the last one repeats."""

RESTS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
"""How long the channel rests after a fault, longer each time it finds the fault again."""

BREATHS = (timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=60))
"""How long it rests when asked to slow down."""

STUMBLES = 5
"""This many lost connections in a row open the breaker."""

_LOST = {Cause.DISCONNECTED, Cause.DEADLINE}


@dataclass(frozen=True)
class Breaker:
    """State of a channel: closed, open until an instant, then half open until a message goes.

    Attributes:
        stumbles: Connections in a row that came to nothing.
        openings: How often in a row it has opened without a message going between.
        reopens_at: While in the future nothing goes; after it one message at a time, as a test.
        cause: What opened it.

    """

    stumbles: int = 0
    openings: int = 0
    reopens_at: datetime | None = None
    cause: Cause = Cause.NONE


CLOSED = Breaker()


def allowance(breaker: Breaker, wanted: int, now: datetime) -> int:
    """Return how many of ``wanted`` messages may be handed over now."""
    if breaker.reopens_at is None:
        return wanted
    return 0 if now < breaker.reopens_at else min(wanted, 1)


def after(breaker: Breaker, outcome: Outcome, now: datetime) -> Breaker:
    """Return the breaker as an outcome leaves it.

    What comes in while it is open was under way before, and changes nothing. A message that is
    refused for its own sake shows that the line works.
    """
    if breaker.reopens_at is not None and now < breaker.reopens_at:
        return breaker
    if outcome.cause is Cause.SENDER_FAULT:
        return _opened(breaker, RESTS, outcome.cause, now)
    if outcome.cause is Cause.SLOW_DOWN:
        return _opened(breaker, BREATHS, outcome.cause, now)
    if outcome.cause not in _LOST:
        return CLOSED
    stumbles = breaker.stumbles + 1
    if stumbles >= STUMBLES or breaker.reopens_at is not None:
        return replace(_opened(breaker, RESTS, outcome.cause, now), stumbles=stumbles)
    return replace(breaker, stumbles=stumbles)


def retry_delay(tries: int) -> timedelta:
    """Return how long one message waits after its n-th try came to nothing (n from 1)."""
    return RETRIES[min(tries, len(RETRIES)) - 1]


def _opened(breaker: Breaker, rests: tuple[timedelta, ...], cause: Cause, now: datetime) -> Breaker:
    rest = rests[min(breaker.openings, len(rests) - 1)]
    return Breaker(openings=breaker.openings + 1, reopens_at=now + rest, cause=cause)
