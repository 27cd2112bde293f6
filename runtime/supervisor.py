"""Starts the parts of an installation in order, keeps them running, and stops them in reverse.

Each part is a process group of its own whose lines go to a file, so that the terminal is free.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog

from runtime import tether
from runtime.part import Part, PartError, put_aside, refuse_taken_ports
from runtime.settings import environment_for

log = structlog.get_logger()

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TETHER = (sys.executable, "-I", "-S", tether.__file__)
LOOK_EVERY = 0.05  # seconds between two looks at whether a part is ready
SETTLED = 2.0  # seconds after which a part that dies did not die at its start
LONGEST_PAUSE = 5.0  # seconds before a part that keeps dying is started again
QUICK_DEATHS = 12  # in a row, before the supervisor gives a part up: about half a minute


@dataclass
class _Running:
    part: Part
    log_path: Path
    process: Process
    keeper: asyncio.Task[None] | None = None


class Supervisor:
    """The parts of one installation, as a block: ``async with Supervisor(log_dir) as supervisor``.

    Leaving the block stops every part. In it, a first SIGINT, SIGTERM or SIGHUP ends it as if it
    had come to its end, and a second kills what has not stopped yet; a part that has stopped for
    good ends it with ``PartError``. A supervisor that is itself killed takes all its parts along.

    Enter it from the main thread: to the kernel the parent of a part is a thread.
    """

    def __init__(self, log_dir: Path) -> None:
        self._log_dir = log_dir
        self._running: list[_Running] = []
        self._watch: Process | None = None
        self._body: asyncio.Task[Any] | None = None
        self._failure: PartError | None = None
        self._told_to_stop = False

    async def __aenter__(self) -> Self:
        self._log_dir.mkdir(parents=True, exist_ok=True)
        self._body = asyncio.current_task()
        for number in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal)
        self._watch = await asyncio.create_subprocess_exec(
            *TETHER, "watch", stdin=PIPE, stdout=DEVNULL, process_group=0
        )
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> bool:
        body, self._body = self._body, None
        await self.stop()
        for number in STOP_SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)
        if not (body and isinstance(error, asyncio.CancelledError)):
            return False
        if self._failure:
            body.uncancel()
            raise self._failure
        return self._told_to_stop and body.uncancel() == 0

    async def start(self, *parts: Part) -> None:
        """Start ``parts`` one after another, each when the one before is ready or, a step, done.

        Raises:
            PartError: A port is in use, a part is not ready in time, or a step fails.

        """
        for part in parts:
            refuse_taken_ports(part)
            log_path = self._log_dir / f"{part.name}.log"
            put_aside(log_path)
            running = _Running(part, log_path, await self._launch(part, log_path))
            self._running.append(running)
            if part.once:
                await _finish(running)
            else:
                await _await_ready(running)
                running.keeper = asyncio.create_task(self._keep(running))

    async def wait(self) -> None:
        """Wait until told to stop, or until a part has stopped for good: both end the block."""
        await asyncio.Event().wait()

    def pids(self) -> dict[str, int]:
        """Return the process id of each part that runs now."""
        return {
            running.part.name: running.process.pid
            for running in self._running
            if running.process.returncode is None
        }

    async def stop(self) -> None:
        """Stop every part, the last started first; one that outlives its grace is killed."""
        for running in reversed(self._running):
            if running.keeper:
                running.keeper.cancel()
                await asyncio.gather(running.keeper, return_exceptions=True)
            await self._end(running)
        self._running.clear()
        if self._watch and self._watch.stdin:
            self._watch.stdin.close()
            await self._watch.wait()
            self._watch = None

    def _on_signal(self) -> None:
        if self._body and not self._told_to_stop:
            self._told_to_stop = True
            self._body.cancel()
            return
        for running in self._running:
            tether.kill(running.process.pid)

    def _give_up(self, sentence: str) -> None:
        log.error("part.given_up", sentence=sentence)
        if self._body and not self._failure:
            self._failure = PartError(sentence)
            self._body.cancel()

    async def _launch(self, part: Part, log_path: Path) -> Process:
        with log_path.open("ab") as lines:
            process = await asyncio.create_subprocess_exec(
                *TETHER,
                str(os.getpid()),
                *part.argv,
                stdin=DEVNULL,
                stdout=lines,
                stderr=lines,
                env=environment_for(part.env),
                process_group=0,
            )
        self._tell_watch(f"+{process.pid}")
        log_path.with_suffix(".pid").write_text(f"{process.pid}\n")
        return process

    def _tell_watch(self, line: str) -> None:
        if self._watch and self._watch.stdin:
            self._watch.stdin.write(f"{line}\n".encode())

    async def _keep(self, running: _Running) -> None:
        """Start a part again when it dies, at once or, where it keeps dying, after a pause."""
        clock = asyncio.get_running_loop().time
        ready_at: float | None = clock()
        deaths = 0
        while True:
            code = await running.process.wait()
            self._clear_away(running)
            settled = ready_at is not None and clock() - ready_at > SETTLED
            deaths = 1 if settled else deaths + 1
            if not running.part.restart or deaths > QUICK_DEATHS:
                self._give_up(_stopped(running))
                return
            log.warning("part.died", part=running.part.name, code=code, deaths=deaths)
            await asyncio.sleep(0 if deaths == 1 else min(LONGEST_PAUSE, 0.1 * 2**deaths))
            running.process = await self._launch(running.part, running.log_path)
            try:
                await _await_ready(running)
            except PartError:
                ready_at = None
                tether.kill(running.process.pid)
            else:
                ready_at = clock()
                log.info("part.restarted", part=running.part.name, pid=running.process.pid)

    async def _end(self, running: _Running) -> None:
        if running.process.returncode is None:
            running.process.terminate()
            try:
                await asyncio.wait_for(running.process.wait(), running.part.grace.total_seconds())
            except TimeoutError:
                log.warning("part.killed", part=running.part.name)
        self._clear_away(running)
        await running.process.wait()

    def _clear_away(self, running: _Running) -> None:
        tether.kill(running.process.pid)  # and whatever it has started in its turn
        self._tell_watch(f"-{running.process.pid}")
        running.log_path.with_suffix(".pid").unlink(missing_ok=True)


async def _await_ready(running: _Running) -> None:
    part = running.part
    loop = asyncio.get_running_loop()
    deadline = loop.time() + part.ready_within.total_seconds()
    while running.process.returncode is None:
        if part.ready is None or await _is_ready(part.ready):
            return
        if loop.time() > deadline:
            raise PartError(
                f"{part.name} was not ready within {part.ready_within.total_seconds():g} s: "
                f"what it said is in {running.log_path}."
            )
        await asyncio.sleep(LOOK_EVERY)
    raise PartError(_stopped(running))


async def _is_ready(ready: Callable[[], bool | Awaitable[bool]]) -> bool:
    answer = await asyncio.to_thread(ready)
    return answer if isinstance(answer, bool) else await answer


async def _finish(running: _Running) -> None:
    part = running.part
    try:
        code = await asyncio.wait_for(running.process.wait(), part.ready_within.total_seconds())
    except TimeoutError:
        raise PartError(
            f"{part.name} did not end within {part.ready_within.total_seconds():g} s: "
            f"what it said is in {running.log_path}."
        ) from None
    if code != 0:
        raise PartError(_stopped(running))


def _stopped(running: _Running) -> str:
    code = running.process.returncode or 0
    how = f"with code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
    last = _last_line(running.log_path)
    said = f" Its last line: {last}" if last else ""
    return f"{running.part.name} stopped {how}: what it said is in {running.log_path}.{said}"


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").splitlines() if path.exists() else []
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")
