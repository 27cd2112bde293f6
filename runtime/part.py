"""A process that the supervisor looks after, and what must hold before it starts."""

import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

LOG_BYTES = 20_000_000  # a longer log is put aside when its part starts


class PartError(RuntimeError):
    """A part cannot start, or has stopped for good; the text says which, why, and where to look."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A process that is kept running, or a step that is waited for.

    Attributes:
        name: What people call it; also names its log file.
        argv: The command.
        env: Variables that it gets besides the supervisor's own.
        once: Whether it is a step: it ends by itself, with code 0, before the next part starts.
        ready: Tells whether it does its work, asked until it does; called in a thread. A part
            without it is ready once it runs.
        ready_within: How long that may take.
        ports: Ports on the loopback that it will listen on, and for each the setting to change
            where it is in use.
        restart: Whether it is started again when it dies.
        grace: How long it may take to stop.

    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    ready: Callable[[], bool | Awaitable[bool]] | None = None
    ready_within: timedelta = timedelta(seconds=30)
    ports: Mapping[int, str] = field(default_factory=dict)
    restart: bool = False
    grace: timedelta = timedelta(seconds=10)


def answers(port: int, host: str = "127.0.0.1") -> Callable[[], bool]:
    """Return a check of whether anything listens on ``port``."""

    def check() -> bool:
        try:
            with socket.create_connection((host, port), timeout=1):
                return True
        except OSError:
            return False

    return check


def refuse_taken_ports(part: Part) -> None:
    """Raise a sentence that names the port and its setting, where one is in use."""
    for port, setting in part.ports.items():
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            raise PartError(
                f"Port {port}, which {part.name} needs, is in use: "
                f"stop what listens there, or choose another with {setting}."
            ) from None


def put_aside(path: Path) -> None:
    """Keep a long log as ``.log.1``, so that the new one begins short."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.rename(path.with_suffix(".log.1"))
