"""A programme that takes every form, remembers it, and changes nothing."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import get_type_hints

from runtime.programme import Programme
from runtime.settings import Settings
from schemas.base import Form
from schemas.forms import Answer
from tests.cli.scene import ALDER


class FakeProgramme:
    """Stands for ``Programme``; a method or form that the real one does not have is an error."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Form]] = []
        self.raises: Exception | None = None

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Answer]]:
        method = getattr(Programme, name)

        async def asked(*given: Form) -> Answer:
            inspect.signature(method).bind(self, *given)
            wanted = get_type_hints(method)
            for value, hint in zip(given, list(wanted.values()), strict=False):
                assert isinstance(value, hint)
            self.asked.append((name, given[-1]))
            if self.raises is not None:
                raise self.raises
            return Answer(course_id=ALDER, text=f"Asked: {name}.")

        return asked

    @asynccontextmanager
    async def opened(self, _settings: Settings) -> AsyncIterator["FakeProgramme"]:
        """Open the door to it."""
        yield self
