"""The command that rehearses an edition before anybody is invited."""

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli.desk import Desk
from cli.faults import ExitCode, FaultError, not_written, usage
from cli.options import AtDesk
from cli.rehearsal_cast import SAMPLE, Wanted, cast_of, edition_named, other_policy
from cli.rehearsal_outcome import show, show_changes
from cli.rehearsal_progress import RehearsalProgress
from rehearsal.cast_folder import CastFault, CastFolder
from rehearsal.copies import CountingChannel
from rehearsal.outcome import outcome_of
from rehearsal.played import keep_played, stand_at_its_end
from rehearsal.rehearse import Rehearsed
from rehearsal.rehearse import rehearse as play_edition
from rehearsal.report.writing import Finished, write_report
from rehearsal.sample.providers import WIDER
from rehearsal.scenario_stage import SkippedStage
from rehearsal.scenarios.player import begins_at, edition_of, play
from rehearsal.scenarios.register import ScenarioFault, read_scenario
from rehearsal.stage import stage_set
from rehearsal.turns import StageFault
from runtime.logs import configure_logs
from schemas.edition import Edition

OUT = Path("var/rehearsal")


async def rehearse(
    edition: Annotated[str | None, Parameter(help="The edition: its id, or a file.")] = None,
    /,
    *,
    cast: Annotated[
        str | None, Parameter(help="Who plays: sample, random, or a folder.", metavar="CAST")
    ] = None,
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
            if any(one is not None for one in (edition, cast, seed, services, policy)):
                raise usage("--scenario plays its own edition and people: leave all but --out out.")
            return await _play_scenario(desk, scenario, out)
        wanted = edition_named(edition or WIDER)
        other = None if policy is None else other_policy(policy, wanted)
        who = cast_of(desk, wanted, Wanted(cast or SAMPLE, seed, services), out / "cast")
        return await _rehearse(desk, (wanted, other), who, out)
    except CastFault as fault:
        raise FaultError(str(fault)) from None
    except StageFault as fault:
        raise FaultError(str(fault), ExitCode.UNREACHABLE) from None
    except OSError as error:
        raise not_written(out, error) from None


async def _rehearse(
    desk: Desk, editions: tuple[Edition, Edition | None], cast: CastFolder, out: Path
) -> int:
    edition, other = editions
    desk.say(f"Rehearsing {edition.title} ({edition.id}, version {edition.version}).")
    first = await _played(desk, edition, cast, out / "play")
    second = None
    if other is not None:
        desk.say(f"The same under the other policy (version {other.version}).")
        second = await _played(desk, other, cast, out / "other-policy")
    report = await asyncio.to_thread(
        write_report,
        _finished(first, cast),
        out,
        None if second is None else _finished(second, cast),
    )
    keep_played(out, first, cast)
    outcomes = [outcome_of(first, cast.answer_key())]
    show(desk, outcomes[0], report.data)
    if second is not None and report.other is not None and report.changes is not None:
        outcomes.append(outcome_of(second))
        desk.say("", "Under the other policy:")
        show(desk, outcomes[1], report.other, outcomes[0])
        show_changes(desk, report.changes)
    for one in (first, second):
        if one is not None:
            stand_at_its_end(one, desk.real_now())
    desk.say("", f"The report: {report.page}")
    return ExitCode.DONE if all(one.is_clean for one in outcomes) else ExitCode.TROUBLE


async def _played(desk: Desk, edition: Edition, cast: CastFolder, var: Path) -> Rehearsed:
    with RehearsalProgress(desk, edition) as progress:
        return await play_edition(edition, cast, var=var, progress=progress.reached)


def _finished(rehearsed: Rehearsed, cast: CastFolder) -> Finished:
    edition_id, at = rehearsed.edition.id, rehearsed.ended_at
    return Finished(rehearsed.database_url, edition_id, at, cast.called)


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
