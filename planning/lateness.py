"""Lateness in the words of people: how many working days something has waited."""

from collections.abc import Sequence
from datetime import datetime

from planning.calendar import ONE_DAY, WorkingCalendar
from planning.slots import is_paused
from planning.working_time import Interval


def working_days_since(
    at: datetime, now: datetime, calendar: WorkingCalendar, pauses: Sequence[Interval] = ()
) -> int:
    """Return how many working days have begun after the day of ``at``, up to the day of ``now``.

    Days that a pause touches do not count (X04). From Thursday to the next Tuesday it is 3. Not
    below 0.
    """
    day, last = calendar.day_of(at), calendar.day_of(now)
    count = 0
    while day < last:
        day += ONE_DAY
        count += calendar.is_working_day(day) and not is_paused(day, pauses, calendar)
    return count
