import csv
import io
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.exports import defused, write_sheet


@pytest.mark.parametrize(
    "text", ["=1+1", "+44 7700 900123", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＠x"]
)
def test_what_a_spreadsheet_would_run_is_defused(text: str) -> None:
    assert defused(text) == f"'{text}"


@given(text=st.text())
def test_no_text_is_run_and_ordinary_text_stays_as_it_is(text: str) -> None:
    assert not defused(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert defused(text).endswith(text)
    if text[:1].isalnum():
        assert defused(text) == text


def test_values_are_written_so_that_a_sheet_reads_them_back() -> None:
    out = io.StringIO(newline="")
    values = [
        "=1+1",
        -4,
        2.5,
        True,
        None,
        date(2024, 9, 2),
        time(9, 5),
        datetime(2024, 9, 2, tzinfo=UTC),
    ]
    write_sheet(out, ["a", "=b"], [values])
    header, cells = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert header == ["a", "'=b"]
    assert cells == [
        "'=1+1",
        "-4",
        "2.5",
        "yes",
        "",
        "2024-09-02",
        "09:05",
        "2024-09-02 00:00:00+00:00",
    ]
