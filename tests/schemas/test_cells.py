from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.cells import (
    ClockTime,
    Day,
    EditionId,
    FreeText,
    Id,
    LocalInstant,
    MailAddress,
    OdsCode,
    Phone,
    Scope,
    YesNo,
    nhs_number_in,
    one_of,
)
from schemas.people import ServiceType


def read(kind: Any, text: str) -> object:
    return TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize("text", ["RXX", "Z7Q", "A1B2C", "RXX01", "z7q"])
def test_an_ods_code_has_three_or_five_letters_and_digits(text: str) -> None:
    """P08: both shapes are taken, also where one begins like the other."""
    assert read(OdsCode, text) == text.upper()


@pytest.mark.parametrize("text", ["", "RX", "RXX0", "RXX012", "RX-", "R X", "RÉX"])
def test_anything_else_is_no_ods_code(text: str) -> None:
    """P08: neither four nor six characters, and nothing but plain letters and digits."""
    with pytest.raises(ValidationError, match="not an ODS code"):
        read(OdsCode, text)


def nhs_number(nine: str) -> str | None:
    """Return the ten digits of a valid number, worked out from the published rule."""
    check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(nine)) % 11
    return None if check == 10 else nine + str(0 if check == 11 else check)


NUMBERS = st.text("0123456789", min_size=9, max_size=9).map(nhs_number).filter(bool).map(str)


@given(number=NUMBERS, around=st.sampled_from(["{}", "Ward {}", "{}, bed 4", "see ({})", "7 {}"]))
@pytest.mark.parametrize(
    "spelt",
    [
        lambda n: n,
        lambda n: f"{n[:3]} {n[3:6]} {n[6:]}",
        lambda n: f"{n[:3]}-{n[3:6]}-{n[6:]}",
        lambda n: f"{n[:3]} – {n[3:6]} – {n[6:]}",
        lambda n: f"{n[:3]}\u00a0{n[3:6]}\u00a0{n[6:]}",
    ],
)
def test_a_valid_nhs_number_is_found_however_it_is_spelt(
    number: str, around: str, spelt: Callable[[str], str]
) -> None:
    """P10: with spaces or dashes, alone or in a sentence."""
    assert nhs_number_in(around.format(spelt(number)))


@given(number=NUMBERS, digit=st.integers(0, 9))
def test_one_wrong_digit_makes_it_another_number(number: str, digit: int) -> None:
    """P10: what fails modulus 11 is not taken for an NHS number."""
    if digit != int(number[-1]):
        assert not nhs_number_in(number[:-1] + str(digit))


@pytest.mark.parametrize(
    "text", ["07700 900123", "+44 7700 900123", "01632 960001", "Room 12", "2024-06-14 09:05", ""]
)
def test_telephone_numbers_and_times_are_no_nhs_numbers(text: str) -> None:
    """P10: eleven digits are not ten."""
    assert not nhs_number_in(text)


def test_a_refused_number_is_not_repeated_in_the_error() -> None:
    """P10: the report says where it stands, never what it says."""
    with pytest.raises(ValidationError) as refused:
        read(FreeText, "Bed of 943 476 5919")
    (details,) = refused.value.errors(include_input=False)
    assert "943" not in str(details["ctx"]["error"])
    assert details["ctx"]["error"].shown is False


@pytest.mark.parametrize("text", ["lead@northmoor.nhs.example", " Lead@Northmoor.NHS.example "])
def test_an_address_under_example_is_taken(text: str) -> None:
    assert str(read(MailAddress, text)).lower() == "lead@northmoor.nhs.example"


@pytest.mark.parametrize(
    "text",
    ["lead", "lead@", "a@x.nhs.example, b@x.nhs.example", "a b@x.nhs.example", "a@northmoor"],
)
def test_what_is_not_one_address_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="not an e-mail address"):
        read(MailAddress, text)


@pytest.mark.parametrize("text", ["07700 900123", "(01632) 960 001", "+44 7700 900123"])
def test_a_telephone_number_is_kept_as_written(text: str) -> None:
    assert read(Phone, text) == text


def test_a_number_that_lost_its_leading_nought_is_named_as_such() -> None:
    with pytest.raises(ValidationError) as refused:
        read(Phone, "7700900123")
    assert "07700 900123" in refused.value.errors()[0]["ctx"]["error"].remedy


@given(day=st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_reads_the_same_in_both_forms(day: date) -> None:
    assert read(Day, day.isoformat()) == read(Day, day.strftime("%d/%m/%Y")) == day


@pytest.mark.parametrize("text", ["2024-02-30", "31/04/2024", "14/06/24", "06-14-2024", "soon"])
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="not a day that exists"):
        read(Day, text)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-06-14 23:59:30", datetime(2024, 6, 14, 22, 59, 30, tzinfo=UTC)),
        ("14/06/2024 23:59", datetime(2024, 6, 14, 22, 59, tzinfo=UTC)),
        ("2024-06-15T00:00:10+01:00", datetime(2024, 6, 14, 23, 0, 10, tzinfo=UTC)),
        ("2024-12-01 09:00", datetime(2024, 12, 1, 9, tzinfo=UTC)),
        ("2024-10-27 01:30", datetime(2024, 10, 27, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_london_time(text: str, instant: datetime) -> None:
    """R08: what counts against the deadline is the end of the day in London."""
    assert read(LocalInstant, text) == instant


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2024-03-31 01:30", "does not exist"),
        ("2024-06-14", "no time of day"),
        ("14/06/2024", "no time of day"),
        ("yesterday", "not a day and time"),
        ("2024-06-14 25:00", "not a day and time"),
    ],
)
def test_a_time_that_is_not_one_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        read(LocalInstant, text)


def test_a_clock_time_is_on_the_24_hour_clock() -> None:
    assert read(ClockTime, "9.05") == read(ClockTime, "09:05:00") == time(9, 5)
    for text in ["24:00", "9", "9:5", "09:05:30", "5 pm"]:
        with pytest.raises(ValidationError, match="not a time of day"):
            read(ClockTime, text)


@pytest.mark.parametrize("text", ["adult_acute", "Adult acute", " ADULT-ACUTE ", "adult  acute"])
def test_a_known_word_is_read_however_it_is_written(text: str) -> None:
    assert one_of(ServiceType)(text) is ServiceType.ADULT_ACUTE


def test_an_unknown_word_gets_the_nearest_one() -> None:
    with pytest.raises(ValueError, match="not one of the known words") as refused:
        one_of(ServiceType)("adult acut")
    assert getattr(refused.value, "remedy", "") == "did you mean adult_acute?"


def test_yes_and_no_are_read_in_either_case() -> None:
    assert [read(YesNo, text) for text in ("Yes", "y", "TRUE", "1")] == [True] * 4
    assert [read(YesNo, text) for text in ("no", "N", "false", "0")] == [False] * 4
    with pytest.raises(ValidationError, match="neither yes nor no"):
        read(YesNo, "maybe")


def test_an_id_is_a_code_and_never_a_name() -> None:
    """M15: ids stand in workflow ids and logs, so they say nothing of a person."""
    assert read(Id, "svc-16") == "SVC-16"
    for text in ["Hazel", "JANE-DOE", "SVC 16", "SVC/16", "16", "SVC-"]:
        with pytest.raises(ValidationError, match="not an id"):
            read(Id, text)


def test_a_scope_is_a_service_an_organisation_an_edition_or_everything() -> None:
    assert [read(Scope, text) for text in ("SVC-16", "wider", "*")] == ["SVC-16", "wider", "*"]
    assert read(EditionId, "wider") == "wider"
    with pytest.raises(ValidationError, match="no service, organisation or edition"):
        read(Scope, "the ward")
