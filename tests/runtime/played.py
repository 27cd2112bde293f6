"""The door in front of a ``CourseScene``: real forms, commands and transactions, no server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

from temporalio.client import Client

from runtime.programme import DOWN, EngineDown, Programme, Refused
from runtime.settings import Settings
from schemas.clock import ProgrammeClock
from schemas.commands import Command
from schemas.forms import Answer
from tests.activities.scene import CourseScene

MADE_BY_THE_SCENE = {"course_id", "expected_version"}


class PlayedProgramme(Programme):
    """Hands every command to the scene, as a workflow would.

    Attributes:
        left: How many commands the engine still answers; none: all.
        deaf: Whether the last of them is carried out although nobody hears of it.
        asked: Every request that was sent, in order.
        before: What somebody else does while a request is on its way, once, by its name.

    """

    def __init__(self, play: CourseScene) -> None:
        """Stand before a scene, at its own time."""
        nobody = cast("Client", None)
        super().__init__(nobody, play.database, ProgrammeClock(), "", lambda: play.now)
        self.play = play
        self.left: int | None = None
        self.deaf = False
        self.asked: list[str] = []
        self.before: dict[str, Callable[[], Awaitable[None]]] = {}

    async def update(self, update: Any, command: Command) -> Answer:
        """Carry a command out, or refuse it with its sentence."""
        self.asked.append(command.request_id)
        if meanwhile := self.before.pop(command.request_id, None):
            await meanwhile()
        if self.left == 0 and not self.deaf:
            raise EngineDown(DOWN)
        fields = type(command).model_fields.keys() - MADE_BY_THE_SCENE
        said = {name: getattr(command, name) for name in fields}
        state = self.play.send(type(command), command.course_id, **said)
        if self.left is not None:
            if self.left == 0:
                raise EngineDown(DOWN)
            self.left -= 1
        if state.refused:
            raise Refused(state.refused)
        return Answer(course_id=command.course_id, text=state.answer)

    @asynccontextmanager
    async def opened(self, _settings: Settings) -> AsyncIterator["PlayedProgramme"]:
        """Open the door."""
        yield self
