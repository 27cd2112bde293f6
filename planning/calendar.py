"""Working days and civil time: the only file that knows of public holidays and time zones.

Days are civil days of the calendar's zone, instants are aware and UTC. A calendar has a horizon:
asked about a year that it has no holidays for, it fails and names the year, because a quiet "no
holidays that year" would place sessions on Christmas Day.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from schemas.edition import Edition

FIRST_YEAR = 2012
"""First year for which England's holidays were compared with the published list."""

LAST_YEAR = 2030
"""Last year for which the list is dependable: further ahead, one-off holidays are not announced."""

SATURDAY, SUNDAY = 5, 6
ONE_DAY = timedelta(days=1)


class CalendarHorizonError(ValueError):
    """A day lies in a year whose public holidays are not known."""

    def __init__(self, day: date, first_year: int, last_year: int) -> None:
        super().__init__(
            f"the public holidays of {day.year} are not known: this calendar reaches from"
            f" {first_year} to {last_year}; choose a day inside it, or install a newer release"
        )
        self.year = day.year


@dataclass(frozen=True)
class WorkingCalendar:
    """Tells working days from days off, and civil time from instants.

    Attributes:
        zone: IANA name of the time zone of every civil day and time.
        days_off: Public holidays and extra days off; weekends need not be among them.
        first_year: First year that the calendar knows.
        last_year: Last year that the calendar knows.
        weekend: Weekdays never worked, Monday is 0.

    """

    zone: str
    days_off: frozenset[date]
    first_year: int
    last_year: int
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})

    def is_working_day(self, day: date) -> bool:
        """Tell whether people work on ``day`` (C09).

        Raises:
            CalendarHorizonError: The holidays of that year are not known.

        """
        if not self.first_year <= day.year <= self.last_year:
            raise CalendarHorizonError(day, self.first_year, self.last_year)
        return day.weekday() not in self.weekend and day not in self.days_off

    def next_working_day(self, day: date) -> date:
        """Return ``day`` itself if it is a working day, else the first one after it."""
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def previous_working_day(self, day: date) -> date:
        """Return ``day`` itself if it is a working day, else the last one before it."""
        while not self.is_working_day(day):
            day -= ONE_DAY
        return day

    def add_working_days(self, day: date, n: int) -> date:
        """Return the n-th working day after ``day``, or before it where ``n`` is negative.

        With ``n`` of 0 it is the day itself or, from a day off, the next working day.
        """
        if n == 0:
            return self.next_working_day(day)
        towards = ONE_DAY if n > 0 else -ONE_DAY
        for _ in range(abs(n)):
            day += towards
            while not self.is_working_day(day):
                day += towards
        return day

    def instant(self, day: date, clock_time: time) -> datetime:
        """Return the UTC instant at which the zone's clocks show ``clock_time`` on ``day``.

        A time that a change to summer time skips is read on the clock of before the change (01:30
        becomes 02:30); one that comes twice in autumn is the first of the two.
        """
        return datetime.combine(day, clock_time, self._zone).astimezone(UTC)

    def local(self, at: datetime) -> datetime:
        """Return ``at`` in the calendar's zone."""
        return at.astimezone(self._zone)

    def day_of(self, at: datetime) -> date:
        """Return the civil day on which ``at`` falls."""
        return self.local(at).date()

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


def england(
    first_year: int = FIRST_YEAR,
    last_year: int = LAST_YEAR,
    extra_days_off: frozenset[date] = frozenset(),
) -> WorkingCalendar:
    """Return the working calendar of England.

    Args:
        first_year: First year wanted, not before 2012.
        last_year: Last year wanted, not after 2030.
        extra_days_off: Days off announced after the list of holidays was published.

    Raises:
        CalendarHorizonError: A year outside 2012 to 2030 was asked for.

    """
    for year in (first_year, last_year):
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise CalendarHorizonError(date(year, 1, 1), FIRST_YEAR, LAST_YEAR)
    return WorkingCalendar(
        zone="Europe/London",
        days_off=_english_holidays(first_year, last_year) | extra_days_off,
        first_year=first_year,
        last_year=last_year,
    )


@lru_cache(maxsize=64)
def _english_holidays(first_year: int, last_year: int) -> frozenset[date]:
    # Imported when first needed: the library takes longer to load than most commands to run.
    from holidays import country_holidays

    # Without the subdivision the library leaves out Easter Monday and the August holiday.
    years = range(first_year, last_year + 1)
    return frozenset(country_holidays("GB", subdiv="ENG", years=years))


def calendar_of(edition: Edition) -> WorkingCalendar:
    """Return the calendar that an edition's file describes; asking again costs nothing."""
    return _calendar(edition.zone, frozenset(edition.extra_days_off), frozenset(edition.weekend))


@lru_cache(maxsize=64)
def _calendar(zone: str, extra: frozenset[date], weekend: frozenset[int]) -> WorkingCalendar:
    return WorkingCalendar(
        zone=zone,
        days_off=_english_holidays(FIRST_YEAR, LAST_YEAR) | extra,
        first_year=FIRST_YEAR,
        last_year=LAST_YEAR,
        weekend=weekend,
    )
