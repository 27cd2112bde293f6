"""Kills parts of an installation at moments that a seed decides."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from time import monotonic

from runtime import tether
from runtime.supervisor import Supervisor

VICTIMS = ("worker", "temporal", "mail")
NO_SOONER = 2.5
"""Seconds between two kills of the same part: the supervisor gives up what dies at its start."""


@dataclass(frozen=True)
class Kill:
    """A part that was killed, and the programme time at which it was."""

    victim: str
    at: datetime


@dataclass(frozen=True)
class Killer:
    """Kills one part after another.

    Attributes:
        now: The programme's present time.
        kills: How many there are to be.
        lasts: Real seconds over which they are spread.

    """

    supervisor: Supervisor
    dice: random.Random
    now: Callable[[], datetime]
    kills: int
    lasts: float
    done: list[Kill] = field(default_factory=list)

    async def run(self) -> None:
        """Spread the kills over the time that the year takes; each victim must be up again."""
        began, shares = monotonic(), sorted(self.dice.random() for _ in range(self.kills))
        last: dict[str, float] = {}
        for share in shares:
            await asyncio.sleep(max(0.0, began + share * self.lasts - monotonic()))
            victim = self.dice.choice(VICTIMS)
            rested = last.get(victim, 0.0) + NO_SOONER - monotonic()
            await asyncio.sleep(max(0.0, rested))
            while (pid := self.supervisor.pids().get(victim)) is None:
                await asyncio.sleep(0.05)
            tether.kill(pid)
            last[victim] = monotonic()
            self.done.append(Kill(victim, self.now()))


def counted(kills: Sequence[Kill]) -> Counter[str]:
    """Return how often each part was killed."""
    return Counter(one.victim for one in kills)


def longest_rest(kills: Sequence[Kill], began: datetime, ended: datetime) -> timedelta:
    """Return the longest stretch of the run in which nobody was killed."""
    moments = [began, *(one.at for one in kills if one.at < ended), ended]
    return max(later - earlier for earlier, later in pairwise(moments))
