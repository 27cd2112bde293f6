"""A coach is away: sessions are covered, moved or cancelled, and it can be taken back (E01)."""

from collections.abc import Callable
from datetime import date, timedelta
from email import policy
from email.parser import BytesParser
from typing import Any

from schemas.absences import Away, ChangeAct, SessionChange
from schemas.commands import (
    ArrangeSessions,
    AssignCoach,
    MoveSession,
    PauseCourse,
    RecordSession,
    ResumeCourse,
)
from schemas.messages import MessageKind, MessageState
from schemas.obligations import ObligationKind
from schemas.operations import Operation, OperationAct, OperationItem
from schemas.people import Role
from schemas.sessions import Session, SessionReason, SessionState
from storage import operations
from storage.absences import write_absence
from storage.audit import findings
from storage.sessions import save_session
from tests.activities.autumn_days import sixth, the_event, waiting, weekly
from tests.activities.coached import Beginning, a_coached_ward
from tests.activities.posting import Got, Posted
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at

COVER, MOVE, CANCEL = ChangeAct.COVER, ChangeAct.MOVE, ChangeAct.CANCEL
GIVE_BACK, MOVE_BACK, RESTORE = ChangeAct.GIVE_BACK, ChangeAct.MOVE_BACK, ChangeAct.RESTORE
LEAD = people.lead_of(SVC_16)
FIRST, LAST = date(2024, 10, 7), date(2024, 10, 18)
AWAY = Away(person_id=people.COACH, from_day=FIRST, until_day=LAST)


def arrange(play: CourseScene, *changes: SessionChange, **said: Any) -> str:
    """Arrange what becomes of sessions of one ward."""
    return play.do(ArrangeSessions, course_of(play, changes[0]), **asked(*changes, **said))


def asked(*changes: SessionChange, **said: Any) -> dict[str, Any]:
    known = {"operation": "OP-1", "coach": people.COACH, "from_day": FIRST, "until_day": LAST}
    return {**known, "changes": changes, **said}


def course_of(play: CourseScene, change: SessionChange) -> str:
    return play.session(change.session_id).course_id


def covered(session: Session, coach: str = people.OTHER_COACH) -> SessionChange:
    return SessionChange(session_id=session.id, act=COVER, coach=coach)


def back(session: Session, act: ChangeAct = GIVE_BACK, **said: Any) -> SessionChange:
    return SessionChange(session_id=session.id, act=act, **said)


def leads(play: CourseScene, session: Session) -> list[str]:
    """Return who leads a session."""
    cast = play.participants(session.id)
    return [one.person_id for one in cast if one.role is Role.DELIVERY_COACH]


def notices(play: CourseScene, topic: str = "coach_away") -> list[tuple[str, str]]:
    """Return who is told, and whether it has gone."""
    found = [one for one in play.all_messages() if one.topic == topic]
    return sorted((one.person_id, one.state.value) for one in found)


async def test_whoever_covers_leads_these_sessions_and_no_other(autumn: Posted) -> None:
    """E01, M05, M17: the week after is as it was, and every diary is right."""
    play = autumn.play
    first, second, after = weekly(play)[5:8]

    said = arrange(play, covered(first), covered(second))

    assert said == "SVC-16: covered: delivery/6, delivery/7."
    assert [leads(play, one) for one in (first, second, after)] == [
        [people.OTHER_COACH],
        [people.OTHER_COACH],
        [people.COACH],
    ]
    assert play.enrolment(SVC_16).delivery_coach_id == people.COACH
    unchanged = play.session(first.id)
    assert (unchanged.starts_at, unchanged.moves) == (first.starts_at, 0)
    await autumn.until(at("2024-10-02", "12:00"), recording=True)
    with play.database.reading() as rows:
        amiss = findings(rows, play.now, timedelta(minutes=1), timedelta(minutes=1))
    assert [one for one in amiss if one.about in {first.id, second.id}] == []
    await autumn.until(at("2024-10-22", "12:00"), recording=True)
    assert autumn.wrong_entries() == []
    reminders = autumn.about(first.id, MessageKind.REMINDER)
    assert [one.message.person_id for one in reminders] == [LEAD]
    assert first.id not in autumn.diary(people.COACH)
    assert autumn.diary(people.OTHER_COACH)[first.id] == first.starts_at
    # The team's own entries say what they said: no calendar mail goes to its lead.
    entries = autumn.about(first.id, MessageKind.INVITATION, MessageKind.MOVE)
    assert {one.message.person_id for one in entries} == {people.OTHER_COACH}


async def test_each_person_is_told_once_of_all_that_an_absence_changes(autumn: Posted) -> None:
    """E01: two sessions of each of two wards, one notice for each of four people."""
    play = autumn.play
    for service in (SVC_16, SVC_17):
        ahead = [one for one in weekly(play, service) if in_absence(one)]
        assert len(ahead) == 2
        arrange(play, *(covered(one) for one in ahead))
    await autumn.until(at("2024-10-03", "12:00"))

    told = autumn.of(MessageKind.NOTICE, topic="coach_away")
    assert sorted(one.message.person_id for one in told) == sorted(
        [people.COACH, people.OTHER_COACH, LEAD, people.lead_of(SVC_17)]
    )
    arrange_again = asked(*(covered(one) for one in weekly(play)[5:7]))
    said = play.do(ArrangeSessions, play.of(SVC_16), **arrange_again)
    assert said == "SVC-16 is arranged like that already."
    assert len(notices(play)) == 4


async def test_the_notice_lists_what_concerns_its_reader_and_who_leads_it(autumn: Posted) -> None:
    """E01: as things stand when it goes, and nothing of wards that are not the reader's."""
    play = autumn.play
    operation = Operation(
        id="OP-1",
        edition_id=play.edition.id,
        act=OperationAct.ABSENCE,
        scope=f"coach:{people.COACH}",
        actor=people.COORDINATOR,
        at=play.now,
        recorded_at=play.now,
    )
    wards = [[one for one in weekly(play, s) if in_absence(one)] for s in (SVC_16, SVC_17)]
    items = [
        OperationItem(
            operation_id="OP-1",
            number=number,
            course_id=ahead[0].course_id,
            subject=ahead[0].course_id,
            wish={"changes": [covered(one).model_dump(mode="json") for one in ahead]},
        )
        for number, ahead in enumerate(wards, start=1)
    ]
    play.write(lambda rows: operations.add_operation(rows, operation, items))
    for ahead in wards:
        arrange(play, *(covered(one) for one in ahead))
    await autumn.until(at("2024-10-03", "12:00"))

    (lead,) = autumn.to(LEAD, MessageKind.NOTICE)
    assert [line for line in text_of(lead).splitlines() if line.startswith("-")] == [
        f"- Tuesday {day} October 2024, 10:00 to 11:00 (UK time): Delivery coaching, SVC-16 Ward,"
        " Online: https://meet.mha-qi.example/delivery (led by Name of PER-DC2)"
        for day in (8, 15)
    ]
    assert "Name of PER-DC1 is away from Monday 7 October 2024 to Friday 18" in text_of(lead)
    (away,) = autumn.to(people.COACH, MessageKind.NOTICE)
    assert text_of(away).count("led by Name of PER-DC2") == 4


def text_of(got: Got) -> str:
    """Return the plain text of a mail."""
    mail = BytesParser(policy=policy.default).parsebytes(got.parcel.content)
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def in_absence(session: Session) -> bool:
    return session.starts_at is not None and FIRST <= session.starts_at.date() <= LAST


def test_whoever_covered_is_asked_how_it_went(autumn: Posted) -> None:
    """X01, E01: not the coach who was away."""
    play, session = autumn.play, sixth(autumn.play)
    assert session.ends_at is not None
    arrange(play, covered(session))
    asked_at = {"record_due_at": session.ends_at + timedelta(days=1)}
    covered_now = play.session(session.id).model_copy(update=asked_at)
    play.write(lambda rows: save_session(rows, covered_now))
    play.look(session.course_id)

    play.walk(session.ends_at + timedelta(days=1, hours=1))

    record = play.obligation(session.course_id, ObligationKind.SESSION_RECORD)
    assert record.holder_id == people.OTHER_COACH
    told = play.messages(record.id, MessageKind.CHASE)
    assert [one.person_id for one in told] == [people.OTHER_COACH]


async def test_cover_is_taken_back_and_nobody_who_never_heard_of_it_hears_of_it(
    autumn: Posted,
) -> None:
    """E01, M05: before any mail has gone all is as it was, but for what nobody saw."""
    play, session = autumn.play, sixth(autumn.play)
    arrange(play, covered(session))
    said = arrange(play, back(session), operation="OP-2", undoes="OP-1")
    assert said == "SVC-16: with their own coach again: delivery/6."
    assert leads(play, session) == [people.COACH]
    assert {state for _, state in notices(play)} == {MessageState.SUPERSEDED}
    assert notices(play, "coach_back") == []
    await autumn.until(at("2024-10-08", "12:00"), recording=True)
    assert autumn.wrong_entries() == []
    assert autumn.about(session.id, MessageKind.INVITATION, MessageKind.CANCELLATION) == [], (
        "the one never had an entry, the other has it still"
    )


async def test_cover_of_which_people_were_told_is_taken_back_with_a_word_to_each(
    autumn: Posted,
) -> None:
    """E01, M17: the coach's entry comes back, that of whoever covered goes."""
    play, session = autumn.play, sixth(autumn.play)
    arrange(play, covered(session))
    await autumn.until(at("2024-10-02", "12:00"))
    arrange(play, back(session), operation="OP-2", undoes="OP-1")
    await autumn.until(at("2024-10-03", "12:00"))
    assert [person for person, _ in notices(play, "coach_back")] == sorted(
        [people.COACH, people.OTHER_COACH, LEAD]
    )
    assert autumn.diary(people.COACH)[session.id] == session.starts_at
    assert session.id not in autumn.diary(people.OTHER_COACH)
    await autumn.until(at("2024-10-08", "12:00"), recording=True)
    assert autumn.wrong_entries() == []


def test_what_has_happened_is_not_taken_back(autumn: Posted) -> None:
    """E01: of two sessions the one that is over stays with whoever led it."""
    play = autumn.play
    first, second = weekly(play)[5:7]
    arrange(play, covered(first), covered(second))
    play.walk(at("2024-10-09", "12:00"))
    play.do(RecordSession, first.course_id, session_id=first.id, outcome=SessionState.HELD)
    arrange(play, back(first), back(second), operation="OP-2", undoes="OP-1")
    assert leads(play, first) == [people.OTHER_COACH]
    assert leads(play, second) == [people.COACH]
    play.walk(at("2024-10-16", "12:00"))
    nothing = asked(back(first), back(second), operation="OP-3")
    assert "is to come any more" in play.refusal(ArrangeSessions, play.of(SVC_16), **nothing)


async def test_a_session_moved_for_an_absence_goes_back_as_if_nobody_had_moved_it(
    autumn: Posted,
) -> None:
    """E01, M05, M17: and planning may put it round what comes up again."""
    play, session = autumn.play, sixth(autumn.play)
    later = at("2024-10-21", "10:00")
    arrange(play, SessionChange(session_id=session.id, act=MOVE, starts_at=later))
    moved = play.session(session.id)
    assert (moved.starts_at, moved.moves) == (later, 1)
    assert moved.reason is SessionReason.COACH_UNAVAILABLE
    await autumn.until(at("2024-10-02", "12:00"))

    again = back(session, MOVE_BACK, starts_at=session.starts_at)
    arrange(play, again, operation="OP-2", undoes="OP-1")

    returned = play.session(session.id)
    assert (returned.starts_at, returned.moves, returned.reason) == (session.starts_at, 0, None)
    await autumn.until(at("2024-10-22", "12:00"), recording=True)
    assert autumn.wrong_entries() == []


def test_a_session_cancelled_for_an_absence_is_nobodys_miss_and_comes_back(
    autumn: Posted,
) -> None:
    """E01, X06, C17."""
    play, session = autumn.play, sixth(autumn.play)
    arrange(play, SessionChange(session_id=session.id, act=CANCEL))
    cancelled = play.session(session.id)
    assert cancelled.state is SessionState.CANCELLED
    assert cancelled.reason is not None
    assert cancelled.reason.of_the_programme
    arrange(play, back(session, RESTORE), operation="OP-2", undoes="OP-1")
    assert play.session(session.id).state is SessionState.TO_COME
    assert leads(play, session) == [people.COACH]


def test_all_changes_of_a_ward_are_made_or_none(autumn: Posted) -> None:
    """C15, E01: the second cannot be covered, so the first is not either."""
    play = autumn.play
    first, second = weekly(play)[5:7]
    assert second.starts_at is not None
    play.book(people.OTHER_COACH, second.starts_at, second.starts_at + timedelta(hours=1))
    refused = play.refusal(
        ArrangeSessions, play.of(SVC_16), **asked(covered(first), covered(second))
    )
    assert refused.startswith(f"{people.OTHER_COACH} has session")
    assert leads(play, first) == [people.COACH]


def test_nobody_covers_who_is_away_or_no_coach(autumn: Posted) -> None:
    """E01, X05."""
    play, session = autumn.play, sixth(autumn.play)
    away = Away(person_id=people.OTHER_COACH, from_day=FIRST, until_day=FIRST + timedelta(days=1))
    play.write(lambda rows: write_absence(rows, away))
    ward = play.of(SVC_16)
    assert "is away on 2024-10-08" in play.refusal(ArrangeSessions, ward, **asked(covered(session)))
    stranger = covered(session, people.EXECUTIVE_COACH)
    assert "is not a delivery coach" in play.refusal(ArrangeSessions, ward, **asked(stranger))


def test_planning_gives_a_covered_session_back_where_it_moves_it_to_another_week(
    autumn: Posted,
) -> None:
    """E01, X08: a pause displaces it; whoever covers leads only what they agreed to."""
    play, session = autumn.play, sixth(autumn.play)
    play.write(lambda rows: write_absence(rows, AWAY))
    arrange(play, covered(session))
    until = at("2024-10-12", "00:00")
    play.do(PauseCourse, play.of(SVC_16), until_at=until)
    play.walk(play.now)
    displaced = play.session(session.id)
    assert displaced.starts_at is not None
    assert displaced.starts_at > at("2024-10-19")
    assert leads(play, displaced) == [people.COACH]


def test_a_pause_that_ends_at_once_leaves_the_cover_as_it_was(autumn: Posted) -> None:
    """E01, X09: its own coach is still away on that day."""
    play, session = autumn.play, sixth(autumn.play)
    play.write(lambda rows: write_absence(rows, AWAY))
    arrange(play, covered(session))
    play.do(PauseCourse, play.of(SVC_16))
    play.do(ResumeCourse, play.of(SVC_16))
    play.walk(play.now)
    assert play.session(session.id).starts_at == session.starts_at
    assert leads(play, session) == [people.OTHER_COACH]


def test_a_new_coach_of_the_ward_leaves_cover_where_it_is(autumn: Posted) -> None:
    """E01, R16: the coach who is away leaves for good; what is covered has somebody already."""
    play, session = autumn.play, sixth(autumn.play)
    arrange(play, covered(session))
    play.do(AssignCoach, play.of(SVC_16), coach=people.OTHER_COACH)
    assert leads(play, session) == [people.OTHER_COACH]
    assert leads(play, weekly(play)[8]) == [people.OTHER_COACH]
    assert waiting(play, session, MessageKind.CANCELLATION) != []


def test_an_event_is_covered_and_takes_the_whole_day_of_whoever_covers(autumn: Posted) -> None:
    """E11, C15: the weekly session of another ward of theirs gives way to it, and comes back."""
    play, event = autumn.play, the_event(autumn.play)
    play.do(AssignCoach, play.of(SVC_17), coach=people.OTHER_COACH)
    wednesday = weekly(play, SVC_17)[9]
    assert play.day(wednesday.starts_at) == date(2024, 11, 6)
    play.do(MoveSession, event.course_id, session_id=event.id, starts_at=at("2024-11-06", "09:00"))
    play.walk(play.now)
    assert play.session(wednesday.id).starts_at == wednesday.starts_at

    arrange(play, covered(event))
    play.walk(play.now)
    assert leads(play, event) == [people.OTHER_COACH]
    assert play.session(wednesday.id).starts_at != wednesday.starts_at

    arrange(play, back(event), operation="OP-2", undoes="OP-1")
    play.walk(play.now)
    assert play.session(wednesday.id).starts_at == wednesday.starts_at


def test_another_event_keeps_a_coach_from_covering_one(autumn: Posted) -> None:
    """E11, C15: an event needs the whole day of whoever leads it."""
    play, event = autumn.play, the_event(autumn.play)
    play.book(people.OTHER_COACH, at("2024-11-07", "18:00"), at("2024-11-07", "19:00"))
    refused = play.refusal(ArrangeSessions, play.of(SVC_16), **asked(covered(event)))
    assert refused.startswith(f"{people.OTHER_COACH} has session")


def test_cover_is_arranged_and_taken_back_on_either_database(
    prepared: Callable[[Beginning], CourseScene],
) -> None:
    """E01, C15, M13."""
    play = prepared(a_coached_ward)
    session = weekly(play)[0]
    before = play.session(session.id)
    arrange(play, covered(session))
    assert leads(play, session) == [people.OTHER_COACH]
    arrange(play, back(session), operation="OP-2", undoes="OP-1")
    assert leads(play, session) == [people.COACH]
    assert play.session(session.id).starts_at == before.starts_at
