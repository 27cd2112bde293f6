"""Chance that is the same on every machine, and does not shift when something is added."""

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Each throw is named, and depends on the seed and its name alone."""

    def __init__(self, seed: int) -> None:
        """Throw with ``seed``."""
        self._seed = seed

    def share(self, *name: object) -> float:
        """Return a number from 0 up to, and without, 1."""
        text = "/".join(str(part) for part in (self._seed, *name))
        return int.from_bytes(sha256(text.encode()).digest()[:6], "big") / 2**48

    def among(self, low: int, high: int, *name: object) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return low + int(self.share(*name) * (high - low + 1))

    def pick(self, items: Sequence[T], *name: object) -> T:
        """Return one of the items."""
        return items[int(self.share(*name) * len(items))]

    def shuffled(self, items: Sequence[T], *name: object) -> list[T]:
        """Return the items in an order of chance."""
        order = sorted(range(len(items)), key=lambda place: self.share(*name, place))
        return [items[place] for place in order]
