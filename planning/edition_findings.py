"""What the checks of an edition have in common: a finding, and the faults that many keys share."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import time, timedelta
from typing import NamedTuple

from planning.toml_lines import Path
from schemas.delays import DelayValue, Unit
from schemas.people import Role

WORKING = frozenset({Unit.WORKING_DAYS, Unit.WORKING_HOURS})
ELAPSED = frozenset(Unit) - WORKING
BY_DAY = frozenset({Unit.WORKING_DAYS, Unit.DAYS, Unit.WEEKS})

NIGHT_FROM, NIGHT_UNTIL = time(0, 30), time(2, 30)
"""Local times that a change of the clocks can skip or repeat, with half an hour round them."""

NOMINAL = {
    Unit.WORKING_DAYS: timedelta(days=7) / 5,
    Unit.WORKING_HOURS: timedelta(days=7) / 50,
    Unit.WEEKS: timedelta(weeks=1),
    Unit.DAYS: timedelta(days=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.MINUTES: timedelta(minutes=1),
}


class Finding(NamedTuple):
    """Something wrong in an edition: where, what, and what to do.

    ``rests_on`` names a list whose every element must be readable for the finding to hold.
    """

    path: Path
    problem: str
    remedy: str
    rests_on: str = ""


def nominal(delay: DelayValue) -> timedelta:
    """Return about how long a delay lasts: five working days are a week."""
    return delay.amount * NOMINAL[delay.unit]


def wrong_unit(path: Path, delay: DelayValue, units: frozenset[Unit]) -> Iterator[Finding]:
    """Tell a delay whose unit makes no sense at this place."""
    if delay.unit not in units:
        wanted = ", ".join(unit.value for unit in Unit if unit in units)
        yield Finding(path, f"{delay} cannot be counted here", f"write it in one of {wanted}")


def no_time(path: Path, delay: DelayValue) -> Iterator[Finding]:
    """Tell a delay of nothing."""
    if not delay.amount:
        yield Finding(path, f"{delay} is no time at all", f"write at least 1{delay.unit}")


def night(path: Path, at: time) -> Iterator[Finding]:
    """Tell a local time that does not exist once every day."""
    if NIGHT_FROM <= at <= NIGHT_UNTIL:
        problem = "a change of the clocks can skip or repeat this time"
        yield Finding(path, problem, "choose a time outside 00:30 to 02:30")


def twice(path: Path, key: str, values: Iterable[str]) -> Iterator[Finding]:
    """Tell each value that stands in a list more than once."""
    seen: Counter[str] = Counter()
    for number, value in enumerate(values):
        if seen[value]:
            problem = f"{str(value)!r} stands here more than once"
            yield Finding((*path, number, key), problem, "give each its own, or remove one")
        seen[value] += 1


def nobody(path: Path, role: Role, known: Iterable[Role]) -> Iterator[Finding]:
    """Tell a role that nobody holds."""
    if role not in set(known):
        problem = f"nobody in this edition is {role.value}"
        yield Finding(path, problem, one_of(known), rests_on="sessions")


def one_of(roles: Iterable[Role]) -> str:
    """Return the remedy that lists what may be written."""
    return "write one of " + ", ".join(sorted(role.value for role in roles))
