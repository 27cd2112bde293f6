"""A PostgreSQL server of the tests' own, thrown away with them."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

DEBIAN = Path("/usr/lib/postgresql")
START_SECONDS = 30
PR_SET_PDEATHSIG = 1
INITDB = ["-A", "trust", "-E", "UTF8", "-N", "--locale-provider=icu", "--icu-locale=en-GB"]
SETTINGS = {
    "listen_addresses": "",  # a socket in the server's own folder: no port to clash over
    "max_connections": "60",
    "shared_buffers": "32MB",
    "fsync": "off",
    "timezone": "Asia/Tokyo",  # nobody's here, so that a time that passes through it shows
}


class Server:
    """A server in a folder of its own; ``url`` has ``{name}`` for the database's name.

    Where the tests run as root, which PostgreSQL refuses to be, the server runs as a user who may
    do less. It sorts words as people do and not by their bytes, as one that nobody set up for us.
    """

    def __init__(self, programmes: Path, folder: Path) -> None:
        self._programmes = programmes
        self._folder = folder
        self._user = _give_away(folder)
        self._running: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql+psycopg://drumbeat@/{{name}}?host={folder}"
        subprocess.run(
            [programmes / "initdb", "-D", "data", "-U", "drumbeat", *INITDB],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            **self._user,
        )

    def start(self) -> None:
        options = [word for one in SETTINGS.items() for word in ("-c", "=".join(one))]
        with (self._folder / "log").open("ab") as log:
            self._running = subprocess.Popen(
                [self._programmes / "postgres", "-D", "data", "-k", self._folder, *options],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                preexec_fn=_end_with_the_tests,
                **self._user,
            )
        self._wait_until_it_answers(self._running)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server, by default in good order and its connections with it."""
        if self._running is not None:
            self._running.send_signal(how)
            self._running.wait(START_SECONDS)

    def _wait_until_it_answers(self, running: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + START_SECONDS
        while running.poll() is None and time.monotonic() < until:
            with suppress(psycopg.OperationalError):
                psycopg.connect(host=str(self._folder), user="drumbeat", dbname="postgres").close()
                return
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {(self._folder / 'log').read_text()}")


def binaries() -> Path | None:
    """Return the folder of a server's programmes, none where no server is installed."""
    found = shutil.which("postgres")
    if found is not None:
        return Path(found).resolve().parent
    return max(DEBIAN.glob("*/bin"), key=lambda folder: int(folder.parent.name), default=None)


@contextmanager
def running_server(programmes: Path) -> Iterator[Server]:
    """Start a server, and end it and remove what it stored."""
    folder = Path(tempfile.mkdtemp(prefix="drumbeat-postgres-"))
    try:
        server = Server(programmes, folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _give_away(folder: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    user = next(name for name in ("postgres", "nobody") if _exists(name))
    known = pwd.getpwnam(user)
    os.chown(folder, known.pw_uid, known.pw_gid)
    return {"user": known.pw_uid, "group": known.pw_gid, "extra_groups": []}


def _exists(user: str) -> bool:
    with suppress(KeyError):
        return bool(pwd.getpwnam(user))
    return False


def _end_with_the_tests() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)
