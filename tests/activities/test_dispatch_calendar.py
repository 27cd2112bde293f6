"""Invitations, moves and cancellations: in order for each person, and as one calendar entry."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

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


def entry(parcel: Parcel) -> tuple[str, object]:
    """Return the method and the event that a mail's calendar part holds."""
    mail = message_from_bytes(parcel.content, EmailMessage, policy=policy.default)
    part = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_content())
    return str(calendar["METHOD"]), calendar.walk("VEVENT")[0]


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

    methods = [entry(one)[0] for one in channel.parcels]
    events = [entry(one)[1] for one in channel.parcels]
    assert methods == ["REQUEST", "REQUEST", "CANCEL"]
    assert {str(event["UID"]) for event in events} == {f"{session.id}@drumbeat.example"}  # type: ignore[index]
    assert [int(event["SEQUENCE"]) for event in events] == [0, 1, 2]  # type: ignore[index]
    assert [event["DTSTART"].dt for event in events] == [  # type: ignore[index]
        session.starts_at,
        moved.starts_at,
        moved.starts_at,
    ]
    assert all(str(event["LOCATION"]) == "Room 1" for event in events)  # type: ignore[index]


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


async def test_the_cancellation_of_a_displaced_session_tells_where_it_was(
    scene: Scene, channel: FakeChannel
) -> None:
    """C17, M17: the session has no day, or another one by now; the diary still has the old one."""
    session = scene.session()
    scene.entry(INVITATION, session)
    await scene.dispatch()
    displaced = session.model_copy(update={"sequence": 1, "starts_at": None, "ends_at": None})
    scene.change(displaced)
    cancellation = scene.entry(CANCELLATION, session.model_copy(update={"sequence": 1}))
    await scene.dispatch()
    assert scene.state(cancellation) == (MessageState.ACCEPTED, None)
    assert entry(channel.parcels[-1])[1]["DTSTART"].dt == session.starts_at  # type: ignore[index]


async def test_calendar_messages_go_at_any_hour(scene: Scene, channel: FakeChannel) -> None:
    """M02: they follow what somebody has just done."""
    session = scene.session()
    scene.entry(INVITATION, session, LEAD)
    await scene.dispatch(at("2024-10-15", "21:00"))
    assert channel.recipients == ["alex@northmoor.nhs.example"]
