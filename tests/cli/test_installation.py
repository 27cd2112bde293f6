"""Commands about the installation itself: audit, doctor, mail mode, database, version, sample."""

import csv
from pathlib import Path

import pytest

from cli.faults import ExitCode
from schemas.messages import MailMode
from storage.database import Database
from storage.installation import installation
from storage.journal import entries_about
from tests.cli.printing import Drumbeat
from tests.cli.scene import COORDINATOR


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRUMBEAT_TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("DRUMBEAT_SMTP_URL", "smtp://127.0.0.1:1")


def mode_of(var: Path) -> tuple[MailMode, str | None]:
    database = Database(f"sqlite:///{var}/drumbeat.db")
    with database.reading() as rows:
        found = installation(rows)
    database.close()
    return found.mail_mode, found.redirect_to


def test_an_audit_tells_what_was_forgotten_in_sentences(drumbeat: Drumbeat) -> None:
    printed = drumbeat("audit")

    assert printed.code == ExitCode.TROUBLE
    assert "to see to:" in printed.out.splitlines()[0]
    assert "- wider/SVC-16/delivery/9 lies ahead, and no reminder" in printed.out
    assert "Temporal does not answer" in printed.out


def test_an_audit_counts_what_it_found(drumbeat: Drumbeat) -> None:
    said = drumbeat("audit", "--json").said

    assert (said["clean"], said["workflows"]) == (False, False)
    assert said["total"] >= len(said["findings"]) > 0


def test_the_doctor_tells_which_part_does_not_work_and_what_to_do(drumbeat: Drumbeat) -> None:
    printed = drumbeat("doctor", "--json")

    assert printed.code == ExitCode.TROUBLE
    found = {one["part"]: one for one in printed.said["findings"]}
    assert found["database"]["good"]
    assert not found["Temporal"]["good"]
    assert "DRUMBEAT_TEMPORAL_ADDRESS" in found["Temporal"]["remedy"]
    assert not found["mail server"]["good"]
    text = drumbeat("doctor").out
    assert "Temporal     BAD   does not answer at 127.0.0.1:1" in text


def test_mail_is_redirected_released_and_held_and_the_journal_says_by_whom(
    drumbeat: Drumbeat, var: Path
) -> None:
    """M19: a person decides whether mail leaves; the address is not in the journal."""
    address = "office@drumbeat.example"

    assert drumbeat("mail", "redirect", address, "--as", COORDINATOR).code == ExitCode.DONE
    assert mode_of(var) == (MailMode.REDIRECT, address)
    assert drumbeat("mail", "live", "--as", COORDINATOR, "--reason", "go_live").out == (
        "Mail is live.\n"
    )
    assert mode_of(var) == (MailMode.LIVE, None)
    again = drumbeat("mail", "live", "--as", COORDINATOR)
    assert again.out == "Mail was live already; nothing has changed.\n"
    drumbeat("mail", "held", "--as", COORDINATOR)

    database = Database(f"sqlite:///{var}/drumbeat.db")
    with database.reading() as rows:
        entries = entries_about(rows, "installation")
    database.close()
    assert [one.event for one in entries] == ["mail.redirected", "mail.released", "mail.held"]
    assert {one.actor for one in entries} == {COORDINATOR}
    assert entries[1].reason == "go_live"
    assert address not in str(entries)


def test_mail_is_not_redirected_to_what_is_no_address(drumbeat: Drumbeat, var: Path) -> None:
    printed = drumbeat("mail", "redirect", "the office", "--as", COORDINATOR)

    assert printed.code == ExitCode.USAGE
    assert mode_of(var) == (MailMode.HELD, None)


def test_a_database_is_prepared_where_there_is_none_and_holds_its_mail(
    drumbeat: Drumbeat, var: Path
) -> None:
    (var / "drumbeat.db").unlink()

    first, again = drumbeat("database", "upgrade"), drumbeat("database", "upgrade")

    assert (first.code, again.code) == (ExitCode.DONE, ExitCode.DONE)
    assert mode_of(var) == (MailMode.HELD, None)
    assert drumbeat("database", "check").code == ExitCode.DONE
    assert "No edition has been opened yet" in drumbeat("services").errors


def test_a_database_that_differs_is_trouble(drumbeat: Drumbeat, var: Path) -> None:
    (var / "drumbeat.db").write_bytes(b"")

    printed = drumbeat("database", "check", "--json")

    assert printed.code == ExitCode.TROUBLE
    assert len(printed.said["differences"]) == 1


def test_the_sample_is_written_as_sheets(drumbeat: Drumbeat, tmp_path: Path) -> None:
    folder = tmp_path / "sample"

    printed = drumbeat("sample", str(folder))

    assert printed.code == ExitCode.DONE
    with (folder / "services.csv").open(encoding="utf-8-sig", newline="") as file:
        count = len(list(csv.DictReader(file)))
    assert f"services.csv {count}" in " ".join(printed.out.split())


def test_a_version_names_the_schema(drumbeat: Drumbeat) -> None:
    said = drumbeat("version", "--json").said

    assert said["schema"].startswith("r")
    assert {"drumbeat", "python", "temporalio"} <= set(said)
