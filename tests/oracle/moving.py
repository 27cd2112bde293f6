"""The oracle's moves: put elsewhere for somebody who asks, and where a coach is free (C15, E01)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from schemas.people import Role
from schemas.sessions import Cadence
from tests.oracle import settling
from tests.oracle.calendar import free_days
from tests.oracle.chases import close_all
from tests.oracle.days import DAY, touches
from tests.oracle.sessions import bound, day_rests, put, refuse_clash, start_of, taken
from tests.oracle.world import Course, Meeting, Ward, World

NEAR = 21
"""How many days from its own a session is put elsewhere."""
HOURS = tuple(time(hour) for hour in (9, 10, 11, 12, 14, 15, 16))
"""Tried where its own time of day is taken: clear of the handovers of a ward."""
DATED = ("event_dated", "executive_slot")
OF_ITS_DAY = ("session_record", "event_partner", "event_report_out")
BOUND = {Role.SERVICE_LEAD, Role.EXECUTIVE_SPONSOR}


def move_to(world: World, one: Meeting, starts: datetime, why: str) -> None:
    """Put a session on another moment, unless somebody who must come is elsewhere (C15, X11)."""
    before = (one.starts, one.ends)
    one.starts, one.ends = starts, starts + timedelta(minutes=one.kind.minutes)
    try:
        refuse_clash(world, one.course, one, bound(world, one.course, one.kind, one))
    finally:
        one.starts, one.ends = before
    put(world, one, starts, by_person=True, reason=why)
    for kind in DATED:
        close_all(world, one.course, "done", kind=kind, about=one.id)
    for kind in OF_ITS_DAY:
        close_all(world, one.course, "cancelled", kind=kind, about=one.id, reason="session_moved")
    if one.kind.cadence is Cadence.FULL_DAY:
        settling.tell_sponsor(world, one, before[0])


@dataclass
class Search:
    """Looks for the nearest time at which each of some sessions can be with its own coach.

    What is found for one is taken for the next, so that all of it can be done together.
    """

    world: World
    coach: str
    _days: dict[tuple[Course, str], set[date]] = field(default_factory=dict)
    _taken: list[tuple[str, datetime, datetime]] = field(default_factory=list)

    def nearest(self, touched: Sequence[Meeting]) -> dict[Meeting, datetime]:
        """Return where each goes; one for which there is no time is left out."""
        found = {}
        for one in touched:
            starts = next(self._times(one), None)
            if starts is not None:
                found[one] = starts
                day = self.world.days.day(starts)
                self._days.setdefault((one.course, one.kind.id), set()).add(day)
                ends = starts + timedelta(minutes=one.kind.minutes)
                self._taken += [(who, starts, ends) for who in self._who(one)]
        return found

    def _who(self, one: Meeting) -> list[str]:
        """Return who must be free: its coach, and lead and sponsor where they come."""
        others = [who for who, role in one.people.items() if role in BOUND - {one.kind.coach}]
        return [self.coach, *others]

    def _times(self, one: Meeting) -> Iterator[datetime]:
        if one.kind.cadence is Cadence.FULL_DAY:
            yield from self._whole_days(one)
            return
        own = self.world.days.local(start_of(one)).time()
        clocks = [own, *(clock for clock in HOURS if clock != own)]
        for day in self._near(one):
            for clock in clocks:
                starts = self.world.days.at(day, clock)
                ends = starts + timedelta(minutes=one.kind.minutes)
                if not any(self._is_busy(who, starts, ends) for who in self._who(one)):
                    yield starts
                    break

    def _near(self, one: Meeting) -> list[date]:
        """Return the days on which it may be, the nearest first; of two the later."""
        world, own, window = self.world, self.world.days.day(start_of(one)), one.course
        shut = self._days.get((one.course, one.kind.id), set()) | {
            world.days.day(start_of(other))
            for other in world.meetings_of(one.course, one.kind.id)
            if other.starts is not None and other.state != "cancelled"
        }
        opens, closes = world.edition.window.opens, world.edition.window.closes
        first = max(opens, world.days.day(world.now) + DAY)
        found = []
        for far in range(-NEAR, NEAR + 1):
            day = own + far * DAY
            month = one.kind.cadence is not Cadence.MONTHLY or day.month == own.month
            fits = first <= day <= closes and month and day not in shut and world.days.works(day)
            away = world.people.away(self.coach, day)
            if fits and not away and not day_rests(world, window, day):
                found.append(day)
        return sorted(found, key=lambda day: (abs(day - own), day < own))

    def _whole_days(self, one: Meeting) -> Iterator[datetime]:
        """Walk the days on which an event can be: with its lead, all of the day free (X12)."""
        world = self.world
        if not isinstance(one.course, Ward):
            return
        first = world.days.day(world.now) + DAY
        for day in free_days(world, one.course, one.kind, first):
            begins, ends = world.days.at(day), world.days.at(day + DAY)
            busy = any(self._is_busy(who, begins, ends, event=True) for who in self._who(one))
            if not busy and not world.people.away(self.coach, day):
                yield world.days.at(day, one.kind.starts)

    def _is_busy(self, who: str, begins: datetime, ends: datetime, *, event: bool = False) -> bool:
        """Tell whether somebody has something then; weekly sessions give way to an event."""
        known = [
            taken(self.world, other)
            for _, other in self.world.booked([who])
            if not (event and other.kind.cadence is Cadence.WEEKLY)
        ]
        known += [(since, until) for person, since, until in self._taken if person == who]
        return any(touches(span, begins, ends) for span in known)
