"""Read a sheet as spreadsheets write it: any encoding, any order of columns, blank lines."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from schemas.base import Form
from schemas.cells import nearest
from schemas.import_results import Fault, shortened
from schemas.imports import FORMS, SheetKind

LARGEST_BYTES = 20_000_000
DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Line:
    """One line of a sheet: its row as the spreadsheet numbers it, and its cells by column."""

    row: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """What a file holds; nothing where the file as a whole or its header is at fault."""

    file: str
    kind: SheetKind | None
    lines: tuple[Line, ...] = ()
    faults: tuple[Fault, ...] = ()


class _UnreadableError(Exception):
    def __init__(self, problem: str, remedy: str, row: int | None = None) -> None:
        super().__init__(problem)
        self.remedy = remedy
        self.row = row


def read_rows(path: Path) -> Sheet:
    """Read one file; whatever is wrong with it as a whole is in the sheet's faults.

    The kind of sheet is known by the beginning of the file's name, else by its columns.
    """
    try:
        records = _records(_text(path))
    except _UnreadableError as error:
        fault = Fault(file=path.name, row=error.row, problem=str(error), remedy=error.remedy)
        return Sheet(path.name, None, faults=(fault,))
    (header_row, header), *records = records
    columns = [_column(cell) for cell in header]
    kind = _kind_by_name(path) or _kind_by_columns(set(columns))
    if kind is None:
        fault = Fault(
            file=path.name,
            problem="is no sheet that is known, neither by its name nor by its columns",
            remedy=f"name it after what it holds: {', '.join(kind for kind in SheetKind)}",
        )
        return Sheet(path.name, None, faults=(fault,))
    header_faults = tuple(_header_faults(path.name, header_row, columns, FORMS[kind]))
    if header_faults:
        return Sheet(path.name, kind, faults=header_faults)
    return _sheet(path.name, kind, columns, records)


def required_columns(form: type[Form]) -> list[str]:
    """Return the columns that a sheet cannot do without."""
    return [name for name, field in form.model_fields.items() if field.is_required()]


def _sheet(
    file: str, kind: SheetKind, columns: list[str], records: list[tuple[int, list[str]]]
) -> Sheet:
    lines, faults = [], []
    for row, cells in records:
        if any(cells[len(columns) :]):
            faults.append(_too_long(file, row, len(columns)))
            continue
        named = dict(zip(columns, cells, strict=False))
        lines.append(Line(row, {name: cell for name, cell in named.items() if name and cell}))
    return Sheet(file, kind, tuple(lines), tuple(faults))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise _UnreadableError("is larger than 20 MB", "split it into several files")
        content = path.read_bytes()
    except OSError as error:
        problem = f"cannot be read ({error.strerror or 'no reason given'})"
        raise _UnreadableError(problem, "check its name and who may read it") from error
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _UnreadableError("is a workbook", "save it as “CSV UTF-8 (comma delimited)”")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _UnreadableError("is not text", "save it as “CSV UTF-8 (comma delimited)”")


def _records(text: str) -> list[tuple[int, list[str]]]:
    """Return each row that says something, with its number in the spreadsheet."""
    first_line = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):
            tidy = [cell.replace("\u00a0", " ").strip() for cell in cells]
            if any(tidy):
                found.append((row, tidy))
    except csv.Error as error:
        raise _UnreadableError(
            "has quotation marks that do not pair up, or a cell that never ends",
            "open it in a text editor and double each quotation mark inside a cell",
            row + 1,
        ) from error
    if not found:
        raise _UnreadableError("is empty", "the first row names the columns")
    return found


def _column(cell: str) -> str:
    return re.sub(r"[\W_]+", "_", cell.casefold()).strip("_")


def _kind_by_name(path: Path) -> SheetKind | None:
    name = _column(path.stem)
    found = [kind for kind in SheetKind if re.match(rf"{kind.value}(_|\d|$)", name)]
    return found[0] if found else None


def _kind_by_columns(columns: set[str]) -> SheetKind | None:
    fitting = [
        kind
        for kind, form in FORMS.items()
        if columns >= set(required_columns(form)) and columns - {""} <= set(form.model_fields)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _header_faults(file: str, row: int, columns: list[str], form: type[Form]) -> Iterator[Fault]:
    known = list(form.model_fields)
    unknown = [name for name in columns if name and name not in known]
    for name in unknown:
        near = nearest(name, [other for other in known if other not in columns])
        remedy = f"did you mean {near}?" if near else "take the column out"
        yield Fault(
            file=file,
            row=row,
            column=shortened(name),
            problem="is no column of this sheet",
            remedy=remedy,
        )
    for name in required_columns(form):
        if name not in columns:
            near = nearest(name, unknown)
            remedy = f"is it the one called {near}?" if near else "add it"
            yield Fault(file=file, row=row, column=name, problem="is missing", remedy=remedy)
    for name in sorted({name for name in columns if name and columns.count(name) > 1}):
        yield Fault(
            file=file, row=row, column=name, problem="stands there twice", remedy="take one out"
        )


def _too_long(file: str, row: int, columns: int) -> Fault:
    return Fault(
        file=file,
        row=row,
        problem=f"the row has more cells than the {columns} columns",
        remedy="put a cell with a comma in it between quotation marks",
    )
