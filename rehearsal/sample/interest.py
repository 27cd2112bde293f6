"""The sample's 61 expressions of interest for 37 places.

22 of services that had expressed interest before, 33 of newcomers, 6 of independent providers. 24
are not placed: 3 are second ones of a service, 2 out of scope, 1 after the deadline, 2 of
independent providers before the day from which these may apply, and 16 wait.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from rehearsal.sample.cast_list import CastList
from rehearsal.sample.providers import WIDER
from schemas.imports import InterestLine

LONDON = ZoneInfo("Europe/London")
EARLIER_INTEREST = 22
CURTAIN = datetime(2024, 6, 9, 23, tzinfo=UTC)
"""When the demo begins, midnight in London: what was submitted before is imported."""


def local(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return the UTC instant of a time of day in London."""
    return datetime.combine(day, time(hour, minute, second), LONDON).astimezone(UTC)


SECOND_ONES = {
    "SVC-38": local(date(2024, 6, 6), 10, 20),
    "SVC-45": local(date(2024, 6, 11), 15, 40),
    "WL-05": local(date(2024, 6, 14), 16, 10),
}
"""Services from which a second expression of interest comes (R12)."""


@dataclass(frozen=True)
class Interests:
    """When each service expressed its interest."""

    cast: CastList

    @cached_property
    def submitted(self) -> dict[str, datetime]:
        """Return when each service submitted its first expression of interest."""
        placed = self.cast.providers.placed
        found = dict(
            zip(placed[:EARLIER_INTEREST], self._spread(date(2024, 4, 15), 40), strict=True)
        )
        newcomers = placed[EARLIER_INTEREST:-2]
        found |= dict(zip(newcomers, self._spread(date(2024, 5, 2), 34, 13), strict=True))
        found |= {
            "OUT-01": local(date(2024, 5, 13), 11, 40),
            "IND-01": local(date(2024, 5, 20), 14, 5),
            "IND-04": local(date(2024, 5, 27), 9, 30),
            "IND-03": local(date(2024, 6, 7), 16, 20),
            "IND-02": local(date(2024, 6, 10), 10, 30),
            "OUT-02": local(date(2024, 6, 12), 10, 15),
            "LATE-01": local(date(2024, 6, 15), 0, 0, 10),
        }
        waiting = self.cast.providers.waiting
        for place, service in enumerate(waiting[:-1]):
            day, turn = divmod(place, 3)
            hour = 11 + turn * 2 if day else 14 + turn
            found[service] = local(date(2024, 6, 10 + day), hour, place)
        found[waiting[-1]] = local(date(2024, 6, 14), 23, 59, 30)
        return found

    def _spread(self, first: date, days: int, count: int = EARLIER_INTEREST) -> list[datetime]:
        """Return instants in office hours over so many days, each later than the one before."""
        dice = self.cast.providers.dice
        found = []
        for place in range(count):
            day = first + timedelta(days=days * place // count)
            day -= timedelta(days=max(0, day.weekday() - 4))
            found.append(local(day, dice.among(9, 16, "hour", first, place), place * 2 % 60))
        return sorted(found)

    @cached_property
    def lines(self) -> list[InterestLine]:
        """Return all 61, earliest first."""
        first = [(submitted, service, True) for service, submitted in self.submitted.items()]
        second = [(submitted, service, False) for service, submitted in SECOND_ONES.items()]
        ordered = sorted([*first, *second])
        earlier = set(self.cast.providers.placed[:EARLIER_INTEREST])
        return [
            InterestLine(
                interest=f"EOI-{number:03}",
                edition=WIDER,
                service=service,
                submitted_at=submitted,
                sponsor=self.cast.sponsor(service),
                lead=self.cast.lead(service),
                earlier_interest=service in earlier and is_first,
            )
            for number, (submitted, service, is_first) in enumerate(ordered, 1)
        ]

    def imported(self) -> list[InterestLine]:
        """Return those that were submitted before the demo begins."""
        return [line for line in self.lines if line.submitted_at < CURTAIN]

    def live(self) -> list[InterestLine]:
        """Return those that the cast submits, at their own time."""
        return [line for line in self.lines if line.submitted_at >= CURTAIN]
