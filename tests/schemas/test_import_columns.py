"""The column reference in the documents says what the forms say."""

from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from runtime.sheets import required_columns
from schemas import cells
from schemas.base import Form
from schemas.imports import FORMS, KEYS, REFERENCES, SheetKind

REFERENCE = Path("docs/import-columns.md")

TAKES = {
    cells.Id: "an id",
    cells.EditionId: "the id of an edition",
    cells.Scope: "an id, the id of an edition, or `*`",
    cells.OdsCode: "an ODS code",
    cells.FreeText: "text",
    cells.MailAddress: "an e-mail address",
    cells.Phone: "a telephone number",
    cells.Day: "a day",
    cells.ClockTime: "a time of day",
    cells.LocalInstant: "a day and time",
    cells.YesNo: "yes or no",
    int: "a whole number",
}


def takes(hint: Any) -> str:
    if hint in TAKES:
        return TAKES[hint]
    for part in get_args(hint):
        if part in TAKES:
            return TAKES[part]
        if isinstance(part, type) and issubclass(part, StrEnum):
            return "one of " + ", ".join(f"`{word}`" for word in part)
    raise LookupError(f"no words for {hint}")


def table(form: type[Form]) -> str:
    """Return the table that the reference should hold."""
    hints = get_type_hints(form, include_extras=True)
    lines = ["| column | takes | needed | says |", "|---|---|---|---|"]
    for name, field in form.model_fields.items():
        needed = "yes" if name in required_columns(form) else "no"
        lines.append(f"| `{name}` | {takes(hints[name])} | {needed} | {field.description} |")
    return "\n".join(lines)


@pytest.mark.parametrize("kind", SheetKind)
def test_the_reference_has_each_column_of_each_sheet(kind: SheetKind) -> None:
    text = REFERENCE.read_text()
    assert f"## {kind}.csv" in text
    assert table(FORMS[kind]) in text


def test_the_reference_has_no_other_sheet() -> None:
    headings = [line for line in REFERENCE.read_text().splitlines() if line.startswith("## ")]
    assert [line[3:-4] for line in headings if line.endswith(".csv")] == [*SheetKind]


@pytest.mark.parametrize("kind", SheetKind)
def test_every_column_is_described_and_every_key_and_reference_is_a_column(
    kind: SheetKind,
) -> None:
    fields = FORMS[kind].model_fields
    assert all(field.description for field in fields.values())
    assert set(KEYS[kind]) | set(REFERENCES.get(kind, {})) <= set(fields)
    assert set(KEYS[kind]) <= set(required_columns(FORMS[kind]))
