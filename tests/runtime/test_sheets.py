import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.sheets import Sheet, read_rows
from schemas.imports import SheetKind

GOOD = (
    "organisation,name,ods_code,kind,region\r\n"
    "ORG-01,Northmoor Partnership,Z7Q,nhs,london\r\n"
    "ORG-02,Caf\u00e9 Fen Trust,Z7R,nhs,midlands\r\n"
)


def sheet(folder: Path, content: bytes | str, name: str = "organisations.csv") -> Sheet:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_rows(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("newline", ["\r\n", "\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_sheet_reads_the_same_however_a_spreadsheet_wrote_it(
    tmp_path: Path, encoding: str, newline: str, delimiter: str
) -> None:
    written = GOOD.replace("\r\n", newline).replace(",", delimiter).encode(encoding)
    found = sheet(tmp_path, written)
    assert found.faults == ()
    assert [line.cells["name"] for line in found.lines] == [
        "Northmoor Partnership",
        "Café Fen Trust",
    ]


@given(order=st.permutations(range(5)))
def test_columns_stand_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    rows = [line.split(",") for line in GOOD.split("\r\n")[:-1]]
    mixed = "\n".join(",".join(row[place] for place in order) for row in rows)
    found = sheet(tmp_path_factory.mktemp("mixed"), mixed)
    assert found.lines[0].cells["ods_code"] == "Z7Q"


def test_rows_are_numbered_as_the_spreadsheet_numbers_them(tmp_path: Path) -> None:
    text = (
        "organisation,name,ods_code,kind,region\n"
        '"ORG-01","Northmoor\nPartnership",Z7Q,nhs,london\n'
        ",,,,\n"
        "\n"
        "ORG-02,Fen Trust,Z7R,nhs,midlands\n"
    )
    found = sheet(tmp_path, text)
    assert [(line.row, line.cells["organisation"]) for line in found.lines] == [
        (2, "ORG-01"),
        (5, "ORG-02"),
    ]
    assert found.lines[0].cells["name"] == "Northmoor\nPartnership"


def test_a_header_may_be_written_as_people_write(tmp_path: Path) -> None:
    found = sheet(tmp_path, "Organisation,Name,ODS Code,Kind,Region,,\nORG-01,N,Z7Q,nhs,london,,\n")
    assert found.faults == ()
    assert found.lines[0].cells["ods_code"] == "Z7Q"


def test_a_mistyped_column_gets_the_nearest_name(tmp_path: Path) -> None:
    found = sheet(tmp_path, "organisation,name,ods_cod,kind,region\nORG-01,N,Z7Q,nhs,london\n")
    assert found.lines == ()
    assert [str(fault) for fault in found.faults] == [
        "organisations.csv, row 1, column ods_cod: is no column of this sheet; "
        "did you mean ods_code?.",
        "organisations.csv, row 1, column ods_code: is missing; is it the one called ods_cod?.",
    ]


def test_a_column_that_stands_there_twice_is_told(tmp_path: Path) -> None:
    found = sheet(tmp_path, "organisation,name,name,ods_code,kind,region\n")
    assert ["twice" in fault.problem for fault in found.faults] == [True]


def test_a_row_with_too_many_cells_is_left_out_and_told(tmp_path: Path) -> None:
    text = GOOD + "ORG-03,Fen, Moor and Dale,Z7S,nhs,london\r\n"
    found = sheet(tmp_path, text)
    assert [line.row for line in found.lines] == [2, 3]
    assert [(fault.row, "more cells" in fault.problem) for fault in found.faults] == [(4, True)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"\r\n , \r\n", "is empty"),
        (b"PK\x03\x04 and so on", "is a workbook"),
        (b"\x00\x01\x02", "is not text"),
        (b'organisation,name\nORG-01,"Fen\n', "quotation marks"),
        (b'organisation,name\nORG-01,"Fen" Trust\n', "quotation marks"),
    ],
)
def test_what_is_no_sheet_is_one_sentence(tmp_path: Path, content: bytes, problem: str) -> None:
    found = sheet(tmp_path, content)
    assert found.lines == ()
    assert [problem in fault.problem for fault in found.faults] == [True]


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    (fault,) = read_rows(tmp_path / "people.csv").faults
    assert "cannot be read" in fault.problem


@pytest.mark.parametrize("name", ["organisations.csv", "Organisations (2).csv", "what.csv"])
def test_a_sheet_is_known_by_its_name_or_its_columns(tmp_path: Path, name: str) -> None:
    assert sheet(tmp_path, GOOD, name).kind is SheetKind.ORGANISATIONS


def test_a_sheet_that_nobody_knows_is_told_the_names(tmp_path: Path) -> None:
    found = sheet(tmp_path, "colour,size\nred,4\n", "what.csv")
    assert found.kind is None
    assert "organisations, services, people" in found.faults[0].remedy


def test_whatever_the_bytes_reading_never_raises(tmp_path: Path) -> None:
    dice = random.Random(20240902)
    for _ in range(300):
        sheet(tmp_path, dice.randbytes(dice.randrange(200)), dice.choice(["eois.csv", "x.csv"]))
