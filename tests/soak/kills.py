"""Kill the worker, the Temporal server and the mail server at random, and count what arrived.

    python -m tests.soak.kills --kills 50 --seed 1

The sample programme lives through its year on a fast clock, on the real engine and under the real
supervisor, which starts again whatever is killed. What must hold then is counted in the mail
server's own folder: planned = open + ended, nothing unexplained, no reminder twice, every chase
step at least once and at most twice. The same seed kills the same parts after the same waits.
"""

import argparse
import asyncio
import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic

from rich.console import Console
from sqlalchemy import select
from sqlmodel import col

from rehearsal import demo
from rehearsal.cast import Cast, play
from rehearsal.mail_catcher import copies
from rehearsal.sample.cast_list import COORDINATOR
from rehearsal.sample.writing import SCRIPT
from rehearsal.script_files import read_script
from runtime import parts, tether
from runtime.auditing import account, lease_of
from runtime.door import open_programme
from runtime.logs import configure_logs
from runtime.settings import Settings, load_settings
from runtime.supervisor import Supervisor
from schemas.ledger import LedgerReport
from schemas.messages import MessageKind, MessageState
from storage.database import Database
from storage.tables.ledger import MessageRow
from tests.ports import free_port

VICTIMS = ("worker", "temporal", "mail")
NO_SOONER = 2.5
"""Seconds between two kills of the same part: the supervisor gives up what dies at its start."""

TO_SETTLE = 90.0
"""Seconds in which everything due has to have ended, once nobody is killed any more."""

CHASES = {MessageKind.CHASE, MessageKind.ESCALATION}
WENT = {MessageState.ACCEPTED, MessageState.UNKNOWN}


@dataclass
class Verdict:
    """What a run came to.

    Attributes:
        kills: How often each part was killed.
        report: The account of the ledger, with the copies that the mail server holds.
        wrong: What must hold and does not, in sentences.
        chases: Chase steps that went.
        twice: Messages of which there are two copies.

    """

    kills: Counter[str]
    report: LedgerReport
    wrong: list[str] = field(default_factory=list)
    chases: int = 0
    twice: int = 0


@dataclass(frozen=True)
class Killer:
    """Kills parts of a supervisor, one after another, at moments that a seed decides."""

    supervisor: Supervisor
    dice: random.Random
    kills: int
    lasts: float
    done: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        """Spread the kills over the time that the year takes; each victim must be up again."""
        began, waits = monotonic(), sorted(self.dice.random() for _ in range(self.kills))
        last: dict[str, float] = {}
        for share in waits:
            await asyncio.sleep(max(0.0, began + share * self.lasts - monotonic()))
            victim = self.dice.choice(VICTIMS)
            rested = last.get(victim, 0.0) + NO_SOONER - monotonic()
            await asyncio.sleep(max(0.0, rested))
            while (pid := self.supervisor.pids().get(victim)) is None:
                await asyncio.sleep(0.05)
            tether.kill(pid)
            last[victim] = monotonic()
            self.done[victim] += 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, kill, count; return 0 where all holds that must."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=1.0, help="programme days in a second")
    parser.add_argument("--days", type=float, help="programme days to play; the whole year if not")
    parser.add_argument("--keep", action="store_true", help="keep the folder of the run")
    options = parser.parse_args(arguments)
    # Short, so that what was killed on its way is taken up soon.
    os.environ["DRUMBEAT_SMTP_DEADLINE"] = "5"
    configure_logs("error")
    folder = Path(mkdtemp(prefix="drumbeat-soak-"))
    out = Console(highlight=False)
    try:
        verdict = asyncio.run(_run(options, folder, out))
    finally:
        if options.keep:
            out.print(f"The run lies in {folder}.")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    _print(out, verdict)
    return 1 if verdict.wrong else 0


async def _run(options: argparse.Namespace, folder: Path, out: Console) -> Verdict:
    settings = _settings(folder)
    async with Supervisor(folder / "log") as supervisor:
        await supervisor.start(parts.temporal_server(settings), parts.mail_catcher(settings))
        stage = demo._set(settings, options.speed, out)
        await supervisor.start(parts.worker(settings))
        ends_at = stage.ends_at
        if options.days is not None:
            ends_at = min(ends_at, demo.BEGINS + timedelta(days=options.days))
        lasts = (stage.clock.real_time(ends_at) - datetime.now(UTC)).total_seconds()
        async with open_programme(settings) as programme:
            await demo._bring_in(stage, programme)
            left = (stage.clock.real_time(ends_at) - datetime.now(UTC)).total_seconds()
            killer = Killer(supervisor, random.Random(options.seed), options.kills, left)
            out.print(f"{options.kills} kills in the next {lasts:.0f} seconds, seed {options.seed}")
            killing = asyncio.create_task(killer.run())
            script = read_script(settings.var / "sample" / SCRIPT, stage.edition.id, COORDINATOR)
            await play(Cast(script, programme, stage.database), stage.now, ends_at)
            await killing
        verdict = await _settled(killer, stage.database, settings)
        stage.database.close()
        return verdict
    raise RuntimeError("the run was told to stop")


def _settings(folder: Path) -> Settings:
    return load_settings(
        var=folder,
        full_sync=False,
        temporal_address=f"127.0.0.1:{free_port()}",
        temporal_ui_url=f"http://127.0.0.1:{free_port()}",
        smtp_url=f"smtp://127.0.0.1:{free_port()}",
    )


async def _settled(killer: Killer, database: Database, settings: Settings) -> Verdict:
    """Let everything that is under way end, and then count."""
    end = monotonic() + TO_SETTLE
    await asyncio.sleep(lease_of(settings).total_seconds())
    while True:
        verdict = await asyncio.to_thread(_counted, killer, database, settings)
        if not verdict.wrong or monotonic() > end:
            return verdict
        await asyncio.sleep(1)


def _counted(killer: Killer, database: Database, settings: Settings) -> Verdict:
    found = copies(parts.maildir(settings))
    report = account(database, settings, datetime.now(UTC), found)
    verdict = Verdict(killer.done, report)
    if not report.is_balanced:
        verdict.wrong.append(f"{report.planned} planned is not open + ended")
    if report.unexplained:
        verdict.wrong.append(f"{report.unexplained} messages are unexplained")
    if report.duplicates:
        verdict.wrong.append(f"{report.duplicates} messages went more often than promised")
    with database.reading() as rows:
        query = select(col(MessageRow.key), col(MessageRow.kind), col(MessageRow.state))
        for key, kind, state in rows.execute(query):
            verdict.chases += kind in CHASES and state in WENT
            verdict.twice += found[key] == 2
            if state is MessageState.ACCEPTED and not found[key]:
                verdict.wrong.append(f"{kind} {key} was accepted and never arrived")
            elif kind in CHASES and state is MessageState.UNKNOWN and not found[key]:
                verdict.wrong.append(f"{kind} {key} never arrived")
    return verdict


def _print(out: Console, verdict: Verdict) -> None:
    report, killed = verdict.report, verdict.kills
    ended = sum(report.ended.values())
    named = ", ".join(f"{part} {killed[part]}" for part in VICTIMS)
    out.print(f"kills: {killed.total()} ({named})")
    out.print(f"{report.planned} planned = {report.open} open + {ended} ended")
    out.print(", ".join(f"{count} {state}" for state, count in report.ended.items()))
    out.print(f"chase steps that went: {verdict.chases}; messages there twice: {verdict.twice}")
    out.print(f"unexplained: {report.unexplained}; more often than promised: {report.duplicates}")
    for sentence in verdict.wrong[:20]:
        out.print(f"WRONG: {sentence}")
    out.print("wrong: 0" if not verdict.wrong else f"wrong: {len(verdict.wrong)}")


if __name__ == "__main__":
    sys.exit(main())
