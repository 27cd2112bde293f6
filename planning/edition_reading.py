"""Reads as much of an edition as can be read, so that one bad value does not hide other faults."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import count, islice
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from planning.edition_findings import Finding
from planning.toml_lines import Path
from schemas.edition import Edition


@dataclass(frozen=True)
class Reading:
    """What was read of an edition.

    Attributes:
        edition: Without unknown keys, and without the tables of a list that hold something which
            cannot be read; none where what is left is no edition.
        findings: Every unknown key, missing key and unreadable value.
        left_out: Paths of the keys and tables that were left out.

    """

    edition: Edition | None
    findings: tuple[Finding, ...]
    left_out: frozenset[Path]

    def holds(self, finding: Finding) -> bool:
        """Tell whether a finding about the edition is true of the whole file too."""
        return not any(
            path[0] == finding.rests_on and isinstance(path[-1], int) for path in self.left_out
        )

    def in_the_file(self, path: Path) -> Path:
        """Return where something of the edition stands in the file, whose lists may be longer."""
        found: Path = ()
        for part in path:
            if isinstance(part, int):
                kept = (n for n in count() if (*found, n) not in self.left_out)
                part = next(islice(kept, part, None))
            found = (*found, part)
        return found


def read(data: dict[str, Any]) -> Reading:
    """Read an edition from the values of its file."""
    try:
        return Reading(Edition.model_validate(data), (), frozenset())
    except ValidationError as error:
        details = error.errors(include_url=False)
    findings = tuple(_told(detail) for detail in details)
    left_out = frozenset(_to_leave_out(detail, data) for detail in details)
    try:
        edition = Edition.model_validate(_without(data, left_out))
    except ValidationError:
        return Reading(None, findings, left_out)
    return Reading(edition, findings, left_out)


def _to_leave_out(detail: ErrorDetails, data: dict[str, Any]) -> Path:
    """Return the path of an unknown key, or of the outermost table of a list around a fault."""
    path = detail["loc"]
    if detail["type"] == "extra_forbidden":
        return path
    value: Any = data
    for length, part in enumerate(path, start=1):
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(part, int) and isinstance(value, dict):
            return path[:length]
    return path


def _without(value: Any, paths: frozenset[Path], here: Path = ()) -> Any:
    if isinstance(value, dict):
        inner = ((key, (*here, key), one) for key, one in value.items())
        return {key: _without(one, paths, path) for key, path, one in inner if path not in paths}
    if isinstance(value, list):
        items = (((*here, number), one) for number, one in enumerate(value))
        return [_without(one, paths, path) for path, one in items if path not in paths]
    return value


def _told(detail: ErrorDetails) -> Finding:
    """Say what pydantic found in the words of this project."""
    path, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return Finding(path, "is missing", "add it; docs/edition-file.md explains the key")
    if kind == "extra_forbidden":
        known = _keys_at(path[:-1])
        close = get_close_matches(str(path[-1]), known, n=1)
        listed = ", ".join(sorted(known))
        remedy = f"write {close[0]!r}" if close else f"remove it, or write one of {listed}"
        return Finding(path, "no such key exists here", remedy)
    if kind in {"enum", "literal_error"}:
        return Finding(path, "is not one of the words known here", f"write {context['expected']}")
    problem = detail["msg"].removeprefix("Value error, ")
    return Finding(path, problem[0].lower() + problem[1:], "correct the value")


def _keys_at(path: Path) -> list[str]:
    """Return the keys that the schemas know at a path."""
    model: type[BaseModel] = Edition
    for part in path:
        if isinstance(part, str):
            model = next(_models_in(model.model_fields[part].annotation), model)
    return list(model.model_fields)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)
