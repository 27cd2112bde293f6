"""Lists as sheets: the same columns as the JSON, and nothing that a spreadsheet would run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from pydantic import BaseModel

from cli.desk import Desk
from cli.faults import FaultError
from cli.words import counted
from runtime.exports import write_sheet

SheetOption = Annotated[Path | None, Parameter(name="--csv", help="Write a sheet to this file.")]


def write(desk: Desk, path: Path, lines: Sequence[BaseModel]) -> None:
    """Write records as CSV; a spreadsheet reads the encoding from its byte-order mark."""
    header = list(type(lines[0]).model_fields) if lines else ["nothing"]
    rows = [[getattr(line, name) for name in header] for line in lines]
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as out:
            write_sheet(out, header, rows)
    except OSError as error:
        raise FaultError(f"{path} cannot be written: {error.strerror}.") from None
    desk.say(f"{path}: {counted(len(rows), 'line')}.")
