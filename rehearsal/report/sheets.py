"""The report's data as sheets, one for each table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rehearsal.report.chases import Chase
from rehearsal.report.data import ReportData
from rehearsal.report.difference import Difference
from rehearsal.report.mail import Message
from rehearsal.report.wards import WardSession
from runtime.exports import write_sheet
from schemas.base import Record

Cells = Sequence[object]


@dataclass(frozen=True)
class Sheet:
    """A sheet of its own name."""

    name: str
    header: tuple[str, ...]
    rows: tuple[Cells, ...]


def sheets(data: ReportData) -> tuple[Sheet, ...]:
    """Return every sheet of a report."""
    return (
        _services(data),
        _sponsors(data),
        _sessions(data),
        _load(data),
        _weeks(data),
        _clashes(data),
        _mails(data),
        _records("messages", data.messages, ("kind", "state", "reason", "count")),
        _messages(data),
        _steps(data),
        _chases(data),
        _records("places", data.places_over_time, ("day", "taken", "offered")),
        _forecast(data),
    )


def difference_sheet(found: Difference) -> Sheet:
    """Return both policies' numbers side by side."""
    header = ("section", "item", "before", "after", "by")
    return _records("difference", found.changes, header)


def write_sheets(found: Iterable[Sheet], folder: Path) -> None:
    """Write sheets as CSV; a spreadsheet reads the encoding from its byte-order mark."""
    for sheet in found:
        path = folder / f"{sheet.name}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as out:
            write_sheet(out, sheet.header, sheet.rows)


def _fields(name: str, record: type[Record], found: Iterable[Record]) -> Sheet:
    """Return all fields of records; lists as words, and local times as spreadsheets read them."""
    header = tuple(record.model_fields)
    rows = tuple([_cell(getattr(one, column)) for column in header] for one in found)
    return Sheet(name, header, rows)


def _cell(value: object) -> object:
    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return value


def _records(name: str, found: Iterable[object], header: tuple[str, ...]) -> Sheet:
    rows = tuple([getattr(one, column) for column in header] for one in found)
    return Sheet(name, header, rows)


def _services(data: ReportData) -> Sheet:
    header = (
        *("service_id", "name", "organisation_id", "region", "type", "stage", "planned"),
        *("catch_up", "held", "missed", "cancelled", "to_come", "moved", "paused_weeks", "hours"),
    )
    return _records("services", data.programme, header)


def _sponsors(data: ReportData) -> Sheet:
    header = (
        *("planned", "catch_up", "held", "missed", "cancelled", "to_come", "moved"),
        *("paused_weeks", "hours"),
    )
    rows = tuple(
        (one.sponsor_id, " ".join(one.services), *(getattr(one, name) for name in header))
        for one in data.sponsors
    )
    return Sheet("sponsors", ("sponsor_id", "services", *header), rows)


def _sessions(data: ReportData) -> Sheet:
    """Return every session once, though the services of one sponsor share its sessions."""
    known = {(one.whose, one.kind, one.number): one for page in data.wards for one in page.sessions}
    return _fields("sessions", WardSession, (known[key] for key in sorted(known)))


def _load(data: ReportData) -> Sheet:
    header = ("person_id", "roles", "caseload", "sessions", "hours", "busiest", "most_hours")
    rows = tuple(
        (one.person_id, " ".join(one.roles), *(getattr(one, name) for name in header[2:]))
        for one in data.loads
    )
    return Sheet("load", header, rows)


def _weeks(data: ReportData) -> Sheet:
    rows = tuple(
        (one.person_id, " ".join(one.roles), week, hours)
        for one in data.loads
        for week, hours in one.weeks.items()
    )
    return Sheet("load_by_week", ("person_id", "roles", "week", "hours"), rows)


def _clashes(data: ReportData) -> Sheet:
    header = ("rule", "person_id", "day", "first", "second", "said")
    return _records("clashes", data.clashes, header)


def _mails(data: ReportData) -> Sheet:
    rows = tuple(
        (one.person_id, " ".join(one.roles), week, count)
        for one in data.mail_of_people
        for week, count in one.weeks.items()
    )
    return Sheet("mails_by_week", ("person_id", "roles", "week", "mails"), rows)


def _messages(data: ReportData) -> Sheet:
    return _fields("every_message", Message, data.every_message)


def _steps(data: ReportData) -> Sheet:
    rows = tuple(
        (one.kind, step, count) for one in data.chases for step, count in one.steps.items()
    )
    return Sheet("chases_by_step", ("kind", "step", "taken"), rows)


def _chases(data: ReportData) -> Sheet:
    return _fields("every_chase", Chase, data.every_chase)


def _forecast(data: ReportData) -> Sheet:
    rows = tuple(
        (one.service_id, day, possible, one.planned, one.minimum, one.held)
        for one in data.foreseen.wards
        for day, possible in one.possible.items()
    )
    header = ("service_id", "day", "possible", "planned", "minimum", "held_in_the_end")
    return Sheet("forecast", header, rows)
