"""Civil time on the command line: read as people write it, shown in the edition's zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

HOW_TO_WRITE_DAY = "write it as 2024-09-03"
HOW_TO_WRITE_TIME = "write it as 10:00, on the 24-hour clock"
HOW_TO_WRITE_MOMENT = 'write it as "2024-09-03 10:00", or with an offset as 2024-09-03T09:00+00:00'


@dataclass(frozen=True)
class Moment:
    """A day, or a day and time, as somebody wrote it.

    Attributes:
        written: Naive where no offset was given: local time of the edition's zone.
        has_time: Whether a time of day was written; else it is midnight.

    """

    written: datetime
    has_time: bool

    def instant(self, zone: str) -> datetime:
        """Return the instant, UTC; of a time that comes twice in autumn the first."""
        if self.written.tzinfo is not None:
            return self.written.astimezone(UTC)
        return self.written.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    def end(self, zone: str) -> datetime:
        """Return the instant itself, or of a whole day the midnight at its end."""
        if self.has_time:
            return self.instant(zone)
        return Moment(self.written + timedelta(days=1), has_time=False).instant(zone)


def read_moment(text: str) -> Moment:
    """Read a day, or a day and a time.

    Raises:
        ValueError: It is neither, in a sentence.

    """
    written = text.strip()
    try:
        return Moment(datetime.fromisoformat(written), has_time=len(written) > len("2024-09-03"))
    except ValueError:
        raise ValueError(f"{text!r} is no day and time that exist: {HOW_TO_WRITE_MOMENT}") from None


def read_day(text: str) -> date:
    """Read a day.

    Raises:
        ValueError: It is none, in a sentence.

    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is no day that exists: {HOW_TO_WRITE_DAY}") from None


def read_clock_time(text: str) -> time:
    """Read a local time of day.

    Raises:
        ValueError: It is none, in a sentence.

    """
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no time of day: {HOW_TO_WRITE_TIME}")
    return time(int(found[1]), int(found[2]))


@dataclass(frozen=True)
class LocalTime:
    """Shows instants in one zone, such as ``Tue 3 Sep 2024 10:00``."""

    zone: str = "Europe/London"

    def instant(self, at: datetime | None) -> str:
        """Return an instant in words; a dash where there is none."""
        if at is None:
            return "–"
        local = at.astimezone(ZoneInfo(self.zone))
        return f"{day_words(local)} {local:%H:%M}"

    def day(self, at: datetime | None) -> str:
        """Return the day of an instant in words; a dash where there is none."""
        return "–" if at is None else day_words(at.astimezone(ZoneInfo(self.zone)))

    def date(self, at: datetime) -> date:
        """Return the civil day of an instant."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    def last_day(self, until_at: datetime) -> str:
        """Return the last day that is wholly before an instant: the end of a pause or promise."""
        return self.day(until_at - timedelta(microseconds=1))


def day_words(day: date) -> str:
    """Return a day in words, such as ``Tue 3 Sep 2024``."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def converter(read: Any) -> Any:
    """Return what cyclopts calls to read an option's one value."""

    def convert(_kind: Any, tokens: Any) -> Any:
        return read(tokens[0].value)

    return convert
