"""Every text finds its facts in the database, and says what is true when it goes."""

from datetime import timedelta

import pytest

from messaging.texts import every_text
from schemas.courses import CommitmentState, SignedCommitment
from schemas.letters import Topic
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from schemas.obligations import ObligationKind
from schemas.people import Channel
from schemas.sessions import SessionReason, SessionState
from storage import courses, places
from tests.activities.ledger_scene import (
    COACH,
    COORDINATOR,
    COURSE,
    EDITION,
    EDITION_COURSE,
    EXECUTIVE,
    LEAD,
    PARTNER,
    SPONSOR,
    TUESDAY,
    FakeChannel,
    Scene,
    planner,
)
from tests.databases import on_sqlite
from tests.planning.builders import at

pytestmark = on_sqlite

ASKED = (MessageKind.CHASE, MessageKind.ESCALATION)
OF_THE_SPONSOR = {Topic.EXECUTIVE_SLOT, Topic.EXECUTIVE_MISSED_TWICE, Topic.EXECUTIVE}
OF_THE_EDITION = {
    Topic.BAD_ADDRESS,
    Topic.PHONE_CALL,
    Topic.SPONSOR_NAMED,
    Topic.PLACE_DECISION,
    Topic.SELECTION_DECISION,
    Topic.ADDRESS_PROBLEM,
}
ABOUT_A_SESSION = {
    Topic.RECORD_CONFLICT,
    Topic.SESSION_RECORD,
    Topic.EVENT_PREPARED,
    Topic.EVENT_PARTNER,
    Topic.EVENT_REPORT_OUT,
    Topic.EVENT_FOLLOW_UP,
    Topic.CATCH_UP,
    Topic.EXECUTIVE_SLOT,
}
TOLD_OF_A_SESSION = {Topic.CATCH_UP_OFFER, Topic.EVENT_MOVED_LATE}
TEXTS = [
    (kind, topic, asks)
    for kind, topic, asks in every_text()
    if kind is not MessageKind.DIGEST and topic not in {Topic.LEARNING_EVENT, Topic.SESSION}
]


def course_of(topic: Topic) -> str:
    if topic in OF_THE_EDITION:
        return EDITION_COURSE
    return EXECUTIVE if topic in OF_THE_SPONSOR else COURSE


def subject_of(scene: Scene, kind: MessageKind, topic: Topic) -> str:
    """Return what a message of the topic is about, with the rows that it stands on."""
    sponsors = course_of(topic) == EXECUTIVE
    missed = scene.session(
        6,
        at("2024-10-09", "10:00"),
        "executive" if sponsors else "delivery",
        course_of(topic) if sponsors else COURSE,
        state=SessionState.MISSED,
    )
    if kind not in ASKED:
        return missed.id if "missed" in topic or topic in TOLD_OF_A_SESSION else COURSE
    about = missed.id if topic in ABOUT_A_SESSION else course_of(topic)
    if topic in {Topic.BAD_ADDRESS, Topic.PHONE_CALL, Topic.SPONSOR_NAMED}:
        about = PARTNER
    if topic is Topic.PLACE_DECISION:
        with scene.database.transaction() as rows:
            places.create_places(rows, EDITION, 2)
            place = places.places_of(rows, EDITION)[0]
            places.offer(rows, place.id, COURSE, at("2024-06-20"), at("2024-06-27"))
        about = f"{place.id}@{at('2024-06-27').isoformat()}"
    return scene.obligation(ObligationKind(topic), about, course_id=course_of(topic)).id


def row_for(scene: Scene, kind: MessageKind, topic: Topic, asks: str) -> Message:
    if kind is MessageKind.REMINDER or kind.is_calendar:
        course_id = course_of(topic)
        session = scene.session(kind=topic, course_id=course_id)
        person_id = SPONSOR if course_id == EXECUTIVE else LEAD
        subject, sequence = session.id, session.sequence
    else:
        course_id, person_id, sequence = course_of(topic), COORDINATOR, 0
        subject = subject_of(scene, kind, topic)
    facts: dict[str, str | int] = {"person_id": PARTNER, "expires_at": TUESDAY.isoformat()}
    row = planner().message(
        kind,
        topic,
        subject,
        person_id,
        step="first",
        sequence=sequence,
        due_at=TUESDAY,
        facts=facts,
    )
    return row.model_copy(update={"course_id": course_id, "asks": asks == "confirm"})


@pytest.mark.parametrize(
    ("kind", "topic", "asks"), TEXTS, ids=lambda part: getattr(part, "value", part)
)
async def test_every_text_finds_its_facts(
    scene: Scene, channel: FakeChannel, kind: MessageKind, topic: Topic, asks: str
) -> None:
    (message,) = scene.plan(row_for(scene, kind, topic, asks))
    await scene.dispatch()
    assert scene.state(message) == (MessageState.ACCEPTED, None)
    assert "None" not in channel.text()


async def test_an_escalation_tells_who_was_asked_and_for_how_long(
    scene: Scene, channel: FakeChannel
) -> None:
    """X01: four working days since it was opened, to the coordinator."""
    missed = scene.session(6, at("2024-10-09", "10:00"))
    record = scene.obligation(ObligationKind.SESSION_RECORD, missed.id)
    scene.chase(record, COORDINATOR, kind=MessageKind.ESCALATION, step="coordinator")
    await scene.dispatch()
    assert "We have been asking Bo Coach for 4 working days" in channel.text()
    assert "Wednesday 9 October 2024, 10:00 to 11:00 (UK time)" in channel.text()


async def test_commitments_that_are_signed_are_not_asked_for(
    scene: Scene, channel: FakeChannel
) -> None:
    """R10: as things stand when the mail goes."""
    states = {"involvement": CommitmentState.SIGNED, "change-ideas": CommitmentState.OPEN}
    with scene.database.transaction() as rows:
        courses.add_commitments(
            rows,
            [
                SignedCommitment(course_id=COURSE, commitment=one, state=state)
                for one, state in states.items()
            ],
        )
    scene.chase(scene.obligation(ObligationKind.COMMITMENTS, COURSE), SPONSOR)
    await scene.dispatch()
    assert "implementing and sustaining its change ideas" in channel.text()
    assert "involvement in the programme" not in channel.text()


async def test_a_move_tells_when_it_was_and_a_code_as_a_kind_clause(
    scene: Scene, channel: FakeChannel
) -> None:
    """X02: why, without blame."""
    session = scene.session()
    moved = scene.change(
        session,
        sequence=1,
        starts_at=at("2024-10-17", "14:00"),
        ends_at=at("2024-10-17", "15:00"),
        reason=SessionReason.STAFFING,
    )
    row = planner().calendar_message(MessageKind.MOVE, moved, LEAD, due_at=TUESDAY, was=session)
    scene.plan(row)
    await scene.dispatch()
    assert "because the ward needs its people elsewhere" in channel.text()
    assert "Until now: Wednesday 16 October 2024, 10:00" in channel.text()
    assert "When: Thursday 17 October 2024, 14:00" in channel.text()


async def test_a_call_is_about_what_the_person_was_not_mailed(
    scene: Scene, channel: FakeChannel
) -> None:
    """M20."""
    session = scene.session()
    scene.person(LEAD, channel=Channel.PHONE, phone="07700 900123")
    kept = scene.remind(session)
    await scene.dispatch()
    assert scene.state(kept) == (MessageState.SUPPRESSED, MessageReason.PREFERS_PHONE)
    call = scene.obligation(ObligationKind.PHONE_CALL, LEAD, course_id=EDITION_COURSE)
    scene.chase(call, COORDINATOR, course_id=EDITION_COURSE)
    await scene.dispatch()
    assert "Alex Lead would rather be rung than get mail" in channel.text()
    assert "07700 900123" in channel.text()
    assert "Room 1" in channel.text()


async def test_a_mail_names_the_programme_and_a_coordinator_to_ask(
    scene: Scene, channel: FakeChannel
) -> None:
    scene.person(COORDINATOR, phone="07700 900456")
    scene.remind(scene.session(), COACH)
    await scene.dispatch()
    text = channel.text()
    assert "From: The programme office <programme@drumbeat.example>" in text
    assert "Reply-To: Dee Coordinator <dee@northmoor.nhs.example>" in text
    assert "or ask Dee Coordinator, 07700 900456" in text
    assert "A short reminder of the coaching session that you are leading." in text


async def test_a_mail_is_dated_when_it_was_due_by_a_fast_clock(
    scene: Scene, channel: FakeChannel
) -> None:
    scene.notice()
    await scene.dispatch(TUESDAY + timedelta(seconds=3))
    assert "Date: Tue, 15 Oct 2024 08:05:00 +0000" in channel.text()
