from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.working_time import (
    Interval,
    after,
    day_after,
    day_before,
    elapsed,
    in_window,
    into_window_earlier,
    into_window_later,
    next_open,
    out_of_pauses,
    planned_pauses,
    whole_days,
)
from schemas.delays import DelayValue, Unit
from tests.planning.builders import (
    CHRISTMAS,
    CLOCK_CHANGES,
    LONDON,
    at,
    calendar,
    delay,
    edition,
    mail,
    rest,
    shown,
)

ENGLAND, MAIL = calendar(), mail()
MINUTE = timedelta(minutes=1)
STARTS = st.integers(0, 500 * 24 * 60).map(
    lambda minutes: datetime(2024, 3, 1, tzinfo=UTC) + minutes * MINUTE
)
WORKING = st.builds(
    DelayValue,
    amount=st.integers(0, 12),
    unit=st.sampled_from([Unit.WORKING_DAYS, Unit.WORKING_HOURS]),
)
ANY = st.builds(DelayValue, amount=st.integers(0, 20), unit=st.sampled_from(list(Unit)))


@st.composite
def pauses(draw: st.DrawFn) -> tuple[Interval, ...]:
    found = []
    for _ in range(draw(st.integers(0, 3))):
        from_at = draw(STARTS)
        found.append(Interval(from_at, from_at + draw(st.integers(1, 20 * 24 * 60)) * MINUTE))
    return tuple(found)


@cache
def worked_minutes() -> list[datetime]:
    """List every working minute of two years: slow, and written without the rule's own code."""
    found = []
    for n in range(730):
        day = date(2024, 2, 26) + timedelta(days=n)
        if ENGLAND.is_working_day(day):
            clock = (time(hour, minute) for hour in range(8, 18) for minute in range(60))
            found += [datetime.combine(day, one, LONDON).astimezone(UTC) for one in clock]
    return found


def by_counting_minutes(
    start: datetime, working: DelayValue, paused: tuple[Interval, ...]
) -> datetime:
    """Count the delay minute by minute."""
    ahead = islice(worked_minutes(), bisect_left(worked_minutes(), start), None)
    counted = (one for one in ahead if not any(pause.covers(one) for pause in paused))
    count = working.amount * (600 if working.unit is Unit.WORKING_DAYS else 60)
    return next(islice(counted, count, None))


@pytest.mark.parametrize(
    ("start", "text", "expected"),
    [
        (at("2024-09-03", "15:00"), "1wd", "Wed 2024-09-04 15:00"),
        (at("2024-09-06", "15:00"), "1wd", "Mon 2024-09-09 15:00"),
        (at("2024-09-07", "15:00"), "1wd", "Tue 2024-09-10 08:00"),
        (at("2024-09-06", "19:00"), "1wd", "Tue 2024-09-10 08:00"),
        (at("2024-09-06", "06:00"), "0wd", "Fri 2024-09-06 08:00"),
        (at("2024-09-06", "16:00"), "4wh", "Mon 2024-09-09 10:00"),
        (at("2024-09-06", "16:00"), "2wh", "Mon 2024-09-09 08:00"),
        (at("2024-08-23", "12:00"), "2wd", "Wed 2024-08-28 12:00"),
        (at("2024-10-25", "10:00"), "1wd", "Mon 2024-10-28 10:00"),
        (at("2025-03-28", "10:00"), "1wd", "Mon 2025-03-31 10:00"),
        (at("2024-10-26", "10:00"), "24h", "Mon 2024-10-28 08:00"),
        (at("2024-09-03", "17:50"), "30min", "Wed 2024-09-04 08:00"),
        (at("2024-09-03", "10:00"), "1w", "Tue 2024-09-10 10:00"),
        (at("2024-09-03", "10:00"), "90min", "Tue 2024-09-03 11:30"),
    ],
)
def test_a_delay_ends_when_a_person_would_say(start: datetime, text: str, expected: str) -> None:
    """X04, M02."""
    assert shown(after(start, delay(text), ENGLAND, MAIL)) == expected


def test_the_winter_break_stops_the_clock() -> None:
    """X04, X07: two of three working days pass before it, the third after it."""
    found = after(at("2024-12-19", "15:00"), delay("3wd"), ENGLAND, MAIL, [CHRISTMAS])
    assert shown(found) == "Tue 2025-01-07 15:00"
    during = after(at("2024-12-27", "15:00"), delay("1d"), ENGLAND, MAIL, [CHRISTMAS])
    assert shown(during) == "Mon 2025-01-06 08:00"


def test_without_the_break_the_bank_holidays_still_do_not_count() -> None:
    found = after(at("2024-12-19", "15:00"), delay("5wd"), ENGLAND, MAIL)
    assert shown(found) == "Mon 2024-12-30 15:00"


def test_a_pause_of_some_hours_costs_those_hours() -> None:
    """X04."""
    pause = Interval(at("2024-09-03", "11:00"), at("2024-09-03", "13:00"))
    assert shown(after(at("2024-09-03"), delay("3wh"), ENGLAND, MAIL, [pause])) == (
        "Tue 2024-09-03 15:00"
    )
    assert shown(after(at("2024-09-03"), delay("1wd"), ENGLAND, MAIL, [pause])) == (
        "Wed 2024-09-04 12:00"
    )


@pytest.mark.parametrize("text", ["0wd", "1wd", "20wd", "3wh", "2d", "5min"])
def test_a_pause_without_an_end_stops_every_clock(text: str) -> None:
    """X04: nothing is due until the pause has an end."""
    endless = Interval(at("2024-09-03", "09:00"), None)
    assert after(at("2024-09-03"), delay(text), ENGLAND, MAIL, [endless]) is None


def test_what_ends_before_an_endless_pause_is_untouched_by_it() -> None:
    endless = Interval(at("2024-09-05", "09:00"), None)
    assert shown(after(at("2024-09-03"), delay("1wd"), ENGLAND, MAIL, [endless])) == (
        "Wed 2024-09-04 10:00"
    )
    assert after(at("2024-09-03"), delay("2wd"), ENGLAND, MAIL, [endless]) is None


@given(STARTS, WORKING, pauses())
def test_the_rule_agrees_with_counting_minutes(
    start: datetime, working: DelayValue, paused: tuple[Interval, ...]
) -> None:
    """X04, X07."""
    found = after(start, working, ENGLAND, MAIL, paused)
    assert found == by_counting_minutes(start, working, paused)


@given(STARTS, ANY, pauses())
def test_a_delay_never_ends_early_or_outside_the_window_or_in_a_pause(
    start: datetime, any_delay: DelayValue, paused: tuple[Interval, ...]
) -> None:
    """M02, X07."""
    found = after(start, any_delay, ENGLAND, MAIL, paused)
    assert found is not None
    assert found >= start
    assert found.tzinfo is UTC
    assert in_window(found, ENGLAND, MAIL)
    assert not any(pause.covers(found) for pause in paused)


@given(STARTS, st.sampled_from(["wd", "wh"]), st.integers(0, 9), st.integers(0, 9), pauses())
def test_two_delays_one_after_the_other_are_their_sum(
    start: datetime, unit: str, a: int, b: int, paused: tuple[Interval, ...]
) -> None:
    half = after(start, delay(f"{a}{unit}"), ENGLAND, MAIL, paused)
    assert half is not None
    whole = after(start, delay(f"{a + b}{unit}"), ENGLAND, MAIL, paused)
    assert after(half, delay(f"{b}{unit}"), ENGLAND, MAIL, paused) == whole


@given(STARTS, st.integers(0, 5000), ANY, pauses())
def test_a_later_start_never_ends_earlier(
    start: datetime, later: int, any_delay: DelayValue, paused: tuple[Interval, ...]
) -> None:
    first = after(start, any_delay, ENGLAND, MAIL, paused)
    second = after(start + later * MINUTE, any_delay, ENGLAND, MAIL, paused)
    assert first is not None
    assert second is not None
    assert first <= second


@pytest.mark.parametrize("change", CLOCK_CHANGES)
@pytest.mark.parametrize("text", ["0wd", "1wd", "2wd", "1wh", "13wh"])
def test_every_quarter_of_an_hour_round_a_clock_change_agrees_with_counting(
    change: date, text: str
) -> None:
    """X04: walked from the Friday to the Monday over both changes of two years."""
    moment = datetime.combine(change - timedelta(days=2), time(7), UTC)
    while moment < datetime.combine(change + timedelta(days=1), time(19), UTC):
        counted = by_counting_minutes(moment, delay(text), ())
        assert after(moment, delay(text), ENGLAND, MAIL) == counted
        moment += timedelta(minutes=15)


@given(STARTS)
def test_the_window_is_reached_from_both_sides(moment: datetime) -> None:
    """M02."""
    earlier = into_window_earlier(moment, ENGLAND, MAIL)
    later = into_window_later(moment, ENGLAND, MAIL)
    assert earlier <= moment <= later
    assert in_window(earlier, ENGLAND, MAIL)
    assert in_window(later, ENGLAND, MAIL)
    assert (earlier == moment) == (later == moment) == in_window(moment, ENGLAND, MAIL)
    assert next_open(moment, ENGLAND, MAIL) == later


@pytest.mark.parametrize(
    ("moment", "earlier", "later"),
    [
        (at("2024-09-07", "09:05"), "Fri 2024-09-06 09:05", "Mon 2024-09-09 08:00"),
        (at("2024-09-03", "07:59"), "Mon 2024-09-02 17:59", "Tue 2024-09-03 08:00"),
        (at("2024-09-03", "08:00"), "Tue 2024-09-03 08:00", "Tue 2024-09-03 08:00"),
        (at("2024-09-03", "17:59"), "Tue 2024-09-03 17:59", "Tue 2024-09-03 17:59"),
        (at("2024-09-03", "18:00"), "Tue 2024-09-03 17:59", "Wed 2024-09-04 08:00"),
        (at("2024-12-25", "09:05"), "Tue 2024-12-24 09:05", "Fri 2024-12-27 08:00"),
        (at("2025-04-20", "23:00"), "Thu 2025-04-17 17:59", "Tue 2025-04-22 08:00"),
    ],
)
def test_outside_the_window_the_nearest_working_moment_is_used(
    moment: datetime, earlier: str, later: str
) -> None:
    """M02."""
    assert shown(into_window_earlier(moment, ENGLAND, MAIL)) == earlier
    assert shown(into_window_later(moment, ENGLAND, MAIL)) == later


def test_pauses_that_meet_are_left_together() -> None:
    """X09."""
    first, second = rest("2024-10-01", "2024-10-02"), rest("2024-10-03", "2024-10-04")
    assert out_of_pauses(at("2024-10-01"), [second, first]) == second.until_at
    assert out_of_pauses(at("2024-10-07"), [second, first]) == at("2024-10-07")
    assert out_of_pauses(at("2024-10-01"), [Interval(at("2024-09-01"), None)]) is None


def test_the_planned_pause_covers_its_last_day_to_the_end() -> None:
    """X07."""
    (pause,) = planned_pauses(edition(), ENGLAND)
    assert pause == CHRISTMAS
    assert pause.covers(at("2024-12-23", "00:00"))
    assert pause.covers(at("2025-01-03", "23:59"))
    assert not pause.covers(at("2025-01-04", "00:00"))
    assert not pause.covers(at("2024-12-22", "23:59"))


def test_a_whole_day_is_as_long_as_the_clocks_make_it() -> None:
    lengths = []
    for day in (date(2024, 10, 27), date(2024, 10, 28), date(2025, 3, 30)):
        whole = whole_days(ENGLAND, day, day)
        assert whole.until_at is not None
        lengths.append((whole.until_at - whole.from_at) / timedelta(hours=1))
    assert lengths == [25, 24, 23]


def test_days_are_counted_back_by_the_calendar_or_by_working_days() -> None:
    tuesday = date(2024, 8, 27)
    assert day_before(tuesday, delay("1wd"), ENGLAND) == date(2024, 8, 23)
    assert day_before(tuesday, delay("1d"), ENGLAND) == date(2024, 8, 26)
    assert day_before(tuesday, delay("6w"), ENGLAND) == date(2024, 7, 16)
    assert day_after(date(2024, 8, 23), delay("1wd"), ENGLAND) == tuesday
    for text in ("1h", "1wh", "1min"):
        with pytest.raises(ValueError, match="write it in wd, w or d"):
            day_before(tuesday, delay(text), ENGLAND)


def test_a_working_delay_has_no_length_on_the_clock() -> None:
    assert elapsed(delay("2h")) == timedelta(hours=2)
    with pytest.raises(ValueError, match="counts working time"):
        elapsed(delay("2wd"))
