"""What each service of the sample settles before its first session: coach, slot, days."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cached_property

from rehearsal.sample.cast_list import PARTNER_FOUND_LATE, CastList
from rehearsal.sample.providers import WIDER
from schemas.imports import SlotLine, Weekday

TIMES = (time(9, 30), time(10), time(11), time(14, 30), time(15, 30))
FIVE_PAST_NINE = "SVC-26"
"""Meets at 09:05 through both clock changes (C11)."""
ON_WEDNESDAYS = "SVC-27"
"""Its weekday meets 25 December and 1 January, both in the winter break (C10, X07)."""

FRIDAYS = tuple(date(2024, 10, 11) + timedelta(weeks=week) for week in range(6))
"""Coaches have no weekly sessions on Fridays: most improvement events are held then (C05)."""
LATE_EVENTS = {"WL-03": date(2024, 11, 15), PARTNER_FOUND_LATE: FRIDAYS[5]}
FIRST_LATE_FRIDAY = date(2025, 1, 17)
"""Whoever else comes in late has its event from here on, eight weeks after it is dated (X12)."""
LATE_TIMES = (time(9), time(10, 15), time(13), time(14, 15), time(15, 30))
LATE_SPONSORS = {"WL-03": date(2024, 10, 8)}
FIRST_LATE_MONDAY = date(2024, 11, 4)
FIRST_EXECUTIVE_DAYS = tuple(
    day
    for day in (date(2024, 9, 9) + timedelta(days=offset) for offset in range(14))
    if day.weekday() < 5
)


@dataclass(frozen=True)
class Slots:
    """Slots of every service that ever has a place, without a clash of coaches (C15)."""

    cast: CastList

    @cached_property
    def turns(self) -> dict[str, tuple[int, int]]:
        """Return the number of each service's coach, and its turn among that coach's services."""
        found: dict[str, tuple[int, int]] = {}
        met: dict[str, int] = {}
        for service in self.cast.providers.placed:
            coach = self.cast.coaches[service]
            if service != "SVC-50":
                found[service] = int(coach[3:]), met.get(coach, 0)
                met[coach] = found[service][1] + 1
        return {
            service: found.get(service, (int(coach[3:]), 3))
            for service, coach in self.cast.coaches.items()
        }

    @cached_property
    def late(self) -> list[str]:
        """Return those who wait, WL-01 apart, which comes in time."""
        return [service for service in self.cast.providers.waiting if service != "WL-01"]

    @cached_property
    def lines(self) -> list[SlotLine]:
        """Return slots.csv."""
        return [self._line(service) for service in self.cast.coaches]

    def event_day(self, service: str) -> date:
        """Return the day of a service's improvement event.

        A coach's first service holds it on the weekday of its own slot, which then gives way
        (C15a); the others on Fridays.
        """
        coach, turn = self.turns[service]
        if service in LATE_EVENTS:
            return LATE_EVENTS[service]
        if service in self.late:
            return FIRST_LATE_FRIDAY + timedelta(weeks=self.late.index(service) // 3)
        if turn == 0:
            monday = date(2024, 10, 14) + timedelta(weeks=coach % 3)
            return monday + timedelta(days=self._weekday(service).number)
        return FRIDAYS[(turn - 1) * 2]

    def _executive_day(self, service: str, place: int) -> date:
        if service in self.late:  # where the sponsor is coached already, nobody asks for it
            later = FIRST_LATE_MONDAY + timedelta(days=self.late.index(service) % 5)
            return LATE_SPONSORS.get(service, later)
        return FIRST_EXECUTIVE_DAYS[place]

    def _weekday(self, service: str) -> Weekday:
        coach, turn = self.turns[service]
        return list(Weekday)[(turn + coach - 1) % 4]

    def _starts(self, service: str) -> time:
        if service == FIVE_PAST_NINE:
            return time(9, 5)
        if service in self.late:
            return LATE_TIMES[self.late.index(service) // 3]
        return self.cast.providers.dice.pick(TIMES, "slot", self.cast.coaches[service], service)

    def _line(self, service: str) -> SlotLine:
        sponsor = self.cast.sponsor(service)
        place = (int(sponsor[3:]) - 1) // 3
        partners = self.cast.partners[service]
        known = partners and service != PARTNER_FOUND_LATE
        return SlotLine(
            edition=WIDER,
            service=service,
            coach=self.cast.coaches[service],
            weekday=self._weekday(service),
            starts=self._starts(service),
            event_day=self.event_day(service),
            partner=partners[0] if known else None,
            executive_coach=self.cast.executive_coaches[sponsor],
            executive_day=self._executive_day(service, place),
            executive_starts=time(9, 30) if place % 2 else time(14),
        )
