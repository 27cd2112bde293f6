"""Kill the worker, the Temporal server and the mail server at random, and count what arrived.

    python -m tests.soak.kills --kills 50 --seed 1

The sample programme lives through its year on a fast clock, on the real engine and under the real
supervisor, which starts again whatever is killed. What must hold then is counted in the mail
server's own folder: planned = open + ended, nothing unexplained, no reminder twice, every step of a
chase that fell due (reckoned anew from the rules) there at least once and at most twice, with the
same bytes. The year must come to what the oracle says that it comes to unkilled, or nearly: where
nothing happens, nothing goes wrong either. The same seed kills the same parts after the same waits.

A step of a chase is taken when the engine gets to it. On a machine that is slow or busy let the
programme's day take longer: ``--speed 0.1`` is ten seconds a day. The waits before mail is tried
again are shortened as the clock is (``hasty_worker``); everything else is as in production.
"""

import argparse
import asyncio
import os
import random
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic

from rich.console import Console
from temporalio.client import Client
from temporalio.runtime import Runtime, TelemetryConfig

from rehearsal import demo
from rehearsal.cast import Cast, play
from runtime import parts
from runtime.auditing import audit_now, lease_of
from runtime.door import open_programme
from runtime.logs import configure_logs
from runtime.part import Part
from runtime.settings import Settings, load_settings
from runtime.supervisor import Supervisor
from runtime.temporal import connect
from tests.oracle.prediction import Rows, predict
from tests.ports import free_port
from tests.soak.killer import Killer
from tests.soak.verdict import Run, Verdict, judge

TO_SETTLE = 90.0
"""Seconds in which everything due has to have ended, once nobody is killed any more."""

SLACK = 20.0
"""Real seconds by which kills may put off a step that is due."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, kill, count; return 0 where all holds that must."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=0.25, help="programme days in a second")
    parser.add_argument("--keep", action="store_true", help="keep the folder of the run")
    options = parser.parse_args(arguments)
    # Short, so that what was killed on its way is taken up soon.
    os.environ["DRUMBEAT_SMTP_DEADLINE"] = "5"
    configure_logs("error")
    # Its core would tell of every call that a killed server did not answer.
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)))
    folder = Path(mkdtemp(prefix="drumbeat-soak-"))
    out = Console(highlight=False, soft_wrap=True)
    began = monotonic()
    try:
        verdict = asyncio.run(_run(options, folder, out))
    finally:
        if options.keep:
            out.print(f"The run lies in {folder}.")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    for line in verdict.lines():
        out.print(line, markup=False)
    out.print(f"{monotonic() - began:.0f} s")
    return 1 if verdict.wrong else 0


async def _run(options: argparse.Namespace, folder: Path, out: Console) -> Verdict:
    settings = _settings(folder)
    async with Supervisor(folder / "log") as supervisor:
        stage = demo.set_stage(settings, options.speed, out)
        script = demo.written_sample(stage)
        await supervisor.start(parts.temporal_server(settings), parts.mail_catcher(settings))
        await supervisor.start(_worker(settings))
        ends_at = stage.ends_at
        async with open_programme(settings) as programme:
            await demo.bring_in(stage, programme)
            began = stage.now()
            left = (stage.clock.real_time(ends_at) - datetime.now(UTC)).total_seconds()
            dice = random.Random(options.seed)
            killer = Killer(supervisor, dice, stage.now, options.kills, left)
            out.print(f"{options.kills} kills in the next {left:.0f} seconds, seed {options.seed}")
            killing = asyncio.create_task(killer.run())
            unanswered: list[str] = []
            try:
                async with asyncio.timeout(left + TO_SETTLE):
                    await play(Cast(script, programme, stage.database), stage.now, ends_at)
                    await killing
            except TimeoutError:
                unanswered.append("somebody asked and was never answered")
            finally:
                killing.cancel()
        run = Run(
            settings=settings,
            database=stage.database,
            edition_id=stage.edition.id,
            began=began,
            ended=ends_at,
            slack=timedelta(days=SLACK * options.speed),
            predicted=await asyncio.to_thread(_predicted, stage),
        )
        verdict = await _settled(run, killer)
        verdict.wrong += unanswered
        stage.database.close()
        return verdict
    raise RuntimeError("the run was told to stop")


def _worker(settings: Settings) -> Part:
    argv = [sys.executable, "-m", "tests.soak.hasty_worker"]
    return replace(parts.worker(settings), argv=argv)


def _settings(folder: Path) -> Settings:
    return load_settings(
        var=folder,
        full_sync=False,
        temporal_address=f"127.0.0.1:{free_port()}",
        temporal_ui_url=f"http://127.0.0.1:{free_port()}",
        smtp_url=f"smtp://127.0.0.1:{free_port()}",
    )


def _predicted(stage: demo.Stage) -> Rows:
    opened_at = demo.BEGINS - 8 * demo.DAY
    sample = stage.settings.var / "sample"
    return predict(sample, stage.edition, opened_at, stage.ends_at).rows


async def _settled(run: Run, killer: Killer) -> Verdict:
    """Let everything that is under way end, and then count."""
    end = monotonic() + TO_SETTLE
    await asyncio.sleep(lease_of(run.settings).total_seconds())
    client = await connect(run.settings.temporal_address, run.settings.temporal_namespace)
    while True:
        verdict = await asyncio.to_thread(judge, run, killer.done)
        verdict.wrong += await _of_the_engine(run, client)
        if not verdict.wrong or monotonic() > end:
            return verdict
        await asyncio.sleep(5)


async def _of_the_engine(run: Run, client: Client) -> list[str]:
    """Say what the audit finds, and which workflows did not end as they should."""
    report = await audit_now(run.database, run.settings, datetime.now(UTC), client)
    wrong = [f"audit: {one.sentence}" for one in report.findings]
    failed = "ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut', 'Canceled')"
    wrong += [f"{one.id}: {one.status}" async for one in client.list_workflows(failed)]
    stuck = "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'"
    return wrong + [f"{one.id} cannot go on" async for one in client.list_workflows(stuck)]


if __name__ == "__main__":
    sys.exit(main())
