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
from schemas.obligations import ObligationKind, ObligationState
from schemas.sessions import Session, SessionReason, SessionState
from tests.activities.posting import Got, Posted
from tests.activities.posting import autumn as autumn
from tests.activities.posting import autumn_template as autumn_template
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
    """C10, C17, M05, M17, X07: those invited get a move, the others are invited in time."""
    play = autumn.play
    await autumn.until(NOON, recording=True)
    before = days(play)
    autumn.forget()

    play.do(PauseCourse, play.of(SVC_16), until_at=at("2024-11-16", "00:00"))
    await autumn.deliver()

    paused = range(5, 11)  # 8 October to 12 November; the fifth session was held on the 1st
    assert [n for n, day in enumerate(days(play)) if day != before[n]] == list(paused)
    assert [days(play)[n] for n in paused] == [
        *(date(2025, 3, day) for day in (11, 18, 25)),
        None,
        None,
        None,
    ]
    assert [weekly(play)[n].reason for n in (8, 9, 10)] == [SessionReason.NO_WEEK_LEFT] * 3
    told = {(one.message.subject, one.message.kind) for one in autumn.to(LEAD_16)}
    ids = [one.id for one in weekly(play)]
    assert told >= {(ids[n], MessageKind.MOVE) for n in (5, 6, 7)}
    assert (ids[8], MessageKind.CANCELLATION) in told, "invited on the 1st for the 29th"
    assert not {(ids[n], kind) for n in (9, 10) for kind in MessageKind} & told
    assert sum(total(play).values()) == 26


async def test_without_an_end_sessions_lose_their_day_and_get_it_back(autumn: Posted) -> None:
    """C17, X09: what is still ahead at the resume returns to the days of the first plan."""
    play = autumn.play
    await autumn.until(NOON, recording=True)
    before, invited = days(play), set(autumn.diary(LEAD_16))
    autumn.forget()

    play.do(PauseCourse, play.of(SVC_16))
    await autumn.until(at("2024-10-24", "10:00"), recording=True)

    assert days(play)[5:] == [None] * 21
    assert total(play) == {"held": 5, "to_come": 21}
    taken_out = [one for one in autumn.to(LEAD_16) if one.message.kind is MessageKind.CANCELLATION]
    assert all(one.entry[0] == "CANCEL" for one in taken_out)
    assert len(taken_out) == len({one.entry[1] for one in taken_out}) > len(invited) - 1

    play.do(ResumeCourse, play.of(SVC_16))
    await autumn.until(at("2024-11-06", "12:00"), recording=True)

    assert days(play)[8:] == before[8:]  # from 29 October on
    assert days(play)[5:8] == [date(2025, 3, day) for day in (11, 18, 25)]
    assert total(play) == {"held": 7, "to_come": 19}
    of_16 = [one for one in autumn.got if one.message.course_id == play.of(SVC_16)]
    rest = Interval(NOON, at("2024-10-24", "10:00"))
    assert resting_in(of_16, play.of(SVC_16), rest) == []


async def test_what_is_in_diaries_is_what_is_planned_after_two_pauses(autumn: Posted) -> None:
    """M05, M17, X09: whatever pauses do, every diary ends with the sessions as they are."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.do(PauseCourse, course_id)
    await autumn.until(at("2024-10-04", "12:00"), recording=True)
    play.do(ResumeCourse, course_id)
    play.do(PauseCourse, course_id, until_at=at("2024-10-19", "00:00"))
    await autumn.until(at("2024-10-09", "12:00"), recording=True)
    play.do(ResumeCourse, course_id)
    await autumn.until(at("2024-10-10", "12:00"), recording=True)

    planned = {
        one.starts_at
        for one in weekly(play)
        if one.state is SessionState.TO_COME and one.starts_at is not None
    }
    for person in (LEAD_16, people.COACH):
        of_16 = {
            starts
            for starts in autumn.diary(person).values()
            if starts.hour == 9 and starts.weekday() == 1 and starts > play.now
        }
        assert of_16 <= planned, f"{person} has an entry of a session that is elsewhere"
    assert days(play)[5] == date(2025, 3, 11), "8 October passed in the second pause"
    assert days(play)[6:9] == [date(2024, 10, day) for day in (15, 22, 29)]


async def test_resumed_early_everything_ahead_returns_at_once(autumn: Posted) -> None:
    """X09: the end that was given counts no more."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    before = days(play)
    play.do(PauseCourse, course_id, until_at=at("2025-02-01", "00:00"))
    play.walk(at("2024-10-08", "12:00"))
    assert total(play)["cancelled"] == 0

    play.do(ResumeCourse, course_id)
    play.walk(play.now)

    assert days(play)[6:] == before[6:] or days(play)[6:26] == before[6:26]
