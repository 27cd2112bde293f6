"""Codes, days and numbers in the words of a report."""

from collections.abc import Sequence
from datetime import date, datetime

from planning.phrases import TO_DO
from schemas.delays import DelayValue, Unit
from schemas.obligations import ObligationKind
from schemas.policies import EscalationPolicy

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
    "bad_address": "the address does not work",
}

UNITS = {
    Unit.WORKING_DAYS: "working day",
    Unit.WORKING_HOURS: "working hour",
    Unit.WEEKS: "week",
    Unit.DAYS: "day",
    Unit.HOURS: "hour",
    Unit.MINUTES: "minute",
}


def plain(code: str) -> str:
    """Return a code as text: ``too_late`` becomes ``too late``."""
    return LONG.get(code, str(code).replace("_", " "))


def to_do(kind: str) -> str:
    """Return what an obligation asks of somebody: ``sign the executive commitments``."""
    return TO_DO[ObligationKind(kind)] if kind in set(ObligationKind) else plain(kind)


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


def counted(count: float, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 clash``, ``1,402 sessions``."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def listed(words: Sequence[str], most: int = 6) -> str:
    """Return words as a list: ``a, b and c``; of a long one the first, and how many more."""
    if len(words) > most:
        words = [*words[: most - 1], f"{len(words) - most + 1} more"]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def with_article(noun: str) -> str:
    """Return a noun with its article: ``an assistant``, ``a coordinator``."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def policy_words(policy: EscalationPolicy) -> str:
    """Return who is told when, as long as nobody does what is to be done."""
    parts, asked, before = [], set[str](), None
    for step in policy.steps:
        who = f"the {plain(step.to)} is {'told' if step.escalates else 'asked'}"
        parts.append(f"{_after(step.after, before)} {'again' if step.to in asked else who}")
        asked.add(step.to)
        before = step.after
    parts.append(f"{_after(policy.then, before)} a person must decide")
    return ", ".join(parts)


def _after(delay: DelayValue, before: DelayValue | None) -> str:
    if not delay.amount:
        return "at once"
    if before is None or not before.amount:
        return f"after {counted(delay.amount, UNITS[delay.unit])}"
    same = delay.unit is before.unit
    return f"after {delay.amount} more{'' if same else ' ' + _units(delay)}"


def _units(delay: DelayValue) -> str:
    return UNITS[delay.unit] + ("" if delay.amount == 1 else "s")
