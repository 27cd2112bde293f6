from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.calendar import calendar_of
from planning.slots import (
    Replanned,
    SessionDay,
    day_of_week,
    displaced_by,
    is_paused,
    replan,
    week_of,
    weekly_days,
    weekly_plan,
)
from planning.working_time import Interval, planned_pauses
from schemas.edition import Window
from tests.planning.builders import CHRISTMAS, LONDON, at, calendar, edition, kind, rest

ENGLAND = calendar()
WINDOW = edition().window
MONDAY, TUESDAY, WEDNESDAY, FRIDAY = 0, 1, 2, 4
DAY = timedelta(days=1)


def usable(weekday: int, *pauses: Interval, not_before: date = WINDOW.opens) -> tuple[date, ...]:
    return weekly_days(WINDOW, weekday, (CHRISTMAS, *pauses), ENGLAND, not_before)


PLANNED = usable(TUESDAY)[:26]


def first_plan(days: tuple[date, ...]) -> list[SessionDay]:
    return [SessionDay(str(n), day, day) for n, day in enumerate(days, start=1)]


def as_days(before: list[SessionDay], found: tuple[Replanned, ...]) -> list[SessionDay]:
    """Return the sessions as they are after replanning."""
    days = {one.session: one.day for one in found}
    return [SessionDay(one.session, one.planned_day, days[one.session]) for one in before]


def test_the_window_is_the_one_of_the_wider_edition() -> None:
    """C03."""
    assert (WINDOW.opens, WINDOW.closes) == (date(2024, 9, 2), date(2025, 3, 28))


def test_week_n_counts_full_weeks_since_the_window_opened() -> None:
    """C05."""
    assert week_of(WINDOW.opens, date(2024, 9, 2)) == 0
    assert week_of(WINDOW.opens, date(2024, 9, 8)) == 0
    assert week_of(WINDOW.opens, date(2024, 9, 9)) == 1
    assert week_of(WINDOW.opens, date(2024, 9, 1)) == -1
    assert week_of(WINDOW.opens, date(2024, 11, 17)) == 10
    assert day_of_week(WINDOW.opens, 11) == date(2024, 11, 18)


@pytest.mark.parametrize("weekday", range(5))
def test_every_weekday_has_26_sessions_and_two_spare_weeks(weekday: int) -> None:
    """C01, C04, C07, X07: 30 weeks, two of them in the winter break."""
    plan = weekly_plan(kind("delivery").planned, usable(weekday), ())
    assert len(plan.days) == 26
    assert len(plan.spare) == 2
    assert plan.short == 0
    assert {day.weekday() for day in plan.days + plan.spare} == {weekday}
    assert not any(date(2024, 12, 23) <= day <= date(2025, 1, 3) for day in plan.days)


def test_the_bank_holidays_of_the_wider_edition_all_fall_in_its_pause() -> None:
    """C10: so that its plan shows nothing of them."""
    off = [day for day in ENGLAND.days_off if WINDOW.opens <= day <= WINDOW.closes]
    working_off = [day for day in off if day.weekday() < 5]
    assert working_off
    assert all(is_paused(day, [CHRISTMAS], ENGLAND) for day in working_off)


def test_a_slot_on_a_bank_holiday_is_skipped_and_not_shifted() -> None:
    """C10, E06: shown on the pilot, whose Mondays lose four bank holidays outside its pause."""
    pilot = edition("mha-qi-pilot")
    england = calendar_of(pilot)
    pauses = planned_pauses(pilot, england)
    mondays = weekly_days(pilot.window, MONDAY, pauses, england, pilot.window.opens)
    holidays = [date(2023, 8, 28), date(2024, 4, 1), date(2024, 5, 6), date(2024, 5, 27)]
    every = {pilot.window.opens + n * DAY for n in range(305)}
    paused = {day for day in every if is_paused(day, pauses, england)}
    all_mondays = {day for day in every if day.weekday() == MONDAY and day <= pilot.window.closes}
    assert all_mondays - set(mondays) - paused == set(holidays)
    assert {day.weekday() for day in mondays} == {MONDAY}


def test_a_holiday_announced_late_costs_one_spare_week() -> None:
    """C10."""
    day = date(2024, 11, 5)
    changed = edition().model_copy(update={"extra_days_off": (day,)})
    before = weekly_plan(26, usable(TUESDAY), ())
    days = weekly_days(WINDOW, TUESDAY, [CHRISTMAS], calendar_of(changed), WINDOW.opens)
    plan = weekly_plan(26, days, ())
    assert day not in plan.days
    assert set(plan.days) - set(before.days) == {before.spare[0]}
    assert len(plan.spare) == len(before.spare) - 1


@given(
    st.integers(0, 6),
    st.dates(date(2023, 1, 1), date(2026, 1, 1)),
    st.integers(0, 400),
    st.integers(-30, 300),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 40)), max_size=3),
)
def test_a_weekly_day_is_never_a_day_off_or_paused_or_outside(
    weekday: int, opens: date, length: int, offset: int, rests: list[tuple[int, int]]
) -> None:
    """C09, C10."""
    window = Window(opens=opens, closes=opens + length * DAY)
    pauses = [
        rest((opens + start * DAY).isoformat(), (opens + (start + days) * DAY).isoformat())
        for start, days in rests
    ]
    found = weekly_days(window, weekday, pauses, ENGLAND, opens + offset * DAY)
    every = (opens + n * DAY for n in range(length + 1))
    expected = tuple(
        day
        for day in every
        if day.weekday() == weekday
        and day >= opens + offset * DAY
        and ENGLAND.is_working_day(day)
        and not any(pause.covers(ENGLAND.instant(day, time(12))) for pause in pauses)
    )
    assert found == expected


@pytest.mark.parametrize("clock", [time(9, 5), time(10), time(23, 45)])
def test_a_slot_has_the_same_local_time_before_and_after_both_clock_changes(clock: time) -> None:
    """C11, E29."""
    pilot = edition("mha-qi-pilot").window
    for window in (WINDOW, pilot, Window(opens=date(2024, 3, 1), closes=date(2025, 11, 30))):
        for weekday in range(5):
            days = weekly_days(window, weekday, (), ENGLAND, window.opens)
            instants = [ENGLAND.instant(day, clock) for day in days]
            assert {one.astimezone(LONDON).time() for one in instants} == {clock}
            steps = {later - earlier for earlier, later in pairwise(instants)}
            assert steps > {timedelta(days=7)}, "an hour more and less over the changes"


def test_a_pause_touches_its_first_and_its_last_day() -> None:
    """C09, X08."""
    afternoon = Interval(at("2024-10-08", "15:00"), at("2024-10-10", "09:00"))
    touched = [date(2024, 10, 7) + n * DAY for n in range(5)]
    assert [is_paused(day, [afternoon], ENGLAND) for day in touched] == [
        False,
        True,
        True,
        True,
        False,
    ]
    to_midnight = Interval(at("2024-10-08", "00:00"), at("2024-10-09", "00:00"))
    assert [is_paused(day, [to_midnight], ENGLAND) for day in touched][:3] == [False, True, False]
    assert is_paused(date(2025, 3, 3), [Interval(at("2024-10-08"), None)], ENGLAND)


def test_a_late_starter_has_fewer_weeks_and_is_told_how_many() -> None:
    """E15, C17."""
    plan = weekly_plan(26, usable(TUESDAY, not_before=date(2024, 10, 22)), ())
    assert plan.days[0] == date(2024, 10, 22)
    assert len(plan.days) == 21
    assert plan.short == 5
    assert plan.spare == ()


def test_the_event_replaces_the_session_of_its_day_and_no_other() -> None:
    """C15a."""
    event_day = date(2024, 11, 12)
    before = weekly_plan(26, usable(TUESDAY), ())
    plan = weekly_plan(26, usable(TUESDAY), displaced_by(event_day, "same_day"))
    assert set(before.days) - set(plan.days) == {event_day}
    assert set(plan.days) - set(before.days) == {before.spare[0]}
    wednesdays = weekly_plan(26, usable(WEDNESDAY), displaced_by(event_day, "same_day"))
    assert date(2024, 11, 13) in wednesdays.days
    all_week = weekly_plan(26, usable(WEDNESDAY), displaced_by(event_day, "same_week"))
    assert date(2024, 11, 13) not in all_week.days
    assert displaced_by(event_day, "never") == frozenset()


def test_what_a_pause_displaces_takes_the_spare_weeks_in_order_and_the_rest_has_no_week() -> None:
    """C10, C17, E08."""
    plan = weekly_plan(26, usable(TUESDAY), ())
    pause = rest("2025-01-20", "2025-02-07")
    found = replan(first_plan(plan.days), usable(TUESDAY, pause), ())
    moved = [one for one in found if one.moved]
    displaced = [date(2025, 1, 21), date(2025, 1, 28), date(2025, 2, 4)]
    numbers = [str(plan.days.index(day) + 1) for day in displaced]
    assert moved == [
        Replanned(numbers[0], plan.spare[0], moved=True),
        Replanned(numbers[1], plan.spare[1], moved=True),
        Replanned(numbers[2], None, moved=True),
    ]


def test_undoing_a_pause_brings_every_session_back_to_its_day() -> None:
    """C17, X09."""
    plan = weekly_plan(26, usable(TUESDAY), ())
    pause = rest("2025-01-20", "2025-02-07")
    displaced = replan(first_plan(plan.days), usable(TUESDAY, pause), ())
    now = as_days(first_plan(plan.days), displaced)
    back = replan(now, usable(TUESDAY), ())
    assert [one.day for one in back] == list(plan.days)
    assert sum(one.moved for one in back) == 3


def test_a_session_in_a_spare_week_stays_there_while_something_else_changes() -> None:
    """C17: an event is dated, and only the session of its day moves."""
    plan = weekly_plan(26, usable(TUESDAY), ())
    pause = rest("2025-01-20", "2025-01-24")
    once = replan(first_plan(plan.days), usable(TUESDAY, pause), ())
    now = as_days(first_plan(plan.days), once)
    twice = replan(now, usable(TUESDAY, pause), {date(2024, 11, 12)})
    assert [(one.session, one.day) for one in twice if one.moved] == [
        (str(plan.days.index(date(2024, 11, 12)) + 1), plan.spare[1])
    ]


def test_a_session_back_on_its_day_is_not_met_there_by_another() -> None:
    """C17: one that waits in a spare week gives way to the one whose day that is."""
    first, second, third = PLANNED[:3]
    waiting = [SessionDay("1", first, second), SessionDay("2", second, None)]
    assert replan(waiting, PLANNED, {first}) == (
        Replanned("1", third, moved=True),
        Replanned("2", second, moved=True),
    )


def test_a_new_slot_keeps_the_order_of_the_sessions() -> None:
    """C10: from Tuesdays to Fridays in mid-course."""
    from_day = date(2024, 11, 1)
    plan = weekly_plan(26, usable(TUESDAY), ())
    ahead = [one for one in first_plan(plan.days) if one.planned_day >= from_day]
    found = replan(ahead, usable(FRIDAY, not_before=from_day), ())
    days = [one.day for one in found]
    assert None not in days
    assert days == list(usable(FRIDAY, not_before=from_day))[: len(days)]


@given(
    st.sets(st.sampled_from(PLANNED)),
    st.sets(st.sampled_from(usable(TUESDAY))),
    st.sets(st.sampled_from(usable(TUESDAY))),
)
def test_replanning_never_loses_doubles_or_needlessly_moves_a_session(
    done: set[date], blocked: set[date], blocked_before: set[date]
) -> None:
    """C17."""
    ahead = [one for one in first_plan(PLANNED) if one.planned_day not in done]
    earlier = replan(ahead, usable(TUESDAY), blocked_before)
    now = as_days(ahead, earlier)
    found = replan(now, usable(TUESDAY), blocked)
    days = [one.day for one in found if one.day is not None]
    assert [one.session for one in found] == [one.session for one in now]
    assert len(days) == len(set(days))
    assert not set(days) & blocked
    for was, one in zip(now, found, strict=True):
        assert one.moved == (one.day != was.day)
        if was.planned_day not in blocked:
            assert one.day == was.planned_day
    free = set(usable(TUESDAY)) - blocked
    assert len(days) == min(len(now), len(free))
    then = as_days(ahead, found)
    assert [one.day for one in replan(then, usable(TUESDAY), blocked)] == [one.day for one in then]


def test_a_session_is_the_same_week_after_week_in_utc_only_between_the_changes() -> None:
    """C11: the naive way, seven days of UTC, is an hour out after the change."""
    first = datetime(2024, 10, 22, 9, tzinfo=UTC)
    by_the_wall = ENGLAND.instant(date(2024, 10, 29), time(10))
    assert ENGLAND.local(first).time() == time(10)
    assert by_the_wall - first == timedelta(days=7, hours=1)
