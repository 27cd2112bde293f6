import pytest

from messaging.channel import Cause, Outcome, Result
from planning.phrases import TO_DO
from schemas.courses import JournalEntry
from schemas.messages import Message, MessageKind, MessageState
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Channel
from schemas.sessions import SessionState
from storage import journal
from storage.database import Database
from storage.why import NothingToExplainError, why
from tests.activities.ledger_scene import (
    COACH,
    COORDINATOR,
    COURSE,
    EDITION,
    EDITION_COURSE,
    EXECUTIVE,
    LEAD,
    TUESDAY,
    FakeChannel,
    Scene,
)
from tests.databases import on_sqlite
from tests.planning.builders import at

NOW = at("2024-10-20", "12:00")


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def scene(database: Database, channel: FakeChannel) -> Scene:
    return Scene(database, channel).prepared()


def told(scene: Scene, asked: str) -> str:
    with scene.database.reading() as rows:
        return " ".join(why(rows, asked, NOW))


def happened(scene: Scene, event: str, subject: str) -> None:
    entry = JournalEntry(
        course_id=COURSE,
        edition_id=EDITION,
        event=event,
        subject=subject,
        actor=COORDINATOR,
        at=TUESDAY,
        recorded_at=TUESDAY,
        request_id=f"{event}/{subject}",
        policy_version=1,
    )
    with scene.database.transaction() as rows:
        journal.write(rows, [entry])


async def test_a_reminder_of_a_pause_is_explained_with_names_and_days(scene: Scene) -> None:
    """X07."""
    reminder = scene.remind(scene.session())
    scene.pause(COURSE, "2024-10-14", "2024-10-19")
    await scene.dispatch()
    assert told(scene, reminder.key) == (
        "This reminder was not sent: SVC-16 was paused from 14 October to 18 October, and it fell "
        "due on 15 October at 09:05. It is for Alex Lead, about Delivery coaching 7 of "
        "Willow Ward (SVC-16) on 16 October at 10:00."
    )


@on_sqlite
async def test_the_programmes_own_pause_is_not_put_down_to_the_service(scene: Scene) -> None:
    """X07."""
    reminder = scene.remind(scene.session())
    scene.pause(EDITION_COURSE, "2024-10-14", "2024-10-19")
    await scene.dispatch()
    assert "the programme was paused from 14 October" in told(scene, reminder.key)


@on_sqlite
@pytest.mark.parametrize(
    ("outcome", "state", "part"),
    [
        (Outcome(Result.ACCEPTED, 250), MessageState.ACCEPTED, "was sent"),
        (
            Outcome(Result.UNKNOWN, None, Cause.DISCONNECTED),
            MessageState.UNKNOWN,
            "Nobody knows whether this reminder arrived",
        ),
        (
            Outcome(Result.REFUSED, 550, Cause.BAD_ADDRESS),
            MessageState.REFUSED,
            "there is no such address",
        ),
        (Outcome(Result.REFUSED, 554), MessageState.REFUSED, "refused it for good"),
    ],
)
async def test_what_became_of_a_hand_over_is_told(
    scene: Scene, channel: FakeChannel, outcome: Outcome, state: MessageState, part: str
) -> None:
    channel.outcomes = [outcome]
    reminder = scene.remind(scene.session())
    await scene.dispatch()
    assert scene.told(reminder).state is state
    assert part in told(scene, reminder.key)


@on_sqlite
async def test_a_message_is_found_by_the_beginning_of_its_key(scene: Scene) -> None:
    reminder: Message = scene.remind(scene.session(), key="abcd" * 8)
    scene.remind(scene.session(8, at("2024-10-23")), COACH, key="abff" * 8)

    assert told(scene, "ABCD") == told(scene, reminder.key)
    with pytest.raises(NothingToExplainError, match=r"Several messages begin with ab: abcd.*abff"):
        told(scene, "ab")
    with pytest.raises(NothingToExplainError, match="There is nothing called SVC-99"):
        told(scene, "SVC-99")
    with pytest.raises(NothingToExplainError, match="There is nothing called %"):
        told(scene, "%")


@on_sqlite
async def test_a_bundled_reminder_leads_to_its_digest(scene: Scene) -> None:
    session = scene.session()
    reminder = scene.remind(session)
    scene.remind(scene.session(1, at("2024-10-29"), "improvement_event"), step="d14")
    await scene.dispatch()
    digest_key = scene.told(reminder).digest_key
    assert digest_key is not None
    assert f"in one mail, {digest_key[:8]}, which the mail server took" in told(scene, reminder.key)
    assert "about several sessions" in told(scene, digest_key)


@on_sqlite
async def test_a_session_tells_its_moves_and_its_messages(scene: Scene) -> None:
    """M05, C17."""
    session = scene.session()
    scene.remind(session)
    scene.confirm(session, LEAD)
    scene.change(session, sequence=1, starts_at=at("2024-10-23", "10:00"))
    happened(scene, "session.moved", session.id)
    await scene.dispatch()
    assert told(scene, session.id) == (
        "Delivery coaching 7 of Willow Ward (SVC-16) is to come on 23 October at 10:00. "
        "Its day was changed on 15 October. Alex Lead said that they will be there. "
        "Messages about it: 1 superseded."
    )


@on_sqlite
async def test_an_obligation_tells_who_was_asked(scene: Scene) -> None:
    """X01, X04."""
    missed = scene.session(6, at("2024-10-09", "10:00"), state=SessionState.MISSED)
    record = scene.obligation(
        ObligationKind.SESSION_RECORD, missed.id, next_at=at("2024-10-21", "09:00")
    )
    scene.chase(record)
    await scene.dispatch()
    assert told(scene, record.id) == (
        "Bo Coach has to say how a session went, about Delivery coaching 6 of Willow Ward "
        "(SVC-16) on 9 October at 10:00. The next step is due on 21 October at 09:00. "
        "It has been open since 9 October. Asked by mail so far: Bo Coach on 15 October."
    )


@on_sqlite
def test_a_service_tells_where_it_stands(scene: Scene) -> None:
    scene.session(8, at("2024-10-23", "10:00"))
    scene.session(6, at("2024-10-09", "10:00"), state=SessionState.HELD)
    scene.pause(COURSE, "2024-10-19", "2024-10-21")
    scene.obligation(ObligationKind.EVENT_DATED, COURSE, state=ObligationState.STUCK)
    for asked in ("SVC-16", "svc-16", COURSE):
        assert told(scene, asked) == (
            "Willow Ward (SVC-16) is being coached (edition wider). It is paused from 19 October "
            "to 20 October. Its sessions: 1 to come, 1 held. The next one is Delivery coaching 8 "
            "of Willow Ward (SVC-16) on 23 October at 10:00. A person has to decide how to go on: "
            f"somebody has still to {TO_DO[ObligationKind.EVENT_DATED]}."
        )


@on_sqlite
async def test_whoever_prefers_the_phone_and_an_executive_session_are_named(scene: Scene) -> None:
    """M20."""
    session = scene.session(1, kind="executive", course_id=EXECUTIVE)
    scene.person(COACH, channel=Channel.PHONE)
    reminder = scene.remind(session, COACH, course_id=EXECUTIVE)
    await scene.dispatch()
    said = told(scene, reminder.key)
    assert "Bo Coach would rather be rung. A coordinator is asked to do so." in said
    assert "about Executive coaching 1 of Charlie Sponsor (PER-0003) on 16 October" in said
    assert MessageKind.REMINDER in said
