"""The demo: the sample programme lives through its year on a fast clock, on the real engine.

Everything is as in production but the clock, the people, who are scripted, and the mail server,
which keeps what it is sent.
"""

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

from rich.console import Console, RenderableType
from rich.live import Live

from planning.calendar import WorkingCalendar, calendar_of
from planning.edition_agenda import end_of_edition
from planning.edition_file import read_edition
from rehearsal.cast import Cast, play
from rehearsal.live_view import line, view
from rehearsal.progress import progress_of
from rehearsal.sample.cast_list import COORDINATOR
from rehearsal.sample.writing import SCRIPT, write_sample
from rehearsal.script import Verb
from rehearsal.script_files import Script, read_script
from rehearsal.summary import Summary, summarise
from runtime import parts
from runtime.address_book import write_addresses
from runtime.door import open_programme
from runtime.importing import Import, import_sheets
from runtime.part import Part, PartError, refuse_taken_ports
from runtime.programme import Programme
from runtime.settings import Settings, load_settings
from runtime.supervisor import Supervisor
from runtime.up import prepare
from schemas.clock import ProgrammeClock
from schemas.edition import Edition
from schemas.forms import EditionForm
from schemas.messages import MailMode
from storage.database import Database
from storage.imports import Importer

DEMO_VAR = Path("var/demo")
EDITION_FILE = "mha-qi-wider.toml"
BEGINS = datetime(2024, 6, 10, 7, tzinfo=UTC)
"""Programme time at which people begin to act: days before the deadline for interest."""

SETTING_UP = timedelta(seconds=12)
"""Real time that importing the sample is given before the programme's year begins."""

DAY = timedelta(days=1)
PORTS = {"temporal_address": 17233, "temporal_ui_url": 18233, "smtp_url": 11025}


@dataclass(frozen=True)
class Stage:
    """Where the demo plays: its folder, its database and the edition that it lives through."""

    settings: Settings
    edition: Edition
    clock: ProgrammeClock
    database: Database
    out: Console

    @property
    def calendar(self) -> WorkingCalendar:
        """The edition's calendar."""
        return calendar_of(self.edition)

    @property
    def ends_at(self) -> datetime:
        """Programme time at which the year is over."""
        return end_of_edition(self.edition, self.calendar) + DAY

    def now(self) -> datetime:
        """Return the present programme time."""
        return self.clock.programme_time(datetime.now(UTC))


async def run_demo(settings: Settings, *, speed: float, once: bool) -> int:
    """Play the sample programme; return 0 when every message is accounted for, or on Ctrl-C.

    Args:
        settings: Of this process; the folder is ``var/demo`` unless another was named.
        speed: Programme days in a real second.
        once: Whether to stop after the summary instead of waiting for Ctrl-C.

    Raises:
        PartError: A part cannot start; the text is a sentence.

    """
    out = Console()
    if not 0 < speed <= 20:
        out.print(f"SPEED is programme days in a second, above 0 and up to 20, not {speed:g}.")
        return 2
    mine = _settings(settings)
    async with Supervisor(mine.var / "log") as supervisor:
        return await _run(mine, supervisor, speed, once, out)
    return 0


async def _run(
    settings: Settings, supervisor: Supervisor, speed: float, once: bool, out: Console
) -> int:
    temporal, mail = parts.temporal_server(settings), parts.mail_catcher(settings)
    for part in (temporal, mail):
        refuse_taken_ports(part)
    _begin_afresh(settings)
    stage = set_stage(settings, speed, out)
    script = written_sample(stage)
    out.print("Starting the Temporal server, the mail catcher and a worker …", highlight=False)
    await supervisor.start(temporal, _at_times_busy(mail, stage, script), parts.worker(settings))
    async with open_programme(settings) as programme:
        await bring_in(stage, programme)
        breaking = asyncio.create_task(_break(stage, script, supervisor))
        try:
            await _play(stage, script, programme)
        finally:
            breaking.cancel()
            await asyncio.gather(breaking, return_exceptions=True)
    summary = await _settle(stage)
    summary.show(out)
    if not once:
        out.print("Everything stays up until Ctrl-C.", style="bold", highlight=False)
        await supervisor.wait()
    stage.database.close()
    return 0 if summary.holds else 1


def _settings(settings: Settings) -> Settings:
    """Return settings for the demo's own folder and ports, so that it disturbs no programme."""
    var = settings.var if "var" in settings.model_fields_set else DEMO_VAR
    if "var" in settings.model_fields_set and settings.var == Path("var/live"):
        raise PartError("The demo does not play in var/live, where a real programme lives.")
    return load_settings(
        var=var,
        full_sync=False,
        temporal_address=f"127.0.0.1:{PORTS['temporal_address']}",
        temporal_ui_url=f"http://127.0.0.1:{PORTS['temporal_ui_url']}",
        smtp_url=f"smtp://127.0.0.1:{PORTS['smtp_url']}",
    )


def _begin_afresh(settings: Settings) -> None:
    """Throw away what an earlier demo left in its folder, and nothing else."""
    for name in ("drumbeat.db", "drumbeat.db-wal", "drumbeat.db-shm", "heartbeat"):
        (settings.var / name).unlink(missing_ok=True)
    for path in (*settings.var.glob("temporal.db*"), *settings.var.glob("log/*.log")):
        path.unlink()
    for folder in ("mail", "sample"):
        shutil.rmtree(settings.var / folder, ignore_errors=True)


def set_stage(settings: Settings, speed: float, out: Console) -> Stage:
    """Make an empty database with a fast clock and live mail in a folder, for the wider edition.

    Args:
        settings: Of the parts; their addresses are written into the folder.
        speed: Programme days in a real second.
        out: Where progress is printed.

    """
    text = resources.files("editions").joinpath(EDITION_FILE).read_text(encoding="utf-8")
    clock = ProgrammeClock(
        real_anchor=datetime.now(UTC) + SETTING_UP,
        programme_anchor=BEGINS,
        rate=speed * DAY.total_seconds(),
    )
    prepare(settings, clock, MailMode.LIVE)
    write_addresses(
        settings.var,
        temporal_address=settings.temporal_address,
        temporal_ui_url=settings.temporal_ui_url,
        smtp_url=settings.smtp_url.get_secret_value(),
    )
    database = Database(settings.database_url)
    return Stage(settings, read_edition(text, EDITION_FILE), clock, database, out)


def written_sample(stage: Stage) -> Script:
    """Write the sample into the stage's folder, and return its script."""
    folder = stage.settings.var / "sample"
    write_sample(folder)
    return read_script(folder / SCRIPT, stage.edition.id, COORDINATOR)


def _at_times_busy(mail: Part, stage: Stage, script: Script) -> Part:
    """Return the mail catcher as it answers 421 where the script says so.

    On the demo's clock four minutes are some thousandths of a second, which hit a mail rarely.
    """
    argv = list(mail.argv)
    for one in script.troubles(Verb.MAIL_PUT_OFF):
        real = (stage.clock.real_time(at).isoformat() for at in (one.begins, one.ends))
        argv += ["--busy", *real]
    return replace(mail, argv=argv)


async def _break(stage: Stage, script: Script, supervisor: Supervisor) -> None:
    """Kill the worker where the script has none; the next one works as soon as it is up.

    That takes some seconds, which are days of the demo's clock; so it may come after its time.
    """
    for one in script.troubles(Verb.WORKERS_DOWN):
        wait = stage.clock.real_time(one.begins) - datetime.now(UTC)
        await asyncio.sleep(max(wait.total_seconds(), 0.0))
        if pid := supervisor.pids().get("worker"):
            os.killpg(pid, signal.SIGKILL)


async def bring_in(stage: Stage, programme: Programme) -> None:
    """Open the edition and import the sample, as a coordinator would."""
    folder = stage.settings.var / "sample"
    form = EditionForm(actor=COORDINATOR, edition=stage.edition.id, at=BEGINS - 8 * DAY)
    await programme.open_edition(stage.edition, form)
    importer = Importer(actor=COORDINATOR, at=BEGINS - 8 * DAY, request_id="sample")
    report = await import_sheets([folder], Import(stage.database, importer, programme))
    lines = sum(counts.total() for counts in report.counts().values())
    stage.out.print(f"The sample programme is in: {lines} lines.", highlight=False)


async def _play(stage: Stage, script: Script, programme: Programme) -> None:
    """Let the cast play the year while the view follows it."""
    cast = Cast(script, programme, stage.database)
    following = asyncio.create_task(_follow(stage))
    try:
        await play(cast, stage.now, stage.ends_at)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _follow(stage: Stage) -> None:
    """Show how far the year has come: a view on a terminal, a line every few seconds elsewhere."""
    if not stage.out.is_terminal:
        await _repeat(lambda: _print_line(stage), 10)
        return
    with Live(console=stage.out, refresh_per_second=4, transient=False) as live:

        async def redraw() -> None:
            live.update(await asyncio.to_thread(_drawn, stage))

        await _repeat(redraw, 0.5)


async def _repeat(do: Callable[[], Awaitable[None]], every: float) -> None:
    while True:
        await do()
        await asyncio.sleep(every)


async def _print_line(stage: Stage) -> None:
    progress = await asyncio.to_thread(progress_of, stage.database, stage.edition.id, stage.now())
    stage.out.print(line(progress, stage.calendar), highlight=False, soft_wrap=True)


def _drawn(stage: Stage) -> RenderableType:
    now = stage.now()
    share = (now - BEGINS) / (stage.ends_at - BEGINS)
    progress = progress_of(stage.database, stage.edition.id, now)
    return view(progress, stage.calendar, share)


async def _settle(stage: Stage) -> Summary:
    """Wait until nothing more is due, for a while at most, and sum up."""
    for _ in range(40):
        summary = await asyncio.to_thread(_summed_up, stage)
        if summary.settled:
            break
        await asyncio.sleep(0.5)
    return summary


def _summed_up(stage: Stage) -> Summary:
    moment = stage.now(), datetime.now(UTC)
    return summarise(stage.database, stage.edition.id, stage.settings, *moment)
