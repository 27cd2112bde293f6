"""Working days and working time, counted for the oracle alone."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from holidays import country_holidays

from schemas.delays import DelayValue, Unit
from schemas.edition import Edition

DAY = timedelta(days=1)
Rest = tuple[datetime, datetime | None]
"""A stretch in which clocks stand still; without its end it has none yet."""

PLAIN = {
    Unit.WEEKS: timedelta(weeks=1),
    Unit.DAYS: DAY,
    Unit.HOURS: timedelta(hours=1),
    Unit.MINUTES: timedelta(minutes=1),
}


def covers(rest: Rest, at: datetime) -> bool:
    """Tell whether a moment lies in a rest."""
    return rest[0] <= at and (rest[1] is None or at < rest[1])


def awake(at: datetime, rests: Sequence[Rest]) -> datetime | None:
    """Return the first moment from ``at`` on that lies in no rest; none where one has no end."""
    for rest in sorted(rests, key=lambda one: one[0]):
        if covers(rest, at):
            if rest[1] is None:
                return None
            at = rest[1]
    return at


def touches(rest: Rest, start: datetime, end: datetime) -> bool:
    """Tell whether a rest takes any part of a stretch."""
    return rest[0] < end and (rest[1] is None or start < rest[1])


class Days:
    """The days of one edition: who works when, and when mail goes."""

    def __init__(self, edition: Edition) -> None:
        """Count as the edition's file says."""
        self.zone = ZoneInfo(edition.zone)
        self.opens, self.closes = edition.mail.opens, edition.mail.closes
        years = range(edition.recruitment.opens.year - 1, edition.window.closes.year + 2)
        self._off = {*country_holidays("GB", subdiv="ENG", years=years), *edition.extra_days_off}
        self._weekend = set(edition.weekend)
        self.breaks: tuple[Rest, ...] = tuple(
            (self.at(one.opens), self.at(one.closes + DAY)) for one in edition.pauses
        )

    def works(self, day: date) -> bool:
        """Tell whether people work on a day (C09)."""
        return day.weekday() not in self._weekend and day not in self._off

    def at(self, day: date, clock: time = time()) -> datetime:
        """Return the instant of a local time."""
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def local(self, at: datetime) -> datetime:
        """Return the local time of an instant."""
        return at.astimezone(self.zone)

    def day(self, at: datetime) -> date:
        """Return the local day of an instant."""
        return self.local(at).date()

    def from_on(self, day: date, step: int = 1) -> date:
        """Return the first working day from a day on, or back from it."""
        while not self.works(day):
            day += step * DAY
        return day

    def away(self, day: date, number: int) -> date:
        """Return the day that so many working days lie behind or ahead of a day."""
        step = 1 if number > 0 else -1
        for _ in range(abs(number)):
            day = self.from_on(day + step * DAY, step)
        return self.from_on(day)

    def before(self, day: date, delay: DelayValue) -> date:
        """Return the day that lies a delay ahead of a day."""
        if delay.unit is Unit.WORKING_DAYS:
            return self.away(day, -delay.amount) if delay.amount else self.from_on(day)
        return day - delay.amount * PLAIN[delay.unit]

    def in_window(self, at: datetime) -> bool:
        """Tell whether mail may go (M02)."""
        local = self.local(at)
        return self.works(local.date()) and self.opens <= local.time() < self.closes

    def later(self, at: datetime) -> datetime:
        """Return the first moment from ``at`` on at which mail may go (M02)."""
        if self.in_window(at):
            return at
        local = self.local(at)
        day = local.date() if local.time() < self.opens else local.date() + DAY
        return self.at(self.from_on(day), self.opens)

    def earlier(self, at: datetime) -> datetime:
        """Return an earlier moment at which mail may go (M02)."""
        if self.in_window(at):
            return at
        local = self.local(at)
        last = (datetime.combine(local.date(), self.closes) - timedelta(minutes=1)).time()
        if local.time() < self.opens:
            return self.at(self.from_on(local.date() - DAY, -1), last)
        return self.at(self.from_on(local.date(), -1), min(local.time(), last))

    def after(self, start: datetime, delay: DelayValue, rests: Sequence[Rest]) -> datetime | None:
        """Return when a delay has passed; nothing where a rest without an end comes first (X04)."""
        if delay.unit in PLAIN:
            return self.opening(start + delay.amount * PLAIN[delay.unit], rests)
        hour = timedelta(hours=1)
        whole = (self.closes.hour - self.opens.hour) * hour
        left = delay.amount * (whole if delay.unit is Unit.WORKING_DAYS else hour)
        for begins, ends in self._work(start, rests):
            if begins + left < ends:
                return begins + left
            left -= ends - begins
        return None

    def opening(self, at: datetime, rests: Sequence[Rest]) -> datetime | None:
        """Return the first working moment from ``at`` on that lies in no rest."""
        return next((begins for begins, _ in self._work(at, rests)), None)

    def _work(self, start: datetime, rests: Sequence[Rest]) -> Iterator[tuple[datetime, datetime]]:
        """Walk the stretches in which people work and nothing rests."""
        day = self.day(start)
        endless = min((one[0] for one in rests if one[1] is None), default=None)
        while endless is None or self.at(day) < endless:
            if self.works(day):
                pieces = [(max(start, self.at(day, self.opens)), self.at(day, self.closes))]
                for rest in rests:
                    pieces = [part for piece in pieces for part in _without(piece, rest)]
                yield from sorted((a, b) for a, b in pieces if a < b)
            day += DAY


def _without(piece: tuple[datetime, datetime], rest: Rest) -> list[tuple[datetime, datetime]]:
    begins, ends = piece
    if not touches(rest, begins, ends):
        return [piece]
    left = [(begins, rest[0])] if begins < rest[0] else []
    right = [(rest[1], ends)] if rest[1] is not None and rest[1] < ends else []
    return left + right
