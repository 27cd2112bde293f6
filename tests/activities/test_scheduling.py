"""Where a session can be put, what gives way to it, and what has ended with it."""

from datetime import datetime, timedelta

import pytest

from schemas.commands import (
    BookCatchUp,
    CancelSession,
    MoveSession,
    RecordSession,
    Undo,
    Withdraw,
)
from schemas.obligations import ObligationKind, ObligationState
from schemas.sessions import SessionReason, SessionState
from tests.activities.autumn_days import cancel, move, sixth, the_event, undo, weekly
from tests.activities.posting import AN_HOUR, Posted
from tests.activities.scene import SVC_16, SVC_17
from tests.journeys import cast as people
from tests.planning.builders import at

LEAD = people.lead_of(SVC_16)
THURSDAY = at("2024-10-10", "15:00")
BOTH = {LEAD, people.COACH}


@pytest.mark.parametrize(
    ("starts_at", "sentence"),
    [
        (at("2024-10-01", "09:00"), "is in the past"),
        (at("2024-10-19", "10:00"), "is not a working day"),
        (at("2024-12-25", "10:00"), "is not a working day"),
        (at("2025-03-31", "10:00"), "is outside the coaching window"),
        (at("2024-12-30", "10:00"), "is paused"),
        (at("2024-10-16", "10:30"), "PER-DC1 has session wider/SVC-17/delivery/7"),
        (at("2024-11-14", "18:00"), "PER-DC1 has session wider/SVC-17/improvement_event/1"),
    ],
)
def test_a_session_does_not_go_where_it_cannot_be(
    autumn: Posted, starts_at: datetime, sentence: str
) -> None:
    """C09, C15, X07, E24: one sentence, and nothing is changed."""
    session = sixth(autumn.play)
    known = {"session_id": session.id, "starts_at": starts_at}
    assert sentence in autumn.play.refusal(MoveSession, session.course_id, **known)


def test_a_move_that_is_handed_in_late_cannot_go_to_a_time_that_has_passed(
    autumn: Posted,
) -> None:
    """E24: it counts from Wednesday, was recorded on Friday, and Thursday is over."""
    play, session = autumn.play, sixth(autumn.play)
    wednesday, friday = at("2024-10-02", "09:00"), at("2024-10-04", "09:00")
    known = {"session_id": session.id, "starts_at": at("2024-10-03", "15:00")}
    said = play.refusal(MoveSession, session.course_id, at=wednesday, recorded_at=friday, **known)
    assert "is in the past" in said


def test_what_is_over_or_another_courses_is_not_moved(autumn: Posted) -> None:
    """C17: a session that was held stays where it was held."""
    play = autumn.play
    held = play.sessions(play.of(SVC_16), "delivery")[0]
    for session, sentence in ((held, "is held"), (sixth(play), "has no session")):
        course_id = held.course_id if session is held else play.of(SVC_17)
        known = {"session_id": session.id, "starts_at": THURSDAY}
        assert sentence in play.refusal(MoveSession, course_id, **known)
    assert "correct its record" in play.refusal(CancelSession, held.course_id, session_id=held.id)


@pytest.mark.parametrize("why", [one for one in SessionReason if not one.is_a_persons])
def test_what_planning_says_of_a_session_nobody_else_can_say(
    autumn: Posted, why: SessionReason
) -> None:
    """C17: by these codes it knows what to put back; a person's cancellation stays."""
    play, session = autumn.play, sixth(autumn.play)
    sentence = f"{why.value} is what the programme itself says"
    known = {"session_id": session.id, "why": why}
    assert sentence in play.refusal(CancelSession, session.course_id, **known)
    said = play.refusal(MoveSession, session.course_id, starts_at=THURSDAY, **known)
    assert sentence in said
    play.walk(at("2024-10-08", "12:00"))
    said = play.refusal(RecordSession, session.course_id, outcome=SessionState.MISSED, **known)
    assert sentence in said


def test_a_service_that_has_withdrawn_moves_nothing(autumn: Posted) -> None:
    """X13: until it comes back."""
    play, session = autumn.play, sixth(autumn.play)
    play.do(Withdraw, session.course_id)
    known = {"session_id": session.id}
    for command, said in (
        (MoveSession, {"starts_at": THURSDAY}),
        (CancelSession, {}),
        (BookCatchUp, {"starts_at": THURSDAY}),
        (Undo, {}),
    ):
        sentence = play.refusal(command, session.course_id, **known, **said)
        assert "has withdrawn" in sentence


def test_what_cannot_be_put_back_is_refused(autumn: Posted) -> None:
    """C15, E40: the hour is taken, or past; there is nothing to undo."""
    play, session = autumn.play, sixth(autumn.play)
    other = play.sessions(play.of(SVC_17), "delivery")[6]
    known = {"session_id": session.id}
    assert "is not cancelled" in play.refusal(Undo, session.course_id, **known)
    assert "has no session" in play.refusal(Undo, session.course_id, session_id=other.id)
    cancel(play, session)
    move(play, other, at("2024-10-08", "10:30"))
    assert other.id in play.refusal(Undo, session.course_id, **known)

    move(play, other, at("2024-10-08", "14:00"))
    play.walk(at("2024-10-08", "10:00"))
    assert "would have begun already" in play.refusal(Undo, session.course_id, **known)


def test_an_undone_event_is_prepared_on(autumn: Posted) -> None:
    """X12, E40: what was open before its cancellation is chased on, with the steps it had."""
    play, event = autumn.play, the_event(autumn.play)
    play.walk(at("2024-10-03", "12:00"))
    before = play.obligation(event.course_id, ObligationKind.EVENT_PREPARED)
    assert (before.state, before.steps_done) == (ObligationState.OPEN, 1)
    cancel(play, event)
    closed = play.obligation(event.course_id, ObligationKind.EVENT_PREPARED)
    assert closed.state is ObligationState.CANCELLED

    undo(play, event)

    again = play.obligation(event.course_id, ObligationKind.EVENT_PREPARED)
    assert (again.id, again.state, again.steps_done) == (before.id, ObligationState.OPEN, 1)
    play.walk(at("2024-10-17", "12:00"))
    assert play.obligation(event.course_id, ObligationKind.EVENT_PARTNER).state.is_open


def test_weekly_sessions_give_way_to_an_event_and_come_back(autumn: Posted) -> None:
    """C15, C15a, E11: its own on the same day, its coach's other ward too; both return."""
    play, event = autumn.play, the_event(autumn.play)
    wednesday = play.sessions(play.of(SVC_17), "delivery")[11]
    assert wednesday.starts_at == at("2024-11-20", "10:00")

    move(play, event, at("2024-11-20", "09:00"))
    play.walk(play.now)
    assert play.session(wednesday.id).starts_at == at("2025-03-19", "10:00")

    move(play, event, at("2024-11-21", "09:00"))
    play.walk(play.now)
    assert play.session(wednesday.id).starts_at == wednesday.starts_at


def test_a_cancelled_event_gives_its_day_back(autumn: Posted) -> None:
    """C15a, C17."""
    play, event = autumn.play, the_event(autumn.play)
    tuesday = play.sessions(play.of(SVC_16), "delivery")[11]
    move(play, event, at("2024-11-19", "09:00"))
    play.walk(play.now)
    assert play.session(tuesday.id).starts_at != tuesday.starts_at
    cancel(play, the_event(play))
    play.walk(play.now)
    assert play.session(tuesday.id).starts_at == tuesday.starts_at


def test_another_ward_gets_its_day_back_with_the_events(autumn: Posted) -> None:
    """C15, E11, E40: its course looks again when the event is called off, and when it is on."""
    play, event = autumn.play, the_event(autumn.play)
    wednesday = weekly(play, SVC_17)[11]
    move(play, event, at("2024-11-20", "09:00"))
    play.walk(play.now)
    cancel(play, the_event(play))
    play.walk(play.now)
    assert play.session(wednesday.id).starts_at == wednesday.starts_at

    undo(play, the_event(play))
    play.walk(play.now)
    assert play.session(wednesday.id).starts_at == at("2025-03-19", "10:00")


def test_a_command_for_another_version_of_the_course_changes_nothing(autumn: Posted) -> None:
    """E24: whoever sent it knew less than is so; the workflow takes over what is so."""
    play, session = autumn.play, sixth(autumn.play)
    before = play.everything()
    version = play.course(session.course_id).version
    known = {"session_id": session.id, "starts_at": THURSDAY}
    state = play.send(MoveSession, session.course_id, expected_version=version - 1, **known)
    assert (state.stale, state.version) == (True, version)
    assert play.everything() == before


async def test_every_message_of_a_finished_session_has_ended(autumn: Posted) -> None:
    """M13: whatever happened to it; the sums were compared after each command."""
    play, session = autumn.play, sixth(autumn.play)
    move(play, session, at("2024-10-04", "15:00"))
    cancel(play, session)
    undo(play, session)
    await autumn.until(at("2024-10-04", "17:00"), recording=True)

    assert sixth(play).state is SessionState.HELD
    rows = play.messages(session.id)
    assert [one for one in rows if one.state.is_open] == []
    assert len({one.key for one in rows}) == len(rows)


def test_a_recorded_session_keeps_what_was_moved_and_why(autumn: Posted) -> None:
    """C17: moving keeps the session; its version and its moves are counted."""
    play, session = autumn.play, sixth(autumn.play)
    move(play, session, THURSDAY)
    play.walk(THURSDAY + 2 * AN_HOUR)
    known = {"session_id": session.id, "outcome": SessionState.HELD}
    play.do(RecordSession, session.course_id, **known)
    now = sixth(play)
    assert (now.id, now.sequence, now.moves) == (session.id, 1, 1)
    assert now.planned_day == session.planned_day
    assert play.now - THURSDAY >= timedelta(hours=2)
