"""How a service leaves: withdrawn for good, in every stage; completed."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.commands import (
    AcceptPlace,
    CancelSession,
    Command,
    DecideOffer,
    EndEdition,
    MoveSession,
    PauseCourse,
    PromiseObligation,
    RecordSession,
    Undo,
    Withdraw,
)
from schemas.courses import PlaceState, Stage
from schemas.letters import Topic
from schemas.messages import MessageKind, MessageReason, MessageState
from schemas.sessions import Session, SessionReason, SessionState
from tests.activities.autumn_days import weekly
from tests.activities.posting import Posted
from tests.activities.scene import SVC_16, SVC_17, SVC_18, CourseScene
from tests.databases import on_sqlite
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


async def test_a_withdrawn_service_hears_no_more(autumn: Posted) -> None:
    """X13: what is near is called off at once, the rest when it is final, each entry once."""
    play = autumn.play
    await autumn.until(NOON, recording=True)
    autumn.forget()
    invited = set(autumn.diary(LEAD_17)) - {one.id for one in weekly(play, SVC_17)[:4]}

    answer = play.do(Withdraw, play.of(SVC_17), reason="staffing")
    await autumn.until(at("2024-10-22", "12:00"))

    assert "Undo it until 02 October 2024 12:00" in answer
    tomorrow, *others = [
        one for one in autumn.to(LEAD_17) if one.message.kind is MessageKind.CANCELLATION
    ]
    assert (shown(tomorrow.at), tomorrow.message.subject) == (
        "Tue 2024-10-01 12:00",
        weekly(play, SVC_17)[4].id,
    )
    assert {shown(one.at) for one in others} == {"Wed 2024-10-02 12:00"}
    gone = [one.message.subject for one in (tomorrow, *others)]
    assert sorted(gone) == sorted(invited)
    kinds = {one.message.kind for one in autumn.got if one.message.course_id == play.of(SVC_17)}
    assert kinds == {MessageKind.CANCELLATION, MessageKind.NOTICE}
    assert of(autumn, SVC_17, MessageKind.NOTICE) == [
        ("Wed 2024-10-02 12:00", "notice", person)
        for person in sorted({LEAD_17, people.SPONSOR, people.COACH})
    ]
    assert autumn.wrong_entries() == []


async def test_what_was_over_when_a_service_left_is_not_called_off(autumn: Posted) -> None:
    """X13, C12: the session of that morning was never recorded; nobody says it did not happen."""
    play = autumn.play
    play.walk(NOON)
    play.do(Withdraw, play.of(SVC_16))
    await autumn.until(NOON + 2 * A_DAY)

    fifth = weekly(play, SVC_16)[4]
    assert fifth.state is SessionState.TO_COME
    assert autumn.about(fifth.id, MessageKind.CANCELLATION) == []
    assert {one.state for one in weekly(play, SVC_16)[5:]} == {SessionState.CANCELLED}
    assert {one.reason for one in weekly(play, SVC_16)[5:]} == {SessionReason.WITHDRAWN}
    assert not [one for one in play.obligations(play.of(SVC_16)) if one.state.is_open]
    open_rows = [one for one in play.all_messages() if one.course_id == play.of(SVC_16)]
    assert not [one for one in open_rows if one.state.is_open]


def test_what_waits_for_the_morning_goes_no_more(autumn: Posted) -> None:
    """X13, E40: a notice planned at night stops with the rest, and waits again after the undo."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-01", "20:00"))
    play.do(PauseCourse, course_id, until_at=at("2024-10-02", "00:00"))
    (notice, *_) = [
        one for one in play.all_messages() if one.topic == Topic.PAUSED and one.state.is_open
    ]
    play.walk(at("2024-10-02", "00:00"))
    play.do(Withdraw, course_id)
    rows = {one.key: one for one in play.all_messages()}
    assert rows[notice.key].reason is MessageReason.WITHDRAWN

    play.do(Undo, course_id)
    rows = {one.key: one for one in play.all_messages()}
    assert rows[notice.key].state is MessageState.WAITING


@pytest.mark.parametrize(
    ("effective", "state"),
    [
        (at("2024-10-13", "23:59"), PlaceState.OFFERED),
        (at("2024-10-14", "00:00"), PlaceState.CLOSED),
    ],
)
async def test_a_place_is_refilled_before_week_six_by_the_withdrawals_effective_time(
    autumn: Posted, effective: datetime, state: PlaceState
) -> None:
    """R13, R14, E14, E15: both sides of the boundary; its undo period ends in week six on both."""
    play = autumn.play
    (place,) = [one for one in play.places() if one.course_id == play.of(SVC_16)]
    play.walk(effective)
    play.do(Withdraw, play.of(SVC_16))
    play.walk(effective + A_DAY - timedelta(minutes=1))
    assert play.place(SVC_16) == place, "it is taken until nobody can undo it"

    play.walk(effective + A_DAY)

    (now,) = [one for one in play.places() if one.id == place.id]
    assert now.state is state
    refilled = state is PlaceState.OFFERED
    assert now.course_id == (play.of(SVC_18) if refilled else None)
    assert play.stage(SVC_18) is (Stage.OFFERED if refilled else Stage.WAITLISTED)
    assert ("place.freed" if refilled else "place.closed") in play.events(place.id)


def test_a_withdrawal_that_is_handed_in_late_counts_from_its_own_time(autumn: Posted) -> None:
    """R13: it took effect on Friday of week five, and is recorded on Tuesday of week six."""
    play, friday, tuesday = autumn.play, at("2024-10-11", "12:00"), at("2024-10-15", "12:00")
    play.walk(tuesday)
    play.do(Withdraw, play.of(SVC_16), at=friday, recorded_at=tuesday)
    play.walk(tuesday)
    assert play.course(play.of(SVC_16)).ended_at is not None
    assert play.stage(SVC_18) is Stage.OFFERED
    assert {one.state for one in weekly(play, SVC_16)[7:]} == {SessionState.CANCELLED}


async def test_executive_coaching_stops_only_with_the_last_service(autumn: Posted) -> None:
    """X13, C07: and only once nobody can undo it; then each entry is taken out once."""
    play = autumn.play
    await autumn.until(NOON, recording=True)
    play.do(Withdraw, play.of(SVC_17))
    play.walk(NOON + 2 * A_DAY)
    before = ahead(play, play.executive)
    assert len(before) == 4

    play.do(Withdraw, play.of(SVC_16))
    play.walk(play.now + A_DAY - timedelta(minutes=1))
    assert ahead(play, play.executive) == before
    autumn.forget()
    await autumn.until(play.now + A_DAY)

    assert ahead(play, play.executive) == []
    assert play.course(play.executive).stage is Stage.IDLE
    told = [one for one in autumn.to(people.SPONSOR) if one.message.kind.is_calendar]
    executive = [one for one in told if one.message.course_id == play.executive]
    assert sorted(one.message.subject for one in executive) == [one.id for one in before]
    assert {one.entry.method for one in executive} == {"CANCEL"}


async def test_executive_coaching_goes_on_through_a_withdrawal_that_is_undone(
    autumn: Posted,
) -> None:
    """X13, E40."""
    play = autumn.play
    before = ahead(play, play.executive)
    for service in (SVC_16, SVC_17):
        play.do(Withdraw, play.of(service))
    play.walk(at("2024-10-02", "08:00"))
    play.do(Undo, play.of(SVC_16))
    play.walk(at("2024-10-04", "12:00"))
    assert ahead(play, play.executive) == before
    assert play.course(play.executive).stage is Stage.COACHING


def brought_to(play: CourseScene, stage: Stage) -> str:
    """Bring SVC-16 to a stage, beside SVC-17 and SVC-18; there are two places."""
    service = SVC_18 if stage is Stage.WAITLISTED else SVC_16
    play.open(SVC_16, SVC_17, SVC_18)
    if stage is not Stage.ELIGIBLE:
        play.selected()
    if stage in {Stage.COMMITTING, Stage.ONBOARDING}:
        play.accepted(service)
    if stage is Stage.ONBOARDING:
        play.signed(service)
    assert play.stage(service) is stage
    return service


STAGES = [
    Stage.ELIGIBLE,
    Stage.WAITLISTED,
    Stage.OFFERED,
    Stage.COMMITTING,
    Stage.ONBOARDING,
]


@pytest.mark.parametrize("stage", STAGES)
def test_a_service_may_leave_in_every_stage(play: CourseScene, stage: Stage) -> None:
    """R13, R14, X13: its place goes to the next one; nothing of it is chased any more."""
    service = brought_to(play, stage)
    play.do(Withdraw, play.of(service))
    play.walk(play.now + A_DAY)

    course = play.course(play.of(service))
    assert (course.stage, course.ended_at) == (Stage.WITHDRAWN, play.now)
    assert not [one for one in play.obligations(course.id) if one.state.is_open]
    assert play.place(service) is None
    if stage not in {Stage.ELIGIBLE, Stage.WAITLISTED}:
        assert play.stage(SVC_18) is Stage.OFFERED
    assert "has ended already: it is withdrawn since" in play.refusal(Undo, course.id)


@on_sqlite
@pytest.mark.parametrize("stage", STAGES)
def test_a_service_that_comes_back_stands_where_it_stood(play: CourseScene, stage: Stage) -> None:
    """E40, R13: with its place and its chases, and the story goes on from there."""
    service = brought_to(play, stage)
    place, known = play.place(service), play.obligations(play.of(service))
    play.do(Withdraw, play.of(service))
    play.walk(play.now + timedelta(hours=5))
    play.do(Undo, play.of(service))

    assert play.stage(service) is stage
    assert play.place(service) == place
    assert play.obligations(play.of(service)) == known
    play.walk(play.now)
    if stage is Stage.ELIGIBLE:
        play.selected()
    if stage in {Stage.ELIGIBLE, Stage.OFFERED}:
        play.accepted(service)
        assert play.stage(service) is Stage.COMMITTING


@on_sqlite
def test_an_offer_that_lapses_while_its_service_is_away_stays_lapsed(play: CourseScene) -> None:
    """R13, E40: the coordinator has decided; to come back gives no place."""
    service = brought_to(play, Stage.OFFERED)
    play.do(Withdraw, play.of(service))
    play.do(DecideOffer, play.course_id, service=service, extend=False, reason="withdrawn")
    play.walk(play.now)
    assert play.stage(SVC_18) is Stage.OFFERED

    play.do(Undo, play.of(service))
    play.walk(play.now)

    assert play.stage(service) is Stage.NOT_PLACED


@on_sqlite
def test_a_service_on_its_way_out_takes_no_place(play: CourseScene) -> None:
    """R13."""
    service = brought_to(play, Stage.OFFERED)
    play.do(Withdraw, play.of(service))
    assert "its application is withdrawn" in play.refusal(AcceptPlace, play.of(service))


LATE: list[tuple[type[Command], dict[str, Any]]] = [
    (RecordSession, {"outcome": SessionState.HELD}),
    (MoveSession, {"starts_at": at("2024-11-01", "10:00")}),
    (CancelSession, {}),
    (Undo, {}),
]


def test_what_comes_after_the_end_is_answered_and_changes_nothing(autumn: Posted) -> None:
    """X14, E39: one sentence; a repeat of what was done before gets its answer."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    said = play.do(Withdraw, course_id, request_id="the-withdrawal")
    play.walk(play.now + A_DAY)
    ended = "SVC-16 has ended already: it is withdrawn since 02 October 2024."
    session = weekly(play, SVC_16)[6]
    for command, details in LATE:
        known = {"session_id": session.id, **details}
        assert play.refusal(command, course_id, **known) == ended
    assert play.refusal(Withdraw, course_id) == ended
    assert play.refusal(PauseCourse, course_id) == ended
    one = play.obligations(course_id)[0]
    known = {"obligation_id": one.id, "until_day": at("2024-10-04").date()}
    assert play.refusal(PromiseObligation, course_id, **known) == ended

    assert play.do(Withdraw, course_id, request_id="the-withdrawal") == said


async def test_a_course_that_completes_leaves_nothing_open(autumn: Posted) -> None:
    """X13, X14, M13, C17: as the edition ends, whatever was still open is closed and told."""
    play = autumn.play
    await autumn.until(NOON, recording=True)
    autumn.forget()
    play.do(EndEdition, play.course_id)
    await autumn.until(NOON + A_DAY)

    for course_id in (play.of(SVC_16), play.of(SVC_17), play.executive):
        course = play.course(course_id)
        assert (course.stage, course.ended_at) == (Stage.COMPLETED, NOON)
        assert not [one for one in play.obligations(course_id) if one.state.is_open]
        assert ahead(play, course_id) == []
    assert not [one for one in play.all_messages() if one.state.is_open]
    assert {one.message.person_id for one in autumn.of(MessageKind.NOTICE)} >= {LEAD_16, LEAD_17}
    assert autumn.wrong_entries() == []
    assert {one.state for one in weekly(play, SVC_16)[5:]} == {SessionState.CANCELLED}
