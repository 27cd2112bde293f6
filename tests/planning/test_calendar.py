from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from planning.calendar import CalendarHorizonError, calendar_of, england
from tests.planning.builders import CLOCK_CHANGES, LONDON, edition

ENGLAND = england()
DAYS = st.dates(date(2012, 3, 15), date(2030, 10, 31))
SMALL = st.integers(min_value=1, max_value=15)


def test_every_day_of_17_years_agrees_with_the_published_list() -> None:
    """C09: the oracle is the government's own list, which is not ours."""
    published = BankHolidays(use_cached_holidays=True)
    division = BankHolidays.ENGLAND_AND_WALES
    holidays = {one["date"] for one in published.get_holidays(division=division)}
    assert max(holidays).year == 2028, "the oracle has run out or grown: adjust the span"
    day = date(2012, 1, 1)
    while day < date(2029, 1, 1):
        expected = day.weekday() < 5 and day not in holidays
        assert ENGLAND.is_working_day(day) == expected, day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    "day",
    [
        date(2024, 4, 1),  # Easter Monday: missing from the list of Great Britain as a whole
        date(2024, 8, 26),  # the August holiday: missing from it too
        date(2023, 5, 8),  # the coronation: one year only
        date(2022, 9, 19),  # a state funeral, announced ten days before
        date(2028, 1, 3),  # a substitute day
    ],
)
def test_the_holidays_that_are_easily_lost_are_days_off(day: date) -> None:
    """C09."""
    assert not ENGLAND.is_working_day(day)


@pytest.mark.parametrize("year", [2011, 2031])
def test_a_year_beyond_the_horizon_is_named_and_never_taken_for_one_without_holidays(
    year: int,
) -> None:
    for ask in (ENGLAND.is_working_day, ENGLAND.next_working_day, ENGLAND.previous_working_day):
        with pytest.raises(CalendarHorizonError, match=f"holidays of {year} are not known"):
            ask(date(year, 6, 1))
    with pytest.raises(CalendarHorizonError, match=str(year)):
        england(year, year)


def test_counting_over_the_horizon_fails_loudly() -> None:
    with pytest.raises(CalendarHorizonError, match="2031"):
        ENGLAND.add_working_days(date(2030, 12, 30), 5)


def test_a_day_off_announced_late_is_a_day_off() -> None:
    day = date(2025, 5, 8)
    assert ENGLAND.is_working_day(day)
    assert not england(extra_days_off=frozenset({day})).is_working_day(day)
    changed = edition().model_copy(update={"extra_days_off": (day,)})
    assert not calendar_of(changed).is_working_day(day)
    assert calendar_of(edition()).is_working_day(day)


def test_asking_twice_for_the_calendar_of_an_edition_computes_it_once() -> None:
    assert calendar_of(edition()) is calendar_of(edition())


@given(DAYS, SMALL, SMALL)
def test_working_days_add_up(day: date, a: int, b: int) -> None:
    once = ENGLAND.add_working_days(day, a + b)
    assert ENGLAND.add_working_days(ENGLAND.add_working_days(day, a), b) == once
    back = ENGLAND.add_working_days(day, -a - b)
    assert ENGLAND.add_working_days(ENGLAND.add_working_days(day, -a), -b) == back


@given(DAYS, SMALL)
def test_the_nth_working_day_has_n_working_days_behind_it(day: date, n: int) -> None:
    found = ENGLAND.add_working_days(day, n)
    between = (day + timedelta(days=k) for k in range(1, (found - day).days + 1))
    assert sum(ENGLAND.is_working_day(one) for one in between) == n
    assert ENGLAND.is_working_day(found)


@given(DAYS.filter(ENGLAND.is_working_day), SMALL)
def test_going_back_undoes_going_on(day: date, n: int) -> None:
    assert ENGLAND.add_working_days(ENGLAND.add_working_days(day, n), -n) == day


@given(DAYS)
def test_the_next_and_the_previous_working_day_are_the_nearest(day: date) -> None:
    following, preceding = ENGLAND.next_working_day(day), ENGLAND.previous_working_day(day)
    assert preceding <= day <= following
    assert (preceding == day) == (following == day) == ENGLAND.is_working_day(day)
    between = (preceding + timedelta(days=k) for k in range(1, (following - preceding).days))
    assert not any(ENGLAND.is_working_day(one) for one in between if one != day)
    assert ENGLAND.add_working_days(day, 0) == following


@pytest.mark.parametrize("change", CLOCK_CHANGES)
def test_every_half_minute_round_a_clock_change_is_read_back(change: date) -> None:
    """C11: walked over both changes of two years."""
    at = datetime.combine(change, time(), UTC) - timedelta(hours=4)
    for _ in range(2 * 60 * 9):
        local = ENGLAND.local(at)
        assert ENGLAND.day_of(at) == local.date()
        back = ENGLAND.instant(local.date(), local.time().replace(fold=local.fold))
        assert back == at
        at += timedelta(seconds=30)


@pytest.mark.parametrize("change", CLOCK_CHANGES)
def test_every_quarter_of_an_hour_on_the_clock_is_one_instant_in_order(change: date) -> None:
    """C11: a skipped time reads as the clock before the change, a repeated one as the first."""
    days = (change + timedelta(days=n) for n in (-1, 0, 1))
    times = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]
    for day in days:
        for clock in times:
            at = ENGLAND.instant(day, clock)
            seen = at.astimezone(LONDON)
            skipped = change.month == 3 and day == change and clock.hour == 1
            assert seen.time() == (clock.replace(hour=2) if skipped else clock)
            assert seen.fold == 0
    at_noon = [ENGLAND.instant(change + timedelta(days=n), time(12)) for n in range(-2, 3)]
    assert all(later > earlier for earlier, later in pairwise(at_noon))
