"""Sessions that are moved, cancelled and put back, and what people's diaries show meanwhile."""

from datetime import datetime, timedelta

import pytest

from schemas.commands import (
    BookCatchUp,
    CancelSession,
    MoveSession,
    PauseCourse,
    RecordSession,
    ResumeCourse,
    Undo,
    Withdraw,
)
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from schemas.obligations import ObligationKind, ObligationState
from schemas.sessions import Session, SessionReason, SessionState
from storage.sessions import save_participant
from tests.activities.posting import AN_HOUR, Posted
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at, shown

LEAD = people.lead_of(SVC_16)
THURSDAY = at("2024-10-17", "15:00")
FRIDAY = at("2024-10-18", "11:00")
BOTH = {LEAD, people.COACH}


def seventh(play: CourseScene) -> Session:
    """Return the session of 15 October, to which its lead and its coach were invited in time."""
    return play.sessions(play.of(SVC_16), "delivery")[6]


def tenth(play: CourseScene) -> Session:
    """Return the session of 5 November, to which nobody was invited yet."""
    return play.sessions(play.of(SVC_16), "delivery")[9]


def the_event(play: CourseScene) -> Session:
    return play.sessions(play.of(SVC_16), "improvement_event")[0]


def move(play: CourseScene, session: Session, starts_at: datetime) -> str:
    return play.do(MoveSession, session.course_id, session_id=session.id, starts_at=starts_at)


def cancel(play: CourseScene, session: Session) -> str:
    return play.do(CancelSession, session.course_id, session_id=session.id)


def undo(play: CourseScene, session: Session) -> str:
    return play.do(Undo, session.course_id, session_id=session.id)


def waiting(play: CourseScene, session: Session, *kinds: MessageKind) -> list[Message]:
    rows = play.messages(session.id, *kinds)
    return [one for one in rows if one.state is MessageState.WAITING]


# -- moves ----------------------------------------------------------------------------------------


async def test_a_move_leaves_nothing_of_the_old_occurrence(autumn: Posted) -> None:
    """M05, M17: one move to each who has the entry; same UID, SEQUENCE one higher; one reminder."""
    play, session = autumn.play, seventh(autumn.play)
    before = autumn.diary(LEAD)[session.id]
    move(play, session, THURSDAY)
    await autumn.until(at("2024-10-18", "09:00"), recording=True)

    mails = autumn.about(session.id, *MessageKind)
    moves = [one for one in mails if one.message.kind is MessageKind.MOVE]
    assert {one.message.person_id for one in moves} == BOTH
    assert {(one.entry.method, one.entry.sequence) for one in moves} == {("REQUEST", 1)}
    assert before == at("2024-10-15", "10:00")
    assert autumn.diary(LEAD)[session.id] == autumn.diary(people.COACH)[session.id] == THURSDAY
    (reminder,) = [one for one in mails if one.message.kind is MessageKind.REMINDER]
    assert shown(reminder.at) == "Wed 2024-10-16 09:05"
    assert len(mails) == 3
    old = [one for one in play.messages(session.id) if one.sequence == 0]
    assert {(one.state, one.reason) for one in old} == {
        (MessageState.ACCEPTED, None),
        (MessageState.SUPERSEDED, MessageReason.SESSION_MOVED),
    }


async def test_who_was_not_invited_yet_hears_of_the_new_day_only(autumn: Posted) -> None:
    """M05, M18: the invitation comes four weeks ahead of the day that counts."""
    play, session = autumn.play, tenth(autumn.play)
    move(play, session, at("2024-11-08", "11:00"))
    await autumn.until(at("2024-10-11", "09:00"))

    mails = autumn.about(session.id, *MessageKind)
    assert {(shown(one.at), one.message.kind) for one in mails} == {
        ("Fri 2024-10-11 08:00", MessageKind.INVITATION)
    }
    assert {one.message.person_id for one in mails} == BOTH
    assert {one.entry.starts_at for one in mails} == {at("2024-11-08", "11:00")}


async def test_of_two_moves_before_the_mail_goes_only_the_last_is_told(autumn: Posted) -> None:
    """M05: from the day that people know to the day that counts."""
    play, session = autumn.play, seventh(autumn.play)
    move(play, session, THURSDAY)
    move(play, session, FRIDAY)
    await autumn.deliver()

    mails = autumn.about(session.id, *MessageKind)
    assert {(one.message.kind, one.entry.sequence, one.entry.starts_at) for one in mails} == {
        (MessageKind.MOVE, 2, FRIDAY)
    }
    assert {one.message.facts["was_starts_at"] for one in mails} == {
        at("2024-10-15", "10:00").isoformat()
    }


async def test_moved_there_and_back_before_the_mail_goes_nobody_hears(autumn: Posted) -> None:
    """M05: every diary is right as it is, and the reminder comes once."""
    play, session = autumn.play, seventh(autumn.play)
    move(play, session, THURSDAY)
    move(play, session, at("2024-10-15", "10:00"))
    await autumn.until(at("2024-10-14", "10:00"))

    mails = autumn.about(session.id, *MessageKind)
    assert [one.message.kind for one in mails] == [MessageKind.REMINDER]
    assert autumn.wrong_entries() == []


async def test_a_hand_over_under_way_is_followed_by_its_correction(autumn: Posted) -> None:
    """M05, M17: the row stays as it is; the correction waits for it, and comes after it."""
    play, session = autumn.play, tenth(autumn.play)
    play.walk(at("2024-10-08", "08:00"))
    invitation = play.messages(session.id, MessageKind.INVITATION)[0]
    autumn.handing_over(invitation)

    move(play, session, at("2024-11-08", "11:00"))
    await autumn.deliver(play.now)
    person = invitation.person_id
    corrections = [one for one in waiting(play, session) if one.person_id == person]
    assert [one.kind for one in corrections] == [MessageKind.MOVE, MessageKind.REMINDER][:1] + [
        one.kind for one in corrections[1:]
    ]
    assert autumn.to(person, MessageKind.MOVE) == []
    (row,) = [one for one in play.messages(session.id) if one.key == invitation.key]
    assert row.state is MessageState.HANDING_OVER

    autumn.answered(invitation, MessageState.ACCEPTED)
    await autumn.deliver(play.now)
    (came,) = autumn.to(person, MessageKind.MOVE)
    assert (came.entry.sequence, came.entry.starts_at) == (1, at("2024-11-08", "11:00"))


async def test_a_cancellation_follows_only_what_may_have_arrived(autumn: Posted) -> None:
    """M05, M17: an invitation that surely was not taken needs no cancellation after it."""
    play, session = autumn.play, tenth(autumn.play)
    play.walk(at("2024-10-08", "08:00"))
    lost, kept = play.messages(session.id, MessageKind.INVITATION)
    autumn.handing_over(lost)
    autumn.handing_over(kept)
    cancel(play, session)
    autumn.answered(lost, MessageState.WAITING)
    autumn.answered(kept, MessageState.ACCEPTED)
    await autumn.deliver()

    ends = {one.person_id: one for one in play.messages(session.id, MessageKind.CANCELLATION)}
    assert ends[kept.person_id].state is MessageState.ACCEPTED
    assert ends[lost.person_id].reason is MessageReason.NEVER_INVITED
    (never,) = [one for one in play.messages(session.id) if one.key == lost.key]
    assert never.reason is MessageReason.SESSION_CANCELLED


async def test_what_may_have_arrived_does_not_end_as_never_sent(autumn: Posted) -> None:
    """M05: nobody heard what became of it, so nobody can say that it was superseded."""
    play, session = autumn.play, tenth(autumn.play)
    play.walk(at("2024-10-08", "08:00"))
    invitation = play.messages(session.id, MessageKind.INVITATION)[0]
    autumn.rewrite(invitation, attempt=1, unheard=1)

    move(play, session, at("2024-11-08", "11:00"))

    (row,) = [one for one in play.messages(session.id) if one.key == invitation.key]
    assert (row.state, row.reason) == (MessageState.UNKNOWN, MessageReason.OUTCOME_NOT_KNOWN)
    corrects = waiting(play, session, MessageKind.MOVE)
    assert [one.person_id for one in corrects] == [invitation.person_id]


async def test_moved_into_its_lead_a_reminder_is_too_late(autumn: Posted) -> None:
    """M04, E25: the move has told them; nothing is sent at once."""
    play, session = autumn.play, seventh(autumn.play)
    move(play, session, at("2024-10-02", "15:00"))
    await autumn.until(at("2024-10-02", "14:00"))

    rows = [one for one in play.messages(session.id, MessageKind.REMINDER) if one.sequence == 1]
    assert {(one.state, one.reason) for one in rows} == {
        (MessageState.TOO_LATE, MessageReason.INSIDE_LEAD)
    }
    assert {one.message.kind for one in autumn.about(session.id)} == {MessageKind.MOVE}


async def test_a_moved_session_is_to_be_confirmed_anew(autumn: Posted) -> None:
    """M03, M05: who said yes to one day has said nothing about another."""
    play, event = autumn.play, the_event(autumn.play)
    for part in play.participants(event.id):
        confirmed = part.model_copy(update={"confirmed_at": play.now})
        play.write(lambda rows, one=confirmed: save_participant(rows, one))  # type: ignore[misc]
    move(play, event, at("2024-11-28", "09:00"))
    assert {part.confirmed_at for part in play.participants(event.id)} == {None}


# -- cancellations and their undo -----------------------------------------------------------------


async def test_a_cancellation_reaches_everybody_who_was_invited_once(autumn: Posted) -> None:
    """M05, M17: and nobody else; nothing more is said of the session."""
    play, session, later = autumn.play, seventh(autumn.play), tenth(autumn.play)
    cancel(play, session)
    cancel(play, later)
    assert "is cancelled already" in cancel(play, session)
    await autumn.until(at("2024-11-05", "12:00"))

    mails = autumn.about(session.id)
    assert {one.message.person_id for one in mails} == BOTH
    assert {(one.entry.method, one.entry.sequence) for one in mails} == {("CANCEL", 1)}
    assert {one.entry.starts_at for one in mails} == {at("2024-10-15", "10:00")}
    assert len(mails) == 2
    assert autumn.about(later.id) == []
    assert {session.id, later.id} & set(autumn.diary(LEAD)) == set()


async def test_cancelled_after_a_move_that_nobody_heard_of_it_names_the_day_they_know(
    autumn: Posted,
) -> None:
    """M05, M17: the entry in the diary is the one that is taken out."""
    play, session = autumn.play, seventh(autumn.play)
    move(play, session, THURSDAY)
    cancel(play, session)
    await autumn.deliver()

    (mail,) = autumn.to(LEAD)
    assert mail.entry[:3:2] == ("CANCEL", 2)
    assert mail.entry.starts_at == at("2024-10-15", "10:00")


async def test_cancelled_while_it_has_no_day_it_names_the_day_they_know(autumn: Posted) -> None:
    """M05: a pause took the day, and before that mail went the session was called off."""
    play, session = autumn.play, seventh(autumn.play)
    play.do(PauseCourse, session.course_id)
    cancel(play, session)
    await autumn.deliver()

    (mail,) = autumn.about(session.id, MessageKind.CANCELLATION)[:1]
    assert len(autumn.about(session.id)) == 2
    assert (mail.entry.sequence, mail.entry.starts_at) == (2, at("2024-10-15", "10:00"))


async def test_undone_before_the_mail_goes_nobody_hears_of_it(autumn: Posted) -> None:
    """M05, E40: no cancellation, no new invitation, and the reminder once."""
    play, session = autumn.play, seventh(autumn.play)
    cancel(play, session)
    undo(play, session)
    await autumn.until(at("2024-10-14", "10:00"))

    mails = autumn.about(session.id)
    assert [(one.message.kind, shown(one.at)) for one in mails] == [
        (MessageKind.REMINDER, "Mon 2024-10-14 09:05")
    ]
    assert seventh(play).state is SessionState.TO_COME
    assert autumn.wrong_entries() == []


async def test_undone_and_redone_each_is_told_once_with_a_higher_sequence(autumn: Posted) -> None:
    """M05, M17, E40: who was told of the end is told again; the last word stands."""
    play, session = autumn.play, seventh(autumn.play)
    for act in (cancel, undo, cancel, undo):
        act(play, session)
        await autumn.deliver()
    entries = [one.entry for one in autumn.to(LEAD) if one.message.subject == session.id]
    assert [(one.method, one.sequence) for one in entries] == [
        ("CANCEL", 1),
        ("REQUEST", 2),
        ("CANCEL", 3),
        ("REQUEST", 4),
    ]
    assert len({one.message.key for one in autumn.got}) == len(autumn.got)
    assert autumn.diary(LEAD)[session.id] == at("2024-10-15", "10:00")

    await autumn.until(at("2024-10-14", "10:00"))
    reminders = autumn.about(session.id, MessageKind.REMINDER)
    assert [shown(one.at) for one in reminders] == ["Mon 2024-10-14 09:05"]


async def test_a_reminder_that_has_gone_is_not_sent_again_by_an_undo(autumn: Posted) -> None:
    """M08, E40: its instant has passed, so the new version's is too late."""
    play, session = autumn.play, seventh(autumn.play)
    await autumn.until(at("2024-10-14", "10:00"), recording=True)
    cancel(play, session)
    await autumn.deliver()
    undo(play, session)
    await autumn.until(at("2024-10-15", "09:00"))
    assert len(autumn.about(session.id, MessageKind.REMINDER)) == 1


async def test_a_cancellation_under_way_at_the_undo_is_followed_by_the_session(
    autumn: Posted,
) -> None:
    """M05, M17, E40."""
    play, session = autumn.play, seventh(autumn.play)
    cancel(play, session)
    mine, other = waiting(play, session, MessageKind.CANCELLATION)
    autumn.handing_over(mine)
    undo(play, session)
    autumn.answered(mine, MessageState.ACCEPTED)
    await autumn.deliver()

    (again,) = autumn.about(session.id)
    assert again.message.person_id == mine.person_id
    assert (again.entry.method, again.entry.sequence) == ("REQUEST", 2)
    (never,) = [one for one in play.messages(session.id) if one.key == other.key]
    assert never.state is MessageState.SUPERSEDED


def test_what_cannot_be_put_back_is_refused(autumn: Posted) -> None:
    """C15, E40: the hour is taken, or past; there is nothing to undo."""
    play, session = autumn.play, seventh(autumn.play)
    other = play.sessions(play.of(SVC_17), "delivery")[6]
    known = {"session_id": session.id}
    assert "is not cancelled" in play.refusal(Undo, session.course_id, **known)
    assert "has no session" in play.refusal(Undo, session.course_id, session_id=other.id)
    cancel(play, session)
    move(play, other, at("2024-10-15", "10:30"))
    assert other.id in play.refusal(Undo, session.course_id, **known)

    move(play, other, at("2024-10-15", "14:00"))
    play.walk(at("2024-10-15", "10:00"))
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


async def test_called_off_afterwards_nobody_gets_a_cancellation(autumn: Posted) -> None:
    """M05, X06: the hour is over; the record says that the coach was not there."""
    play = autumn.play
    session = play.sessions(play.of(SVC_16), "delivery")[4]
    play.walk(at("2024-10-01", "12:00"))
    play.do(
        CancelSession,
        session.course_id,
        session_id=session.id,
        why=SessionReason.COACH_UNAVAILABLE,
    )
    await autumn.deliver()
    assert autumn.about(session.id, *MessageKind) == []
    play.walk(at("2024-10-04", "12:00"))
    asked = play.obligations(session.course_id, ObligationKind.SESSION_RECORD)
    assert [one for one in asked if one.subject == session.id] == []


# -- what is refused ------------------------------------------------------------------------------


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
    session = seventh(autumn.play)
    known = {"session_id": session.id, "starts_at": starts_at}
    assert sentence in autumn.play.refusal(MoveSession, session.course_id, **known)


def test_a_move_that_is_handed_in_late_cannot_go_to_a_time_that_has_passed(
    autumn: Posted,
) -> None:
    """E24: it counts from Monday, was recorded on Wednesday, and Tuesday is over."""
    play, session = autumn.play, seventh(autumn.play)
    monday, wednesday = at("2024-10-07", "09:00"), at("2024-10-09", "09:00")
    known = {"session_id": session.id, "starts_at": at("2024-10-08", "15:00")}
    said = play.refusal(MoveSession, session.course_id, at=monday, recorded_at=wednesday, **known)
    assert "is in the past" in said


def test_what_is_over_or_another_courses_is_not_moved(autumn: Posted) -> None:
    """C17: a session that was held stays where it was held."""
    play = autumn.play
    held = play.sessions(play.of(SVC_16), "delivery")[0]
    for session, sentence in ((held, "is held"), (seventh(play), "has no session")):
        course_id = held.course_id if session is held else play.of(SVC_17)
        known = {"session_id": session.id, "starts_at": THURSDAY}
        assert sentence in play.refusal(MoveSession, course_id, **known)
    assert "correct its record" in play.refusal(CancelSession, held.course_id, session_id=held.id)


def test_a_service_that_has_withdrawn_moves_nothing(autumn: Posted) -> None:
    """X13: until it comes back."""
    play, session = autumn.play, seventh(autumn.play)
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


# -- events and the weekly sessions round them ----------------------------------------------------


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


async def test_every_message_of_a_finished_session_has_ended(autumn: Posted) -> None:
    """M13: whatever happened to it; the sums were compared after each command."""
    play, session = autumn.play, seventh(autumn.play)
    move(play, session, THURSDAY)
    cancel(play, session)
    undo(play, session)
    play.do(PauseCourse, session.course_id)
    play.do(ResumeCourse, session.course_id)
    await autumn.until(at("2025-03-20", "12:00"), recording=True)

    assert seventh(play).state is SessionState.HELD
    rows = play.messages(session.id)
    assert [one for one in rows if one.state.is_open] == []
    assert len({one.key for one in rows}) == len(rows)


def test_a_recorded_session_keeps_what_was_moved_and_why(autumn: Posted) -> None:
    """C17: moving keeps the session; its version and its moves are counted."""
    play, session = autumn.play, seventh(autumn.play)
    move(play, session, THURSDAY)
    play.walk(THURSDAY + 2 * AN_HOUR)
    known = {"session_id": session.id, "outcome": SessionState.HELD}
    play.do(RecordSession, session.course_id, **known)
    now = seventh(play)
    assert (now.id, now.sequence, now.moves) == (session.id, 1, 1)
    assert now.planned_day == session.planned_day
    assert play.now - THURSDAY >= timedelta(hours=2)
