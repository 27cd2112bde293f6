"""How sessions went: hours, who came, who is told of those missed, corrections."""

from collections import Counter
from typing import Any

import pytest

from planning.slots import week_of
from schemas.commands import (
    BookCatchUp,
    CancelSession,
    RecordSession,
    Withdraw,
)
from schemas.letters import Topic
from schemas.messages import MessageKind, MessageReason, MessageState
from schemas.obligations import ObligationKind
from schemas.people import Held, Role
from schemas.sessions import SessionReason, SessionState
from storage.records import add
from storage.tables.people import RoleRow
from tests.activities.autumn_days import (
    COACH_AWAY,
    HELD,
    MISSED,
    STAFFING,
    missed,
    monthly,
    offers,
    record,
    weekly,
)
from tests.activities.posting import Posted
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at

LEAD = people.lead_of(SVC_16)
ABOVE = {people.SPONSOR, people.ASSISTANT, people.PROGRAMME_LEAD}


def told(play: CourseScene, *topics: Topic) -> dict[Topic, set[str]]:
    """Return to whom notices were planned that have not been taken back."""
    rows = [one for one in play.all_messages() if one.kind is MessageKind.NOTICE]
    valid = [one for one in rows if one.state is not MessageState.SUPERSEDED]
    return {topic: {one.person_id for one in valid if one.topic == topic} for topic in topics}


MISSED_TOPICS = (Topic.MISSED_TWICE, Topic.THREE_MISSED, Topic.EXECUTIVE_MISSED_TWICE)


def topics_heard(autumn: Posted) -> list[str]:
    """Return what notices of missed sessions were about."""
    topics = [one.message.topic for one in autumn.of(MessageKind.NOTICE)]
    return [one for one in topics if one in MISSED_TOPICS]


def test_hours_are_those_of_the_kind_unless_somebody_says_otherwise(autumn: Posted) -> None:
    """C12: one hour, one, eight; the actual length overrides, and totals are of what was held."""
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
    assert Counter(topics_heard(autumn)) == {Topic.MISSED_TWICE: 2, Topic.THREE_MISSED: 1}
    above = [one for person in ABOVE for one in autumn.to(person)]
    assert [one for one in above if one.message.course_id == play.of(SVC_16)] == []


async def test_of_a_service_that_leaves_nobody_is_told(autumn: Posted) -> None:
    """X13, X02: its last sessions are recorded, and nothing follows from them any more."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    missed(play, 5)
    play.walk(at("2024-10-08", "11:30"))
    play.do(Withdraw, course_id)
    missed(play, 6)
    assert weekly(play)[5].state is MISSED
    assert not any(told(play, *MISSED_TOPICS).values())
    assert len(offers(play, course_id, ObligationKind.CATCH_UP)) == 1


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
    assert topics_heard(autumn) == []
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
