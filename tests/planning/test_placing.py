from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.calendar import calendar_of
from planning.placing import (
    Busy,
    Search,
    Wish,
    clashes,
    monthly_sessions,
    months,
    proposals,
    sponsor_is_told,
    whole_day,
)
from schemas.edition import Window
from tests.planning.builders import CHRISTMAS, LONDON, at, calendar, edition, kind, rest, shown

ENGLAND = calendar()
WINDOW = edition().window
EXECUTIVE, EVENT, MIDPOINT = kind("executive"), kind("improvement_event"), kind("midpoint")
TUESDAYS = Wish(1, time(9, 30))
JULY = date(2024, 7, 22)
EVERYBODY = frozenset({"EX-1", "EC-1", "PA-1"})


def search(*busy: Busy, not_before: date = JULY, last_day: date | None = None) -> Search:
    return Search(ENGLAND, not_before, EVERYBODY, busy, (CHRISTMAS,), last_day)


def busy(person: str, day: str, clock: str, minutes: int = 60) -> Busy:
    starts_at = at(day, clock)
    return Busy(person, starts_at, starts_at + timedelta(minutes=minutes))


def placed(wish: Wish, found: Search) -> list[str]:
    sessions = monthly_sessions(EXECUTIVE, WINDOW, wish, found)
    return [shown(one.starts_at) if one.starts_at else "none" for one in sessions]


def test_a_sponsor_has_one_session_in_each_of_six_months() -> None:
    """C01, C04, C06, C07, C11: from the first full month; March is spare."""
    assert placed(TUESDAYS, search()) == [
        "Tue 2024-09-03 09:30",
        "Tue 2024-10-01 09:30",
        "Tue 2024-11-05 09:30",
        "Tue 2024-12-03 09:30",
        "Tue 2025-01-07 09:30",
        "Tue 2025-02-04 09:30",
    ]


def test_the_months_of_a_window_that_opens_in_mid_month_begin_with_the_first_full_one() -> None:
    """C04."""
    window = Window(opens=date(2024, 9, 16), closes=date(2025, 3, 28))
    assert months(window, 6, ENGLAND)[0] == date(2024, 10, 1)
    assert months(window, 6, ENGLAND)[-1] == date(2025, 3, 1)
    assert months(window, 7, ENGLAND)[0] == date(2024, 9, 1)
    assert len(months(window, 9, ENGLAND)) == 7
    assert len(months(WINDOW, 6, ENGLAND)) == 6


def test_the_pilot_has_nine_executive_sessions_of_two_hours() -> None:
    """C02."""
    pilot = edition("mha-qi-pilot")
    executive = pilot.session_kind("executive")
    found = Search(calendar_of(pilot), date(2023, 7, 1))
    sessions = monthly_sessions(executive, pilot.window, TUESDAYS, found)
    assert len(sessions) == 9
    assert {one.ends_at - one.starts_at for one in sessions if one.starts_at and one.ends_at} == {
        timedelta(minutes=120)
    }
    assert pilot.session_kind("delivery").minutes == 90


@pytest.mark.parametrize("person", sorted(EVERYBODY))
def test_nobody_who_must_come_is_double_booked(person: str) -> None:
    """C15, E10: the sponsor, the coach and the assistant."""
    taken = busy(person, "2024-10-01", "09:00")
    assert placed(TUESDAYS, search(taken))[1] == "Tue 2024-10-08 09:30"
    somebody_else = busy("EX-9", "2024-10-01", "09:00")
    assert placed(TUESDAYS, search(somebody_else))[1] == "Tue 2024-10-01 09:30"


def test_times_that_only_touch_do_not_clash() -> None:
    """C15."""
    before, behind = busy("EC-1", "2024-10-01", "08:30"), busy("EC-1", "2024-10-01", "10:30")
    assert placed(TUESDAYS, search(before, behind))[1] == "Tue 2024-10-01 09:30"
    assert clashes([before, behind, busy("EC-1", "2024-10-01", "09:30")]) == ()


def test_another_time_then_another_weekday_is_taken_where_the_wish_cannot_be() -> None:
    """C07."""
    tuesdays = [busy("EX-1", f"2024-10-{day:02}", "09:00") for day in (1, 8, 15, 22, 29)]
    with_times = Wish(1, time(9, 30), (time(14),))
    assert placed(with_times, search(*tuesdays))[1] == "Tue 2024-10-01 14:00"
    assert placed(TUESDAYS, search(*tuesdays))[1] == "Wed 2024-10-02 09:30"


def test_a_month_without_a_slot_says_so_and_the_others_stand() -> None:
    """C07: August and December are like that; a person then looks for one."""
    december = Busy("EX-1", at("2024-12-01", "00:00"), at("2025-01-01", "00:00"))
    found = monthly_sessions(EXECUTIVE, WINDOW, TUESDAYS, search(december))
    assert [one.month for one in found if one.starts_at is None] == [date(2024, 12, 1)]
    assert len(found) == 6


def test_two_sessions_close_together_are_avoided_and_else_marked() -> None:
    """C14."""
    late = search(not_before=date(2024, 10, 1), last_day=date(2024, 9, 26))
    first = monthly_sessions(EXECUTIVE, WINDOW, TUESDAYS, late)[0]
    assert (shown(first.starts_at), first.close) == ("Tue 2024-10-15 09:30", False)
    rest_of_month = Busy("EX-1", at("2024-10-09", "00:00"), at("2024-11-01", "00:00"))
    crowded = search(rest_of_month, not_before=date(2024, 10, 1), last_day=date(2024, 9, 26))
    first = monthly_sessions(EXECUTIVE, WINDOW, TUESDAYS, crowded)[0]
    assert (shown(first.starts_at), first.close) == ("Tue 2024-10-01 09:30", True)


def test_a_sponsor_who_joins_late_has_the_months_that_are_left() -> None:
    """C07, E15."""
    found = placed(TUESDAYS, search(not_before=date(2024, 12, 10)))
    assert found[0] == "Tue 2024-12-10 09:30"
    assert len(found) == 4
    assert placed(TUESDAYS, search(not_before=date(2025, 4, 1))) == []


def test_the_month_in_which_a_sponsor_begins_has_its_session() -> None:
    """C04, R16: the first one was set for the tenth; the month is not lost for that."""
    assert placed(TUESDAYS, search(not_before=date(2024, 9, 10)))[:2] == [
        "Tue 2024-09-10 09:30",
        "Tue 2024-10-01 09:30",
    ]


def test_no_monthly_session_falls_on_a_day_off_or_in_a_pause() -> None:
    """C09, X07: wishing for the break's weekday and the holiday's."""
    for weekday in range(5):
        for session in monthly_sessions(EXECUTIVE, WINDOW, Wish(weekday, time(16)), search()):
            assert session.starts_at is not None
            assert ENGLAND.is_working_day(ENGLAND.day_of(session.starts_at))
            assert not CHRISTMAS.covers(session.starts_at)


INTERVALS = st.lists(
    st.builds(
        lambda person, hours, length: Busy(
            person,
            at("2024-09-02", "00:00") + timedelta(hours=hours),
            at("2024-09-02", "00:00") + timedelta(hours=hours + length),
        ),
        st.sampled_from(["EX-1", "EC-1", "XX-9"]),
        st.integers(0, 4500),
        st.integers(1, 60),
    ),
    max_size=40,
)


@given(INTERVALS, st.integers(0, 4), st.integers(8, 17))
def test_what_is_placed_never_clashes(others: list[Busy], weekday: int, hour: int) -> None:
    """C15, C09."""
    wish = Wish(weekday, time(hour), (time(11), time(15)))
    for session in monthly_sessions(EXECUTIVE, WINDOW, wish, search(*others)):
        if session.starts_at is None or session.ends_at is None:
            continue
        for person in EVERYBODY:
            mine = Busy(person, session.starts_at, session.ends_at, "new")
            assert not any(
                "new" in {c.first.session, c.second.session} for c in clashes([*others, mine])
            )
        assert ENGLAND.day_of(session.starts_at).replace(day=1) == session.month


@given(INTERVALS)
def test_every_clash_and_nothing_else_is_found(intervals: list[Busy]) -> None:
    """C15: against comparing every pair."""
    numbered = [
        Busy(one.person, one.starts_at, one.ends_at, str(n)) for n, one in enumerate(intervals)
    ]
    expected = {
        frozenset({a.session, b.session})
        for a in numbered
        for b in numbered
        if a.session != b.session
        and a.person == b.person
        and a.starts_at < b.ends_at
        and b.starts_at < a.ends_at
    }
    found = clashes(numbered)
    assert {frozenset({one.first.session, one.second.session}) for one in found} == expected
    assert len(found) == len(expected)


def test_an_event_is_dated_eight_weeks_ahead_and_in_time() -> None:
    """X12, C05: dated on 22 July it may be from 16 September, and is due by 18 November."""
    first, second, third = proposals(EVENT, WINDOW, search(), count=3)
    assert [one.day.isoformat() for one in (first, second, third)] == [
        "2024-09-16",
        "2024-09-17",
        "2024-09-18",
    ]
    assert shown(first.starts_at) == "Mon 2024-09-16 09:00"
    assert first.ends_at - first.starts_at == timedelta(hours=8)
    assert not first.after_due


def test_an_event_takes_a_day_on_which_its_coach_has_nothing_else() -> None:
    """C15, E11."""
    coach = frozenset({"DC-1"})
    other_ward = busy("DC-1", "2024-09-16", "17:30")
    found = Search(ENGLAND, JULY, coach, (other_ward,), (CHRISTMAS,))
    assert proposals(EVENT, WINDOW, found)[0].day == date(2024, 9, 17)
    event = whole_day("DC-1", date(2024, 9, 16), ENGLAND, "wider/SVC-1/improvement_event/1")
    assert len(clashes([event, other_ward])) == 1


def test_a_whole_day_is_busy_from_midnight_to_midnight_when_the_clocks_change_too() -> None:
    """C15."""
    day = whole_day("DC-1", date(2024, 10, 27), ENGLAND)
    assert (day.ends_at - day.starts_at) == timedelta(hours=25)
    assert day.starts_at.astimezone(LONDON).time() == time()


def test_an_event_dated_late_keeps_its_lead_and_is_marked_as_after_its_due_day() -> None:
    """C05, X12."""
    on_time = proposals(EVENT, WINDOW, search(not_before=date(2024, 9, 23)))[0]
    assert (on_time.day, on_time.after_due) == (date(2024, 11, 18), False)
    late = proposals(EVENT, WINDOW, search(not_before=date(2024, 9, 24)))[0]
    assert (late.day, late.after_due) == (date(2024, 11, 19), True)
    assert proposals(EVENT, WINDOW, search(not_before=date(2025, 2, 10))) == ()


def test_no_event_falls_on_a_day_off_or_in_a_pause() -> None:
    """C09, X07."""
    found = proposals(EVENT, WINDOW, search(not_before=date(2024, 10, 25)), count=200)
    days = [one.day for one in found]
    assert date(2024, 12, 20) in days
    assert date(2025, 1, 6) in days
    assert not any(date(2024, 12, 23) <= day <= date(2025, 1, 3) for day in days)
    assert all(ENGLAND.is_working_day(day) for day in days)


def test_the_midpoint_check_in_lies_between_weeks_13_and_20() -> None:
    """C08."""
    found = proposals(MIDPOINT, WINDOW, search(), Wish(0, time(14)), count=60)
    assert found[0].day == date(2024, 12, 2)
    in_time = [one.day for one in found if not one.after_due]
    assert min(in_time) == date(2024, 12, 2)
    assert max(in_time) == date(2025, 1, 20)
    assert {day.weekday() for day in in_time[:4]} == {0}
    assert all(one.after_due for one in found if one.day > date(2025, 1, 20))


def test_a_proposal_with_a_wish_prefers_its_weekday_and_tries_its_other_times() -> None:
    """C08, C15."""
    wish = Wish(2, time(14), (time(16),))
    taken = busy("EX-1", "2024-12-04", "14:30")
    first = proposals(MIDPOINT, WINDOW, search(taken), wish)[0]
    assert shown(first.starts_at) == "Wed 2024-12-04 16:00"


@pytest.mark.parametrize(
    ("moves", "moved_at", "told"),
    [
        (1, at("2024-11-04", "17:00"), False),
        (1, at("2024-11-05", "17:00"), False),
        (1, at("2024-11-06", "08:00"), True),
        (1, at("2024-11-08", "08:00"), True),
        (2, at("2024-09-20", "08:00"), True),
    ],
)
def test_the_sponsor_hears_of_a_second_move_or_of_one_inside_five_working_days(
    moves: int, moved_at: datetime, told: bool
) -> None:
    """X11, E13: the event was on Tuesday 12 November."""
    was_at = at("2024-11-12", "09:00")
    assert sponsor_is_told(EVENT, moves, was_at, moved_at, ENGLAND) is told


def test_other_sessions_are_moved_without_the_sponsor() -> None:
    """X11: a weekly session that is moved late or often is nobody else's matter."""
    moved_at = at("2024-11-11", "17:00")
    for moves in (1, 2, 9):
        assert not sponsor_is_told(kind("delivery"), moves, at("2024-11-12"), moved_at, ENGLAND)


def test_a_longer_pause_leaves_the_event_fewer_days() -> None:
    """X08, C09."""
    found = Search(ENGLAND, JULY, pauses=(rest("2024-09-16", "2024-10-04"),))
    assert proposals(EVENT, WINDOW, found)[0].day == date(2024, 10, 7)
