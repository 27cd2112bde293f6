"""Threads that are none, and whether a loop has its own again."""

import asyncio
from threading import get_ident

import pytest

from rehearsal.inline import threads_are_none


async def test_a_loop_has_threads_again_when_a_rehearsal_is_over() -> None:
    """Without them, whoever waits for something in a thread would stop the loop that does it."""
    with pytest.raises(ZeroDivisionError), threads_are_none():
        assert await asyncio.to_thread(get_ident) == get_ident()
        await asyncio.to_thread(lambda: 1 / 0)
    assert await asyncio.to_thread(get_ident) != get_ident()
