import re
from pathlib import Path

import pytest

from rehearsal.scenarios.register import (
    EDGES,
    LEFT_OUT,
    ScenarioFault,
    read_scenario,
    scenario_files,
)
from rehearsal.scenarios.scenario import Scenario
from tests.house.rules import RULES_IN_SCOPE

PAGE = Path("docs/scenarios.md")
OF_NO_ROW_OF_THEIR_OWN = {"C15a", "X10"}
"""Rules that a scenario may prove and that docs/rules.md tells with another one, or not yet."""


def test_every_edge_case_is_in_the_register_or_left_out_with_a_reason() -> None:
    """E01-E40: none is skipped in silence."""
    there = {one[:3] for one in scenario_files()}
    assert there | set(LEFT_OUT) == set(EDGES)
    assert not there & set(LEFT_OUT)
    assert all(LEFT_OUT.values())


@pytest.mark.parametrize("edge", scenario_files())
def test_a_scenario_can_be_read_and_names_rules_that_there_are(edge: str) -> None:
    scenario = read_scenario(edge)
    assert scenario.id == edge
    assert set(scenario.rules) <= {*RULES_IN_SCOPE, *OF_NO_ROW_OF_THEIR_OWN}
    assert scenario.story.strip()


def test_the_page_tells_every_scenario_and_every_edge_case_that_is_left_out() -> None:
    page = PAGE.read_text()
    for edge, name in scenario_files().items():
        one = read_scenario(edge)
        row = f"| {edge} | {one.title} | {', '.join(one.rules)} | `{name}` |"
        assert row in page, row
    for edge, why in LEFT_OUT.items():
        assert f"| {edge} | {why} |" in page
    rows = re.findall(r"^\| (E\d\d[a-z]?) \|", page, re.MULTILINE)
    assert len(rows) == len(scenario_files()) + len(LEFT_OUT)


def test_a_scenario_that_is_not_there_is_told_with_the_reason() -> None:
    with pytest.raises(ScenarioFault, match=r"There is no scenario E99: the register has E0"):
        read_scenario("E99")
    with pytest.raises(ScenarioFault, match=r"E32 is left out: nobody can be erased yet\."):
        read_scenario("e32")


def test_what_a_story_does_lies_within_it() -> None:
    plain = read_scenario("E24").model_dump()
    plain["ends"] = plain["begins"]
    with pytest.raises(ValueError, match="lies outside of the story"):
        Scenario.model_validate(plain)


def test_an_expectation_looks_at_one_thing() -> None:
    plain = read_scenario("E24").model_dump()
    plain["must"][0]["stage_of"] = "SVC-16"
    with pytest.raises(ValueError, match="say one thing to look at"):
        Scenario.model_validate(plain)
