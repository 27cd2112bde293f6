"""A worker that dies once, between a commit and what Temporal hears of it; a process of its own.

    python -m tests.journeys.dying_worker URL ADDRESS QUEUE COMMAND MARKER SERVER WORKER

When it has committed a COMMAND for the first time, it kills the server, if SERVER is its process id
and not 0, and itself, if WORKER is 1. The file MARKER then says that this has happened.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from activities.transaction import C, CourseActivities, CourseTransaction
from runtime.activities import course_activities
from runtime.temporal import build_worker, connect
from schemas.commands import Command
from schemas.courses import CourseState
from storage.database import Database

carry_out = CourseActivities.carry_out


@dataclass(frozen=True)
class Death:
    """Who dies, and of what."""

    command: str
    marker: Path
    server: int
    worker: bool

    def after(self, command: Command) -> None:
        """Kill whoever is to die once a command is committed."""
        if type(command).__name__ != self.command or self.marker.exists():
            return
        self.marker.touch()
        if self.server:
            os.killpg(self.server, signal.SIGKILL)
        if self.worker:
            os.kill(os.getpid(), signal.SIGKILL)


def bring(death: Death) -> None:
    """Let the worker's course transactions be followed by a death."""

    def dying(
        self: CourseActivities,
        command: C,
        change: Callable[[CourseTransaction, C], str | None],
    ) -> CourseState:
        state = carry_out(self, command, change)
        death.after(command)
        return state

    CourseActivities.carry_out = dying  # type: ignore[method-assign]


async def work(url: str, address: str, task_queue: str) -> None:
    """Work until it is killed."""
    client = await connect(address, "drumbeat")
    activities = course_activities(Database(url), client, task_queue)
    await build_worker(client, task_queue, activities).run()


if __name__ == "__main__":
    url, address, queue, command, marker, server, worker = sys.argv[1:]
    bring(Death(command, Path(marker), int(server), worker == "1"))
    asyncio.run(work(url, address, queue))
