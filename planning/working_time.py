"""Working time: how long a delay lasts, and when mail may go.

People work, and mail goes, inside the daily window of the edition's mail rules, on working days
(M02). *Working time* is the time inside those windows and outside pauses: all other time does not
count (X04, X07). A window is half open: its last moment is just before it closes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from planning.calendar import ONE_DAY, WorkingCalendar
from schemas.delays import DelayValue, Unit
from schemas.edition import Edition, MailRules

MINUTE = timedelta(minutes=1)
ELAPSED = {
    Unit.WEEKS: timedelta(weeks=1),
    Unit.DAYS: ONE_DAY,
    Unit.HOURS: timedelta(hours=1),
    Unit.MINUTES: MINUTE,
}


@dataclass(frozen=True)
class Interval:
    """A stretch of time, from ``from_at`` up to but without ``until_at``; none: no end is known."""

    from_at: datetime
    until_at: datetime | None

    def covers(self, at: datetime) -> bool:
        """Tell whether ``at`` lies inside."""
        return self.from_at <= at and (self.until_at is None or at < self.until_at)

    def touches(self, from_at: datetime, until_at: datetime) -> bool:
        """Tell whether any moment from ``from_at`` up to ``until_at`` lies inside."""
        return self.from_at < until_at and (self.until_at is None or from_at < self.until_at)


def planned_pauses(edition: Edition, calendar: WorkingCalendar) -> tuple[Interval, ...]:
    """Return the pauses that the edition's file plans, each from its first to its last midnight."""
    pauses = sorted(edition.pauses, key=lambda pause: pause.opens)
    return tuple(whole_days(calendar, pause.opens, pause.closes) for pause in pauses)


def whole_days(calendar: WorkingCalendar, first: date, last: date) -> Interval:
    """Return the interval of whole days from ``first`` to ``last``, both included."""
    return Interval(calendar.instant(first, time()), calendar.instant(last + ONE_DAY, time()))


def elapsed(delay: DelayValue) -> timedelta:
    """Return how long a delay lasts that does not count working time.

    Raises:
        ValueError: The delay counts working days or hours.

    """
    if delay.unit not in ELAPSED:
        raise ValueError(f"{delay} counts working time: write it in w, d, h or min")
    return delay.amount * ELAPSED[delay.unit]


def day_after(day: date, delay: DelayValue, calendar: WorkingCalendar) -> date:
    """Return the day that lies ``delay`` after ``day``: by working days, or by the calendar.

    Raises:
        ValueError: The delay is not in working days, weeks or days.

    """
    return _day_away(day, delay, calendar, 1)


def day_before(day: date, delay: DelayValue, calendar: WorkingCalendar) -> date:
    """Return the day that lies ``delay`` ahead of ``day``, like :func:`day_after`."""
    return _day_away(day, delay, calendar, -1)


def after(
    start: datetime,
    delay: DelayValue,
    calendar: WorkingCalendar,
    mail: MailRules,
    pauses: Sequence[Interval] = (),
) -> datetime | None:
    """Return the moment at which ``delay`` has passed since ``start``, in the mail window.

    * Working hours count working time only. Time before the next window does not count, so a delay
      that starts on a Sunday starts on Monday morning.
    * A working day is one whole window of working time. Without a pause in between it is therefore
      the same local time on the next working day, over both clock changes too.
    * Weeks, days, hours and minutes are elapsed time (a day is 24 hours); the result is then moved
      out of pauses and to the next window.

    Returns:
        A UTC instant, never before ``start``; none where a pause without an end stops the clock:
        ask again when it ends.

    Raises:
        CalendarHorizonError: The result lies in a year whose holidays are not known.

    """
    if delay.unit in ELAPSED:
        return next_open(start + elapsed(delay), calendar, mail, pauses)
    unit = ELAPSED[Unit.HOURS] if delay.unit is Unit.WORKING_HOURS else window_length(mail)
    left = delay.amount * unit
    for opens_at, closes_at in _working_spans(start, calendar, mail, pauses):
        if left < closes_at - opens_at:
            return opens_at + left
        left -= closes_at - opens_at
    return None


def window_length(mail: MailRules) -> timedelta:
    """Return how long the daily window is: the length of a working day."""
    return since_midnight(mail.closes) - since_midnight(mail.opens)


def since_midnight(clock_time: time) -> timedelta:
    """Return how long after midnight the clocks show ``clock_time`` on a day of 24 hours."""
    return timedelta(hours=clock_time.hour, minutes=clock_time.minute, seconds=clock_time.second)


def in_window(at: datetime, calendar: WorkingCalendar, mail: MailRules) -> bool:
    """Tell whether mail may go at ``at`` (M02)."""
    local = calendar.local(at)
    return mail.opens <= local.time() < mail.closes and calendar.is_working_day(local.date())


def into_window_later(at: datetime, calendar: WorkingCalendar, mail: MailRules) -> datetime:
    """Return ``at`` if mail may go then, else the next opening of the window."""
    if in_window(at, calendar, mail):
        return at.astimezone(UTC)
    local = calendar.local(at)
    first = local.date() if local.time() < mail.opens else local.date() + ONE_DAY
    return calendar.instant(calendar.next_working_day(first), mail.opens)


def into_window_earlier(at: datetime, calendar: WorkingCalendar, mail: MailRules) -> datetime:
    """Return ``at`` if mail may go then, else an earlier working moment (M02).

    The local time of day is kept where that is possible: a Saturday's 09:05 becomes Friday's. A
    time after the window becomes its last minute, one before it that of the working day before.
    """
    if in_window(at, calendar, mail):
        return at.astimezone(UTC)
    local = calendar.local(at)
    last_minute = (datetime.combine(local.date(), mail.closes) - MINUTE).time()
    if local.time() < mail.opens:
        day, clock_time = local.date() - ONE_DAY, last_minute
    else:
        day, clock_time = local.date(), min(local.time(), last_minute)
    return calendar.instant(calendar.previous_working_day(day), clock_time)


def out_of_pauses(at: datetime, pauses: Sequence[Interval]) -> datetime | None:
    """Return ``at``, or the end of the pauses that cover it; none where they have no end."""
    for pause in _in_order(pauses):
        if pause.covers(at):
            if pause.until_at is None:
                return None
            at = pause.until_at
    return at.astimezone(UTC)


def next_open(
    at: datetime, calendar: WorkingCalendar, mail: MailRules, pauses: Sequence[Interval] = ()
) -> datetime | None:
    """Return the first moment from ``at`` on that is in the mail window and in no pause.

    None where a pause without an end comes first.
    """
    spans = _working_spans(at, calendar, mail, pauses)
    return next((opens_at for opens_at, _ in spans), None)


def _working_spans(
    start: datetime, calendar: WorkingCalendar, mail: MailRules, pauses: Sequence[Interval]
) -> Iterator[tuple[datetime, datetime]]:
    """Walk the stretches of working time from ``start`` on; it ends at a pause without an end."""
    endless = min((pause.from_at for pause in pauses if pause.until_at is None), default=None)
    day = calendar.day_of(start)
    while True:
        day = calendar.next_working_day(day)
        opens_at = max(calendar.instant(day, mail.opens), start.astimezone(UTC))
        if endless is not None and opens_at >= endless:
            return
        yield from _without(opens_at, calendar.instant(day, mail.closes), pauses)
        day += ONE_DAY


def _without(
    opens_at: datetime, closes_at: datetime, pauses: Sequence[Interval]
) -> Iterator[tuple[datetime, datetime]]:
    for pause in _in_order(pauses):
        if not pause.touches(opens_at, closes_at):
            continue
        if opens_at < pause.from_at:
            yield opens_at, pause.from_at
        if pause.until_at is None:
            return
        opens_at = pause.until_at
    if opens_at < closes_at:
        yield opens_at, closes_at


def _day_away(day: date, delay: DelayValue, calendar: WorkingCalendar, sign: int) -> date:
    if delay.unit is Unit.WORKING_DAYS:
        return calendar.add_working_days(day, sign * delay.amount)
    if delay.unit in {Unit.WEEKS, Unit.DAYS}:
        return day + sign * elapsed(delay)
    raise ValueError(f"{delay} does not lead from day to day: write it in wd, w or d")


def _in_order(pauses: Sequence[Interval]) -> list[Interval]:
    return sorted(pauses, key=lambda pause: pause.from_at)
