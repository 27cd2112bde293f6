from datetime import UTC, date, datetime, time, timedelta

import pytest

from planning.calendar import england
from planning.lateness import working_days_since
from planning.working_time import whole_days

CALENDAR = england()
THURSDAY = CALENDAR.instant(date(2024, 10, 3), time(11))


@pytest.mark.parametrize(
    ("day", "late"),
    [
        (date(2024, 10, 3), 0),
        (date(2024, 10, 4), 1),
        (date(2024, 10, 6), 1),
        (date(2024, 10, 7), 2),
        (date(2024, 10, 8), 3),
    ],
)
def test_lateness_counts_the_working_days_that_have_begun_since(day: date, late: int) -> None:
    assert working_days_since(THURSDAY, CALENDAR.instant(day, time(9)), CALENDAR) == late


def test_what_lies_ahead_is_not_late() -> None:
    assert working_days_since(THURSDAY, THURSDAY - timedelta(days=9), CALENDAR) == 0


def test_days_of_a_pause_do_not_count() -> None:
    """X04: a chase counts working time while not paused; a bank holiday is none either."""
    before = datetime(2024, 12, 20, 15, tzinfo=UTC)
    after = datetime(2025, 1, 7, 9, tzinfo=UTC)
    pause = whole_days(CALENDAR, date(2024, 12, 23), date(2025, 1, 3))

    assert working_days_since(before, after, CALENDAR, [pause]) == 2
    assert working_days_since(before, after, CALENDAR) == 2 + 10 - 3


def test_a_day_is_the_calendars_and_not_utcs() -> None:
    late_evening = datetime(2024, 10, 3, 23, 30, tzinfo=UTC)  # Friday in London

    assert (
        working_days_since(late_evening, CALENDAR.instant(date(2024, 10, 4), time(9)), CALENDAR)
        == 0
    )
