"""What goes wrong in a random year: coaches who are away, workers that stand still, busy mail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from random import Random

from planning.calendar import ONE_DAY
from rehearsal.chance.people import COORDINATOR, Company
from rehearsal.chance.year import RandomYear
from rehearsal.script import EventLine, Verb

AWAY, MOVED, NAMED, DOWN, BUSY = 0.5, 0.35, 0.2, 0.3, 0.35
"""How likely each is: of a coach, of an absence (to be met by other times, or by named people), of
a year.
"""
OUTAGES = (97, 283, 613, 1451, 3860)
"""Minutes without workers: from some hours of a day to a weekend."""
BUSY_AT, BUSY_FOR = time(9, 5), (2, 9)
"""When mail is put off, as most reminders go, and for how many minutes."""


@dataclass(frozen=True)
class Misfortunes:
    """Throws what goes wrong."""

    year: RandomYear

    @property
    def chance(self) -> Random:
        """What the year was thrown with."""
        return self.year.chance

    @property
    def company(self) -> Company:
        """Everybody."""
        return self.year.company

    def events(self) -> list[EventLine]:
        """Return lines for events.csv, earliest first."""
        lines = [*self._absences(), *self._outages(), *self._busy_mail()]
        return sorted(lines, key=lambda line: (line.at, line.target, line.verb))

    def _absences(self) -> Iterator[EventLine]:
        for coach in [*self.company.coaches, *self.company.executive_coaches]:
            if self.chance.random() < AWAY:
                yield self._absence(coach)

    def _absence(self, coach: str) -> EventLine:
        """Return that a coach is away from the day on which it is said, or some days later."""
        day = self.year.day(-10)
        first = day + ONE_DAY * self.chance.randint(0, 6)
        until = first + ONE_DAY * self.chance.randint(0, 13)
        others = [one for one in self.company.coaches if one != coach]
        said = f"from={first.isoformat()}; until={until.isoformat()}"
        if self.chance.random() < MOVED:
            said = f"{said}; move=yes"
        elif coach in self.company.coaches and others and self.chance.random() < NAMED:
            said = f"{said}; cover={self.chance.choice(others)}"
        return self.year.line(
            day, COORDINATOR, Verb.ABSENCE, coach, details=said, reason="sickness"
        )

    def _outages(self) -> Iterator[EventLine]:
        if self.chance.random() < DOWN:
            day = self.year.day(-40)
            minutes = self.chance.choice(OUTAGES)
            yield self._trouble(day, Verb.WORKERS_DOWN, minutes)

    def _busy_mail(self) -> Iterator[EventLine]:
        if self.chance.random() < BUSY:
            line = self._trouble(
                self.year.day(0), Verb.MAIL_PUT_OFF, self.chance.randint(*BUSY_FOR)
            )
            day = self.year.calendar.day_of(line.at)
            yield line.model_copy(update={"at": self.year.calendar.instant(day, BUSY_AT)})

    def _trouble(self, day: date, verb: Verb, minutes: int) -> EventLine:
        edition = self.year.edition.id
        return self.year.line(day, COORDINATOR, verb, edition, details=f"for={minutes}")
