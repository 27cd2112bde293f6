"""A withdrawal that is undone, and undone again."""

from datetime import timedelta

import pytest

from schemas.commands import (
    MoveSession,
    Undo,
    Withdraw,
)
from schemas.messages import MessageKind, MessageReason
from schemas.obligations import ObligationKind, ObligationState
from schemas.sessions import Session, SessionState
from tests.activities.autumn_days import weekly
from tests.activities.posting import Posted
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at, shown

NOON = at("2024-10-01", "12:00")
A_DAY = timedelta(days=1)
LEAD_16, LEAD_17 = people.lead_of(SVC_16), people.lead_of(SVC_17)


def ahead(play: CourseScene, course_id: str) -> list[Session]:
    return [
        one
        for one in play.sessions(course_id)
        if one.state is SessionState.TO_COME and one.starts_at and one.starts_at > play.now
    ]


def of(autumn: Posted, service: str, *kinds: MessageKind) -> list[tuple[str, str, str]]:
    """Return when mails of a service went, what they were, and to whom."""
    return sorted(
        (shown(one.at), one.message.kind.value, one.message.person_id)
        for one in autumn.got
        if one.message.course_id == autumn.play.of(service)
        and (not kinds or one.message.kind in kinds)
    )


async def test_undone_before_the_mail_goes_nobody_ever_hears(autumn: Posted) -> None:
    """E40, M05: rows that never went are as they were, none twice, and the year goes on."""
    play, course_id = autumn.play, autumn.play.of(SVC_17)
    before = {one.key: one for one in play.all_messages()}
    play.do(Withdraw, course_id)
    ended = [one for one in play.all_messages() if one.reason is MessageReason.WITHDRAWN]
    assert ended

    answer = play.do(Undo, course_id)

    assert answer == "SVC-17 is back, as it was before it withdrew."
    rows = {one.key: one for one in play.all_messages()}
    assert [rows[one.key] for one in ended] == [before[one.key] for one in ended]
    await autumn.until(at("2024-10-16", "09:00"), recording=True)
    assert of(autumn, SVC_17, MessageKind.CANCELLATION, MessageKind.MOVE) == []
    weekly_reminders = [
        shown(one.at)
        for one in autumn.to(LEAD_17, MessageKind.REMINDER)
        if one.message.topic == "delivery"
    ]
    assert weekly_reminders == ["Tue 2024-10-08 09:05", "Tue 2024-10-15 09:05"]
    assert autumn.wrong_entries() == []


async def test_undone_after_the_mail_went_who_was_told_of_the_end_is_told_again(
    autumn: Posted,
) -> None:
    """E40, M05, M17: the entry comes back with a higher SEQUENCE; withdrawn again, it goes."""
    play, course_id = autumn.play, autumn.play.of(SVC_17)
    tomorrow = weekly(play, SVC_17)[4]
    for act in (Withdraw, Undo, Withdraw, Undo):
        play.do(act, course_id)
        await autumn.deliver()
    entries = [one.entry for one in autumn.to(LEAD_17) if one.message.subject == tomorrow.id]
    assert [(one.method, one.sequence) for one in entries] == [
        ("CANCEL", 1),
        ("REQUEST", 2),
        ("CANCEL", 3),
        ("REQUEST", 4),
    ]
    assert len({one.message.key for one in autumn.got}) == len(autumn.got)
    await autumn.until(at("2024-10-02", "12:00"), recording=True)
    assert weekly(play, SVC_17)[4].state is SessionState.HELD
    assert autumn.wrong_entries() == []


@pytest.mark.parametrize(
    ("undone", "goes"),
    [("08:00", "Thu 2024-10-10 09:05"), ("10:00", "Thu 2024-10-10 10:00")],
)
async def test_a_reminder_that_was_stopped_goes_once_after_the_undo(
    autumn: Posted, undone: str, goes: str
) -> None:
    """E40, M08, M10: at its instant, or a little late while it is still of use."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-09", "12:00"))
    await autumn.deliver()
    play.do(Withdraw, course_id)
    await autumn.until(at("2024-10-10", undone))
    play.do(Undo, course_id)
    await autumn.until(at("2024-10-10", "11:00"))

    event = play.sessions(course_id, "improvement_event")[0]
    reminders = autumn.about(event.id, MessageKind.REMINDER)
    assert {shown(one.at) for one in reminders} == {goes}
    assert len(reminders) == len({one.message.person_id for one in reminders}) == 5


def test_a_chase_goes_on_after_the_undo(autumn: Posted) -> None:
    """E40, X04: nobody was asked meanwhile, and nobody twice."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "10:00"))
    play.do(Withdraw, course_id)
    play.walk(at("2024-10-03", "09:00"))
    chase = play.obligation(course_id, ObligationKind.EVENT_PREPARED)
    assert len(play.messages(chase.id)) == 0
    play.do(Undo, course_id)
    play.walk(at("2024-10-04", "12:00"))
    again = play.obligation(course_id, ObligationKind.EVENT_PREPARED)
    assert (again.id, again.state) == (chase.id, ObligationState.OPEN)
    assert len(play.messages(chase.id)) == 1


def test_an_hour_that_was_taken_meanwhile_is_not_taken_back(autumn: Posted) -> None:
    """C15, E40: the coach has another ward by then; the person who undoes is told."""
    play, tomorrow = autumn.play, weekly(autumn.play, SVC_17)[4]
    play.do(Withdraw, play.of(SVC_17))
    other = weekly(play, SVC_16)[5]
    taken = {"session_id": other.id, "starts_at": tomorrow.starts_at}
    play.do(MoveSession, play.of(SVC_16), **taken)

    answer = play.do(Undo, play.of(SVC_17))

    assert f"is back, but for {tomorrow.id}" in answer
    assert play.session(tomorrow.id).state is SessionState.CANCELLED


def test_an_undo_has_its_time(autumn: Posted) -> None:
    """R13, E40: a day, and not a moment longer; nothing is undone twice."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    assert "nothing to undo" in play.refusal(Undo, course_id)
    play.do(Withdraw, course_id)
    assert "has withdrawn already" in play.refusal(Withdraw, course_id)
    late = play.now + A_DAY + timedelta(seconds=1)
    assert "could be undone until 02 October 2024 09:30" in play.refusal(
        Undo, course_id, at=late, recorded_at=late
    )
    play.now = at("2024-10-02", "09:30")
    play.do(Undo, course_id)
    assert "nothing to undo" in play.refusal(Undo, course_id)
