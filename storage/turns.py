"""Turns, in the order in which they were asked for; a lock of Python's own lets some starve."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Lock


class Turns:
    """Lets one thread at a time through, first come first served."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._line: deque[Event] = deque()
        self._guard = Lock()

    @contextmanager
    def turn(self, timeout: timedelta) -> Iterator[None]:
        """Wait for a turn, and have it while the block lasts.

        Raises:
            TimeoutError: It did not come in time; the line is as if nobody had asked.

        """
        mine = Event()
        with self._guard:
            self._line.append(mine)
            self._call_first()
        came = mine.wait(timeout.total_seconds())
        try:
            if not came:
                raise TimeoutError
            yield
        finally:
            with self._guard:
                self._line.remove(mine)
                self._call_first()

    def _call_first(self) -> None:
        if self._line:
            self._line[0].set()
