"""What changes for good in a random year: sponsors, coaches, wards that become one, the policy."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from random import Random

from planning.calendar import ONE_DAY
from rehearsal.chance.people import COORDINATOR, Company, Ward
from rehearsal.chance.year import RandomYear
from rehearsal.script import EventLine, Verb
from schemas.sessions import Cadence

FOLLOWED, VACANT, NEW_COACH, BECOME_ONE, NEW_VERSION = 0.25, 0.4, 0.15, 0.15, 0.3
"""How likely each is: of a sponsor, of a post that changes, of a ward, of two wards, of a year."""


@dataclass(frozen=True)
class Upheavals:
    """Throws what changes for good."""

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
        lines = [*self._sponsors(), *self._coaches(), *self._wards(), *self._versions()]
        return sorted(lines, key=lambda line: (line.at, line.target, line.verb))

    def _sponsors(self) -> Iterator[EventLine]:
        known = self.company.sponsors
        followed = [one for one in known if self.chance.random() < FOLLOWED]
        staying = [one for one in known if one not in followed]
        for sponsor in followed:
            day = self.year.day(-30)
            if self.chance.random() < VACANT:
                yield self._says(day, Verb.SUCCESSOR, sponsor, {}, self._soon(day))
                day = self._soon(day) + 2 * ONE_DAY
            new = self.company.successors[sponsor]
            by = self.chance.choice([new, *staying]) if self.chance.random() < 0.3 else new
            yield self._says(day, Verb.SUCCESSOR, sponsor, {"by": by}, self._soon(day))

    def _soon(self, day: date) -> date:
        return day + ONE_DAY * self.chance.randint(0, 12)

    def _coaches(self) -> Iterator[EventLine]:
        for ward in self.company.wards:
            others = [one for one in self.company.coaches if one != ward.coach]
            if others and self.chance.random() < NEW_COACH:
                coach = self.chance.choice(others)
                yield self._says(self.year.day(-30), Verb.COACH, ward.id, {"coach": coach})

    def _wards(self) -> Iterator[EventLine]:
        for one, other in combinations(self.company.wards, 2):
            together = one.organisation == other.organisation
            if together and self.chance.random() < BECOME_ONE:
                yield self._become_one(*self.chance.sample([one, other], 2))

    def _become_one(self, old: Ward, new: Ward) -> EventLine:
        day = self.year.day(0)
        said = {"kind": "service", "by": new.id}
        return self._says(day, Verb.MERGE, old.id, said, self._soon(day))

    def _versions(self) -> Iterator[EventLine]:
        weekly = [one for one in self.year.edition.sessions if one.cadence is Cadence.WEEKLY]
        if weekly and self.chance.random() < NEW_VERSION:
            kind = weekly[0]
            days, step = self.chance.randint(0, 3), kind.reminders[0].id
            changes = {
                f"sessions.{kind.id}.reminders.{step}.before": f"{days}wd",
                "chases.session_record.steps.first.after": f"{self.chance.randint(3, 25)}wh",
                "chases.commitments.steps.second.after": f"{self.chance.randint(1, 5)}wd",
            }
            edition = self.year.edition.id
            yield self._says(self.year.day(-20), Verb.EDITION_CHANGE, edition, changes)

    def _says(
        self, day: date, verb: Verb, target: str, said: dict[str, str], begins: date | None = None
    ) -> EventLine:
        details = said if begins is None else {**said, "from": begins.isoformat()}
        text = "; ".join(f"{name}={value}" for name, value in details.items())
        return self.year.line(day, COORDINATOR, verb, target, details=text, reason="other")
