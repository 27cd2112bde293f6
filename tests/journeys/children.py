"""Processes that a test starts, kills and starts again; none outlives the tests."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from temporalio.client import Client

from runtime import tether
from runtime.temporal import connect
from runtime.temporal_server import DevServer
from tests.ports import free_port

PATIENCE = 60.0  # seconds


class Child:
    """A process of a test's own, which ends with the tests whatever becomes of them.

    Attributes:
        argv: Its command.
        log: What it says.
        env: Variables that it gets besides those of the tests.

    """

    def __init__(
        self, argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        """Start nothing yet."""
        self.argv = argv
        self.log = log
        self.env = env or {}
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start it, for the first time or again."""
        with self.log.open("ab") as lines:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", tether.__file__, str(os.getpid())),
                *self.argv,
                stdin=DEVNULL,
                stdout=lines,
                stderr=lines,
                env={**os.environ, **self.env},
                process_group=0,
            )

    def kill(self) -> None:
        """Kill it as a machine that loses its power does."""
        tether.kill(self.pid)

    async def died(self) -> int:
        """Wait until it has ended, and return its code: minus the signal that killed it."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), PATIENCE)

    async def stop(self) -> None:
        """Let it end, or see to it that it does."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), 10)
        self.kill()
        await self._process.wait()


class Server(Child):
    """A real Temporal server; with a file it knows all again when it is started again."""

    def __init__(self, folder: Path, db_file: Path | None = None) -> None:
        """Choose a port; start nothing yet."""
        self.server = DevServer(port=free_port(), db_file=db_file)
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(self.server.argv(), folder / "temporal.log", {"GOGC": "400"})

    async def start(self) -> None:
        """Start it and wait until it answers."""
        await super().start()
        end = time.monotonic() + PATIENCE
        while not await self.server.ready():
            assert time.monotonic() < end, f"the server does not answer: {self.log.read_text()}"
            await asyncio.sleep(0.05)

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"127.0.0.1:{self.server.port}"

    async def client(self) -> Client:
        """Return a client as production has it."""
        return await connect(self.address, self.server.namespace)


@asynccontextmanager
async def running_server(folder: Path, db_file: Path | None = None) -> AsyncIterator[Server]:
    """Give a real server that answers; without a file it forgets everything when killed."""
    server = Server(folder, db_file)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


KILLED = -signal.SIGKILL
"""The code of a process that was killed."""
