"""Codes, days and numbers in the words of a report."""

from datetime import date, datetime

LONG = {
    "partner": "lived-experience partner",
    "bundled": "bundled into a digest",
    "inside_lead": "its moment had passed",
    "nearer_step": "a nearer reminder took its place",
    "prefers_phone": "the person prefers no mail",
    "ld_autism": "LD and autism",
    "cyp_gau": "CYP general adolescent",
    "cyp_picu": "CYP PICU",
    "picu": "PICU",
}


def plain(code: str) -> str:
    """Return a code as text: ``too_late`` becomes ``too late``."""
    return LONG.get(code, str(code).replace("_", " "))


SMALL_WORDS = {"and", "of", "the"}


def region_words(code: str) -> str:
    """Return a region as it is called: ``North East and Yorkshire``."""
    words = code.split("_")
    return " ".join(word if word in SMALL_WORDS else word.capitalize() for word in words)


def day_words(day: date | None) -> str:
    """Return a day as people write it: ``3 Sep 2024``; a dash where there is none."""
    return "–" if day is None else f"{day.day} {day:%b %Y}"


def moment_words(at: datetime | None) -> str:
    """Return a local time as people write it: ``Tue 3 Sep 2024 10:00``."""
    return "–" if at is None else f"{at:%a} {at.day} {at:%b %Y %H:%M}"


def number(count: float) -> str:
    """Return a number with its thousands set apart and no empty decimals: ``1,402.5``."""
    whole = round(float(count), 2)
    return f"{whole:,.0f}" if whole == int(whole) else f"{whole:,.2f}".rstrip("0")
