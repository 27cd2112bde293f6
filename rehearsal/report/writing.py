"""Write a report: one page that opens offline, and the same data as JSON and sheets."""

from datetime import datetime
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined

from rehearsal.report.calendar_picture import EVENT_SIGNS, SIGNS
from rehearsal.report.data import ReportData, report_data
from rehearsal.report.difference import SECTIONS, Difference, Finished, difference
from rehearsal.report.load import is_coach
from rehearsal.report.material import read_material
from rehearsal.report.pictures import CHASE_LEGEND, STATE_GROUPS, pictures
from rehearsal.report.sheets import difference_sheet, sheets, write_sheets
from rehearsal.report.wording import day_words, moment_words, number, plain, region_words

TEMPLATES = files("rehearsal.report") / "templates"


def write_report(
    database_url: str, edition_id: str, out: Path, at: datetime, other: Finished | None = None
) -> Path:
    """Write the report of a programme into a folder and return the page.

    The same database gives the same bytes. Of people there are ids and roles, never a name.

    Args:
        database_url: Of the programme.
        edition_id: Which edition of it.
        out: Folder; it is made where it is not there.
        at: Programme time at which it was over, or of the present; nothing later is told.
        other: The same played under another policy, to tell what that changes.

    Raises:
        LookupError: No edition of that id was opened there.
        OSError: The folder cannot be written.

    """
    data = report_data(read_material(database_url, edition_id, at))
    changes = None
    if other is not None:
        theirs = read_material(other.database_url, other.edition_id, other.at)
        changes = difference(data, report_data(theirs))
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "report.json", f"{data.model_dump_json(indent=1)}\n")
    write_sheets(sheets(data), out)
    if changes is not None:
        _write(out / "difference.json", f"{changes.model_dump_json(indent=1)}\n")
        write_sheets([difference_sheet(changes)], out)
    page = out / "report.html"
    _write(page, page_of(data, changes))
    return page


def page_of(data: ReportData, changes: Difference | None = None) -> str:
    """Return the report as one page of HTML that needs nothing else."""
    return (
        _templates()
        .get_template("report.html.j2")
        .render(
            data=data,
            changes=changes,
            pictures=pictures(data),
            rows={one.service_id: one for one in data.programme},
            foreseen={one.service_id: one for one in data.foreseen.wards},
            coaches=[one for one in data.loads if is_coach(one.roles)],
            others=[one for one in data.loads if not is_coach(one.roles)],
            mailed={one.person_id: one for one in data.mail_of_people},
            chase_legend=CHASE_LEGEND,
            state_legend=tuple(STATE_GROUPS),
            signs=(*SIGNS.values(), "moved", *EVENT_SIGNS.values()),
            sections=SECTIONS,
            style=_source("report.css"),
        )
    )


def _templates() -> Environment:
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
        "region": region_words,
        "day": day_words,
        "moment": moment_words,
        "number": number,
    }
    return made


def _source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
