"""Pauses of a service and of an edition: clocks stand still, nothing old goes out afterwards."""

from collections import Counter
from datetime import date, datetime

import pytest

from planning.working_time import Interval
from schemas.commands import (
    MoveSession,
    PauseCourse,
    ResumeCourse,
    Withdraw,
)
from schemas.letters import Topic
from schemas.messages import MessageKind, MessageReason, MessageState
from schemas.obligations import Obligation, ObligationKind, ObligationState
from schemas.sessions import Session, SessionReason, SessionState
from tests.activities.autumn_days import move
from tests.activities.posting import Got, Posted
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at, shown

LEAD_16, LEAD_17 = people.lead_of(SVC_16), people.lead_of(SVC_17)
NOON = at("2024-10-01", "12:00")
RESTING = (
    MessageKind.REMINDER,
    MessageKind.DIGEST,
    MessageKind.CHASE,
    MessageKind.ESCALATION,
)


def weekly(play: CourseScene, service: str = SVC_16) -> tuple[Session, ...]:
    return play.sessions(play.of(service), "delivery")


def days(play: CourseScene, service: str = SVC_16) -> list[date | None]:
    """Return the day of each weekly session, in their order."""
    return [play.day(one.starts_at) if one.starts_at else None for one in weekly(play, service)]


def stands(play: CourseScene, service: str) -> list[Session]:
    """Return the weekly sessions to come that have a day."""
    to_come = [one for one in weekly(play, service) if one.state is SessionState.TO_COME]
    return [one for one in to_come if one.starts_at is not None and one.starts_at > play.now]


def total(play: CourseScene, service: str = SVC_16) -> Counter[str]:
    return Counter(one.state.value for one in weekly(play, service))


def resting_in(got: list[Got], course_id: str, rest: Interval) -> list[Got]:
    """Return what of a course should have rested: it went in a stretch of time or was due in it."""
    return [
        one
        for one in got
        if one.message.course_id == course_id
        and one.message.kind in RESTING
        and (rest.covers(one.at) or rest.covers(one.message.due_at))
    ]


def the_event(play: CourseScene, service: str = SVC_16) -> Session:
    return play.sessions(play.of(service), "improvement_event")[0]


async def test_a_paused_service_rests_and_everybody_else_goes_on(autumn: Posted) -> None:
    """X07, X08, X09: no session, reminder or chase of it while it lasts, and none of it later."""
    play, rest = autumn.play, Interval(NOON, at("2024-10-19", "00:00"))
    await autumn.until(NOON, recording=True)
    autumn.forget()

    play.do(PauseCourse, play.of(SVC_16), until_at=rest.until_at)
    await autumn.until(at("2024-10-23", "12:00"), recording=True)

    assert resting_in(autumn.got, play.of(SVC_16), rest) == []
    assert [one.message.topic for one in autumn.to(LEAD_16, MessageKind.NOTICE)] == [Topic.PAUSED]
    assert not any(one.starts_at and rest.covers(one.starts_at) for one in weekly(play))
    assert [shown(one.at) for one in autumn.to(LEAD_16, MessageKind.REMINDER)] == [
        "Mon 2024-10-21 09:05"
    ]
    assert [
        shown(one.at)
        for one in autumn.to(LEAD_17, MessageKind.REMINDER)
        if one.message.topic == "delivery"
    ] == ["Tue 2024-10-08 09:05", "Tue 2024-10-15 09:05", "Tue 2024-10-22 09:05"]
    assert total(play) == {"held": 6, "to_come": 20}
    assert total(play, SVC_17) == {"held": 8, "to_come": 18}


async def test_a_pause_of_a_service_leaves_its_sponsors_sessions_alone(autumn: Posted) -> None:
    """X08: the shared executive session goes on."""
    play = autumn.play
    before = play.sessions(play.executive)
    play.do(PauseCourse, play.of(SVC_16))
    play.do(PauseCourse, play.of(SVC_17))
    play.walk(NOON)
    assert play.sessions(play.executive) == before


async def test_a_pause_with_an_end_moves_its_sessions_to_the_spare_weeks(autumn: Posted) -> None:
    """C10, C17, M05, M17, X07, X10: a move for those invited; what finds no week is cancelled."""
    play = autumn.play
    await autumn.until(NOON, recording=True)
    autumn.forget()

    play.do(PauseCourse, play.of(SVC_16), until_at=at("2024-11-16", "00:00"))
    await autumn.deliver()

    moved, lost = weekly(play)[5:7], weekly(play)[7:11]
    assert days(play)[5:7] == [date(2025, 3, 18), date(2025, 3, 25)], "the two spare weeks"
    assert [one.state for one in lost] == [SessionState.CANCELLED] * 4
    assert {one.reason for one in lost} == {SessionReason.NO_WEEK_LEFT}
    assert total(play) == {"held": 5, "to_come": 17, "cancelled": 4}
    told = {(one.message.subject, one.message.kind) for one in autumn.to(LEAD_16)}
    assert told >= {(one.id, MessageKind.MOVE) for one in moved}
    invited = lost[:2]  # on the 1st for the four weeks to come
    assert told >= {(one.id, MessageKind.CANCELLATION) for one in invited}
    assert not {(one.id, kind) for one in lost[2:] for kind in MessageKind} & told


async def test_without_an_end_sessions_lose_their_day_and_get_it_back(autumn: Posted) -> None:
    """C17, X09: what is still ahead at the resume returns to the days of the first plan."""
    play = autumn.play
    await autumn.until(NOON, recording=True)
    before = days(play)
    autumn.forget()

    play.do(PauseCourse, play.of(SVC_16))
    await autumn.until(at("2024-10-24", "10:00"), recording=True)

    assert days(play)[5:] == [None] * 21
    assert total(play) == {"held": 5, "to_come": 21}
    taken_out = autumn.to(LEAD_16, MessageKind.CANCELLATION)
    assert {one.message.subject for one in taken_out} == {
        *(one.id for one in weekly(play)[5:9]),
        the_event(play).id,
        play.sessions(play.of(SVC_16), "midpoint")[0].id,
    }, "once to everybody who was invited, and to nobody else"
    assert len(taken_out) == 6

    play.do(ResumeCourse, play.of(SVC_16))
    await autumn.until(at("2024-10-29", "12:00"), recording=True)

    assert days(play)[8:] == before[8:]  # from 29 October on
    assert days(play)[5:8] == [date(2025, 3, 18), date(2025, 3, 25), None], "two spare weeks"
    assert total(play) == {"held": 6, "to_come": 19, "cancelled": 1}
    rest = Interval(NOON, at("2024-10-24", "10:00"))
    assert resting_in(autumn.got, play.of(SVC_16), rest) == []


async def test_what_is_in_diaries_is_what_is_planned_after_two_pauses(autumn: Posted) -> None:
    """M05, M17, X09: whatever pauses do, every diary ends with the sessions as they are."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    await autumn.until(NOON, recording=True)
    play.do(PauseCourse, course_id)
    await autumn.until(at("2024-10-04", "12:00"), recording=True)
    play.do(ResumeCourse, course_id)
    play.do(PauseCourse, course_id, until_at=at("2024-10-19", "00:00"))
    await autumn.until(at("2024-10-09", "12:00"), recording=True)
    play.do(ResumeCourse, course_id)
    await autumn.until(at("2024-10-10", "12:00"), recording=True)

    planned = {one.id: one.starts_at for one in weekly(play) if one.starts_at is not None}
    for person in (LEAD_16, people.COACH):
        told = [one for one in autumn.to(person) if one.message.subject in planned]
        calendar = [one for one in told if one.message.kind.is_calendar]
        last = {one.message.subject: one.entry for one in calendar}
        for about, (method, _, _, starts_at) in last.items():
            not_yet_invited = planned[about] == at("2025-03-18", "10:00")
            assert (method == "CANCEL") == not_yet_invited
            assert not_yet_invited or starts_at == planned[about]
    assert days(play)[5] == date(2025, 3, 18), "8 October lay in the second pause"
    assert days(play)[6:9] == [date(2024, 10, day) for day in (15, 22, 29)]


async def test_resumed_early_everything_ahead_returns_at_once(autumn: Posted) -> None:
    """X09, C17: the end that was given counts no more; what had no week left has one again."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    await autumn.until(NOON, recording=True)
    before = days(play)
    play.do(PauseCourse, course_id, until_at=at("2025-02-01", "00:00"))
    play.walk(at("2024-10-08", "12:00"))
    assert total(play)["cancelled"] == 13

    play.do(ResumeCourse, course_id)
    play.walk(play.now)

    assert days(play)[6:] == before[6:]
    assert days(play)[5] == date(2025, 3, 18)
    assert total(play) == {"held": 5, "to_come": 21}


def test_an_edition_pause_over_a_service_pause_holds_until_both_are_over(
    autumn: Posted,
) -> None:
    """X07, X08, X09: every course of the edition stands still, and goes on by itself."""
    play = autumn.play
    before = {service: days(play, service) for service in (SVC_16, SVC_17)}
    play.walk(NOON)
    play.do(PauseCourse, play.of(SVC_16), until_at=at("2024-10-31", "00:00"))
    play.do(PauseCourse, play.course_id)
    play.walk(at("2024-10-08", "12:00"))
    assert stands(play, SVC_16) == stands(play, SVC_17) == []
    monthly = [one.starts_at for one in play.sessions(play.executive, "executive")]
    assert not any(starts_at and starts_at > NOON for starts_at in monthly)

    play.do(ResumeCourse, play.of(SVC_16))
    play.walk(at("2024-10-09", "12:00"))
    assert stands(play, SVC_16) == [], "the edition rests still"

    play.do(ResumeCourse, play.course_id)
    play.walk(play.now)

    assert days(play)[6:] == before[SVC_16][6:]
    assert days(play, SVC_17)[6:] == before[SVC_17][6:]


def test_an_edition_that_is_resumed_early_gives_its_services_their_days_back(
    autumn: Posted,
) -> None:
    """X07, X09, C17: nobody but the edition was asked, and every course looks again."""
    play = autumn.play
    play.walk(NOON)
    before = days(play, SVC_17)
    play.do(PauseCourse, play.course_id, until_at=at("2025-01-11", "00:00"))
    play.walk(at("2024-10-04", "12:00"))
    assert total(play, SVC_17)["cancelled"] > 5

    play.do(ResumeCourse, play.course_id)
    play.walk(play.now)

    assert days(play, SVC_17)[5:] == before[5:]
    assert total(play, SVC_17)["cancelled"] == 0


def test_a_session_that_a_person_has_moved_gives_way_to_a_pause_too(autumn: Posted) -> None:
    """X07, C09: no session stays in a pause, whoever put it there."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(NOON)
    session = weekly(play)[6]
    play.do(MoveSession, course_id, session_id=session.id, starts_at=at("2024-10-17", "15:00"))

    play.do(PauseCourse, course_id, until_at=at("2024-10-19", "00:00"))
    play.walk(play.now)

    assert days(play)[5:7] == [date(2025, 3, 18), date(2025, 3, 25)]


def to_be_dated(play: CourseScene, event: Session) -> Obligation:
    """Return what asks for a day of an event."""
    dated = play.obligations(event.course_id, ObligationKind.EVENT_DATED)
    (found,) = [one for one in dated if one.subject == event.id]
    return found


@pytest.mark.parametrize("until_at", [None, at("2024-11-16", "00:00")])
async def test_an_event_in_a_pause_loses_its_day_and_is_dated_anew(
    autumn: Posted, until_at: datetime | None
) -> None:
    """X07, X12, M05: its coach is asked for a day; its stages open again when it has one."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    event = the_event(play)
    play.do(PauseCourse, course_id, until_at=until_at)
    await autumn.deliver()

    assert the_event(play).starts_at is None
    asked = to_be_dated(play, event)
    assert (asked.holder_id, asked.state) == (people.COACH, ObligationState.OPEN)
    told = autumn.about(event.id, MessageKind.CANCELLATION)
    assert {one.message.person_id for one in told} == {
        *(people.COACH, LEAD_16, people.PARTNER),
        *people.team_of(SVC_16),
    }
    assert not [one for one in play.messages(event.id) if one.state is MessageState.WAITING]

    await autumn.until(at("2024-10-04", "10:00"))
    if until_at is None:
        play.do(ResumeCourse, course_id)
    play.do(MoveSession, course_id, session_id=event.id, starts_at=at("2024-12-05", "09:00"))
    await autumn.until(play.now)

    assert to_be_dated(play, event).state is ObligationState.DONE
    again = play.messages(event.id, MessageKind.REMINDER)
    steps = {one.step for one in again if one.state is MessageState.WAITING}
    assert steps == {"d42", "d28", "d14", "d7", "day-before"}
    assert not play.obligation(course_id, ObligationKind.EVENT_PREPARED).state.is_open
    play.walk(at("2024-10-24", "10:00"))
    assert play.obligation(course_id, ObligationKind.EVENT_PREPARED).state.is_open


def test_an_event_that_gets_its_old_day_back_is_prepared_again(autumn: Posted) -> None:
    """X12: its stage had begun before the pause took the day; it begins anew at once."""
    play, event = autumn.play, the_event(autumn.play)
    play.do(PauseCourse, event.course_id)
    play.walk(at("2024-10-04", "10:00"))
    play.do(ResumeCourse, event.course_id)
    assert event.starts_at is not None
    move(play, event, event.starts_at)
    play.walk(play.now)
    first, again = play.obligations(event.course_id, ObligationKind.EVENT_PREPARED)
    assert (first.state, again.state) == (ObligationState.CANCELLED, ObligationState.OPEN)


async def test_what_fell_due_in_a_pause_stays_unsaid_after_an_outage(autumn: Posted) -> None:
    """X09, M10: nobody could judge it in time, and still it is not sent when the pause is over."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    await autumn.until(at("2024-10-03", "12:00"), recording=True)
    autumn.forget()
    play.do(PauseCourse, course_id, until_at=at("2024-10-05", "00:00"))
    session = weekly(play)[5]
    reminder = play.messages(session.id, MessageKind.REMINDER)[0]
    autumn.rewrite(reminder, due_at=at("2024-10-04", "09:05"))

    play.walk(at("2024-10-07", "08:30"))
    await autumn.deliver()

    (found,) = play.messages(session.id, MessageKind.REMINDER)
    assert (found.state, found.reason) == (MessageState.SUPPRESSED, MessageReason.PAUSED)


def test_who_pauses_twice_or_resumes_what_runs_is_told_so(autumn: Posted) -> None:
    """X07."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    past = at("2024-09-30")
    assert "is not paused" in play.refusal(ResumeCourse, course_id)
    assert "ends before it begins" in play.refusal(PauseCourse, course_id, until_at=past)
    play.do(PauseCourse, course_id)
    assert "is paused already" in play.refusal(PauseCourse, course_id)
    assert "is paused already" in play.refusal(PauseCourse, course_id, until_at=at("2024-12-01"))
    play.do(ResumeCourse, course_id)
    play.do(Withdraw, course_id)
    assert "has withdrawn" in play.refusal(PauseCourse, course_id)
