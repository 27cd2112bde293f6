"""A programme on the real clock: it starts held, survives kill -9, and stops cleanly."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
EDITION = ROOT / "editions" / "mha-qi-wider.toml"


@dataclass
class Installation:
    """One installation in its own folder, on its own ports."""

    var: Path
    environment: dict[str, str]

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, and return when its programme answers."""
        with (self.var / "out").open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "--var", str(self.var), "up"],
                cwd=ROOT,
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self.until((self.var / "log" / "worker.pid").exists)
        return process

    def drumbeat(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command against it."""
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", "--var", str(self.var), *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stderr + done.stdout
        return done

    @staticmethod
    def until(holds: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, "it did not come about in time"
            time.sleep(0.2)

    def answers(self) -> bool:
        """Whether the workflow has walked the edition, whose year is long past, to its end."""
        words = ("resume", "--all", "--edition", "wider", "--as", "CO-01")
        done = self.drumbeat(*words, check=False)
        return done.returncode == 1 and "has ended already" in done.stderr


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    environment = {
        **os.environ,
        "DRUMBEAT_TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
        "DRUMBEAT_TEMPORAL_UI_URL": f"http://127.0.0.1:{free_port()}",
        "DRUMBEAT_OUTBOX_DIR": str(tmp_path / "outbox"),
        "DRUMBEAT_FULL_SYNC": "false",
    }
    return Installation(tmp_path, environment)


@pytest.mark.timeout(240)
def test_a_programme_goes_on_after_kill_9_with_mail_held(installation: Installation) -> None:
    """M19: a new installation starts held; a killed one goes on where it was."""
    first = installation.start()
    opening = ("edition", "open", str(EDITION), "--as", "CO-01")
    try:
        installation.drumbeat(*opening)
        installation.until(installation.answers)
    finally:
        first.kill()
        first.wait()

    second = installation.start()

    try:
        installation.until(installation.answers)
        assert "Mail is held" in installation.drumbeat("mail", "list").stdout
        assert "was open already" in installation.drumbeat(*opening).stdout
    finally:
        second.send_signal(signal.SIGTERM)
        assert second.wait(timeout=60) == 0
