"""The register: every edge case of the domain, as a file of this folder."""

import tomllib
from importlib import resources

from pydantic import ValidationError

from rehearsal.scenarios.scenario import Scenario

EDGES = tuple(f"E{number:02}" for number in range(1, 41))
"""The edge cases of the domain."""

LEFT_OUT = {
    "E22": "time that a team reports is kept by no part of the engine yet",
    "E27": "no channel with receipts is there yet",
    "E32": "nobody can be erased yet",
    "E33": "payments to partners are not kept yet",
}
"""Edge cases without a scenario, and why."""


class ScenarioFault(Exception):  # noqa: N818 - said to a person as it is
    """A scenario cannot be read or is not there; the text is a sentence."""


def scenario_files() -> dict[str, str]:
    """Return the name of each scenario's file by its id, in their order."""
    folder = resources.files("rehearsal.scenarios")
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".toml"))
    return {name.partition("_")[0]: name for name in names}


def read_scenario(scenario_id: str) -> Scenario:
    """Return a scenario by its id, such as E07.

    Raises:
        ScenarioFault: There is none, or its file has a fault.

    """
    files = scenario_files()
    wanted = scenario_id.strip()
    name = next((name for one, name in files.items() if one.lower() == wanted.lower()), None)
    if name is None:
        why = LEFT_OUT.get(wanted.upper())
        left_out = f" {wanted.upper()} is left out: {why}." if why else ""
        raise ScenarioFault(
            f"There is no scenario {wanted}: the register has {', '.join(files)}.{left_out}"
        )
    text = resources.files("rehearsal.scenarios").joinpath(name).read_text(encoding="utf-8")
    try:
        return Scenario.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ScenarioFault(f"{name} cannot be read: {error}") from error
