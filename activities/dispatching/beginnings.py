"""The word that a hand-over begins, written before it does, for many of them at a time.

A message that is claimed waits for its turn. Whoever finds it after a kill must know whether its
turn had come: if not, nothing can have been sent, and it goes as if it had never been claimed.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from sqlalchemy.exc import OperationalError

from activities.dispatching.batches import Claim

log = structlog.get_logger(__name__)

Begin = Callable[[Sequence[Claim]], set[str]]
"""Writes that hand-overs begin, and returns the keys of those whose lease still holds."""

_Asked = tuple[Claim, asyncio.Future[bool]]


class Beginnings:
    """Writes in one commit that all hand-overs begin whose turn came during the commit before."""

    def __init__(self, begin: Begin) -> None:
        """Write with ``begin``, in a thread."""
        self._begin = begin
        self._asked: list[_Asked] = []
        self._writing: asyncio.Task[None] | None = None

    async def begins(self, claim: Claim) -> bool:
        """Return whether a hand-over may begin, once that is written down.

        It may not where its lease was lost, or where the database is busy for too long: then it is
        given back, and nothing was sent.
        """
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked.append((claim, answer))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await answer

    async def _write(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, []
                await self._answer(asked)
        finally:
            self._writing = None

    async def _answer(self, asked: Sequence[_Asked]) -> None:
        begun: set[str] = set()
        try:
            begun = await asyncio.to_thread(self._begin, [claim for claim, _ in asked])
        except OperationalError:
            log.warning("handover.delayed", messages=len(asked))
        except Exception as error:
            for _, answer in asked:
                with suppress(asyncio.InvalidStateError):
                    answer.set_exception(error)
            return
        for claim, answer in asked:
            if not answer.done():
                answer.set_result(claim.message.key in begun)
