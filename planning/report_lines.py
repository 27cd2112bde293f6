"""A report as lines for a spreadsheet: one number each, always in the same order."""

from collections.abc import Iterator, Mapping

from planning.report_numbers import AsAt, Attendance, KindNumbers
from schemas.base import Record

COUNTS = ("planned", "catch_up", "held", "missed", "cancelled", "to_come", "unrecorded")


class ReportLine(Record):
    """One number.

    Attributes:
        section: What the number is about, such as ``sessions``.
        item: Of what: a kind of session, a region, a service.
        measure: What is counted.

    """

    section: str
    item: str
    measure: str
    value: int | float | str


def report_lines(report: AsAt) -> tuple[ReportLine, ...]:
    """Return every number of a report."""
    return (
        ReportLine(
            section="report", item=report.edition, measure="as_at", value=report.as_at.isoformat()
        ),
        _line("places", "all", "places", report.places),
        _line("places", "all", "filled", report.filled),
        *_counted("places", "region", report.by_region),
        *_counted("places", "type", report.by_type),
        *(line for kind in report.sessions for line in _sessions(kind)),
        _line("hours", "all", "delivered", report.hours),
        _line("executives", "sessions", "held", report.executives.held),
        _line("executives", "sessions", "missed", report.executives.missed),
        *_attendance("executives", report.executives),
        *_attendance("partners", report.partners),
        *(
            _line("escalations", one.id, "working_days", one.working_days)
            for one in report.escalations
        ),
        *_at_risk(report),
        _line("moved_events", "all", "events", report.moved_events.events),
        _line("moved_events", "all", "moves", report.moved_events.moves),
        _line("moved_events", "all", "twice", report.moved_events.twice),
    )


def _sessions(kind: KindNumbers) -> Iterator[ReportLine]:
    for measure in COUNTS:
        yield _line("sessions", kind.kind, measure, getattr(kind, measure))
    yield _line("sessions", kind.kind, "in_conflict", kind.in_conflict)
    yield _line("sessions", kind.kind, "hours", round(kind.minutes / 60, 2))
    yield from _counted("sessions", kind.kind, kind.missed_because, "missed:")
    yield from _counted("sessions", kind.kind, kind.cancelled_because, "cancelled:")


def _attendance(section: str, found: Attendance) -> Iterator[ReportLine]:
    yield _line(section, "attendance", "recorded", found.sessions)
    for measure in ("noted", "with_one", "came", "of"):
        yield _line(section, "attendance", measure, getattr(found, measure))


def _at_risk(report: AsAt) -> Iterator[ReportLine]:
    for one in report.at_risk:
        for measure in ("held", "possible", "minimum"):
            yield _line("at_risk", one.service_id, measure, getattr(one, measure))
        yield from _counted("at_risk", one.service_id, one.because, "because:")


def _counted(
    section: str, item: str, counts: Mapping[str, int], before: str = ""
) -> Iterator[ReportLine]:
    for name, count in counts.items():
        yield _line(section, item, f"{before}{name}", count)


def _line(section: str, item: str, measure: str, value: float | int) -> ReportLine:
    return ReportLine(section=section, item=item, measure=measure, value=value)
