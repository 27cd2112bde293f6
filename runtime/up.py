"""A programme of one's own on one machine: the same parts as the demo, on the real clock."""

from datetime import UTC, datetime

import structlog

from runtime import parts
from runtime.address_book import write_addresses
from runtime.settings import Settings
from runtime.supervisor import Supervisor
from schemas.clock import ProgrammeClock
from schemas.messages import MailMode
from storage.database import Database
from storage.installation import prepare_installation
from storage.schema import upgrade

log = structlog.get_logger()


async def run_up(settings: Settings) -> int:
    """Run every part until Ctrl-C; killed and started again, the programme goes on.

    Mail is held until a person releases it (M19). Without ``DRUMBEAT_SMTP_URL`` a mail catcher is
    started, so that nothing can leave the machine by accident.

    Raises:
        PartError: A part cannot start or has stopped for good; the text is a sentence.

    """
    settings.var.mkdir(parents=True, exist_ok=True)
    own_server = "smtp_url" not in settings.model_fields_set
    prepare(settings, real_clock(), MailMode.HELD)
    write_addresses(
        settings.var,
        temporal_address=settings.temporal_address,
        temporal_ui_url=settings.temporal_ui_url,
    )
    wanted = [parts.temporal_server(settings)]
    if own_server and settings.outbox_dir is None:
        wanted.append(parts.mail_catcher(settings))
    wanted.append(parts.worker(settings))
    async with Supervisor(settings.var / "log") as supervisor:
        await supervisor.start(*wanted)
        log.info("programme.started", var=str(settings.var), ui=settings.temporal_ui_url)
        await supervisor.wait()
    return 0


def prepare(settings: Settings, clock: ProgrammeClock, mode: MailMode) -> None:
    """Bring the database up to date, and write its clock and mail mode where it has none."""
    upgrade(settings.database_url)
    database = Database(settings.database_url, full_sync=settings.full_sync)
    with database.transaction() as rows:
        prepare_installation(rows, clock, mode)
    database.close()


def real_clock() -> ProgrammeClock:
    """Return the clock of production: programme time is real time."""
    now = datetime.now(UTC)
    return ProgrammeClock(real_anchor=now, programme_anchor=now, rate=1)
