import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from runtime.importing import BATCH, Import, import_sheets
from schemas.courses import Stage
from schemas.forms import ApplyForm
from schemas.import_results import ImportReport, Outcome
from storage.database import Database
from storage.imports import Importer
from tests.databases import on_sqlite
from tests.runtime.importing_door import FakeDoor

IMPORTER = Importer("CO-01", datetime(2024, 6, 10, 8, tzinfo=UTC), "import/1")

SHEETS = {
    "organisations": """\
organisation,name,ods_code,kind,region
ORG-01,Northmoor Partnership,Z7Q,NHS,London
ORG-02,Fen Care,Z7QAB,independent,Midlands
""",
    "services": """\
service,organisation,name,type
SVC-16,ORG-01,Hazel Ward,adult acute
SVC-17,ORG-02,Oak Ward,PICU
""",
    "people": """\
person,name,email,assistant
EX-01,Exec sponsor 01,ex01@northmoor.nhs.example,PA-01
PA-01,Assistant 01,pa01@northmoor.nhs.example,
SL-16,Service lead 16,sl16@northmoor.nhs.example,
DC-01,Delivery coach 01,dc01@mha-qi.example,
""",
    "roles": """\
person,role,scope
SL-16,service lead,SVC-16
EX-01,executive sponsor,ORG-01
""",
    "eois": """\
interest,edition,service,submitted_at,sponsor,lead,earlier_interest
EOI-002,wider,SVC-17,2024-06-11 10:00,EX-01,SL-16,no
EOI-001,wider,SVC-16,2024-05-02 09:00,EX-01,SL-16,yes
""",
}


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    folder = tmp_path / "sheets"
    folder.mkdir()
    for name, content in SHEETS.items():
        (folder / f"{name}.csv").write_text(content)
    return folder


async def bring_in(
    database: Database, *paths: Path, door: FakeDoor | None = None, dry_run: bool = False
) -> ImportReport:
    door = door or FakeDoor(database)
    return await import_sheets(paths, Import(database, IMPORTER, door, dry_run))


def outcomes(report: ImportReport) -> dict[str, dict[str, int]]:
    return {
        file: {outcome.value: count for outcome, count in counts.items()}
        for file, counts in report.counts().items()
    }


def contents(database: Database) -> list[object]:
    tables = ("organisation", "service", "person", "role", "interest", "journal")
    with database.reading() as rows:
        return [rows.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2")).all() for name in tables]


async def test_a_folder_of_sheets_comes_in_whatever_the_order_of_its_files(
    database: Database, sheets: Path
) -> None:
    report = await bring_in(database, sheets)
    assert report.faults == ()
    assert report.clean
    assert outcomes(report) == {
        "organisations.csv": {"new": 2},
        "services.csv": {"new": 2},
        "people.csv": {"new": 4},
        "roles.csv": {"new": 2},
        "eois.csv": {"new": 2},
    }


async def test_a_second_run_changes_nothing(database: Database, sheets: Path) -> None:
    door = FakeDoor(database)
    await bring_in(database, sheets, door=door)
    before, asked = contents(database), len(door.asked)
    report = await bring_in(database, sheets, door=door)
    assert {result.outcome for result in report.results} == {Outcome.ALREADY_PRESENT}
    assert contents(database) == before
    assert len(door.asked) == asked


async def test_a_dry_run_says_the_same_and_changes_nothing(
    database: Database, sheets: Path
) -> None:
    door = FakeDoor(database)
    before = contents(database)
    forecast = await bring_in(database, sheets, door=door, dry_run=True)
    assert contents(database) == before
    assert door.asked == []
    real = await bring_in(database, sheets, door=door)
    assert outcomes(forecast) == outcomes(real)
    assert forecast.dry_run


@on_sqlite
async def test_good_rows_come_in_and_bad_ones_are_told_by_cell(
    database: Database, sheets: Path
) -> None:
    (sheets / "people.csv").write_text(
        "person,name,email\n"
        "EX-01,Exec sponsor 01,ex01@northmoor.nhs.example\n"
        "PA-01,Bed of 943 476 5919,pa01@northmoor.nhs.example\n"
        "SL-16,Service lead 16,sl16 at northmoor\n"
        "DC-01,,dc01@mha-qi.example\n"
        "EX-01,Exec sponsor 01 again,ex02@northmoor.nhs.example\n"
    )
    report = await bring_in(database, sheets / "people.csv")
    assert outcomes(report) == {"people.csv": {"new": 1, "faulty": 4}}
    assert not report.clean
    assert [str(fault) for fault in report.faults] == [
        "people.csv, row 3, column name: holds what looks like an NHS number; "
        "take it out: nothing here is about a person who is cared for.",
        "people.csv, row 4, column email: “sl16 at northmoor” is not an e-mail address: "
        "an email address must have an @-sign; write one address, such as "
        "lead@northmoor.nhs.example.",
        "people.csv, row 5, column name: is empty; fill it in: Name as letters should print it.",
        "people.csv, row 6, column person: “EX-01” is the person of row 2 of people.csv too; "
        "take one of the two out.",
    ]


@on_sqlite
async def test_what_refers_to_a_bad_row_is_told_too(database: Database, sheets: Path) -> None:
    (sheets / "organisations.csv").write_text(SHEETS["organisations"].replace("Z7QAB", "Z7QABC"))
    report = await bring_in(database, sheets)
    told = {(fault.file, fault.row, fault.column) for fault in report.faults}
    assert told == {
        ("organisations.csv", 3, "ods_code"),
        ("services.csv", 3, "organisation"),
        ("eois.csv", 2, "service"),
    }
    assert outcomes(report)["eois.csv"] == {"faulty": 1, "new": 1}


@on_sqlite
async def test_a_person_may_stand_in_the_sheet_or_in_the_database(
    database: Database, sheets: Path, tmp_path: Path
) -> None:
    await bring_in(database, sheets)
    roles = tmp_path / "roles.csv"
    roles.write_text("person,role,scope\nDC-01,ops,*\nDC-02,ops,*\nDC-01,team member,ORG-01\n")
    report = await bring_in(database, roles)
    assert outcomes(report) == {"roles.csv": {"new": 1, "faulty": 2}}
    assert [(fault.row, fault.column) for fault in report.faults] == [(3, "person"), (4, "scope")]
    assert "or is it DC-01?" in report.faults[0].remedy


@on_sqlite
async def test_the_same_ward_in_another_spelling_is_a_warning(
    database: Database, sheets: Path
) -> None:
    """R12: the row comes in, and a person is told to look."""
    with (sheets / "services.csv").open("a") as sheet:
        sheet.write("SVC-18,ORG-01,The Hazel Unit,adult acute\nSVC-19,ORG-02,Hazel Ward,picu\n")
    report = await bring_in(database, sheets)
    (fault,) = report.faults
    assert (fault.row, fault.column, fault.warning) == (4, "name", True)
    assert "SVC-16" in fault.problem
    assert report.clean
    again = await bring_in(database, sheets)
    assert again.faults == ()


@on_sqlite
async def test_interest_is_handed_in_in_the_order_of_its_submission(
    database: Database, sheets: Path
) -> None:
    """R07, R12: the earliest comes first, with its own time, so that it is the original."""
    door = FakeDoor(database)
    await bring_in(database, sheets, door=door)
    forms = [form for form in door.asked if isinstance(form, ApplyForm)]
    assert [(form.interest_id, form.at, form.earlier_interest) for form in forms] == [
        ("EOI-001", datetime(2024, 5, 2, 8, tzinfo=UTC), True),
        ("EOI-002", datetime(2024, 6, 11, 9, tzinfo=UTC), False),
    ]
    assert [form.request_id for form in forms] == ["import/wider/EOI-001", "import/wider/EOI-002"]


@on_sqlite
async def test_sessions_held_before_travel_with_the_interest(
    database: Database, sheets: Path
) -> None:
    """R17: a service that comes in mid-course brings its count along."""
    (sheets / "eois.csv").write_text(
        "interest,edition,service,submitted_at,sponsor,lead,sessions_before\n"
        "EOI-001,wider,SVC-16,2024-05-02 09:00,EX-01,SL-16,9\n"
    )
    door = FakeDoor(database)
    await bring_in(database, sheets, door=door)
    (form,) = door.asked
    assert isinstance(form, ApplyForm)
    assert form.sessions_before == 9


@on_sqlite
async def test_a_refusal_is_told_with_its_reason(database: Database, sheets: Path) -> None:
    """R03: the programme's answer stands in the report, and the other rows come in."""
    with (sheets / "services.csv").open("a") as sheet:
        sheet.write("SVC-13,ORG-01,Elm Ward,picu\n")
    with (sheets / "eois.csv").open("a") as sheet:
        sheet.write("EOI-003,wider,SVC-13,2024-05-01 09:00,EX-01,SL-16,no\n")
    report = await bring_in(database, sheets)
    refused = [result for result in report.results if result.outcome is Outcome.REFUSED]
    assert [(one.row, one.why) for one in refused] == [(4, "SVC-13 had its place in the pilot")]
    assert outcomes(report)["eois.csv"] == {"new": 2, "refused": 1}


@on_sqlite
async def test_interest_that_was_handed_in_is_never_changed_by_a_sheet(
    database: Database, sheets: Path
) -> None:
    await bring_in(database, sheets)
    (sheets / "eois.csv").write_text(SHEETS["eois"].replace("2024-05-02", "2024-05-01"))
    report = await bring_in(database, sheets)
    assert outcomes(report)["eois.csv"] == {"already_present": 1, "refused": 1}


@on_sqlite
async def test_a_long_sheet_comes_in_batch_by_batch_with_progress(
    database: Database, tmp_path: Path
) -> None:
    count = BATCH * 2 + 7
    sheet = tmp_path / "people.csv"
    lines = [f"PER-{n:04},Person {n},p{n}@x.nhs.example" for n in range(count)]
    sheet.write_text("\n".join(["person,name,email", *lines]))
    seen: list[tuple[str, int, int]] = []

    def progress(file: str, done: int, total: int) -> None:
        seen.append((file, done, total))

    report = await import_sheets(
        [sheet], Import(database, IMPORTER, FakeDoor(database), progress=progress)
    )
    assert outcomes(report) == {"people.csv": {"new": count}}
    assert seen == [("people.csv", done, count) for done in (BATCH, 2 * BATCH, count)]


@on_sqlite
async def test_an_import_that_was_broken_off_goes_on_when_it_is_run_again(
    database: Database, tmp_path: Path
) -> None:
    sheet = tmp_path / "people.csv"
    lines = [f"PER-{n:04},Person {n},p{n}@x.nhs.example" for n in range(BATCH + 1)]
    sheet.write_text("\n".join(["person,name,email", *lines]))

    def breaks(_file: str, _done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await import_sheets([sheet], Import(database, IMPORTER, None, progress=breaks))
    report = await bring_in(database, sheet)
    assert outcomes(report) == {"people.csv": {"already_present": BATCH, "new": 1}}


@on_sqlite
async def test_interest_whose_workflow_may_not_run_is_handed_in_again(
    database: Database, sheets: Path
) -> None:
    """R15: an import that was broken off between database and engine is mended by the next."""
    door = FakeDoor(database)
    door.stage = Stage.APPLIED
    await bring_in(database, sheets, door=door)
    report = await bring_in(database, sheets, door=door)
    assert outcomes(report)["eois.csv"] == {"already_present": 2}
    assert len(door.asked) == 4


@on_sqlite
async def test_the_same_file_named_twice_is_read_once(database: Database, sheets: Path) -> None:
    report = await bring_in(database, sheets / "people.csv", sheets / "people.csv")
    assert outcomes(report) == {"people.csv": {"new": 4}}


@on_sqlite
async def test_an_id_in_a_second_file_of_a_kind_is_told(database: Database, sheets: Path) -> None:
    shutil.copy(sheets / "people.csv", sheets / "people-2.csv")
    report = await bring_in(database, sheets / "people-2.csv", sheets / "people.csv")
    assert outcomes(report)["people.csv"] == {"faulty": 4}
    assert "row 2 of people-2.csv" in report.faults[0].problem
