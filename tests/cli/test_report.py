"""``drumbeat report``, and conflicting records wherever a person looks."""

import csv
from datetime import datetime, timedelta
from pathlib import Path

from cli.faults import ExitCode
from schemas.courses import JournalEntry
from schemas.sessions import Contradiction, SessionState
from storage import contradictions, journal
from storage.database import Database
from tests.cli.printing import Drumbeat
from tests.cli.scene import ALDER, COACH, EDITION, KEY, LEAD, NOW, PEOPLE

FRIDAY = "2024-10-11"
EARLIER = NOW - timedelta(weeks=2)
SESSION = f"{EDITION}/SVC-16/delivery/4"


def note(var: Path, event: str, at: datetime, **facts: str | int) -> None:
    """Write down what happened to a session, and when that was recorded."""
    database = Database(f"sqlite:///{var}/drumbeat.db")
    entry = JournalEntry(
        course_id=ALDER,
        edition_id=EDITION,
        event=event,
        subject=SESSION if event.startswith("session.") else ALDER,
        actor=COACH,
        at=EARLIER,
        recorded_at=at,
        request_id=KEY,
        policy_version=1,
        facts=facts,
    )
    with database.transaction() as rows:
        journal.write(rows, [entry])
    database.close()


def recorded(var: Path) -> None:
    note(var, "sessions.planned", EARLIER - timedelta(weeks=8), weekly=26)
    note(var, "session.recorded", EARLIER, outcome="missed", why="staffing")


def test_a_report_is_the_same_after_a_late_correction(var: Path, drumbeat: Drumbeat) -> None:
    """E38: as text, as JSON and as a sheet, byte for byte."""
    recorded(var)

    def printed() -> tuple[str, str, bytes]:
        sheet = var / "report.csv"
        text = drumbeat("report", "--as-at", FRIDAY).out
        said = drumbeat("report", "--as-at", FRIDAY, "--json").out
        drumbeat("report", "--as-at", FRIDAY, "--csv", str(sheet))
        return text, said, sheet.read_bytes()

    before = printed()
    note(var, "session.corrected", NOW - timedelta(hours=1), outcome="held", minutes=60)
    assert printed() == before
    assert drumbeat("report").out != before[0]
    assert "Delivery coaching, missed: staffing 1." in before[0]


def test_a_report_names_nobody_and_fits_a_page(var: Path, drumbeat: Drumbeat) -> None:
    """P11: no name, and no id of a person."""
    recorded(var)
    printed = drumbeat("report")
    assert (printed.code, printed.errors) == (ExitCode.DONE, "")
    everybody = [*PEOPLE, *PEOPLE.values()]
    assert [one for one in everybody if one in printed.out] == []
    assert max(len(line) for line in printed.out.splitlines()) <= 100


def test_a_sheet_holds_a_number_a_line(var: Path, drumbeat: Drumbeat) -> None:
    recorded(var)
    sheet = var / "report.csv"
    drumbeat("report", "--csv", str(sheet))
    lines = list(csv.DictReader(sheet.read_text("utf-8-sig").splitlines()))
    known = {(one["section"], one["item"], one["measure"]): one["value"] for one in lines}
    assert len(known) == len(lines)
    assert known["sessions", "delivery", "missed"] == "1"
    assert known["sessions", "delivery", "missed:staffing"] == "1"


def test_what_will_be_known_tomorrow_nobody_knows(drumbeat: Drumbeat) -> None:
    """E38."""
    printed = drumbeat("report", "--as-at", "2024-10-16")
    assert printed.code is ExitCode.USAGE
    assert "nobody knows yet what will be known then" in printed.errors


def test_the_report_with_pictures_is_written(var: Path, drumbeat: Drumbeat) -> None:
    printed = drumbeat("report", "--out", str(var / "report"))
    assert (printed.code, printed.errors) == (ExitCode.DONE, "")
    assert "report.html: open it in a browser." in " ".join(printed.out.split())
    page = (var / "report" / "report.html").read_text()
    assert [name for name in PEOPLE.values() if name in page] == []
    refused = drumbeat("report", "--out", str(var / "other"), "--as-at", FRIDAY)
    assert refused.code is ExitCode.USAGE
    both = drumbeat("report", "--out", str(var / "other"), "--json")
    assert (both.code, "leave --json and --csv out" in both.errors) == (ExitCode.USAGE, True)
    assert not (var / "other").exists()


def test_a_conflict_is_shown_in_words(var: Path, drumbeat: Drumbeat) -> None:
    """E37: on the service's page and in the list of sessions, with who says what."""
    database = Database(f"sqlite:///{var}/drumbeat.db")
    said = Contradiction(
        session_id=SESSION,
        person_id=LEAD,
        course_id=ALDER,
        outcome=SessionState.HELD,
        said_at=NOW,
    )
    with database.transaction() as rows:
        assert contradictions.keep_contradiction(rows, said)
    database.close()
    for command in (("show", "SVC-16"), ("sessions", "SVC-16")):
        out = " ".join(drumbeat(*command).out.split())
        assert f"missed: staffing; {LEAD} says held" in out
    assert "Conflicting records" in drumbeat("show", "SVC-16").out
