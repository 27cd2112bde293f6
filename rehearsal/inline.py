"""Threads that are none: what is given to them is done at once.

A rehearsal waits for each transaction before anything else happens, so a thread for it would only
cost two changes of turns.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
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


@contextmanager
def threads_are_none() -> Iterator[None]:
    """Do at once what the running loop would give to its threads; afterwards it has threads again.

    Whoever waits in such a thread meanwhile would stop the loop.
    """
    loop = asyncio.get_running_loop()
    loop.set_default_executor(InlineExecutor())
    try:
        yield
    finally:
        loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="asyncio"))
