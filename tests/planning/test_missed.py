from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.missed import MissedPattern, PastSession, catch_up_days, free_days, missed_pattern
from schemas.sessions import SessionReason, SessionState
from tests.planning.builders import CHRISTMAS, calendar, edition, kind, rest

RULES = edition().missed
DELIVERY, EXECUTIVE, EVENT = kind("delivery"), kind("executive"), kind("improvement_event")
FIRST = date(2024, 9, 3)
WEEK = timedelta(weeks=1)
OUTCOMES = {
    "h": (SessionState.HELD, None),
    "m": (SessionState.MISSED, SessionReason.STAFFING),
    "?": (SessionState.MISSED, None),
    "p": (SessionState.MISSED, SessionReason.COACH_UNAVAILABLE),
    "c": (SessionState.CANCELLED, SessionReason.COACH_UNAVAILABLE),
    "x": (SessionState.CANCELLED, SessionReason.STAFFING),
}


def pattern(weeks: str) -> MissedPattern:
    """Return what a course shows: one letter a week; ``.`` is a week without a session."""
    past = [
        PastSession(FIRST + n * WEEK, *OUTCOMES[letter])
        for n, letter in enumerate(weeks)
        if letter != "."
    ]
    return missed_pattern(past, DELIVERY, RULES)


def test_one_missed_session_is_offered_again_and_nobody_is_told() -> None:
    """X02, E12."""
    found = pattern("hhm")
    assert found == MissedPattern(1, 1, True, False, False)
    assert pattern("hh?").offer_catch_up


def test_two_missed_running_are_told_to_coach_and_coordinator() -> None:
    """X02, E12."""
    assert pattern("hmm") == MissedPattern(2, 2, True, True, False)
    assert not pattern("mhm").tell_coach_and_coordinator
    assert not pattern("mmh").tell_coach_and_coordinator


@pytest.mark.parametrize(
    ("weeks", "decides"),
    [("mhmhm", True), ("mhhhmm", True), ("mhhmhm", True), ("mhhmhhm", False), ("mm", False)],
)
def test_three_missed_within_six_weeks_are_for_the_coordinator_to_decide(
    weeks: str, decides: bool
) -> None:
    """X02, E12: the first and the third less than 42 days apart."""
    assert pattern(weeks).coordinator_decides is decides


@pytest.mark.parametrize("by_the_programme", ["pp", "ppp", "cc", "hpp", "mpp"])
def test_what_the_programme_caused_is_never_missed_by_the_service(by_the_programme: str) -> None:
    """X06, E01: the coach was ill twice."""
    found = pattern(by_the_programme)
    assert not found.tell_coach_and_coordinator
    assert not found.coordinator_decides


def test_a_session_cancelled_in_between_does_not_break_a_run() -> None:
    """X06."""
    assert pattern("mpm").in_a_row == 2
    assert pattern("mcm").in_a_row == 2
    assert pattern("m.m").in_a_row == 2


def test_a_correction_to_held_leaves_nothing_to_tell() -> None:
    """E37."""
    assert pattern("mmh") == MissedPattern(0, 2, False, False, False)
    assert pattern("") == MissedPattern(0, 0, False, False, False)


def test_two_executive_months_running_are_told() -> None:
    """X03."""
    months = [PastSession(date(2024, month, 5), SessionState.MISSED) for month in (9, 10)]
    found = missed_pattern(months, EXECUTIVE, RULES)
    assert found.tell_coach_and_coordinator
    assert not found.coordinator_decides


@given(st.text("hm?pcx.", max_size=30))
def test_taking_out_what_the_programme_caused_changes_nothing(weeks: str) -> None:
    """X06."""
    assert pattern(weeks.replace("p", ".").replace("c", ".")) == pattern(weeks)


def test_a_catch_up_is_offered_in_the_same_week_or_the_next() -> None:
    """X02."""
    tuesday = date(2024, 10, 8)
    found = catch_up_days(tuesday, tuesday, DELIVERY, RULES, calendar())
    assert found[0] == date(2024, 10, 9)
    assert found[-1] == date(2024, 10, 18)
    assert len(found) == 8
    late = catch_up_days(tuesday, date(2024, 10, 16), DELIVERY, RULES, calendar())
    assert late == (date(2024, 10, 17), date(2024, 10, 18))
    assert catch_up_days(tuesday, date(2024, 10, 20), DELIVERY, RULES, calendar()) == ()


def test_an_executive_session_is_offered_again_in_its_month() -> None:
    """X03."""
    missed_day = date(2024, 10, 22)
    found = catch_up_days(missed_day, missed_day, EXECUTIVE, RULES, calendar())
    assert (found[0], found[-1]) == (date(2024, 10, 23), date(2024, 10, 31))
    last = catch_up_days(date(2024, 12, 31), date(2024, 12, 31), EXECUTIVE, RULES, calendar())
    assert last == ()


def test_an_event_is_dated_anew_and_not_caught_up() -> None:
    assert catch_up_days(date(2024, 11, 12), date(2024, 11, 12), EVENT, RULES, calendar()) == ()
    only = [PastSession(date(2024, 11, 12), SessionState.MISSED)]
    assert not missed_pattern(only, EVENT, RULES).offer_catch_up


def test_a_catch_up_is_never_on_a_day_that_is_taken_off_or_paused() -> None:
    """X02, C09."""
    tuesday = date(2024, 12, 17)
    days = catch_up_days(tuesday, tuesday, DELIVERY, RULES, calendar())
    assert date(2024, 12, 25) not in days
    found = free_days(days, {date(2024, 12, 18)}, [CHRISTMAS], calendar())
    assert found == (date(2024, 12, 19), date(2024, 12, 20))
    paused = rest("2024-12-18", "2024-12-31")
    assert free_days(days, (), [paused], calendar()) == ()
