"""How a cell of a sheet is read; what cannot be read is refused with a problem and a remedy."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email
from pydantic import BeforeValidator, Field

LOCAL = ZoneInfo("Europe/London")
"""A time without a zone is read as local time; only submission times of sheets are."""


class CellError(ValueError):
    """A cell cannot be taken in.

    Attributes:
        remedy: What the person who keeps the sheet can do.
        shown: Whether a report may repeat what the cell says.

    """

    def __init__(self, problem: str, remedy: str, *, shown: bool = True) -> None:
        super().__init__(problem)
        self.remedy = remedy
        self.shown = shown


def _code(pattern: str, problem: str, remedy: str, *, upper: bool) -> Callable[[Any], Any]:
    def read(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        candidate = text.strip().upper() if upper else text.strip()
        if re.fullmatch(pattern, candidate) is None:
            raise CellError(problem, remedy)
        return candidate

    return read


def nhs_number_in(text: str) -> bool:
    """Tell whether a text holds ten digits that are a valid NHS number (P10).

    The digits may be set apart by spaces, dashes or dots, as people write them; longer
    runs of digits, such as telephone numbers, are no NHS numbers.
    """
    return any(_is_nhs_number(found[1]) for found in _TEN_DIGITS.finditer(text))


_TEN_DIGITS = re.compile(r"(?<!\d)(?=((?:\d[\s\u2010-\u2015.-]{0,3}){9}\d)(?!\d))")


def _is_nhs_number(text: str) -> bool:
    digits = [int(character) for character in text if character.isdigit()]
    total = sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    return (11 - total % 11) % 11 == digits[9]  # a remainder that calls for 10 matches no digit


def _free_text(text: Any) -> Any:
    if isinstance(text, str) and nhs_number_in(text):
        raise CellError(
            "holds what looks like an NHS number",
            "take it out: nothing here is about a person who is cared for",
            shown=False,
        )
    return " ".join(text.split()) if isinstance(text, str) else text


def _address(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        problem = f"is not an e-mail address: {_lower_first(str(error)).rstrip('.')}"
        raise CellError(problem, "write one address, such as lead@northmoor.nhs.example") from error


def _phone(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    digits = re.sub(r"[\s().-]", "", text)
    if re.fullmatch(r"[1-9]\d{9}", digits):
        remedy = f"write 0{digits[:4]} {digits[4:]}: a spreadsheet drops the 0 of a number column"
        raise CellError("has ten digits and no leading 0", remedy)
    if re.fullmatch(r"0\d{9,10}|\+[1-9]\d{6,14}", digits) is None:
        raise CellError("is not a telephone number", "write it as 07700 900123 or +44 7700 900123")
    return " ".join(text.split())


def _day(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise CellError("is not a day that exists", "write it as 2024-06-14 or 14/06/2024")


def _clock_time(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    found = re.fullmatch(r"(\d{1,2})[:.](\d{2})(?::00)?", text.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise CellError("is not a time of day", "write it as 09:05, on the 24-hour clock")
    return time(int(found[1]), int(found[2]))


def _instant(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    written = re.sub(r"^(\d{1,2})/(\d{1,2})/(\d{4})", _iso_day, text.strip())
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        remedy = "write it as 2024-06-14 23:59:30 or 14/06/2024 23:59"
        raise CellError("is not a day and time that exist", remedy) from None
    if len(written) <= len("2024-06-14"):
        raise CellError("has no time of day", "add it: 2024-06-14 17:00")
    return _local(instant).astimezone(UTC)


def _iso_day(found: re.Match[str]) -> str:
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"


def _local(instant: datetime) -> datetime:
    if instant.tzinfo is not None:
        return instant
    local = instant.replace(tzinfo=LOCAL)
    if local.astimezone(UTC).astimezone(LOCAL).replace(tzinfo=None) != instant:
        raise CellError(
            "does not exist: the clocks go forward over it", "write the time after the change"
        )
    return local


def _yes_or_no(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    if text.strip().casefold() in {"yes", "y", "true", "1"}:
        return True
    if text.strip().casefold() in {"no", "n", "false", "0"}:
        return False
    raise CellError("is neither yes nor no", "write yes or no")


def one_of(words: type[StrEnum]) -> Callable[[Any], Any]:
    """Return a reader of one of ``words``, however its letters, spaces and dashes are written."""
    known = {word.value: word for word in words}

    def read(text: Any) -> Any:
        if not isinstance(text, str) or isinstance(text, words):
            return text
        written = re.sub(r"[\W_]+", "_", text.strip().casefold()).strip("_")
        if written in known:
            return known[written]
        near = nearest(written, known)
        remedy = f"did you mean {near}?" if near else f"write one of {', '.join(known)}"
        raise CellError("is not one of the known words", remedy)

    return read


def nearest(written: str, known: Any) -> str | None:
    """Return the known word that a written one is probably meant to be."""
    found = get_close_matches(written, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


_ID = "is not an id: letters, a dash, digits, and never a name"

Id = Annotated[
    str,
    BeforeValidator(
        _code(r"[A-Z]{1,8}-?[0-9]{1,8}", _ID, "write it as SVC-16, ORG-03, PER-0001", upper=True)
    ),
]
"""Opaque id: it stands in workflow ids, logs and journals, so it says nothing of a person."""

EditionId = Annotated[
    str,
    BeforeValidator(
        _code(
            r"[a-z][a-z0-9-]{1,30}",
            "is not the id of an edition",
            "write it as in the edition file, such as mha-qi-wider",
            upper=False,
        )
    ),
]

Scope = Annotated[
    str,
    BeforeValidator(
        _code(
            r"\*|[A-Z]{1,8}-?[0-9]{1,8}|[a-z][a-z0-9-]{1,30}",
            "is no service, organisation or edition",
            "write the id of a service, organisation or edition, or * for the whole programme",
            upper=False,
        )
    ),
]

OdsCode = Annotated[
    str,
    BeforeValidator(
        _code(
            r"[A-Z0-9]{3}|[A-Z0-9]{5}",
            "is not an ODS code",
            "write the three or five letters and digits of the organisation",
            upper=True,
        )
    ),
]
"""ODS code of an organisation (P08); nothing is concluded from a shared beginning."""

FreeText = Annotated[str, BeforeValidator(_free_text), Field(min_length=1, max_length=200)]
"""Words of a person's own; an NHS number in them is refused (P10)."""

MailAddress = Annotated[str, BeforeValidator(_address), Field(max_length=254)]
Phone = Annotated[str, BeforeValidator(_phone), Field(max_length=40)]
Day = Annotated[date, BeforeValidator(_day)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
LocalInstant = Annotated[datetime, BeforeValidator(_instant)]
"""An instant, UTC; without a zone it is read as London time, the earlier of two that agree."""
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
