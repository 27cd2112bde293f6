"""Invitations, moves and cancellations: in order for each person, and as one calendar entry."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, NamedTuple

import pytest
from icalendar import Calendar

from messaging.channel import Cause, Outcome, Parcel, Result
from schemas.messages import MessageKind, MessageReason, MessageState
from schemas.people import Role
from schemas.sessions import SessionState
from tests.activities.ledger_scene import LEAD, PARTNER, TUESDAY, FakeChannel, Scene
from tests.databases import on_sqlite
from tests.planning.builders import at

pytestmark = on_sqlite

MINUTE = timedelta(minutes=1)
INVITATION, MOVE, CANCELLATION = (
    MessageKind.INVITATION,
    MessageKind.MOVE,
    MessageKind.CANCELLATION,
)
LOST = Outcome(Result.UNKNOWN, None, Cause.DISCONNECTED)
NOT_NOW = Outcome(Result.NOT_SENT, 450, Cause.TEMPORARY)


class Entry(NamedTuple):
    """What a mail's calendar part says."""

    method: str
    uid: str
    sequence: int
    starts_at: datetime
    location: str


def entry(parcel: Parcel) -> Entry:
    mail = message_from_bytes(parcel.content, EmailMessage, policy=policy.default)
    part = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_content())
    event: Any = calendar.walk("VEVENT")[0]
    return Entry(
        str(calendar["METHOD"]),
        str(event["UID"]),
        int(event["SEQUENCE"]),
        event["DTSTART"].dt,
        str(event["LOCATION"]),
    )


async def test_one_entry_lives_through_invitation_move_and_cancellation(
    scene: Scene, channel: FakeChannel
) -> None:
    """M17: one UID, a rising sequence, and a cancellation that is no request."""
    session = scene.session()
    scene.entry(INVITATION, session)
    await scene.dispatch()
    moved = scene.change(
        session, sequence=1, starts_at=at("2024-10-17", "10:00"), ends_at=at("2024-10-17", "11:00")
    )
    scene.entry(MOVE, moved)
    await scene.dispatch()
    off = scene.change(moved, sequence=2, state=SessionState.CANCELLED)
    scene.entry(CANCELLATION, off)
    await scene.dispatch()

    entries = [entry(one) for one in channel.parcels]
    assert [one.method for one in entries] == ["REQUEST", "REQUEST", "CANCEL"]
    assert {one.uid for one in entries} == {f"{session.id}@drumbeat.example"}
    assert [one.sequence for one in entries] == [0, 1, 2]
    assert [one.starts_at for one in entries] == [
        session.starts_at,
        moved.starts_at,
        moved.starts_at,
    ]
    assert {one.location for one in entries} == {"Room 1"}


async def test_a_later_one_waits_until_the_earlier_has_ended(
    scene: Scene, channel: FakeChannel
) -> None:
    """M17: in order for each person, also when the first is tried again."""
    session = scene.session()
    invitation = scene.entry(INVITATION, session)
    channel.outcomes = [LOST]
    await scene.dispatch()
    off = scene.change(session, sequence=1, state=SessionState.CANCELLED)
    cancellation = scene.entry(CANCELLATION, off)

    await scene.dispatch()
    assert scene.state(cancellation) == (MessageState.WAITING, None)
    await scene.dispatch(TUESDAY + MINUTE)

    assert scene.state(invitation) == (MessageState.UNKNOWN, MessageReason.OUTCOME_NOT_KNOWN)
    assert scene.state(cancellation) == (MessageState.ACCEPTED, None)
    assert [one.key for one in channel.parcels] == [invitation.key, cancellation.key]


async def test_what_is_on_its_way_may_arrive_and_is_followed_by_its_correction(
    scene: Scene, channel: FakeChannel
) -> None:
    """M05: another person's entries wait for nobody."""
    session = scene.session()
    scene.join(session, PARTNER, Role.PARTNER)
    scene.entry(INVITATION, session)
    theirs = scene.entry(INVITATION, session, PARTNER)
    channel.outcomes = [NOT_NOW, NOT_NOW]
    await scene.dispatch()
    scene.rewrite(theirs, state=MessageState.ACCEPTED, retry_at=None)
    moved = scene.change(
        session, sequence=1, starts_at=at("2024-10-17", "10:00"), ends_at=at("2024-10-17", "11:00")
    )
    scene.entry(MOVE, moved)
    for_them = scene.entry(MOVE, moved, PARTNER)
    await scene.dispatch()
    assert scene.state(for_them) == (MessageState.ACCEPTED, None)
    assert channel.recipients[2:] == ["eli@northmoor.nhs.example"]


async def test_a_cancellation_goes_to_nobody_who_was_never_invited(
    scene: Scene, channel: FakeChannel
) -> None:
    """M05: their invitation never left, so there is nothing to take back."""
    session = scene.session()
    invitation = scene.entry(INVITATION, session)
    scene.rewrite(invitation, state=MessageState.SUPERSEDED, reason=MessageReason.SESSION_CANCELLED)
    cancellation = scene.entry(
        CANCELLATION, scene.change(session, sequence=1, state=SessionState.CANCELLED)
    )
    await scene.dispatch()
    assert scene.state(cancellation) == (MessageState.SUPPRESSED, MessageReason.NEVER_INVITED)
    assert channel.parcels == []


async def test_a_cancellation_follows_an_invitation_that_may_have_arrived(
    scene: Scene, channel: FakeChannel
) -> None:
    """M05: superseded while it waited for its second copy, with the first one not known of."""
    session = scene.session()
    invitation = scene.entry(INVITATION, session)
    channel.outcomes = [LOST]
    await scene.dispatch()
    scene.rewrite(invitation, state=MessageState.SUPERSEDED, reason=MessageReason.SESSION_CANCELLED)
    cancellation = scene.entry(
        CANCELLATION, scene.change(session, sequence=1, state=SessionState.CANCELLED)
    )
    await scene.dispatch()
    assert scene.state(cancellation) == (MessageState.ACCEPTED, None)


@pytest.mark.parametrize("now", [None, at("2024-11-06", "10:00")])
async def test_the_cancellation_of_a_displaced_session_tells_where_it_was(
    scene: Scene, channel: FakeChannel, now: datetime | None
) -> None:
    """C17, M17: the session has no day, or another one by now; the diary still has the old one."""
    session = scene.session()
    scene.entry(INVITATION, session)
    await scene.dispatch()
    scene.change(session, sequence=1, starts_at=now, ends_at=now and now + timedelta(hours=1))
    cancellation = scene.entry(CANCELLATION, session.model_copy(update={"sequence": 1}))
    await scene.dispatch()
    assert scene.state(cancellation) == (MessageState.ACCEPTED, None)
    assert entry(channel.parcels[-1]).starts_at == session.starts_at


async def test_calendar_messages_go_at_any_hour(scene: Scene, channel: FakeChannel) -> None:
    """M02: they follow what somebody has just done."""
    session = scene.session()
    scene.entry(INVITATION, session, LEAD)
    await scene.dispatch(at("2024-10-15", "21:00"))
    assert channel.recipients == ["alex@northmoor.nhs.example"]
