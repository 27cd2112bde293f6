"""The command that rehearses an edition before anybody is invited."""

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli.desk import Desk
from cli.faults import ExitCode, FaultError, usage
from cli.options import AtDesk
from cli.rehearsal_cast import SAMPLE, Wanted, cast_of, edition_named, other_policy
from cli.rehearsal_outcome import show
from cli.rehearsal_progress import RehearsalProgress
from rehearsal.cast_folder import CastFault, CastFolder
from rehearsal.copies import CountingChannel
from rehearsal.outcome import outcome_of
from rehearsal.played import keep_played
from rehearsal.rehearse import Rehearsed
from rehearsal.rehearse import rehearse as play_edition
from rehearsal.report.difference import Finished, difference_between
from rehearsal.report.writing import write_report
from rehearsal.scenario_stage import SkippedStage
from rehearsal.scenarios.player import begins_at, edition_of, play
from rehearsal.scenarios.register import ScenarioFault, read_scenario
from rehearsal.stage import stage_set
from rehearsal.turns import StageFault
from runtime.logs import configure_logs
from schemas.edition import Edition

OUT = Path("var/rehearsal")


async def rehearse(
    edition: Annotated[str, Parameter(help="The edition: its id, or a file.")] = "wider",
    /,
    *,
    cast: Annotated[
        str, Parameter(help="Who plays: sample, random, or a folder.", metavar="CAST")
    ] = SAMPLE,
    seed: Annotated[int | None, Parameter(help="Names a random cast.", metavar="N")] = None,
    services: Annotated[
        int | None, Parameter(help="How many services a random cast has.", metavar="N")
    ] = None,
    policy: Annotated[
        Path | None,
        Parameter(help="Another file of the edition, to see what it changes.", metavar="FILE"),
    ] = None,
    scenario: Annotated[
        str | None, Parameter(help="Play one edge case instead, such as E07.", metavar="ID")
    ] = None,
    out: Annotated[Path, Parameter(help="Folder for the report.", metavar="DIR")] = OUT,
    desk: AtDesk,
) -> int:
    """Play a whole edition on skipped time, with the real engine, and report on it."""
    configure_logs("error", desk.settings.log_format)
    try:
        if scenario is not None:
            return await _play_scenario(desk, scenario, out)
        wanted = edition_named(edition)
        other = None if policy is None else other_policy(policy, wanted)
        who = cast_of(desk, wanted, Wanted(cast, seed, services), out / "cast")
        return await _rehearse(desk, (wanted, other), who, out)
    except CastFault as fault:
        raise FaultError(str(fault)) from None
    except StageFault as fault:
        raise FaultError(str(fault), ExitCode.UNREACHABLE) from None
    except OSError as error:
        raise FaultError(f"{error.filename or out} cannot be written: {error.strerror}.") from None


async def _rehearse(
    desk: Desk, editions: tuple[Edition, Edition | None], cast: CastFolder, out: Path
) -> int:
    edition, other = editions
    desk.say(f"Rehearsing {edition.title} ({edition.id}, version {edition.version}).")
    rehearsed = await _played(desk, edition, cast, out / "play")
    second = None
    if other is not None:
        desk.say(f"The same under the other policy (version {other.version}).")
        second = _finished(await _played(desk, other, cast, out / "other-policy"))
    first = _finished(rehearsed)
    page = await asyncio.to_thread(
        write_report, first.database_url, first.edition_id, out, first.at, second
    )
    keep_played(out, rehearsed, cast)
    outcome = outcome_of(rehearsed, cast)
    show(desk, outcome)
    if second is not None:
        desk.say("", "Under the other policy:", *difference_between(first, second).sentences)
    desk.say("", f"The report: {page}")
    return ExitCode.DONE if outcome.is_clean else ExitCode.TROUBLE


async def _played(desk: Desk, edition: Edition, cast: CastFolder, var: Path) -> Rehearsed:
    with RehearsalProgress(desk, edition) as progress:
        return await play_edition(edition, cast, var=var, progress=progress.reached)


def _finished(rehearsed: Rehearsed) -> Finished:
    return Finished(rehearsed.database_url, rehearsed.edition.id, rehearsed.ended_at)


async def _play_scenario(desk: Desk, name: str, out: Path) -> int:
    try:
        scenario = read_scenario(name)
    except ScenarioFault as fault:
        raise usage(str(fault)) from None
    begins = begins_at(edition_of(scenario))
    async with stage_set(out / "scenario", begins, {"mail": CountingChannel()}) as stage:
        account = await play(scenario, SkippedStage(stage))
    desk.say(*account.lines())
    return ExitCode.TROUBLE if account.faults else ExitCode.DONE
