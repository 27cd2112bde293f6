"""The command that brings sheets in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli import naming, paper, words
from cli.desk import Desk
from cli.faults import ExitCode, usage
from cli.options import Act, AtDesk, Json
from cli.sheets import write
from runtime.importing import Import, Progress, import_sheets, sheet_files
from runtime.sheets import read_rows
from schemas.import_results import ImportReport, Outcome
from schemas.imports import SheetKind
from storage.imports import Importer

OUTCOMES = {
    Outcome.NEW: "new",
    Outcome.CHANGED: "changed",
    Outcome.ALREADY_PRESENT: "already there",
    Outcome.REFUSED: "refused",
    Outcome.FAULTY: "faulty",
}
SHOWN = 50
"""Faults that are printed; --result has them all."""

HANDED_IN = {SheetKind.EOIS, SheetKind.SLOTS}
"""Sheets whose lines the running programme takes; the others go to the database."""


async def bring_in(
    *paths: Annotated[Path, Parameter(help="Sheets (CSV), or folders of them.")],
    dry_run: Annotated[bool, Parameter(help="Change nothing; only say what would be.")] = False,
    result: Annotated[
        Path | None, Parameter(help="Write what became of each line to this sheet.")
    ] = None,
    json: Json = False,
    act: Act,
    desk: AtDesk,
) -> int:
    """Bring sheets in: good lines go in, of bad ones each fault is told; repeat it at will."""
    files = sheet_files(paths)
    if not files:
        raise usage("Name the sheets to bring in, or a folder that holds some.")
    with desk.reading() as rows:
        now, actor = desk.now(rows), naming.the_actor(rows, act.actor)
    at = act.at.instant("Europe/London") if act.at else now
    request_id = act.request_id or f"import/{actor}/{now:%Y%m%dT%H%M%S%f}"
    importer = Importer(actor=actor, at=at, request_id=request_id)
    with _progress(desk) as progress:
        if dry_run or not any(read_rows(path).kind in HANDED_IN for path in files):
            into = Import(desk.database, importer, dry_run=dry_run, progress=progress)
            report = await import_sheets(paths, into)
        else:
            async with desk.programme() as programme:
                into = Import(desk.database, importer, door=programme, progress=progress)
                report = await import_sheets(paths, into)
    if result is not None:
        write(desk, result, report.results)
    if json:
        desk.json({**report.model_dump(), "clean": report.clean})
    else:
        _print(desk, report)
    return ExitCode.DONE if report.clean else ExitCode.REFUSED


@contextmanager
def _progress(desk: Desk) -> Iterator[Progress]:
    """Show how far a long import has come, where somebody is looking."""
    if not desk.errors.is_terminal:
        yield lambda _file, _done, _total: None
        return
    from rich.progress import Progress as Bars

    with Bars(console=desk.errors, transient=True) as bars:
        tasks = {}

        def told(file: str, done: int, total: int) -> None:
            if file not in tasks:
                tasks[file] = bars.add_task(file, total=total)
            bars.update(tasks[file], completed=done)

        yield told


def _print(desk: Desk, report: ImportReport) -> None:
    if report.dry_run:
        desk.say("A dry run: nothing was changed, and this is what would be.")
    counts = report.counts()
    if counts:
        paper.table(
            desk,
            ("sheet", *(f"#{words}" for words in OUTCOMES.values())),
            ((file, *(found[one] for one in OUTCOMES)) for file, found in counts.items()),
        )
    refused = [one for one in report.results if one.outcome is Outcome.REFUSED]
    desk.say(*(f"{one.file}, row {one.row}: {one.subject}: {one.why}" for one in refused[:SHOWN]))
    desk.say(*(str(fault) for fault in report.faults[:SHOWN]))
    left_out = max(len(refused) - SHOWN, 0) + max(len(report.faults) - SHOWN, 0)
    if left_out:
        desk.say(f"and {left_out} more: --result FILE writes what became of each line.")
    if report.clean:
        desk.say("Every line is in." if not report.dry_run else "Every line would be in.")
    else:
        broken = sum(not one.outcome.is_in for one in report.results)
        lines = words.counted(broken, "line")
        desk.say(f"{lines} not in: correct and bring in again; what is in stays as it is.")
