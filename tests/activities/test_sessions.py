"""How sessions went, and what follows: hours, catch-ups, who is told, stages of an event."""

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from planning.slots import week_of
from schemas.commands import (
    BookCatchUp,
    CancelSession,
    MoveSession,
    PauseCourse,
    RecordSession,
)
from schemas.forms import ConfirmForm
from schemas.letters import Topic
from schemas.messages import MessageKind, MessageReason, MessageState
from schemas.obligations import Obligation, ObligationKind, ObligationState
from schemas.people import Held, Role
from schemas.sessions import Session, SessionReason, SessionState
from storage.confirmations import confirm_participant
from storage.records import add
from storage.tables.people import RoleRow
from tests.activities.posting import AN_HOUR, Posted
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at, shown

LEAD = people.lead_of(SVC_16)
ABOVE = {people.SPONSOR, people.ASSISTANT, people.PROGRAMME_LEAD}
HELD, MISSED = SessionState.HELD, SessionState.MISSED
STAFFING, COACH_AWAY = SessionReason.STAFFING, SessionReason.COACH_UNAVAILABLE


def weekly(play: CourseScene, service: str = SVC_16) -> tuple[Session, ...]:
    return play.sessions(play.of(service), "delivery")


def monthly(play: CourseScene) -> list[Session]:
    """Return the sponsor's sessions to come, the one of 1 October first."""
    known = play.sessions(play.executive, "executive")
    return [one for one in known if one.state is SessionState.TO_COME]


def record(play: CourseScene, session: Session, outcome: SessionState, **said: Any) -> str:
    """Record a session, an hour after its end where it is not over yet."""
    now = play.session(session.id)
    if now.ends_at is not None and now.ends_at + AN_HOUR > play.now:
        play.walk(now.ends_at + AN_HOUR)
    return play.do(RecordSession, session.course_id, session_id=session.id, outcome=outcome, **said)


def missed(play: CourseScene, number: int, why: SessionReason = STAFFING) -> Session:
    session = weekly(play)[number - 1]
    record(play, session, MISSED, why=why)
    return play.session(session.id)


def offers(play: CourseScene, course_id: str, kind: ObligationKind) -> list[Obligation]:
    return [one for one in play.obligations(course_id, kind) if one.state.is_open]


def told(play: CourseScene, *topics: Topic) -> dict[Topic, set[str]]:
    """Return to whom notices were planned that have not been taken back."""
    rows = [one for one in play.all_messages() if one.kind is MessageKind.NOTICE]
    valid = [one for one in rows if one.state is not MessageState.SUPERSEDED]
    return {topic: {one.person_id for one in valid if one.topic == topic} for topic in topics}


MISSED_TOPICS = (Topic.MISSED_TWICE, Topic.THREE_MISSED, Topic.EXECUTIVE_MISSED_TWICE)


# -- the record -----------------------------------------------------------------------------------


def test_hours_are_those_of_the_kind_unless_somebody_says_otherwise(autumn: Posted) -> None:
    """C12: an hour, an hour, eight; the actual length overrides, and totals are of what was held."""
    play = autumn.play
    event = play.sessions(play.of(SVC_16), "improvement_event")[0]
    record(play, weekly(play)[4], HELD)
    record(play, weekly(play)[5], HELD, minutes=75)
    missed(play, 7)
    record(play, monthly(play)[0], HELD)
    record(play, event, HELD)

    known = [*weekly(play)[4:7], play.session(event.id)]
    assert [one.held_minutes for one in known] == [60, 75, None, 480]
    executive = play.sessions(play.executive, "executive")
    assert [one.held_minutes for one in executive if one.state is HELD] == [60, 60]
    total = sum(one.held_minutes or 0 for one in weekly(play))
    assert total == 60 * sum(one.state is HELD for one in weekly(play)) + 15


def test_both_levels_of_coaching_run_side_by_side(autumn: Posted) -> None:
    """C06: executives and wards in the same weeks, each with its own coach and its own record."""
    play = autumn.play
    weeks = {
        week_of(play.edition.window.opens, play.day(one.starts_at))
        for one in weekly(play)
        if one.starts_at is not None
    }
    for one in play.sessions(play.executive, "executive"):
        assert week_of(play.edition.window.opens, play.day(one.starts_at)) in weeks
        assert {part.person_id for part in play.participants(one.id)} == {
            people.SPONSOR,
            people.ASSISTANT,
            people.EXECUTIVE_COACH,
        }
    before = weekly(play)
    record(play, monthly(play)[0], HELD, attended=(people.SPONSOR,))
    assert weekly(play) == before


def test_saying_it_twice_changes_nothing_and_saying_more_corrects(autumn: Posted) -> None:
    """C12, E37, E38: the last word stands, and the journal keeps every one."""
    play, session = autumn.play, weekly(autumn.play)[4]
    record(play, session, HELD)
    before = play.session(session.id)
    assert "is recorded as held already" in record(play, session, HELD)
    assert play.session(session.id) == before

    record(play, session, HELD, minutes=75)
    assert "is recorded as held already" in record(play, session, HELD)
    assert play.session(session.id).held_minutes == 75
    record(play, session, MISSED, why=STAFFING)
    record(play, session, MISSED, why=SessionReason.ACUITY)
    assert play.session(session.id).reason is SessionReason.ACUITY
    record(play, session, HELD)
    events = play.events(session.id)
    assert [one for one in events if one.startswith("session.")][-5:] == [
        "session.recorded",
        *["session.corrected"] * 4,
    ]


def test_what_cannot_be_recorded_is_said(autumn: Posted) -> None:
    """X01: what has not begun, was cancelled, is not theirs, or names nobody."""
    play, session = autumn.play, weekly(autumn.play)[4]
    course_id = session.course_id

    def refused(**said: Any) -> str:
        known = {"session_id": session.id, "outcome": HELD, **said}
        return play.refusal(RecordSession, course_id, **known)

    assert "has not begun" in refused()
    later = at("2024-10-01", "12:00")
    assert "has not begun" in refused(at=later), "nobody knows today how tomorrow went"
    play.walk(later)
    assert "to call it off, cancel it" in refused(outcome=SessionState.CANCELLED)
    assert "There is no person PER-99" in refused(attended=("PER-99", LEAD))
    other = weekly(play, SVC_17)[0]
    assert "has no session" in refused(session_id=other.id)
    play.do(CancelSession, course_id, session_id=session.id)
    assert "was cancelled. Undo that first" in refused()


def test_who_came_is_noted(autumn: Posted) -> None:
    """C12, C18."""
    play, session = autumn.play, weekly(autumn.play)[4]
    record(play, session, HELD, attended=(people.COACH,))
    came = {one.person_id: one.attended for one in play.participants(session.id)}
    assert came == {people.COACH: True, LEAD: False}


# -- missed sessions ------------------------------------------------------------------------------


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


async def test_missed_twice_running_coach_and_coordinator_are_told(autumn: Posted) -> None:
    """X02: and three in six weeks the coordinator, who decides; nothing goes any further up."""
    play = autumn.play
    missed(play, 5)
    missed(play, 6)
    await autumn.deliver()
    both = {people.COACH, people.COORDINATOR}
    assert told(play, *MISSED_TOPICS) == {
        Topic.MISSED_TWICE: both,
        Topic.THREE_MISSED: set(),
        Topic.EXECUTIVE_MISSED_TWICE: set(),
    }
    record(play, weekly(play)[6], HELD)
    missed(play, 8)
    await autumn.deliver()
    assert told(play, Topic.THREE_MISSED) == {Topic.THREE_MISSED: {people.COORDINATOR}}
    notices = autumn.of(MessageKind.NOTICE)
    assert Counter(one.message.topic for one in notices) == {
        Topic.MISSED_TWICE: 2,
        Topic.THREE_MISSED: 1,
    }
    above = [one for person in ABOVE for one in autumn.to(person)]
    assert [one for one in above if one.message.course_id == play.of(SVC_16)] == []


def test_a_session_held_between_breaks_the_run(autumn: Posted) -> None:
    """X02."""
    play = autumn.play
    missed(play, 5)
    record(play, weekly(play)[5], HELD)
    missed(play, 7)
    assert told(play, Topic.MISSED_TWICE) == {Topic.MISSED_TWICE: set()}


async def test_what_the_programme_causes_is_not_missed_by_the_service(autumn: Posted) -> None:
    """X06: the coach was ill twice running; nothing is offered, nobody is told."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    missed(play, 5, COACH_AWAY)
    missed(play, 6, COACH_AWAY)
    assert play.obligations(course_id, ObligationKind.CATCH_UP) == ()
    assert not any(told(play, *MISSED_TOPICS).values())


async def test_nor_does_it_tell_of_an_older_run_again(autumn: Posted) -> None:
    """X06, X02: missed twice, told once; then the coach is away, and nobody is told anew."""
    play = autumn.play
    missed(play, 5)
    missed(play, 6)
    await autumn.deliver()
    autumn.forget()
    missed(play, 7, COACH_AWAY)
    await autumn.deliver()
    assert autumn.of(MessageKind.NOTICE) == []
    assert len(offers(play, play.of(SVC_16), ObligationKind.CATCH_UP)) == 2


async def test_a_record_that_is_corrected_takes_back_what_followed(autumn: Posted) -> None:
    """X02, X06, E38: the offer is closed, what waits is not sent; missed after all, it is, once."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    missed(play, 5)
    session = weekly(play)[5]
    play.walk(at("2024-10-08", "20:00"))  # notices wait for the morning
    record(play, session, MISSED, why=STAFFING)
    record(play, session, HELD)

    assert [one.subject for one in offers(play, course_id, ObligationKind.CATCH_UP)] == [
        weekly(play)[4].id
    ]
    rows = play.messages(session.id, MessageKind.NOTICE)
    assert {(one.state, one.reason) for one in rows} == {
        (MessageState.SUPERSEDED, MessageReason.NOTHING_TO_SAY)
    }
    record(play, session, MISSED, why=STAFFING)
    assert len(offers(play, course_id, ObligationKind.CATCH_UP)) == 2
    await autumn.until(at("2024-10-09", "12:00"))
    assert len(autumn.of(MessageKind.NOTICE, topic=Topic.MISSED_TWICE)) == 2


def test_corrected_to_the_coachs_reason_it_no_longer_counts(autumn: Posted) -> None:
    """X06: the ward is not asked to make up for what was not its doing."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    session = missed(play, 5)
    record(play, session, MISSED, why=COACH_AWAY)
    assert offers(play, course_id, ObligationKind.CATCH_UP) == []
    record(play, session, MISSED, why=STAFFING)
    assert len(offers(play, course_id, ObligationKind.CATCH_UP)) == 1


def test_a_catch_up_that_is_needless_now_is_named(autumn: Posted) -> None:
    """X02, C17: it stays until somebody calls it off; nothing is cancelled by itself."""
    play, session = autumn.play, missed(autumn.play, 5)
    starts_at = at("2024-10-10", "15:00")
    play.do(BookCatchUp, session.course_id, session_id=session.id, starts_at=starts_at)
    answer = record(play, session, HELD)
    assert f"Session {weekly(play)[-1].id} is booked to make up for it" in answer
    assert weekly(play)[-1].state is SessionState.TO_COME


# -- executive sessions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("came", "outcome"),
    [
        ((people.SPONSOR, people.EXECUTIVE_COACH), HELD),
        ((people.EXECUTIVE_COACH, "PER-DC2"), HELD),
        ((people.EXECUTIVE_COACH, people.ASSISTANT), MISSED),
        ((), MISSED),
    ],
    ids=["the sponsor", "an operational leader", "the assistant", "nobody"],
)
def test_an_executive_session_is_held_with_somebody_it_is_for(
    autumn: Posted, came: tuple[str, ...], outcome: SessionState
) -> None:
    """C18: the sponsor, or a named senior operational leader."""
    play, session = autumn.play, monthly(autumn.play)[0]
    leader = Held(
        person_id=people.OTHER_COACH, role=Role.SENIOR_OPERATIONAL_LEADER, scope=people.SPONSOR
    )
    play.write(lambda rows: add(rows, RoleRow, [leader]))

    answer = record(play, session, HELD, attended=came)

    now = play.session(session.id)
    assert now.state is outcome
    assert now.held_minutes == (60 if outcome is HELD else None)
    assert ("neither" in answer) == (outcome is MISSED)
    there = {one.person_id for one in play.participants(session.id) if one.attended}
    assert there == set(came)


def test_a_missed_executive_session_asks_its_coach_for_a_slot_in_the_month(
    autumn: Posted,
) -> None:
    """X03: booked, it is done; nothing goes to the sponsor by itself."""
    play, session = autumn.play, monthly(autumn.play)[0]
    record(play, session, MISSED, why=SessionReason.EXECUTIVE_UNAVAILABLE)
    (offer,) = offers(play, play.executive, ObligationKind.EXECUTIVE_SLOT)
    assert (offer.subject, offer.holder_id) == (session.id, people.EXECUTIVE_COACH)
    assert not any(told(play, *MISSED_TOPICS).values())

    known = {"session_id": session.id, "starts_at": at("2024-10-22", "09:30")}
    play.do(BookCatchUp, play.executive, **known)
    assert offers(play, play.executive, ObligationKind.EXECUTIVE_SLOT) == []


def test_two_months_running_coach_and_coordinator_are_told(autumn: Posted) -> None:
    """X03: once, and nobody above them."""
    play = autumn.play
    for session in monthly(play)[:2]:
        record(play, session, MISSED, why=SessionReason.EXECUTIVE_UNAVAILABLE)
    assert told(play, *MISSED_TOPICS) == {
        Topic.MISSED_TWICE: set(),
        Topic.THREE_MISSED: set(),
        Topic.EXECUTIVE_MISSED_TWICE: {people.EXECUTIVE_COACH, people.COORDINATOR},
    }


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


# -- events ---------------------------------------------------------------------------------------


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


def confirm(play: CourseScene, session: Session, person_id: str) -> None:
    form = ConfirmForm(actor=person_id, person=person_id, session=session.id)
    play.write(lambda rows: confirm_participant(rows, form, play.now, play.now))


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
