from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from planning.forecast import forecast
from planning.slots import weekly_days
from schemas.edition import Window
from tests.planning.builders import CHRISTMAS, calendar, edition, kind

DELIVERY = kind("delivery")
WINDOW = edition().window
BEYOND = Window(opens=WINDOW.opens, closes=date(2025, 12, 31))
TUESDAYS = weekly_days(BEYOND, 1, [CHRISTMAS], calendar(), WINDOW.opens)


def test_a_service_that_misses_nothing_is_done_two_weeks_before_the_end() -> None:
    """X10, C04."""
    found = forecast(DELIVERY, (), TUESDAYS, WINDOW.closes)
    assert found.ends_on == date(2025, 3, 11)
    assert (found.held, found.possible) == (0, 28)
    assert not found.after_window
    assert not found.at_risk


def test_misses_beyond_the_spare_weeks_carry_the_end_past_the_window() -> None:
    """X10: three missed of ten, and the window has two weeks to spare."""
    found = forecast(DELIVERY, TUESDAYS[:7], TUESDAYS[10:], WINDOW.closes)
    assert found.possible == 25
    assert found.ends_on == date(2025, 4, 1)
    assert found.after_window
    assert not found.at_risk


def test_a_service_is_at_risk_only_below_the_minimum() -> None:
    """C04: 26 are a plan and 20 the minimum."""
    at_the_minimum = forecast(DELIVERY, TUESDAYS[:2], TUESDAYS[10:], WINDOW.closes)
    assert (at_the_minimum.possible, at_the_minimum.at_risk) == (20, False)
    below = forecast(DELIVERY, TUESDAYS[:1], TUESDAYS[10:], WINDOW.closes)
    assert (below.possible, below.at_risk) == (19, True)


def test_an_end_on_the_last_day_of_the_window_is_inside_it() -> None:
    """X10."""
    ahead = (*TUESDAYS[:25], WINDOW.closes)
    found = forecast(DELIVERY, (), ahead, WINDOW.closes)
    assert (found.ends_on, found.possible, found.after_window) == (WINDOW.closes, 26, False)


def test_a_catch_up_session_brings_the_end_forward() -> None:
    """X10, X02."""
    catch_up = date(2024, 11, 14)
    found = forecast(DELIVERY, TUESDAYS[:7], (*TUESDAYS[10:], catch_up), WINDOW.closes)
    assert found.possible == 26
    assert found.ends_on == date(2025, 3, 25)
    assert not found.after_window


def test_when_all_are_held_the_end_is_the_day_of_the_last_one_planned() -> None:
    """X10, C17."""
    found = forecast(DELIVERY, TUESDAYS[:27], (), WINDOW.closes)
    assert found.ends_on == TUESDAYS[25]
    assert found.held == 27


def test_an_end_beyond_all_days_is_not_invented() -> None:
    """X10."""
    found = forecast(DELIVERY, (), TUESDAYS[-5:], WINDOW.closes)
    assert found.ends_on is None
    assert found.after_window
    assert found.at_risk


@given(st.integers(0, 30), st.integers(0, 40))
def test_the_forecast_is_the_first_day_on_which_all_can_have_been_held(
    held: int, gone: int
) -> None:
    """X10: against counting day by day."""
    gone = max(held, gone)
    days, ahead = TUESDAYS[:held], TUESDAYS[gone:]
    found = forecast(DELIVERY, days, ahead, WINDOW.closes)
    expected = None
    day, count = WINDOW.opens, 0
    while day <= BEYOND.closes and expected is None:
        count += (day in days) + (day in ahead)
        if count >= DELIVERY.planned:
            expected = day
        day += timedelta(days=1)
    assert found.ends_on == expected
    assert found.after_window == (expected is None or expected > WINDOW.closes)
