"""Acts that several connections carry out at the same moment."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def together(acts: Iterable[Callable[[], T]]) -> list[T | Exception]:
    """Let each act begin when all can, in a thread of its own; return what each gave or raised."""
    all_acts = list(acts)
    start = threading.Barrier(len(all_acts))

    def carry_out(act: Callable[[], T]) -> T | Exception:
        start.wait(30)
        try:
            return act()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(all_acts)) as threads:
        return list(threads.map(carry_out, all_acts))
