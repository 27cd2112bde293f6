"""What people's diaries show when a session is moved, cancelled and put back."""

from schemas.commands import (
    CancelSession,
    PauseCourse,
)
from schemas.messages import MessageKind, MessageReason, MessageState
from schemas.obligations import ObligationKind
from schemas.sessions import SessionReason, SessionState
from storage.sessions import save_participant
from tests.activities.autumn_days import cancel, move, sixth, tenth, the_event, undo, waiting
from tests.activities.posting import Posted
from tests.activities.scene import SVC_16
from tests.journeys import cast as people
from tests.planning.builders import at, shown

LEAD = people.lead_of(SVC_16)
THURSDAY = at("2024-10-10", "15:00")
FRIDAY = at("2024-10-11", "11:00")
BOTH = {LEAD, people.COACH}


async def test_a_move_leaves_nothing_of_the_old_occurrence(autumn: Posted) -> None:
    """M05, M17: one move to each who has the entry; same UID, SEQUENCE one higher; one reminder."""
    play, session = autumn.play, sixth(autumn.play)
    before = autumn.diary(LEAD)[session.id]
    move(play, session, THURSDAY)
    await autumn.until(at("2024-10-11", "09:00"), recording=True)

    mails = autumn.about(session.id, *MessageKind)
    moves = [one for one in mails if one.message.kind is MessageKind.MOVE]
    assert {one.message.person_id for one in moves} == BOTH
    assert {(one.entry.method, one.entry.sequence) for one in moves} == {("REQUEST", 1)}
    assert before == at("2024-10-08", "10:00")
    assert autumn.diary(LEAD)[session.id] == autumn.diary(people.COACH)[session.id] == THURSDAY
    (reminder,) = [one for one in mails if one.message.kind is MessageKind.REMINDER]
    assert shown(reminder.at) == "Wed 2024-10-09 09:05"
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
    play, session = autumn.play, sixth(autumn.play)
    move(play, session, THURSDAY)
    move(play, session, FRIDAY)
    await autumn.deliver()

    mails = autumn.about(session.id, *MessageKind)
    assert {(one.message.kind, one.entry.sequence, one.entry.starts_at) for one in mails} == {
        (MessageKind.MOVE, 2, FRIDAY)
    }
    assert {one.message.facts["was_starts_at"] for one in mails} == {
        at("2024-10-08", "10:00").isoformat()
    }


async def test_moved_there_and_back_before_the_mail_goes_nobody_hears(autumn: Posted) -> None:
    """M05: every diary is right as it is, and the reminder comes once."""
    play, session = autumn.play, sixth(autumn.play)
    move(play, session, THURSDAY)
    move(play, session, at("2024-10-08", "10:00"))
    await autumn.until(at("2024-10-07", "10:00"))

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
    assert MessageKind.MOVE in {one.kind for one in corrections}
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
    play, session = autumn.play, sixth(autumn.play)
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


async def test_a_cancellation_reaches_everybody_who_was_invited_once(autumn: Posted) -> None:
    """M05, M17: and nobody else; nothing more is said of the session."""
    play, session, later = autumn.play, sixth(autumn.play), tenth(autumn.play)
    cancel(play, session)
    cancel(play, later)
    assert "is cancelled already" in cancel(play, session)
    await autumn.until(at("2024-10-08", "12:00"))

    mails = autumn.about(session.id)
    assert {one.message.person_id for one in mails} == BOTH
    assert {(one.entry.method, one.entry.sequence) for one in mails} == {("CANCEL", 1)}
    assert {one.entry.starts_at for one in mails} == {at("2024-10-08", "10:00")}
    assert len(mails) == 2
    assert autumn.about(later.id) == []
    assert {session.id, later.id} & set(autumn.diary(LEAD)) == set()


async def test_cancelled_after_a_move_that_nobody_heard_of_it_names_the_day_they_know(
    autumn: Posted,
) -> None:
    """M05, M17: the entry in the diary is the one that is taken out."""
    play, session = autumn.play, sixth(autumn.play)
    move(play, session, THURSDAY)
    cancel(play, session)
    await autumn.deliver()

    (mail,) = autumn.to(LEAD)
    assert mail.entry[:3:2] == ("CANCEL", 2)
    assert mail.entry.starts_at == at("2024-10-08", "10:00")


async def test_cancelled_while_it_has_no_day_it_names_the_day_they_know(autumn: Posted) -> None:
    """M05: a pause took the day, and before that mail went the session was called off."""
    play, session = autumn.play, sixth(autumn.play)
    play.do(PauseCourse, session.course_id)
    cancel(play, session)
    await autumn.deliver()

    (mail,) = autumn.about(session.id, MessageKind.CANCELLATION)[:1]
    assert len(autumn.about(session.id)) == 2
    assert (mail.entry.sequence, mail.entry.starts_at) == (2, at("2024-10-08", "10:00"))


async def test_undone_before_the_mail_goes_nobody_hears_of_it(autumn: Posted) -> None:
    """M05, E40: no cancellation, no new invitation, and the reminder once."""
    play, session = autumn.play, sixth(autumn.play)
    cancel(play, session)
    undo(play, session)
    await autumn.until(at("2024-10-07", "10:00"))

    mails = autumn.about(session.id)
    assert [(one.message.kind, shown(one.at)) for one in mails] == [
        (MessageKind.REMINDER, "Mon 2024-10-07 09:05")
    ]
    assert sixth(play).state is SessionState.TO_COME
    assert autumn.wrong_entries() == []


async def test_undone_and_redone_each_is_told_once_with_a_higher_sequence(autumn: Posted) -> None:
    """M05, M17, E40: who was told of the end is told again; the last word stands."""
    play, session = autumn.play, sixth(autumn.play)
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
    assert autumn.diary(LEAD)[session.id] == at("2024-10-08", "10:00")

    await autumn.until(at("2024-10-07", "10:00"))
    reminders = autumn.about(session.id, MessageKind.REMINDER)
    assert [shown(one.at) for one in reminders] == ["Mon 2024-10-07 09:05"]


async def test_a_reminder_that_has_gone_is_not_sent_again_by_an_undo(autumn: Posted) -> None:
    """M08, E40: its instant has passed, so the new version's is too late."""
    play, session = autumn.play, sixth(autumn.play)
    await autumn.until(at("2024-10-07", "10:00"), recording=True)
    cancel(play, session)
    await autumn.deliver()
    undo(play, session)
    await autumn.until(at("2024-10-08", "09:00"))
    assert len(autumn.about(session.id, MessageKind.REMINDER)) == 1


async def test_a_cancellation_under_way_at_the_undo_is_followed_by_the_session(
    autumn: Posted,
) -> None:
    """M05, M17, E40."""
    play, session = autumn.play, sixth(autumn.play)
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
