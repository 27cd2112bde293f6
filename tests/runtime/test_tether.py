"""What ties a part to its supervisor, each half alone."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runtime import tether

TETHER = [sys.executable, "-I", "-S", tether.__file__]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux makes this promise")
def test_a_part_is_killed_with_its_parent() -> None:
    code = (
        "import os, subprocess\n"
        f"tether = [*{TETHER!r}, str(os.getpid())]\n"
        "subprocess.run([*tether, 'sh', '-c', 'echo here; exec sleep 600'])\n"
    )
    # What the part says ends, and with it this read, only when the part itself has ended.
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"here\n"
        parent.kill()
        assert parent.stdout.read() == b""


def test_a_part_whose_parent_has_ended_before_does_not_start(tmp_path: Path) -> None:
    made = tmp_path / "made"

    ended = subprocess.run([*TETHER, "1", "touch", str(made)], check=False)

    assert ended.returncode == 1
    assert not made.exists()


def test_a_part_gets_the_signals_as_they_were() -> None:
    said = subprocess.run(
        [*TETHER, str(os.getpid()), "grep", "SigIgn", "/proc/self/status"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    assert not int(said.split()[1], 16) & 1 << (signal.SIGPIPE - 1)


def test_the_watch_kills_the_groups_that_have_not_ended() -> None:
    watch = subprocess.Popen([*TETHER, "watch"], stdin=subprocess.PIPE, text=True)
    stays, ended = (subprocess.Popen(["sleep", "600"], process_group=0) for _ in range(2))
    assert watch.stdin

    watch.stdin.write(f"+{stays.pid}\n+{ended.pid}\n-{ended.pid}\n")
    watch.stdin.close()

    assert watch.wait(10) == 0
    assert stays.wait(10) == -signal.SIGKILL
    ended.terminate()
    assert ended.wait(10) == -signal.SIGTERM
