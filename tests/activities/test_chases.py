"""Chases: who is asked for what nobody has done, and when; pauses, and ends."""

from datetime import datetime

import pytest

from schemas.commands import (
    CloseObligation,
    MoveSession,
    PauseCourse,
    ResumeCourse,
    TakeStep,
)
from schemas.messages import MessageKind, MessageReason, MessageState
from schemas.obligations import Obligation, ObligationKind, ObligationState
from schemas.sessions import Session, SessionState
from tests.activities.autumn_days import record
from tests.activities.posting import Posted
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at, shown

LAPSED = "Mon 2024-10-07 08:00"
ASKS = (MessageKind.CHASE, MessageKind.ESCALATION)


def unrecorded(play: CourseScene) -> Session:
    """Return the session of 1 October at ten, which nobody records."""
    return play.sessions(play.of(SVC_16), "delivery")[4]


def the_chase(play: CourseScene) -> Obligation:
    (one,) = [
        one
        for one in play.obligations(play.of(SVC_16), ObligationKind.SESSION_RECORD)
        if one.subject == unrecorded(play).id and one.state is not ObligationState.CANCELLED
    ]
    return one


def asked(play: CourseScene) -> list[tuple[str, str, str]]:
    """Return what the chase has asked so far: when, whom, and as what."""
    return [
        (shown(one.planned_at), one.person_id, one.kind.value)
        for one in play.messages(the_chase(play).id)
    ]


def next_of(play: CourseScene) -> str | None:
    one = the_chase(play)
    return None if one.next_at is None else shown(one.next_at)


async def test_a_session_that_nobody_recorded_is_asked_after(autumn: Posted) -> None:
    """X01: the coach after one and two working days, the coordinator after three, then stuck."""
    play = autumn.play
    await autumn.until(at("2024-10-14", "12:00"))

    assert asked(play) == [
        ("Wed 2024-10-02 11:00", people.COACH, "chase"),
        ("Thu 2024-10-03 11:00", people.COACH, "chase"),
        ("Fri 2024-10-04 11:00", people.COORDINATOR, "escalation"),
    ]
    assert len(autumn.about(the_chase(play).id, *ASKS)) == 3
    assert the_chase(play).state is ObligationState.STUCK
    assert play.course(play.of(SVC_16)).attention == "stuck"


async def test_what_is_stuck_is_settled_by_the_deed(autumn: Posted) -> None:
    """X01, X04: the record ends the chase, and nobody need look at the service any more."""
    play = autumn.play
    play.walk(at("2024-10-14", "12:00"))
    for session in play.sessions(play.of(SVC_16), "delivery")[4:6]:
        record(play, session)

    kinds = [one for one in play.obligations(play.of(SVC_16)) if one.kind == "session_record"]
    assert {one.state for one in kinds} == {ObligationState.DONE}
    for one in play.obligations(play.of(SVC_16)):
        if one.state is ObligationState.STUCK:
            play.do(CloseObligation, play.of(SVC_16), obligation_id=one.id, waived=True)
    assert play.course(play.of(SVC_16)).attention == ""


def test_a_step_that_is_repeated_asks_once(autumn: Posted) -> None:
    """M08, X04: the answer to a lost answer asks nobody."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "10:59"))
    item = play.fresh(course_id).agenda[0]
    play.now = item.at
    play.take(course_id, item)
    again = TakeStep(
        request_id=f"{course_id}@{play.course(course_id).version - 1}/{item.step}/{item.subject}",
        course_id=course_id,
        actor="programme",
        at=item.at,
        recorded_at=item.at,
        step=item.step,
        subject=item.subject,
    )
    before = play.everything()
    play._carry_out(play.steps_of(course_id)[item.step], again)
    assert play.everything() == before
    assert len(asked(play)) == 1


def test_after_an_outage_a_chase_goes_on_from_there(autumn: Posted) -> None:
    """X01: taken up six days late, it asks once and counts from then; nothing bursts."""
    play = autumn.play
    play.walk(at("2024-10-01", "18:00"))
    play.now = at("2024-10-08", "09:00")
    play.walk(at("2024-10-10", "12:00"))
    assert [when for when, _, _ in asked(play)] == [
        "Tue 2024-10-08 09:00",
        "Wed 2024-10-09 09:00",
        "Thu 2024-10-10 09:00",
    ]


@pytest.mark.parametrize("whole", [False, True], ids=["service", "edition"])
@pytest.mark.parametrize(
    ("until_at", "resumed", "asks"),
    [
        (at("2024-10-14", "00:00"), None, "Mon 2024-10-14 10:00"),
        (None, at("2024-10-14", "12:00"), "Mon 2024-10-14 14:00"),
        (at("2024-12-01", "00:00"), at("2024-10-14", "12:00"), "Mon 2024-10-14 14:00"),
    ],
    ids=["with an end", "without an end", "resumed early"],
)
def test_a_step_due_in_a_pause_writes_nothing_and_gets_a_new_instant(
    autumn: Posted, whole: bool, until_at: datetime | None, resumed: datetime | None, asks: str
) -> None:
    """X04, X07, X09: of ten working hours eight had passed; the other two are left."""
    play = autumn.play
    paused = play.course_id if whole else play.of(SVC_16)
    play.walk(at("2024-10-02", "09:00"))
    play.do(PauseCourse, paused, until_at=until_at)
    play.walk(resumed or at("2024-10-13", "12:00"))
    assert play.messages(the_chase(play).id) == ()

    if resumed is not None:
        assert (next_of(play) is None) == (until_at is None)
        play.do(ResumeCourse, paused)
        play.walk(play.now)

    assert next_of(play) == asks
    play.walk(at("2024-10-14", "15:00"))
    assert asked(play) == [(asks, people.COACH, "chase")]


def test_a_pause_between_two_steps_does_not_count_either(autumn: Posted) -> None:
    """X04: the second step was due after the pause, and is due later for it."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "14:00"))
    assert next_of(play) == "Thu 2024-10-03 11:00"

    play.do(PauseCourse, course_id, until_at=at("2024-10-03", "00:00"))

    assert next_of(play) == "Thu 2024-10-03 15:00"
    play.walk(at("2024-10-03", "16:00"))
    assert [when for when, _, _ in asked(play)] == ["Wed 2024-10-02 11:00", "Thu 2024-10-03 15:00"]


def test_a_pause_of_the_edition_holds_what_is_chased_before_the_coaching(
    coached: CourseScene,
) -> None:
    """X04, X07: an offer's chase rests, and goes on by itself; it is not forgotten."""
    course_id = coached.of(SVC_17)
    first = coached.obligation(course_id, ObligationKind.ACCEPT_PLACE).next_at
    assert shown(first) == "Wed 2024-06-19 10:00"
    coached.walk(at("2024-06-18", "10:00"))
    coached.do(PauseCourse, coached.course_id)
    coached.walk(at("2024-06-20", "10:00"))
    assert coached.obligation(course_id, ObligationKind.ACCEPT_PLACE).next_at is None

    coached.do(ResumeCourse, coached.course_id)
    coached.walk(coached.now)

    again = coached.obligation(course_id, ObligationKind.ACCEPT_PLACE)
    assert shown(again.next_at) == "Fri 2024-06-21 10:00"
    coached.walk(at("2024-06-21", "11:00"))
    assert len(coached.messages(again.id)) == 1


async def test_what_a_chase_wrote_before_a_pause_is_not_sent_in_it(autumn: Posted) -> None:
    """X07, X09: it ends as paused, and is not sent when the pause is over."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "11:00"))
    play.do(PauseCourse, course_id, until_at=at("2024-10-04", "00:00"))
    await autumn.deliver()
    (message,) = play.messages(the_chase(play).id)
    assert (message.state, message.reason) == (MessageState.SUPPRESSED, MessageReason.PAUSED)


def test_a_waived_record_is_not_asked_for_again(autumn: Posted) -> None:
    """X04: a person lets it go; it may still be recorded, and asked for on another day."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "12:00"))
    play.do(CloseObligation, course_id, obligation_id=the_chase(play).id, waived=True)

    play.walk(at("2024-10-07", "12:00"))
    assert len(play.messages(the_chase(play).id)) == 1
    record(play, unrecorded(play))
    assert unrecorded(play).state is SessionState.HELD


def test_a_chase_of_a_session_that_is_moved_begins_anew_after_it(autumn: Posted) -> None:
    """X01, X04: nobody is asked how a session went that is still to come."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "12:00"))
    old = the_chase(play)
    session = unrecorded(play)
    play.do(MoveSession, course_id, session_id=session.id, starts_at=at("2024-10-10", "15:00"))

    play.walk(at("2024-10-11", "15:59"))
    (gone,) = [one for one in play.obligations(course_id) if one.id == old.id]
    assert gone.state is ObligationState.CANCELLED
    assert len(play.messages(old.id)) == 1

    play.walk(at("2024-10-11", "16:00"))
    assert asked(play) == [("Fri 2024-10-11 16:00", people.COACH, "chase")]


def test_what_has_a_deed_of_its_own_is_not_done_by_saying_so(autumn: Posted) -> None:
    """X01, X04: a record that is called done leaves the session as nobody knows how it went."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "12:00"))
    one = the_chase(play)
    said = play.refusal(CloseObligation, course_id, obligation_id=one.id)
    assert "record the session" in said

    play.do(CloseObligation, course_id, obligation_id=one.id, waived=True)
    said = play.refusal(CloseObligation, course_id, obligation_id=one.id, waived=True)
    assert "is waived already" in said
    said = play.refusal(CloseObligation, course_id, obligation_id="wider/SVC-16/nothing/1")
    assert "has no obligation" in said
    other = play.of(SVC_17)
    said = play.refusal(CloseObligation, other, obligation_id=one.id, waived=True)
    assert "has no obligation" in said


async def test_what_is_done_while_the_question_waits_is_not_asked(autumn: Posted) -> None:
    """X04, M07."""
    play = autumn.play
    play.walk(at("2024-10-02", "11:00"))
    record(play, unrecorded(play))
    await autumn.deliver()
    (message,) = play.messages(the_chase(play).id)
    assert (message.state, message.reason) == (MessageState.SUPPRESSED, MessageReason.ALREADY_DONE)
