"""The command that reports a programme as it was known at an instant."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli import naming, paper, words
from cli.desk import Desk
from cli.faults import not_written, usage
from cli.local_time import LocalTime
from cli.options import AtDesk, EditionOption, Json, When
from cli.sheets import SheetOption, write
from planning.report_lines import report_lines
from planning.report_numbers import AsAt, Attendance, KindNumbers
from schemas.sessions import SessionReason
from storage.reads.report_as_at import as_at as known_as_at


def report(
    *,
    as_at: Annotated[
        When | None, Parameter(help="As it was known then; a day means its end. Now, if left out.")
    ] = None,
    edition: EditionOption = None,
    json: Json = False,
    csv: SheetOption = None,
    out: Annotated[
        Path | None,
        Parameter(metavar="DIR", help="Write the report with its pictures into this folder."),
    ] = None,
    desk: AtDesk,
) -> None:
    """Report the programme in numbers, as they were known at an instant.

    What was recorded later, of whatever day, is not in them: a report is the same whenever it is
    made. It ranks nobody and names nobody.
    """
    with desk.reading() as rows:
        found = naming.the_edition(rows, edition)
        now = desk.now(rows)
        at = now if as_at is None else as_at.end(found.zone)
        if at > now:
            raise usage("--as-at is still to come: nobody knows yet what will be known then.")
        numbers = known_as_at(rows, found.id, at)
    if out is not None:
        from rehearsal.report.writing import Finished, write_report

        if as_at is not None:
            raise usage("--out shows the present: leave --as-at out.")
        if json or csv is not None:
            raise usage("--out writes JSON and sheets as well: leave --json and --csv out.")
        try:
            written = write_report(Finished(desk.settings.database_url, found.id, at), out)
        except OSError as error:
            raise not_written(out, error) from None
        desk.say(f"{written.page}: open it in a browser.")
    elif csv is not None:
        write(desk, csv, report_lines(numbers))
    elif json:
        desk.json(numbers)
    else:
        _print(desk, numbers, LocalTime(found.zone))


def _print(desk: Desk, found: AsAt, local: LocalTime) -> None:
    desk.say(f"{found.title} ({found.edition}), as known {local.instant(found.as_at)}")
    paper.heading(desk, "Places")
    paper.pairs(
        desk,
        [
            ("filled", f"{found.filled} of {found.places}"),
            ("by region", _spread(found.by_region)),
            ("by type", _spread(found.by_type)),
        ],
    )
    _print_sessions(desk, found)
    paper.heading(desk, "Attendance")
    executives = found.executives
    recorded = f"{executives.held} of {words.counted(executives.sessions, 'session')} held"
    paper.pairs(
        desk,
        [
            ("executives", f"{recorded}; {_attendance(executives, 'with an executive')}"),
            ("partners", _attendance(found.partners, "with a partner")),
        ],
    )
    _print_looks(desk, found)


def _print_sessions(desk: Desk, found: AsAt) -> None:
    paper.heading(desk, "Sessions")
    paper.table(
        desk,
        (
            "kind",
            *("#planned", "#catch-up", "#held", "#missed", "#cancelled", "#to come", "#no record"),
            "#hours",
        ),
        (
            (
                one.title,
                *(one.planned, one.catch_up, one.held, one.missed, one.cancelled, one.to_come),
                one.unrecorded,
                f"{one.minutes / 60:.1f}",
            )
            for one in found.sessions
        ),
    )
    desk.say(f"{found.hours:g} hours delivered.")
    for one in found.sessions:
        for line in _reasons(one):
            desk.say(line)


def _reasons(one: KindNumbers) -> list[str]:
    said = []
    if one.missed_because:
        said.append(f"{one.title}, missed: {_spread(one.missed_because)}.")
    if one.cancelled_because:
        said.append(f"{one.title}, cancelled: {_spread(one.cancelled_because)}.")
    if one.in_conflict:
        count = words.counted(one.in_conflict, "record")
        said.append(f"{one.title}: {count} in conflict, counted as recorded first.")
    return said


def _attendance(found: Attendance, with_one: str) -> str:
    if not found.noted:
        return "who came was not noted"
    sessions = words.counted(found.noted, "session")
    return f"{with_one}: {found.with_one} of {sessions} that say who came"


def _print_looks(desk: Desk, found: AsAt) -> None:
    paper.heading(desk, "Open escalations of more than five working days")
    if not found.escalations:
        desk.say("None.")
    else:
        paper.table(
            desk,
            ("=id", "what", "#working days"),
            ((one.id, words.plain(one.kind), one.working_days) for one in found.escalations),
        )
    paper.heading(desk, "Services at risk")
    if not found.at_risk:
        desk.say("None: every service can still have the sessions that the edition wants.")
    else:
        paper.table(
            desk,
            ("=service", "#held", "#possible", "#wanted", "sessions lost"),
            (
                (one.service_id, one.held, one.possible, one.minimum, _spread(one.because))
                for one in found.at_risk
            ),
        )
    moved = found.moved_events
    paper.heading(desk, "Moved improvement days")
    desk.say(
        f"{words.counted(moved.events, 'day')} moved, {words.counted(moved.moves, 'time')} in all;"
        f" {moved.twice} twice or more."
    )


def _spread(counts: Mapping[str, int]) -> str:
    said = [f"{_word(code)} {count}" for code, count in counts.items()]
    return ", ".join(said) or "none"


def _word(code: str) -> str:
    known = {reason.value: text for reason, text in words.SESSION_REASONS.items()}
    return known.get(code, words.plain(code)) if code in set(SessionReason) else words.plain(code)
