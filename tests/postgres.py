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
INITDB = ["-A", "trust", "-E", "UTF8", "-N", "--no-instructions", "--locale-provider=icu"]


def binaries() -> Path | None:
    """Return the folder of a server's programmes, none where no server is installed."""
    found = shutil.which("postgres")
    if found is not None:
        return Path(found).resolve().parent
    return max(DEBIAN.glob("*/bin"), key=lambda folder: int(folder.parent.name), default=None)


@contextmanager
def server(programmes: Path) -> Iterator[str]:
    """Run a server on a socket in a folder of its own; yield the URL without a database's name.

    No port is taken, so that nothing clashes; where the tests run as root, which PostgreSQL
    refuses to be, the server runs as a user who may do less. Words are sorted as people sort them
    and not by their bytes, as on a server that nobody set up for us.
    """
    folder = Path(tempfile.mkdtemp(prefix="drumbeat-postgres-"))
    other_user = _give_away(folder)
    data = folder / "data"
    try:
        subprocess.run(
            [programmes / "initdb", "-D", data, "-U", "drumbeat", *INITDB, "--icu-locale=en-GB"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            **other_user,
        )
        with (folder / "log").open("wb") as log:
            running = subprocess.Popen(
                [programmes / "postgres", "-D", data, "-k", folder, *_options()],
                stdout=log,
                stderr=log,
                cwd=folder,
                preexec_fn=_end_with_the_tests,
                **other_user,
            )
        try:
            _wait_until_it_answers(running, folder)
            yield f"postgresql+psycopg://drumbeat@/{{name}}?host={folder}"
        finally:
            running.send_signal(signal.SIGINT)  # ends the sessions that are left, and itself
            running.wait(START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options() -> list[str]:
    settings = {"listen_addresses": "", "fsync": "off", "max_connections": "60"}
    settings |= {"shared_buffers": "32MB", "log_min_messages": "warning", "timezone": "Asia/Tokyo"}
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


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


def _wait_until_it_answers(running: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        with suppress(psycopg.OperationalError):
            psycopg.connect(host=str(folder), user="drumbeat", dbname="postgres").close()
            return
        if running.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()}")
        time.sleep(0.05)
