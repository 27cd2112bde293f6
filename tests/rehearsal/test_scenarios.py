"""The register of edge cases, played without Temporal; ``-k E07`` plays one of them."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from structlog.testing import capture_logs

from rehearsal.copies import CountingChannel
from rehearsal.inline import InlineExecutor
from rehearsal.scenario_stage import SkippedStage
from rehearsal.scenarios.account import Account
from rehearsal.scenarios.player import begins_at, edition_of, play
from rehearsal.scenarios.register import read_scenario, scenario_files
from rehearsal.scenarios.scenario import Scenario
from rehearsal.stage import stage_set
from tests.activities.coached import Lasting
from tests.activities.coached import lasting as lasting
from tests.rehearsal.beginnings import Beginnings
from tests.rehearsal.fast_stage import FastStage

T = TypeVar("T")


def done(story: Coroutine[Any, Any, T]) -> T:
    """Run a story to its end; what it gives to threads is done at once."""
    loop = asyncio.new_event_loop()
    loop.set_default_executor(InlineExecutor())
    try:
        return loop.run_until_complete(story)
    finally:
        loop.close()


@pytest.fixture(scope="session")
def beginnings(
    sqlite_template: Path, lasting: Lasting, tmp_path_factory: pytest.TempPathFactory
) -> Beginnings:
    """Give what came before the stories."""
    return Beginnings(sqlite_template, lasting, tmp_path_factory.mktemp("beginnings"))


def played(scenario: Scenario, beginnings: Beginnings) -> Account:
    with capture_logs():
        player = beginnings.player(scenario, done)
        done(player.run())
    assert isinstance(player.stage, FastStage)
    player.stage.check()
    return player.account


@pytest.mark.parametrize("edge", scenario_files())
def test_an_edge_case_comes_out_as_it_must(edge: str, beginnings: Beginnings) -> None:
    account = played(read_scenario(edge), beginnings)
    assert account.faults == []
    assert len(account.judged) == len(account.scenario.must)


def test_what_does_not_come_out_is_told_in_sentences(beginnings: Beginnings) -> None:
    scenario = read_scenario("E24")
    wrong = scenario.must[0].model_copy(update={"on": (scenario.begins,)})
    accepted = scenario.happens[0].model_copy(update={"refused": ""})
    changed = scenario.model_copy(
        update={"must": (wrong, *scenario.must[1:]), "happens": (accepted,)}
    )
    account = played(changed, beginnings)
    assert account.faults == [
        "SL-16 asks move SVC-16/delivery/2 at 2024-09-10 09:03:00: must be 'done' and is"
        " '2024-09-09 is in the past: wider/SVC-16/delivery/2 can only move to a time to come.'",
        "It stays where it was, and is held (C17): must be 2024-09-09 08:00 and is"
        " 2024-09-10 10:00",
    ]


def test_the_account_tells_what_happened_mail_by_mail(beginnings: Beginnings) -> None:
    lines = played(read_scenario("E24"), beginnings).lines()
    assert lines[0] == "E24  A session is moved to a time that is over"
    told = "\n".join(lines)
    assert "mail: reminder delivery about wider/SVC-16/delivery/2 to SL-16: accepted" in told
    assert "SL-16 asks move SVC-16/delivery/2: " in told
    assert "  holds: It stays where it was, and is held (C17)" in told


@pytest.mark.parametrize("edge", ["E08", "E28", "E40"])
def test_the_same_comes_out_on_the_real_workflows(edge: str, tmp_path: Path) -> None:
    """X08, M10, R13: pauses, an outage and an undone withdrawal, on skipped time."""
    scenario = read_scenario(edge)

    async def story() -> Account:
        begins = begins_at(edition_of(scenario))
        async with stage_set(tmp_path, begins, {"mail": CountingChannel()}) as stage:
            return await play(scenario, SkippedStage(stage))

    assert done(story()).faults == []
