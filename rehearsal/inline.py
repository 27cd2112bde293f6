"""Threads that are none: what is given to them is done at once.

A rehearsal waits for each transaction before anything else happens, so a thread for it would only
cost two changes of turns.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class InlineExecutor(ThreadPoolExecutor):
    """Does each call in the thread that asks for it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Call at once, and return what came of it."""
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # handed to whoever asks for the result
            done.set_exception(error)
        return done
