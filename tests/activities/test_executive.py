"""The monthly coaching of one executive sponsor, however many of their services take part."""

from collections import Counter
from datetime import date, timedelta

import pytest

from activities.starting import StartActivities
from schemas import commands
from schemas.courses import Stage, Step
from schemas.inputs import WakeExecutiveCoaching
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Held, Role
from schemas.sessions import Session, SessionReason, SessionState
from storage import courses
from storage.database import Database
from storage.records import add
from storage.tables.people import RoleRow
from tests.activities.scene import (
    CLOCK,
    FIRST_EXECUTIVE,
    SVC_16,
    SVC_17,
    CourseScene,
    small_edition,
)
from tests.databases import on_sqlite
from tests.journeys import cast as people
from tests.planning.builders import at, shown

OTHER_EVENT = date(2024, 11, 14)


def monthly(play: CourseScene) -> tuple[Session, ...]:
    return play.sessions(play.executive)


def states(play: CourseScene) -> Counter[SessionState]:
    return Counter(one.state for one in monthly(play))


def second_ward(play: CourseScene) -> None:
    """Coach the other ward of the sponsor as well."""
    play.accepted(SVC_17)
    play.signed(SVC_17)
    play.onboarded(SVC_17, weekday=0, day=OTHER_EVENT)


def leave(play: CourseScene, service: str) -> None:
    play.do(commands.Withdraw, play.of(service), reason="staffing")


def test_a_sponsor_has_six_monthly_sessions_from_the_first_that_was_set(
    coached: CourseScene,
) -> None:
    """C01, C04, R16: the first at its very hour, the others on that weekday and at that time."""
    assert [shown(one.starts_at) for one in monthly(coached)] == [
        "Tue 2024-09-10 09:30",
        "Tue 2024-10-01 09:30",
        "Tue 2024-11-05 09:30",
        "Tue 2024-12-03 09:30",
        "Tue 2025-01-07 09:30",
        "Tue 2025-02-04 09:30",
    ]
    assert {one.minutes for one in monthly(coached)} == {60}
    assert coached.course(coached.executive).stage is Stage.COACHING


def test_the_pilot_has_nine_sessions_of_two_hours(empty: Database) -> None:
    """C02."""
    play = CourseScene(empty, small_edition("mha-qi-pilot"))
    play.open(SVC_16)
    play.coaching(SVC_16, starts_at=at("2023-08-08", "09:30"))
    found = monthly(play)
    assert len(found) == 9
    assert {one.minutes for one in found} == {120}
    assert shown(found[0].starts_at) == "Tue 2023-08-08 09:30"


def test_however_many_services_take_part_there_is_one_session_a_month(
    coached: CourseScene,
) -> None:
    """C07: two wards of one sponsor, six sessions and not twelve."""
    before = monthly(coached)
    second_ward(coached)
    coached.walk(coached.now)
    assert monthly(coached) == before
    months = {coached.day(one.starts_at).replace(day=1) for one in before}
    assert len(months) == len(before) == 6


def test_sponsor_assistant_and_coach_are_invited_at_once_and_reminded_twice(
    coached: CourseScene,
) -> None:
    """M01, M14, M18, C19: seven days before, asking, and on the working day before."""
    second = monthly(coached)[1]
    rows = coached.messages(second.id)
    trio = (people.EXECUTIVE_COACH, people.ASSISTANT, people.SPONSOR)
    assert sorted(
        (one.kind.value, one.step, shown(one.due_at), one.asks, one.person_id) for one in rows
    ) == sorted(
        [
            *(("invitation", "", "Mon 2024-06-17 10:00", False, who) for who in trio),
            *(("reminder", "d7", "Tue 2024-09-24 09:05", True, who) for who in trio),
            *(("reminder", "day-before", "Mon 2024-09-30 09:05", False, who) for who in trio),
        ]
    )
    assert second.place == coached.edition.session_kind("executive").place


def test_a_month_without_a_free_day_is_put_before_the_coach(coached: CourseScene) -> None:
    """C07, X03: December; it is one of the six all the same, and the coach looks for a day."""
    leave(coached, SVC_16)
    coached.walk(coached.now + timedelta(days=1))
    coached.book(people.SPONSOR, at("2024-12-02", "08:00"), at("2024-12-31", "19:00"))
    assert states(coached) == Counter({SessionState.CANCELLED: 6})
    coached.accepted(SVC_17)
    coached.signed(SVC_17)
    coached.do(commands.SetSponsorSession, coached.of(SVC_17), starts_at=FIRST_EXECUTIVE)
    coached.walk(coached.now)

    to_come = [one for one in monthly(coached) if one.state is SessionState.TO_COME]
    assert len(to_come) == 6
    (without,) = [one for one in to_come if one.starts_at is None]
    assert without.planned_day == date(2024, 12, 1)
    asked = coached.obligation(coached.executive, ObligationKind.EXECUTIVE_SLOT)
    assert (asked.subject, asked.holder_id) == (without.id, people.EXECUTIVE_COACH)
    assert coached.messages(without.id) == ()


def test_sessions_that_had_to_be_placed_close_together_are_noted(coached: CourseScene) -> None:
    """C14: less than fourteen days apart is a warning; all of October from the 8th is taken."""
    second = monthly(coached)[1]
    coached.do(commands.CancelSession, coached.executive, session_id=second.id)
    coached.book(people.SPONSOR, at("2024-10-08", "08:00"), at("2024-10-31", "19:00"))
    late = at("2024-09-24", "09:30")
    first = monthly(coached)[0]
    coached.do(commands.MoveSession, coached.executive, session_id=first.id, starts_at=late)
    coached.make_idle(coached.executive)
    coached.look(coached.executive)
    coached.walk(coached.now)
    placed = monthly(coached)[-1]
    assert coached.day(placed.starts_at) < date(2024, 10, 8)
    assert "session.placed_close" in coached.events(placed.id)


def test_a_sponsor_who_begins_late_has_the_months_that_are_left(empty: Database) -> None:
    """E15, C07: from December on."""
    play = CourseScene(empty)
    play.open(SVC_16)
    play.committed(SVC_16)
    play.only(play.of(SVC_16))
    play.now = at("2024-12-02", "10:00")
    play.do(commands.SetSponsorSession, play.of(SVC_16), starts_at=at("2024-12-12", "14:00"))
    play.walk(play.now)
    assert [shown(one.starts_at) for one in monthly(play)] == [
        "Thu 2024-12-12 14:00",
        "Thu 2025-01-09 14:00",
        "Thu 2025-02-06 14:00",
        "Thu 2025-03-06 14:00",
    ]


def test_a_sponsor_who_begins_on_the_last_day_has_what_is_left_and_no_more(
    empty: Database,
) -> None:
    """C03: nothing is due for ever when no month is left at all."""
    play = CourseScene(empty)
    play.open(SVC_16)
    play.committed(SVC_16)
    play.only(play.of(SVC_16))
    play.now = at("2025-03-28", "08:30")
    play.do(commands.SetSponsorSession, play.of(SVC_16), starts_at=at("2025-03-28", "15:00"))
    play.walk(play.now)
    assert monthly(play) == ()
    assert play.course(play.executive).stage is Stage.COACHING


# -- while nobody takes part -----------------------------------------------------------------------


def test_coaching_goes_on_while_one_service_of_the_sponsor_takes_part(
    coached: CourseScene,
) -> None:
    """X13, C07."""
    second_ward(coached)
    before = monthly(coached)
    leave(coached, SVC_16)
    coached.walk(coached.now + timedelta(days=2))
    assert monthly(coached) == before


def test_coaching_stops_with_the_last_service_and_not_before_its_undo_has_passed(
    coached: CourseScene,
) -> None:
    """X13, R13, E40: one cancellation for each entry; with the undo nobody hears anything."""
    coached.accept_mail(monthly(coached)[0].id)
    leave(coached, SVC_16)
    coached.walk(coached.now + timedelta(hours=20))
    assert states(coached) == Counter({SessionState.TO_COME: 6})

    coached.walk(coached.now + timedelta(hours=4))

    assert states(coached) == Counter({SessionState.CANCELLED: 6})
    assert {one.reason for one in monthly(coached)} == {SessionReason.WITHDRAWN}
    course = coached.course(coached.executive)
    assert (course.stage, course.ended_at) == (Stage.IDLE, None)
    gone = coached.messages(monthly(coached)[0].id, MessageKind.CANCELLATION)
    assert len(gone) == 3
    assert not coached.messages(monthly(coached)[1].id, MessageKind.CANCELLATION)


def test_a_withdrawal_that_is_undone_leaves_the_coaching_as_it_was(coached: CourseScene) -> None:
    """E40."""
    before = monthly(coached)
    leave(coached, SVC_16)
    coached.walk(coached.now + timedelta(hours=20))
    coached.do(commands.Undo, coached.of(SVC_16))
    coached.walk(coached.now + timedelta(days=3))
    assert monthly(coached) == before


def test_coaching_that_idles_goes_on_when_another_service_takes_part(
    coached: CourseScene,
) -> None:
    """C07, X13: the sessions are put back at their times, not planned a second time."""
    starts = [one.starts_at for one in monthly(coached)]
    leave(coached, SVC_16)
    coached.walk(coached.now + timedelta(days=2))
    coached.accepted(SVC_17)
    coached.signed(SVC_17)
    coached.do(commands.SetSponsorSession, coached.of(SVC_17), starts_at=FIRST_EXECUTIVE)
    coached.walk(coached.now)
    assert states(coached) == Counter({SessionState.TO_COME: 6})
    assert [one.starts_at for one in monthly(coached)] == starts
    assert coached.course(coached.executive).stage is Stage.COACHING


def test_what_has_begun_when_coaching_stops_is_still_to_be_recorded(coached: CourseScene) -> None:
    """C17, X01: the first session was on the morning before; its record is asked for."""
    coached.only(coached.of(SVC_16))
    coached.now = at("2024-09-09", "12:00")
    leave(coached, SVC_16)
    coached.look(coached.executive)
    coached.walk(at("2024-09-12", "12:00"))
    assert states(coached) == Counter({SessionState.CANCELLED: 5, SessionState.TO_COME: 1})
    asked = coached.obligation(coached.executive, ObligationKind.SESSION_RECORD)
    assert asked.state is ObligationState.OPEN
    coached.do(
        commands.RecordSession,
        coached.executive,
        session_id=monthly(coached)[0].id,
        outcome=SessionState.HELD,
    )


def test_coaching_ends_with_the_edition_whether_it_idles_or_not(coached: CourseScene) -> None:
    """C03."""
    leave(coached, SVC_16)
    coached.walk(coached.now + timedelta(days=2))
    coached.only(coached.executive)
    coached.walk(at("2025-04-30"))
    course = coached.course(coached.executive)
    assert (course.stage, shown(course.ended_at)) == (Stage.COMPLETED, "Fri 2025-04-04 12:00")


# -- who comes, and who coaches --------------------------------------------------------------------


@pytest.mark.parametrize("scope", [SVC_16, "ORG-01"])
def test_a_senior_operational_leader_of_ward_or_organisation_may_come_instead(
    coached: CourseScene, scope: str
) -> None:
    """C18."""
    leader = Held(person_id=people.PROGRAMME_LEAD, role=Role.SENIOR_OPERATIONAL_LEADER, scope=scope)
    coached.write(lambda rows: add(rows, RoleRow, [leader]))
    first = monthly(coached)[0]
    coached.only(coached.executive)
    coached.now = at("2024-09-10", "11:00")
    coached.do(
        commands.RecordSession,
        coached.executive,
        session_id=first.id,
        outcome=SessionState.HELD,
        attended=(people.PROGRAMME_LEAD,),
    )
    assert coached.session(first.id).state is SessionState.HELD


def test_the_assistant_alone_does_not_make_it_held(coached: CourseScene) -> None:
    """C18."""
    first = monthly(coached)[0]
    coached.only(coached.executive)
    coached.now = at("2024-09-10", "11:00")
    coached.do(
        commands.RecordSession,
        coached.executive,
        session_id=first.id,
        outcome=SessionState.HELD,
        attended=(people.ASSISTANT, people.EXECUTIVE_COACH),
    )
    assert coached.session(first.id).state is SessionState.MISSED


@on_sqlite
def test_a_sponsor_is_coached_by_whoever_has_the_fewest(play: CourseScene) -> None:
    """C16: and beyond the usual number it is said."""
    other = Held(person_id=people.PARTNER, role=Role.EXECUTIVE_COACH, scope=play.edition.id)
    play.open(SVC_16, SVC_17)
    play.write(lambda rows: add(rows, RoleRow, [other]))
    play.committed(SVC_16)
    play.do(commands.SetSponsorSession, play.of(SVC_16), starts_at=FIRST_EXECUTIVE)
    assert play.enrolment(SVC_16).executive_coach_id == people.EXECUTIVE_COACH
    one = play.edition.caseloads[1].model_copy(update={"most": 1})
    play.use(play.edition.model_copy(update={"version": 2, "caseloads": (one,)}))
    play.another_sponsor(SVC_17, "PER-SP2")
    play.accepted(SVC_17)
    play.do(
        commands.DecideCommitment,
        play.of(SVC_17),
        actor="PER-SP2",
        commitment="",
        decision="signed",
    )
    play.walk(play.now)
    ward = play.of(SVC_17)
    said = {"starts_at": FIRST_EXECUTIVE}
    play.do(commands.SetSponsorSession, ward, **said)
    assert play.enrolment(SVC_17).executive_coach_id == people.PARTNER
    warned = play.do(commands.SetSponsorSession, ward, coach=people.EXECUTIVE_COACH, **said)
    assert warned.endswith("That is more than the usual 1 sponsors: please check that it works.")


@on_sqlite
def test_a_sponsor_none_of_whose_services_has_come_so_far_has_no_coaching(
    play: CourseScene,
) -> None:
    """C07: a pause or the end of the edition lets everybody look; it opens no course."""
    play.open(SVC_16)
    starting = StartActivities.__new__(StartActivities)
    starting._database = play.database
    wake = WakeExecutiveCoaching(
        course_id=play.executive, edition_id=play.edition.id, at=play.now, clock=CLOCK
    )
    assert not starting._open_course(wake, people.SPONSOR)
    play.selected()
    play.do(commands.PauseCourse, play.course_id, until_at=play.now + timedelta(days=1))
    with play.reading() as rows:
        assert courses.course(rows, play.executive) is None


def test_the_steps_of_a_sponsor_are_few(coached: CourseScene) -> None:
    """Nothing is taken twice for one sponsor: planned once, and asked for once a session."""
    coached.only(coached.executive)
    coached.walk(at("2024-10-31"))
    steps = Counter(step for _, of, step, _ in coached.walked if of == coached.executive)
    assert steps[Step.ASK_FOR_RECORD] == 2
    assert steps[Step.TAKE_UP_PARTICIPATION] == 0
