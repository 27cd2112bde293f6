"""The weekly sessions of a service: planned over its slot, and again round what comes up."""

from collections import Counter
from datetime import date, time, timedelta

import pytest

from schemas import commands
from schemas.courses import Stage, Step
from schemas.messages import MessageKind, MessageState
from schemas.people import Role
from schemas.sessions import Session, SessionReason, SessionState
from storage.database import Database
from tests.activities.scene import SVC_16, SVC_17, TUESDAY, CourseScene, small_edition
from tests.journeys import cast as people
from tests.planning.builders import LONDON, at, edition, shown

ELEVEN = 11
MONDAY = 0
THE_TUESDAY = date(2024, 11, 5)


def delivery(play: CourseScene, service: str = SVC_16) -> tuple[Session, ...]:
    return play.sessions(play.of(service), "delivery")


def days(play: CourseScene, service: str = SVC_16) -> list[date]:
    return [play.day(one.starts_at) for one in delivery(play, service) if one.starts_at]


def nth(play: CourseScene, number: int) -> Session:
    return next(one for one in delivery(play) if one.number == number)


def assert_none_is_lost(play: CourseScene, caught_up: int = 0) -> None:
    """C17: held, missed, cancelled and to come are what was planned and what was caught up on."""
    states = Counter(one.state for one in delivery(play))
    assert sum(states.values()) == 26 + caught_up, states
    assert [one.number for one in delivery(play)] == list(range(1, 27 + caught_up))


def test_a_service_has_twenty_six_sessions_of_an_hour_over_its_slot(coached: CourseScene) -> None:
    """C01, C03, C04, C09: from 3 September, none in the winter break or on a day off."""
    found = delivery(coached)
    assert_none_is_lost(coached)
    assert {one.minutes for one in found} == {60}
    starts = [one.starts_at for one in found if one.starts_at]
    assert (shown(starts[0]), shown(starts[-1])) == ("Tue 2024-09-03 10:00", "Tue 2025-03-11 10:00")
    assert {day.weekday() for day in days(coached)} == {TUESDAY}
    assert not [day for day in days(coached) if date(2024, 12, 23) <= day <= date(2025, 1, 3)]
    (event,) = coached.sessions(coached.of(SVC_16), "improvement_event")
    assert event.minutes == 480


def test_the_slot_has_the_same_local_time_over_both_clock_changes(empty: Database) -> None:
    """C11, E29: the pilot crosses October's and March's."""
    play = CourseScene(empty, small_edition("mha-qi-pilot"))
    play.open(SVC_16)
    play.coaching(SVC_16, starts_at=at("2023-08-08", "09:30"), clock_time=time(9, 5))
    starts = [one.starts_at for one in delivery(play) if one.starts_at]
    assert {one.astimezone(LONDON).time() for one in starts} == {time(9, 5)}
    assert {one.time() for one in starts} == {time(8, 5), time(9, 5)}


def test_a_slot_on_a_bank_holiday_is_left_out_and_a_spare_week_used(empty: Database) -> None:
    """C02, C10, E06: Mondays of the pilot; nothing is shifted to the Tuesday."""
    play = CourseScene(empty, small_edition("mha-qi-pilot"))
    play.open(SVC_16)
    play.coaching(SVC_16, starts_at=at("2023-08-08", "09:30"), weekday=MONDAY)
    found = days(play)
    assert len(found) == len(delivery(play)) == 36
    assert {one.minutes for one in delivery(play)} == {90}
    assert {day.weekday() for day in found} == {MONDAY}
    holidays = {date(2023, 8, 28), date(2023, 12, 25), date(2024, 4, 1), date(2024, 5, 6)}
    assert holidays.isdisjoint(found)
    assert found[3:5] == [date(2023, 9, 4), date(2023, 9, 11)]
    # 43 Mondays lie in the window: four are holidays, one more is in the break, two stay spare.
    assert found[-1] == date(2024, 5, 13)


def test_a_late_starter_has_the_weeks_that_are_left(empty: Database) -> None:
    """E15, C17: fewer than 26, and none of them counts as missed or cancelled."""
    play = CourseScene(empty)
    play.open(SVC_16)
    play.committed(SVC_16)
    play.only(play.of(SVC_16))
    play.now = at("2025-01-14", "10:00")
    play.onboarded(SVC_16, day=date(2025, 3, 20), starts_at=at("2025-01-21", "09:30"))
    found = delivery(play)
    assert [one.number for one in found] == list(range(1, 11))
    assert days(play)[0] == date(2025, 1, 21), "the hour of its first Tuesday had come already"
    assert {one.state for one in found} == {SessionState.TO_COME}
    (planned,) = [one for one in play.journal(play.of(SVC_16)) if one.event == "sessions.planned"]
    assert planned.facts == {"weekly": 10}


@pytest.mark.parametrize(("before", "to_come"), [(9, 17), (26, 0), (30, 0)])
def test_a_service_brought_in_mid_course_counts_what_it_has_had(
    empty: Database, before: int, to_come: int
) -> None:
    """R17: as held, an hour each, and nobody hears anything about the past."""
    play = CourseScene(empty)
    play.prepare(SVC_16)
    play.apply(SVC_16, at("2024-05-08"), sessions_before=before)
    play.coaching(SVC_16)
    found = delivery(play)
    states = Counter(one.state for one in found)
    assert states == Counter({SessionState.HELD: before, SessionState.TO_COME: to_come})
    assert [one.number for one in found] == list(range(1, before + to_come + 1))
    held = [one.id for one in found if one.state is SessionState.HELD]
    assert not [one for of in held for one in play.messages(of)]
    assert not [one for of in held for one in play.participants(of)]
    assert sum(one.held_minutes or one.minutes for one in found[:before]) == before * 60
    play.walk(play.now + timedelta(days=3))
    assert Step.ASK_FOR_RECORD not in {step for _, _, step, _ in play.walked}


# -- events, pauses and hands ----------------------------------------------------------------------


def test_a_session_on_the_day_of_the_event_takes_a_spare_week(coached: CourseScene) -> None:
    """C15a, C17: the others stay where they are, also that of the same week."""
    before = {one.number: one.starts_at for one in delivery(coached)}
    coached.walk(at("2024-07-01", "10:00"))
    coached.do(commands.DateEvent, coached.of(SVC_16), day=THE_TUESDAY)
    coached.walk(coached.now)
    displaced = nth(coached, 10)
    assert shown(before[10]) == "Tue 2024-11-05 10:00"
    assert shown(displaced.starts_at) == "Tue 2025-03-18 10:00"
    after = {one.number: one.starts_at for one in delivery(coached) if one.number != 10}
    assert after == {number: at_ for number, at_ in before.items() if number != 10}
    assert_none_is_lost(coached)

    coached.do(commands.DateEvent, coached.of(SVC_16), day=date(2024, 11, 7))
    assert {one.number: one.starts_at for one in delivery(coached)} == before


def test_an_event_of_another_service_displaces_the_session_of_that_day(
    coached: CourseScene,
) -> None:
    """C15, E11: the coach is away; the ward is woken and finds another week by itself."""
    coached.accepted(SVC_17)
    coached.signed(SVC_17)
    ward = coached.of(SVC_17)
    coached.do(commands.AssignCoach, ward, coach=people.COACH)
    coached.do(commands.DateEvent, ward, day=THE_TUESDAY)
    coached.walk(coached.now)
    assert shown(nth(coached, 10).starts_at) == "Tue 2025-03-18 10:00"
    assert_none_is_lost(coached)


def test_a_session_gives_way_to_a_single_session_that_its_coach_has_already(
    coached: CourseScene,
) -> None:
    """C15: the other ward's check-in is on Monday 2 December at two."""
    coached.accepted(SVC_17)
    coached.signed(SVC_17)
    coached.onboarded(SVC_17, weekday=MONDAY, clock_time=time(13, 30), day=date(2024, 11, 14))
    assert date(2024, 12, 2) not in days(coached, SVC_17)
    assert len(days(coached, SVC_17)) == 26


def test_a_session_that_a_person_moved_stays_there_through_a_replan(coached: CourseScene) -> None:
    """C17: it stays one session, and the slot of its week stays empty."""
    ward = coached.of(SVC_16)
    wednesday = at("2024-11-06", "15:00")
    coached.do(commands.MoveSession, ward, session_id=nth(coached, 10).id, starts_at=wednesday)
    coached.do(commands.DateEvent, ward, day=date(2024, 11, 12))
    coached.walk(coached.now)
    assert nth(coached, 10).starts_at == wednesday
    assert shown(nth(coached, 11).starts_at) == "Tue 2024-11-05 10:00"
    assert_none_is_lost(coached)


@pytest.mark.parametrize("what", ["event", "pause"])
def test_a_moved_session_that_loses_its_day_finds_another_week(
    coached: CourseScene, what: str
) -> None:
    """C10, C15a, C17: nothing is due for ever, and nothing is held in a pause."""
    ward = coached.of(SVC_16)
    wednesday = at("2024-11-06", "15:00")
    coached.do(commands.MoveSession, ward, session_id=nth(coached, 10).id, starts_at=wednesday)
    if what == "event":
        coached.do(commands.DateEvent, ward, day=date(2024, 11, 6))
    else:
        coached.now = at("2024-11-06", "08:00")
        coached.only(ward)
        coached.do(commands.PauseCourse, ward, until_at=at("2024-11-07", "00:00"))
    coached.walk(coached.now)
    found = nth(coached, 10)
    assert found.starts_at is not None
    assert coached.day(found.starts_at) != date(2024, 11, 6)
    assert coached.day(found.starts_at).weekday() == TUESDAY
    assert_none_is_lost(coached)


def test_a_session_for_which_no_week_is_left_is_cancelled_and_counted(
    coached: CourseScene,
) -> None:
    """C17, X07: six weeks of pause, four spare ones."""
    ward = coached.of(SVC_16)
    coached.only(ward)
    coached.now = at("2025-01-20", "09:00")
    coached.do(commands.PauseCourse, ward, until_at=at("2025-03-03", "00:00"))
    coached.walk(coached.now)
    states = Counter(one.state for one in delivery(coached) if one.number > 18)
    assert states == Counter({SessionState.TO_COME: 4, SessionState.CANCELLED: 4})
    cancelled = [one for one in delivery(coached) if one.state is SessionState.CANCELLED]
    assert {one.reason for one in cancelled} == {SessionReason.NO_WEEK_LEFT}
    assert_none_is_lost(coached)


def test_a_pause_without_an_end_leaves_sessions_to_come_without_a_day(
    coached: CourseScene,
) -> None:
    """C17: until it ends; then each finds a week."""
    ward = coached.of(SVC_16)
    coached.only(ward)
    coached.now = at("2024-11-04", "09:00")
    coached.do(commands.PauseCourse, ward)
    coached.walk(at("2024-11-14", "12:00"))
    waiting = [one for one in delivery(coached) if one.starts_at is None]
    assert len(waiting) == 17
    assert {one.state for one in waiting} == {SessionState.TO_COME}
    assert_none_is_lost(coached)

    coached.do(commands.ResumeCourse, ward)
    coached.walk(coached.now)

    assert [one for one in delivery(coached) if one.starts_at is None] == []
    assert shown(nth(coached, 12).starts_at) == "Tue 2024-11-19 10:00", "its own week is still good"
    assert shown(nth(coached, 10).starts_at) == "Tue 2025-03-18 10:00"
    assert_none_is_lost(coached)


# -- what people are sent --------------------------------------------------------------------------


def test_the_lead_is_reminded_on_the_working_day_before_at_five_past_nine(
    coached: CourseScene,
) -> None:
    """M01: nobody else; a single step counts as the last, which no confirmation stops."""
    rows = coached.messages(nth(coached, 9).id, MessageKind.REMINDER)
    assert [(one.person_id, shown(one.due_at), one.asks) for one in rows] == [
        (people.lead_of(SVC_16), "Mon 2024-10-28 09:05", False)
    ]
    after_the_break = coached.messages(nth(coached, 17).id, MessageKind.REMINDER)
    assert [shown(one.due_at) for one in after_the_break] == ["Mon 2025-01-06 09:05"]


def test_a_coach_gets_no_single_reminder_of_a_weekly_session(coached: CourseScene) -> None:
    """M14: the digest tells of it."""
    weekly = [one.id for one in delivery(coached)]
    reminded = {
        row.person_id for of in weekly for row in coached.messages(of, MessageKind.REMINDER)
    }
    assert reminded == {people.lead_of(SVC_16)}


def test_members_of_a_team_hear_of_weekly_sessions_where_they_asked_to(empty: Database) -> None:
    """M01, M18: invitation and reminder, like the lead."""
    play = CourseScene(empty)
    play.open(SVC_16)
    member, other = people.team_of(SVC_16)
    play.opt_in(member, SVC_16)
    play.coaching(SVC_16)
    rows = play.messages(nth(play, 9).id)
    assert {(one.kind.value, one.person_id) for one in rows} == {
        ("invitation", people.COACH),
        ("invitation", people.lead_of(SVC_16)),
        ("invitation", member),
        ("reminder", people.lead_of(SVC_16)),
        ("reminder", member),
    }
    part = {one.person_id: one.role for one in play.participants(nth(play, 9).id)}
    assert part[member] is Role.TEAM_MEMBER
    assert other not in part


def test_invitations_to_weekly_sessions_go_four_weeks_ahead(coached: CourseScene) -> None:
    """M18: to coach and lead; those of the first weeks four weeks before, in the mail window."""
    due = {
        number: {
            shown(row.due_at)
            for row in coached.messages(nth(coached, number).id, MessageKind.INVITATION)
        }
        for number in (1, 9, 17)
    }
    assert due == {
        1: {"Tue 2024-08-06 08:00"},
        9: {"Tue 2024-10-01 08:00"},
        17: {"Tue 2024-12-10 08:00"},
    }
    invited = coached.messages(nth(coached, 1).id, MessageKind.INVITATION)
    assert {one.person_id for one in invited} == {people.COACH, people.lead_of(SVC_16)}
    planned_at = {one.planned_at for one in invited}
    assert planned_at == {at("2024-06-17", "10:00")}


def test_a_session_that_is_planned_inside_its_lead_has_its_reminder_too_late(
    empty: Database,
) -> None:
    """M04: it is planned on Monday at ten for Tuesday; the invitation tells people at once."""
    play = CourseScene(empty)
    play.open(SVC_16)
    play.committed(SVC_16)
    play.only(play.of(SVC_16))
    play.now = at("2024-10-14", "10:00")
    play.onboarded(SVC_16, day=date(2024, 12, 12), starts_at=at("2024-10-22", "09:30"))
    first = delivery(play)[0]
    assert shown(first.starts_at) == "Tue 2024-10-15 10:00"
    rows = {one.kind: one for one in play.messages(first.id) if one.person_id != people.COACH}
    assert rows[MessageKind.REMINDER].state is MessageState.TOO_LATE
    assert rows[MessageKind.REMINDER].ended_at == play.now
    assert rows[MessageKind.INVITATION].due_at == play.now


def test_both_levels_run_side_by_side(coached: CourseScene) -> None:
    """C06: executive coaching begins in the month in which the weekly sessions do."""
    executive = coached.sessions(coached.executive)
    assert coached.stage(SVC_16) is Stage.COACHING
    months = [coached.day(one.starts_at).month for one in executive]
    assert months == [9, 10, 11, 12, 1, 2]
    assert {one.minutes for one in executive} == {edition().session_kind("executive").minutes}
