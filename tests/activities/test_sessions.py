"""Sessions made up for and dated anew; the stages of an event, and its moves."""

from collections import Counter
from datetime import datetime, time, timedelta

import pytest

from schemas.commands import (
    BookCatchUp,
    CancelSession,
    CloseObligation,
    MoveSession,
    PauseCourse,
)
from schemas.edition import SessionKind
from schemas.letters import Topic
from schemas.messages import MessageKind, MessageState
from schemas.obligations import ObligationKind, ObligationState
from tests.activities.autumn_days import (
    HELD,
    MISSED,
    STAFFING,
    confirm,
    missed,
    monthly,
    offers,
    record,
    the_event,
    weekly,
)
from tests.activities.posting import Posted
from tests.activities.scene import SVC_16, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at, shown

LEAD = people.lead_of(SVC_16)
ABOVE = {people.SPONSOR, people.ASSISTANT, people.PROGRAMME_LEAD}


def told(play: CourseScene, *topics: Topic) -> dict[Topic, set[str]]:
    """Return to whom notices were planned that have not been taken back."""
    rows = [one for one in play.all_messages() if one.kind is MessageKind.NOTICE]
    valid = [one for one in rows if one.state is not MessageState.SUPERSEDED]
    return {topic: {one.person_id for one in valid if one.topic == topic} for topic in topics}


MISSED_TOPICS = (Topic.MISSED_TWICE, Topic.THREE_MISSED, Topic.EXECUTIVE_MISSED_TWICE)


def test_a_missed_session_offers_a_catch_up_in_the_same_week_or_the_next(autumn: Posted) -> None:
    """X02: asked of the coach; booked, it is done; nobody else hears of it."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    session = missed(play, 5)
    (offer,) = offers(play, course_id, ObligationKind.CATCH_UP)
    assert (offer.subject, offer.holder_id) == (session.id, people.COACH)
    assert not any(told(play, *MISSED_TOPICS).values())

    known = {"session_id": session.id}
    starts_at = at("2024-10-10", "15:00")
    answer = play.do(BookCatchUp, course_id, starts_at=starts_at, **known)

    new = weekly(play)[-1]
    assert answer == f"Session {new.id} makes up for {session.id}."
    assert (new.catch_up_for, new.starts_at, new.number) == (session.id, starts_at, 27)
    assert offers(play, course_id, ObligationKind.CATCH_UP) == []
    said = play.refusal(BookCatchUp, course_id, starts_at=at("2024-10-11", "15:00"), **known)
    assert "There is a catch-up" in said
    assert Counter(one.state.value for one in weekly(play)) == {
        "held": 4,
        "missed": 1,
        "to_come": 22,
    }


@pytest.mark.parametrize(
    ("starts_at", "sentence"),
    [
        (at("2024-10-02", "10:30"), "PER-DC1 has session wider/SVC-17/delivery/5"),
        (at("2024-10-05", "10:00"), "is not a working day"),
        (at("2024-09-30", "10:00"), "is in the past"),
        (at("2025-04-01", "10:00"), "is outside the coaching window"),
        (at("2024-12-27", "10:00"), "is paused"),
    ],
)
def test_a_catch_up_goes_where_everybody_can_come(
    autumn: Posted, starts_at: datetime, sentence: str
) -> None:
    """X02, C09, C15, X07."""
    play, session = autumn.play, missed(autumn.play, 5)
    known = {"session_id": session.id, "starts_at": starts_at}
    assert sentence in play.refusal(BookCatchUp, session.course_id, **known)


def test_only_a_missed_session_is_caught_up_on(autumn: Posted) -> None:
    """X02, C17: one catch-up for each; if that is called off, another may follow."""
    play, held = autumn.play, weekly(autumn.play)[0]
    course_id, thursday = held.course_id, at("2024-10-10", "15:00")
    known = {"session_id": held.id, "starts_at": thursday}
    assert "was not missed" in play.refusal(BookCatchUp, course_id, **known)
    session = missed(play, 5)
    play.do(BookCatchUp, course_id, session_id=session.id, starts_at=thursday)
    play.do(CancelSession, course_id, session_id=weekly(play)[-1].id)
    play.do(BookCatchUp, course_id, session_id=session.id, starts_at=thursday)
    assert [one.number for one in weekly(play)[-2:]] == [27, 28]


def test_a_month_without_a_slot_is_asked_for_until_it_has_one(autumn: Posted) -> None:
    """X03, X07: a pause took its day; to date it again ends the question."""
    play = autumn.play
    session = monthly(play)[1]
    assert session.starts_at is not None
    play.walk(session.starts_at - timedelta(days=3))
    play.do(PauseCourse, play.course_id, until_at=session.starts_at + timedelta(days=2))
    play.walk(play.now)
    (offer,) = offers(play, play.executive, ObligationKind.EXECUTIVE_SLOT)
    assert offer.subject == session.id

    day = play.calendar.next_working_day(play.day(session.starts_at + timedelta(days=6)))
    starts_at = play.calendar.instant(day, time(9, 30))
    play.do(MoveSession, play.executive, session_id=session.id, starts_at=starts_at)

    assert offers(play, play.executive, ObligationKind.EXECUTIVE_SLOT) == []
    assert play.session(session.id).starts_at == starts_at


def test_an_events_stages_open_at_their_times(autumn: Posted) -> None:
    """X12: prepared 42 days before, a partner 21 days before, report-out and follow-up after."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    event = play.sessions(course_id, "improvement_event")[0]
    record(play, event, HELD)
    play.walk(at("2024-12-10", "12:00"))
    opened = {
        one.kind: shown(one.opened_at)
        for one in play.obligations(course_id)
        if one.subject == event.id and one.kind.value.startswith("event_")
    }
    assert opened == {
        ObligationKind.EVENT_PREPARED: "Thu 2024-09-26 08:00",
        ObligationKind.EVENT_PARTNER: "Thu 2024-10-17 08:00",
        ObligationKind.EVENT_REPORT_OUT: "Thu 2024-11-07 08:00",
        ObligationKind.EVENT_FOLLOW_UP: "Mon 2024-12-09 08:00",
    }
    before = (ObligationKind.EVENT_PREPARED, ObligationKind.EVENT_PARTNER)
    states = [play.obligation(course_id, kind).state for kind in before]
    assert states == [ObligationState.CANCELLED] * 2, "it was held: nothing is left to prepare"


def test_a_stage_that_was_done_does_not_come_back_with_another_file(autumn: Posted) -> None:
    """X12: the event was held; a new version of the edition asks nothing of it again."""
    play, event = autumn.play, the_event(autumn.play)
    record(play, event, HELD)
    report = play.obligation(event.course_id, ObligationKind.EVENT_REPORT_OUT)
    play.do(CloseObligation, event.course_id, obligation_id=report.id)
    kinds = tuple(_later(kind) for kind in play.edition.sessions)
    play.use(play.edition.model_copy(update={"version": 2, "sessions": kinds}))
    play.resume(play.now)
    play.walk(at("2024-11-20", "12:00"))
    reports = play.obligations(event.course_id, ObligationKind.EVENT_REPORT_OUT)
    assert [one.id for one in reports] == [report.id]


def _later(kind: SessionKind) -> SessionKind:
    stages = tuple(one.model_copy(update={"days": one.days + 7}) for one in kind.stages)
    return kind.model_copy(update={"stages": stages})


async def test_without_a_confirmed_partner_the_coordinator_is_told(autumn: Posted) -> None:
    """X12: 21 days before, on that very morning."""
    play = autumn.play
    event = play.sessions(play.of(SVC_16), "improvement_event")[0]
    await autumn.until(at("2024-10-17", "09:00"))
    (mail,) = autumn.of(MessageKind.CHASE, topic=Topic.EVENT_PARTNER)
    assert (shown(mail.at), mail.message.person_id) == ("Thu 2024-10-17 08:00", people.COORDINATOR)
    assert play.obligation(event.course_id, ObligationKind.EVENT_PARTNER).subject == event.id


def test_with_a_confirmed_partner_nobody_is_asked(autumn: Posted) -> None:
    """X12: the stage opens and is done at once."""
    play = autumn.play
    event = play.sessions(play.of(SVC_16), "improvement_event")[0]
    confirm(play, event, people.PARTNER)
    play.walk(at("2024-10-25", "12:00"))
    one = play.obligation(event.course_id, ObligationKind.EVENT_PARTNER)
    assert (one.state, play.messages(one.id)) == (ObligationState.DONE, ())


async def test_a_moved_event_asks_its_partner_anew(autumn: Posted) -> None:
    """X12, M03, M05: who confirmed one day has not confirmed another."""
    play = autumn.play
    event = play.sessions(play.of(SVC_16), "improvement_event")[0]
    confirm(play, event, people.PARTNER)
    play.walk(at("2024-10-18", "12:00"))
    assert play.obligation(event.course_id, ObligationKind.EVENT_PARTNER).state.is_open is False
    day = at("2024-11-28", "09:00")
    play.do(MoveSession, event.course_id, session_id=event.id, starts_at=day)

    play.walk(at("2024-11-07", "12:00"))

    again = play.obligation(event.course_id, ObligationKind.EVENT_PARTNER)
    assert (shown(again.opened_at), again.state) == ("Thu 2024-11-07 08:00", ObligationState.OPEN)


async def test_a_confirmation_stops_what_asks_and_not_what_informs(autumn: Posted) -> None:
    """M03: for the one who confirmed, and for nobody else."""
    play = autumn.play
    event = play.sessions(play.of(SVC_16), "improvement_event")[0]
    play.walk(at("2024-10-09", "12:00"))
    confirm(play, event, people.PARTNER)
    await autumn.until(at("2024-11-06", "10:00"), recording=True)

    def steps(person_id: str) -> list[tuple[str, str]]:
        rows = play.messages(event.id, MessageKind.REMINDER)
        mine = [one for one in rows if one.person_id == person_id]
        return [(one.step, one.state.value) for one in mine if one.step != "d42"]

    assert steps(people.PARTNER) == [
        ("d28", "suppressed"),
        ("d14", "suppressed"),
        ("d7", "accepted"),
        ("day-before", "accepted"),
    ]
    assert [state for _, state in steps(LEAD)] == ["accepted"] * 4


def test_an_event_that_was_missed_is_not_followed_up(autumn: Posted) -> None:
    """X12: nobody is asked for a report of it, unless it was held after all."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    event = play.sessions(course_id, "improvement_event")[0]
    play.walk(at("2024-11-08", "12:00"))
    report = play.obligation(course_id, ObligationKind.EVENT_REPORT_OUT)
    assert report.state is ObligationState.OPEN
    record(play, event, MISSED, why=STAFFING)
    assert play.obligation(course_id, ObligationKind.EVENT_REPORT_OUT).state.is_open is False
    play.walk(at("2024-12-10", "12:00"))
    assert play.obligations(course_id, ObligationKind.EVENT_FOLLOW_UP) == ()

    record(play, event, HELD)
    play.walk(play.now)

    again = play.obligation(course_id, ObligationKind.EVENT_REPORT_OUT)
    assert (again.id, again.state) == (report.id, ObligationState.OPEN)
    assert play.obligation(course_id, ObligationKind.EVENT_FOLLOW_UP).state.is_open


@pytest.mark.parametrize(
    ("moves", "when", "is_told"),
    [
        (["2024-11-28"], "2024-10-30", False),
        (["2024-11-28", "2024-12-05"], "2024-10-07", True),
        (["2024-11-28"], "2024-11-01", True),
    ],
    ids=["once and early", "twice", "inside five working days"],
)
async def test_the_sponsor_hears_of_an_event_that_moves_twice_or_late(
    autumn: Posted, moves: list[str], when: str, is_told: bool
) -> None:
    """X11, E13: once for each such move, and with the day that it had."""
    play = autumn.play
    event = play.sessions(play.of(SVC_16), "improvement_event")[0]
    play.walk(at(when, "12:00"))
    for day in moves:
        known = {"session_id": event.id, "starts_at": at(day, "09:00")}
        play.do(MoveSession, event.course_id, **known)
    await autumn.deliver()
    notices = autumn.of(MessageKind.NOTICE, topic=Topic.EVENT_MOVED_LATE)
    assert [one.message.person_id for one in notices] == [people.SPONSOR] * is_told
