"""Reads an edition file and names every fault in it: where it is, what is wrong, what to do.

Unknown keys, unreadable values and faults of sense are told together. Only what stands on an
unreadable value is checked later, when that value can be read.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from planning.edition_chases import chase_findings, missing_policies
from planning.edition_dates import date_findings
from planning.edition_findings import Finding
from planning.edition_reading import read
from planning.edition_sessions import session_findings
from planning.toml_lines import Path, line_of, toml_lines
from schemas.edition import Edition

LONGEST_VALUE = 60
NAMES = ("id", "obligation", "kind", "coach")
"""Keys by which an element of a list is called, the first that it has."""


@dataclass(frozen=True)
class Fault:
    """One fault of an edition file.

    Attributes:
        place: Where, as keys: ``sessions[delivery].reminders[day-before].at``.
        line: Line of the file, from 1; none when the fault has no line of its own.
        value: What stands there; none when nothing does.
        problem: What is wrong with it.
        remedy: What to do.

    """

    place: str
    line: int | None
    value: str | None
    problem: str
    remedy: str

    def __str__(self) -> str:
        line = "" if self.line is None else f"line {self.line}, "
        value = "" if self.value is None else f" = {self.value}"
        return f"{line}{self.place}{value}: {self.problem}; {self.remedy}"


class EditionFileError(ValueError):
    """An edition file has faults; all of them are named."""

    def __init__(self, name: str, found: tuple[Fault, ...]) -> None:
        count = "1 fault" if len(found) == 1 else f"{len(found)} faults"
        super().__init__("\n".join([f"{name} has {count}:", *(f"  {fault}" for fault in found)]))
        self.faults = found


def read_edition(text: str, name: str) -> Edition:
    """Return the edition that a TOML text describes.

    Args:
        text: The file's content.
        name: What the file is called in a complaint.

    Raises:
        EditionFileError: The file has faults.

    """
    found = faults(text)
    if found:
        raise EditionFileError(name, found)
    return Edition.model_validate(tomllib.loads(text))


def faults(text: str) -> tuple[Fault, ...]:
    """Return every fault of an edition file, in the order of its lines."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return (_syntax(error),)
    lines = toml_lines(text)
    found = (_fault(finding, data, lines) for finding in _findings(data))
    return tuple(sorted(dict.fromkeys(found), key=lambda fault: (fault.line or 0, fault.place)))


def _syntax(error: tomllib.TOMLDecodeError) -> Fault:
    problem, _, position = str(error).partition(" (at ")
    line = position.removeprefix("line ").partition(",")[0]
    return Fault(
        place="the file",
        line=int(line) if line.isdecimal() else None,
        value=None,
        problem=f"cannot be read as TOML: {problem[0].lower()}{problem[1:]}",
        remedy="correct the line; text stands in quotation marks, days and times without",
    )


def _findings(data: dict[str, Any]) -> Iterator[Finding]:
    reading = read(data)
    yield from reading.findings
    policies = data.get("chases", [])
    if isinstance(policies, list):
        named = (policy.get("obligation") for policy in policies if isinstance(policy, dict))
        yield from missing_policies({name for name in named if isinstance(name, str)})
    if reading.edition is not None:
        for check in (session_findings, chase_findings, date_findings):
            for finding in check(reading.edition):
                if reading.holds(finding):
                    yield finding._replace(path=reading.in_the_file(finding.path))


def _fault(finding: Finding, data: dict[str, Any], lines: dict[Path, int]) -> Fault:
    place, there = "", True
    inner: Any = data
    for part in finding.path:
        there = there and _has(inner, part)
        inner = inner[part] if there else None
        place += f"[{_name(inner, part)}]" if isinstance(part, int) else f".{part}"
    return Fault(
        place=place.removeprefix("."),
        line=line_of(lines, finding.path),
        value=_shown(inner) if there else None,
        problem=finding.problem,
        remedy=finding.remedy,
    )


def _has(value: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(value, list) and part < len(value)
    return isinstance(value, dict) and part in value


def _name(value: Any, number: int) -> str:
    if isinstance(value, dict):
        for key in NAMES:
            if isinstance(value.get(key), str):
                return str(value[key])
    return str(number + 1)


def _shown(value: Any) -> str | None:
    if isinstance(value, dict | list):
        return None
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
