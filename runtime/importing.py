"""Bring sheets in: good lines go to the database or through the door, bad ones are told."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from runtime.handing_in import Door, HandIn, hand_in
from runtime.import_checks import Checked, GoodLine, Known, check_sheet
from runtime.sheets import read_rows
from schemas.import_results import ImportReport, LineResult, Outcome, shortened
from schemas.imports import KEYS, PersonLine, SheetKind
from storage.database import Database
from storage.editions import edition_ids
from storage.imports import Importer, known_ids, outcomes, save, ward_names

BATCH = 100
"""Lines a transaction; the write lock is held for a few hundredths of a second at a time."""

Progress = Callable[[str, int, int], None]
"""Told the file, its lines that are done, and its lines in all."""


@dataclass(frozen=True)
class Import:
    """One import: where to, by whom, and whether it only says what it would do.

    Attributes:
        door: The programme, for expressions of interest and slots; not used in a dry run.
        progress: Told after each batch of lines.

    """

    database: Database
    importer: Importer
    door: Door | None = None
    dry_run: bool = False
    progress: Progress = lambda _file, _done, _total: None


def sheet_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files to read: those named, and of a folder every CSV file directly in it."""
    found: list[Path] = []
    for path in paths:
        found += sorted(path.glob("*.csv")) if path.is_dir() else [path]
    return list(dict.fromkeys(found))


async def import_sheets(paths: Iterable[Path], into: Import) -> ImportReport:
    """Bring the sheets in, whatever the order of the files; a second time changes nothing.

    Each batch of lines is one transaction. An import that is broken off keeps what it has
    brought in, and goes on from there when it is run again.
    """
    sheets = await asyncio.to_thread(lambda: [read_rows(path) for path in sheet_files(paths)])
    known = await asyncio.to_thread(_known, into.database)
    faults = [fault for sheet in sheets if sheet.kind is None for fault in sheet.faults]
    results: list[LineResult] = []
    for kind in SheetKind:
        seen: dict[str, str] = {}
        for sheet in sheets:
            if sheet.kind is kind:
                checked = check_sheet(sheet, known, seen)
                faults += checked.faults
                results += await _bring_in(checked, into)
    return ImportReport(dry_run=into.dry_run, results=tuple(results), faults=tuple(faults))


def _known(database: Database) -> Known:
    with database.reading() as rows:
        kinds = (SheetKind.ORGANISATIONS, SheetKind.SERVICES, SheetKind.PEOPLE)
        return Known(
            ids={kind: known_ids(rows, kind) for kind in kinds},
            editions=frozenset(edition_ids(rows)),
            wards=ward_names(rows),
        )


async def _bring_in(checked: Checked, into: Import) -> list[LineResult]:
    key = KEYS[checked.kind][0]
    results = [
        LineResult(
            file=checked.file,
            row=line.row,
            subject=shortened(line.cells.get(key, "")),
            outcome=Outcome.FAULTY,
        )
        for line in checked.bad
    ]
    if checked.kind in {SheetKind.EOIS, SheetKind.SLOTS}:
        results += await _hand_in(checked, into)
    else:
        results += await asyncio.to_thread(_store, checked, into)
    return sorted(results, key=lambda result: result.row)


async def _hand_in(checked: Checked, into: Import) -> list[LineResult]:
    door = None if into.dry_run else into.door
    if door is None and not into.dry_run:
        raise ValueError(f"{checked.file} can only be brought in while the programme runs")
    results = []
    async for result in hand_in(checked, HandIn(into.database, into.importer, door)):
        results.append(result)
        into.progress(checked.file, len(results), len(checked.good))
    return results


def _store(checked: Checked, into: Import) -> list[LineResult]:
    """Write lines, those first that others of the sheet refer to; a known line takes no lock."""
    lines = sorted(checked.good, key=_refers)
    results: list[LineResult] = []
    for start in range(0, len(lines), BATCH):
        batch = lines[start : start + BATCH]
        with into.database.reading() as rows:
            forecast = outcomes(rows, checked.kind, [line.form for line in batch])
        became = list(zip(batch, forecast, strict=True))
        changes = [line.form for line, what in became if what in {Outcome.NEW, Outcome.CHANGED}]
        if changes and not into.dry_run:
            with into.database.transaction() as rows:
                save(rows, checked.kind, changes, into.importer)
        results += [_stored(line, checked.kind, what) for line, what in became]
        into.progress(checked.file, len(results), len(lines))
    return results


def _refers(line: GoodLine) -> bool:
    return isinstance(line.form, PersonLine) and line.form.assistant is not None


def _stored(line: GoodLine, kind: SheetKind, became: Outcome) -> LineResult:
    why = "its course goes on, and only the programme changes it"
    return LineResult(
        file=line.file,
        row=line.row,
        subject=line.subject(kind),
        outcome=became,
        why=why if became is Outcome.REFUSED else "",
    )
