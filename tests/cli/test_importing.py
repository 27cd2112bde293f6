"""The import command: what became of each line, told to a person, a sheet and a script."""

import csv
from pathlib import Path

import pytest

from cli.faults import ExitCode
from storage.database import Database
from storage.people import person
from tests.cli.fake_programme import FakeProgramme
from tests.cli.printing import Drumbeat
from tests.cli.scene import COORDINATOR

GOOD = "person,name,email\nPER-0050,Service lead 50,lead50@northmoor.nhs.example\n"
BAD = "person,name,email\nPER-0051,Service lead 51,lead51 at northmoor\n"


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(GOOD + BAD.split("\n")[1] + "\n")
    return path


def is_there(var: Path, person_id: str) -> bool:
    database = Database(f"sqlite:///{var}/drumbeat.db")
    with database.reading() as rows:
        found = person(rows, person_id)
    database.close()
    return found is not None


def test_good_lines_go_in_and_bad_ones_are_told(
    drumbeat: Drumbeat, var: Path, sheet: Path, programme: FakeProgramme
) -> None:
    printed = drumbeat("import", str(sheet), "--as", COORDINATOR)

    assert printed.code == ExitCode.REFUSED
    assert "people.csv, row 3, column email: “lead51 at northmoor” is not an e-mail" in printed.out
    assert "1 line not in" in printed.out
    assert (is_there(var, "PER-0050"), is_there(var, "PER-0051")) == (True, False)
    assert programme.asked == []


def test_a_dry_run_changes_nothing(drumbeat: Drumbeat, var: Path, sheet: Path) -> None:
    sheet.write_text(GOOD)

    printed = drumbeat("import", str(sheet), "--as", COORDINATOR, "--dry-run")

    assert printed.code == ExitCode.DONE
    assert "A dry run" in printed.out
    assert not is_there(var, "PER-0050")


def test_an_import_can_be_repeated(drumbeat: Drumbeat, sheet: Path) -> None:
    sheet.write_text(GOOD)
    drumbeat("import", str(sheet.parent), "--as", COORDINATOR)

    said = drumbeat("import", str(sheet), "--as", COORDINATOR, "--json").said

    assert said["clean"]
    assert [one["outcome"] for one in said["results"]] == ["already_present"]


def test_what_became_of_each_line_is_written_to_a_sheet(
    drumbeat: Drumbeat, sheet: Path, tmp_path: Path
) -> None:
    result = tmp_path / "result.csv"

    drumbeat("import", str(sheet), "--as", COORDINATOR, "--result", str(result))

    with result.open(encoding="utf-8-sig", newline="") as file:
        lines = [(line["row"], line["outcome"]) for line in csv.DictReader(file)]
    assert lines == [("2", "new"), ("3", "faulty")]


def test_interest_is_handed_in_at_the_door(
    drumbeat: Drumbeat, programme: FakeProgramme, tmp_path: Path
) -> None:
    sheet = tmp_path / "eois.csv"
    sheet.write_text(
        "interest,edition,service,submitted_at,sponsor,lead\n"
        "EOI-050,wider,SVC-41,2024-05-20 09:00,PER-0004,PER-0005\n"
    )

    drumbeat("import", str(sheet), "--as", COORDINATOR)

    assert [name for name, _ in programme.asked] == ["apply"]


def test_no_sheet_at_all_is_told(drumbeat: Drumbeat, tmp_path: Path) -> None:
    printed = drumbeat("import", str(tmp_path / "nothing"), "--as", COORDINATOR)
    empty = drumbeat("import", str(tmp_path), "--as", COORDINATOR)

    assert printed.code == ExitCode.REFUSED
    assert "cannot be read" in printed.out
    assert empty.code == ExitCode.USAGE
