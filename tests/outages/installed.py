"""A whole installation of its own: every part a process, its people, and its command line."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from rehearsal.mail_catcher import copies
from runtime import parts
from runtime.address_book import write_addresses
from runtime.settings import Settings, load_settings
from runtime.supervisor import Supervisor
from runtime.up import prepare
from schemas.clock import ProgrammeClock
from schemas.messages import MailMode
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


@dataclass(frozen=True)
class Said:
    """What a command said."""

    code: int
    text: str


@dataclass(frozen=True)
class Installation:
    """An installation in a folder, on ports and a clock of its own; its mail is live."""

    settings: Settings
    clock: ProgrammeClock

    @property
    def now(self) -> datetime:
        """The present, programme time."""
        return self.clock.programme_time(datetime.now(UTC))

    @property
    def database(self) -> Path:
        """The file of its database."""
        return self.settings.var / "drumbeat.db"

    @property
    def mails(self) -> Counter[str]:
        """How many copies of each message its mail server has."""
        return copies(parts.maildir(self.settings))

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        """Run every part for as long as the block lasts, as ``drumbeat up`` does."""
        all_parts = (
            parts.temporal_server(self.settings),
            parts.mail_catcher(self.settings),
            parts.worker(self.settings),
        )
        async with Supervisor(self.settings.var / "log") as supervisor:
            await supervisor.start(*all_parts)
            yield

    async def drumbeat(self, *words: str) -> Said:
        """Run a command, as ops do."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cli.main", "--var", str(self.settings.var), *words),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode is not None
        return Said(process.returncode, said.decode())


def installed(var: Path, begins: datetime, rate: float) -> Installation:
    """Return a new installation.

    Args:
        var: Its folder.
        begins: Programme time at present.
        rate: Programme seconds in a real one.

    """
    settings = load_settings(
        var=var,
        full_sync=False,
        temporal_address=f"127.0.0.1:{free_port()}",
        temporal_ui_url=f"http://127.0.0.1:{free_port()}",
        smtp_url=f"smtp://127.0.0.1:{free_port()}",
    )
    write_addresses(
        var,
        temporal_address=settings.temporal_address,
        temporal_ui_url=settings.temporal_ui_url,
        smtp_url=settings.smtp_url.get_secret_value(),
    )
    clock = ProgrammeClock(real_anchor=datetime.now(UTC), programme_anchor=begins, rate=rate)
    prepare(settings, clock, MailMode.LIVE)
    return Installation(settings, clock)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = monotonic() + PATIENCE
    while not await asyncio.to_thread(holds):
        assert monotonic() < end, "it did not come about in time"
        await asyncio.sleep(0.2)
