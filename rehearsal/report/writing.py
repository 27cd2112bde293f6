"""Write a report: one page that opens offline, and the same data as JSON and sheets."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FunctionLoader, StrictUndefined

from planning.edition_change import differences
from rehearsal.report.chases import CAME_TO, Chase
from rehearsal.report.data import ReportData, report_data
from rehearsal.report.difference import SECTIONS, Difference, difference
from rehearsal.report.load import is_coach
from rehearsal.report.material import Material, read_material
from rehearsal.report.pictures import STATE_GROUPS, pictures
from rehearsal.report.sheets import difference_sheet, sheets, write_sheets
from rehearsal.report.wording import (
    day_words,
    listed,
    moment_words,
    number,
    plain,
    region_words,
    to_do,
)

TEMPLATES = files("rehearsal.report") / "templates"


@dataclass(frozen=True)
class Finished:
    """A programme that has been played to its end, or as far as it is.

    Attributes:
        at: Programme time at which it was over, or of the present; nothing later is told.
        played_by: Who played it, in words; empty where real people did.

    """

    database_url: str
    edition_id: str
    at: datetime
    played_by: str = ""


@dataclass(frozen=True)
class Report:
    """A report that was written.

    Attributes:
        page: The file to open.
        data: What it tells.
        other: The same under another policy, where two were compared.
        changes: What that policy changes.

    """

    page: Path
    data: ReportData
    other: ReportData | None = None
    changes: Difference | None = None


def write_report(programme: Finished, out: Path, other: Finished | None = None) -> Report:
    """Write the report of a programme into a folder.

    The same database gives the same bytes. Of people there are ids and roles, never a name.

    Args:
        programme: What is reported.
        out: Folder; it is made where it is not there.
        other: The same played under another policy, to tell what that changes.

    Raises:
        LookupError: No edition of that id was opened there.
        OSError: The folder cannot be written.

    """
    material = _material(programme)
    data, others, changes = report_data(material, programme.played_by), None, None
    if other is not None:
        theirs = _material(other)
        others = report_data(theirs, other.played_by)
        changes = difference(data, others, differences(material.edition, theirs.edition))
    page = out / "report.html"
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "report.json", f"{data.model_dump_json(indent=1)}\n")
    write_sheets(sheets(data), out)
    _write_difference(changes, out)
    _write(page, page_of(data, changes))
    return Report(page, data, others, changes)


def _material(one: Finished) -> Material:
    return read_material(one.database_url, one.edition_id, one.at)


def _write_difference(changes: Difference | None, out: Path) -> None:
    """Write the difference; without one, one that an earlier report left must not stay."""
    if changes is None:
        for name in ("difference.json", "difference.csv"):
            (out / name).unlink(missing_ok=True)
        return
    _write(out / "difference.json", f"{changes.model_dump_json(indent=1)}\n")
    write_sheets([difference_sheet(changes)], out)


def page_of(data: ReportData, changes: Difference | None = None) -> str:
    """Return the report as one page of HTML that needs nothing else."""
    return (
        templates()
        .get_template("report.html.j2")
        .render(
            data=data,
            changes=changes,
            pictures=pictures(data),
            rows={one.service_id: one for one in data.programme},
            foreseen={one.service_id: one for one in data.foreseen.wards},
            coaches=[one for one in data.loads if is_coach(one.roles)],
            others=[one for one in data.loads if not is_coach(one.roles)],
            chases=_by_service(data),
            troubled=[one for one in data.every_chase if one.stuck or one.passed_on],
            mailed={one.person_id: one for one in data.mail_of_people},
            chase_legend=tuple(CAME_TO.values()),
            state_legend=tuple(STATE_GROUPS),
            day=data.at.astimezone(ZoneInfo(data.zone)).date(),
            sections=SECTIONS,
            style=_source("report.css"),
        )
    )


def _by_service(data: ReportData) -> dict[str, list[Chase]]:
    found: dict[str, list[Chase]] = defaultdict(list)
    for one in data.every_chase:
        found[one.about].append(one)
    return found


def templates() -> Environment:
    """Return the report's templates; a code or day is put into words by a filter of theirs."""
    made = Environment(
        loader=FunctionLoader(_source),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "plain": plain,
        "to_do": to_do,
        "region": region_words,
        "day": day_words,
        "moment": moment_words,
        "number": number,
        "listed": listed,
    }
    return made


def _source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
