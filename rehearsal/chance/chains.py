"""Sponsors who follow each other in a random year: a third, a return, two who change places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from planning.calendar import ONE_DAY
from rehearsal.chance.people import COORDINATOR
from rehearsal.chance.year import RandomYear
from rehearsal.script import EventLine, Verb, details_of

CHAINED, SAME_DAY, VACANT, MOST = 0.4, 0.35, 0.1, 4
"""How likely each is: that a year has some, that one begins with another, that nobody follows; and
how many there are at most.
"""


@dataclass(frozen=True)
class Chains:
    """Throws who follows whom besides.

    Attributes:
        said: What was thrown of sponsors before.

    """

    year: RandomYear
    said: Sequence[EventLine]

    @property
    def chance(self) -> Random:
        """What the year was thrown with."""
        return self.year.chance

    def events(self) -> list[EventLine]:
        """Return lines for events.csv, earliest first."""
        return sorted(self._chained(), key=lambda line: (line.at, line.target, line.verb))

    def _chained(self) -> Iterator[EventLine]:
        if self.chance.random() >= CHAINED:
            return
        days = [
            date.fromisoformat(details_of(line.details)["from"])
            for line in self.said
            if line.verb is Verb.SUCCESSOR
        ]
        company = self.year.company
        known = [*company.sponsors, *company.successors.values()]
        named = {details_of(line.details).get("by", "") for line in self.said} & {*known}
        sponsors = sorted({*company.sponsors, *named})
        for _ in range(self.chance.randint(1, MOST)):
            day = self.year.day(-30)
            begins = day + ONE_DAY * self.chance.randint(0, 30)
            if days and self.chance.random() < SAME_DAY:
                begins = self.chance.choice(days)
            days.append(begins)
            yield self._follows(day, begins, sponsors, known)

    def _follows(self, day: date, begins: date, sponsors: list[str], known: list[str]) -> EventLine:
        old, new = self.chance.choice(sponsors), self.chance.choice(known)
        sponsors.append(new)
        said = f"from={begins.isoformat()}"
        if self.chance.random() >= VACANT:
            said = f"by={new}; {said}"
        return self.year.line(day, COORDINATOR, Verb.SUCCESSOR, old, details=said, reason="other")
