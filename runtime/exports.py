"""Write sheets that a spreadsheet opens and does not run."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import TextIO

RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def defused(text: str) -> str:
    """Return a cell's text so that no spreadsheet takes it for a formula.

    Only for text on its way out: what is read in is kept as it was written.
    """
    return f"'{text}" if text.startswith(RUN_BY_SPREADSHEETS) else text


def write_sheet(out: TextIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a header and rows as CSV; open ``out`` with ``newline=""`` and UTF-8.

    Numbers stay numbers, instants and days are written as ISO 8601, none as an empty cell.
    """
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([defused(name) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    return defused(str(value))
