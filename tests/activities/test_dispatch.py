from datetime import timedelta

import pytest

from schemas.courses import Stage
from schemas.ids import edition_course_id
from schemas.messages import MailMode, MessageReason, MessageState
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import AddressState, Channel
from schemas.sessions import SessionState
from tests.activities.ledger_scene import (
    ASSISTANT,
    COACH,
    COURSE,
    EDITION,
    EDITION_COURSE,
    EXECUTIVE,
    LEAD,
    SPONSOR,
    TUESDAY,
    FakeChannel,
    Scene,
)
from tests.databases import on_sqlite
from tests.planning.builders import at

HOUR = timedelta(hours=1)


async def test_a_due_reminder_is_handed_over_once(scene: Scene, channel: FakeChannel) -> None:
    """M08, M13: one accepted send, after which nothing is left and the sums agree."""
    reminder = scene.remind(scene.session())

    first, again = await scene.dispatch(), await scene.dispatch()

    assert (first.states, again.states) == ({"accepted": 1}, {})
    assert channel.recipients == ["alex@northmoor.nhs.example"]
    assert scene.state(reminder) == (MessageState.ACCEPTED, None)
    assert scene.told(reminder).ended_at == TUESDAY
    assert scene.is_balanced()


@on_sqlite
async def test_nothing_goes_before_its_instant(scene: Scene, channel: FakeChannel) -> None:
    scene.remind(scene.session())
    await scene.dispatch(TUESDAY - timedelta(microseconds=1))
    assert channel.parcels == []


@on_sqlite
async def test_a_confirmation_stops_what_asks_for_it_and_not_the_last_step(
    scene: Scene, channel: FakeChannel
) -> None:
    """M03, M07: asked when it is due, of the one who confirmed."""
    session = scene.session()
    asking = scene.remind(session, asks=True)
    others = scene.remind(session, COACH, asks=True)
    informing = scene.remind(session, step="last", key="f" * 32, due_at=TUESDAY + HOUR)
    scene.confirm(session, LEAD)

    await scene.dispatch(TUESDAY)
    await scene.dispatch(TUESDAY + HOUR)

    assert scene.state(asking) == (MessageState.SUPPRESSED, MessageReason.CONFIRMED)
    assert scene.state(others) == (MessageState.ACCEPTED, None)
    assert scene.state(informing) == (MessageState.ACCEPTED, None)


@on_sqlite
async def test_of_several_overdue_steps_only_the_nearest_goes(
    scene: Scene, channel: FakeChannel
) -> None:
    """M04, M10: after an outage, one reminder and never both."""
    session = scene.session(starts_at=at("2024-10-30", "10:00"))
    early = scene.remind(session, step="d14", key="1" * 32)
    later = scene.remind(session, step="d7", key="2" * 32, due_at=TUESDAY + timedelta(days=7))

    await scene.dispatch(at("2024-10-23", "10:20"))

    assert scene.state(early) == (MessageState.SUPERSEDED, MessageReason.NEARER_STEP)
    assert scene.state(later) == (MessageState.ACCEPTED, None)
    assert len(channel.parcels) == 1


@on_sqlite
@pytest.mark.parametrize(
    ("returns", "state", "reason"),
    [
        ("07:59", MessageState.TOO_LATE, MessageReason.INSIDE_LEAD),  # the window opens too late
        ("08:00", MessageState.TOO_LATE, MessageReason.INSIDE_LEAD),
        ("10:01", MessageState.TOO_LATE, MessageReason.SESSION_OVER),
    ],
)
async def test_a_reminder_that_has_become_useless_is_too_late(
    scene: Scene, returns: str, state: MessageState, reason: MessageReason
) -> None:
    """M10: two hours before the start it still goes, after that it never does."""
    reminder = scene.remind(scene.session())
    await scene.dispatch(at("2024-10-16", returns))
    assert scene.state(reminder) == (state, reason)


@on_sqlite
async def test_a_late_reminder_that_is_still_of_use_goes(scene: Scene) -> None:
    """M10."""
    reminder = scene.remind(scene.session())
    await scene.dispatch(TUESDAY + timedelta(hours=8))
    assert scene.state(reminder) == (MessageState.ACCEPTED, None)


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sequence": 1, "starts_at": at("2024-10-17", "10:00")}, MessageReason.SESSION_MOVED),
        ({"sequence": 1, "starts_at": None}, MessageReason.SESSION_MOVED),
        ({"sequence": 1, "state": SessionState.CANCELLED}, MessageReason.SESSION_CANCELLED),
    ],
)
async def test_nothing_of_the_old_occurrence_goes_after_a_change(
    scene: Scene, channel: FakeChannel, changes: dict[str, object], reason: MessageReason
) -> None:
    """M05, M07: judged at the moment of sending, whether or not the row was superseded."""
    session = scene.session()
    reminder = scene.remind(session)
    scene.change(session, **changes)

    await scene.dispatch()

    assert scene.state(reminder) == (MessageState.SUPERSEDED, reason)
    assert channel.parcels == []


@on_sqlite
async def test_a_chase_ends_when_what_it_asks_is_done_or_promised(scene: Scene) -> None:
    """M07: obligations are read when the step goes."""
    session = scene.session(starts_at=at("2024-10-14", "10:00"))
    done = scene.obligation(ObligationKind.SESSION_RECORD, session.id, state=ObligationState.DONE)
    open_ = scene.obligation(ObligationKind.SLOT_CHOSEN, COURSE)
    chased, asked = scene.chase(done), scene.chase(open_)

    await scene.dispatch()

    assert scene.state(chased) == (MessageState.SUPPRESSED, MessageReason.ALREADY_DONE)
    assert scene.state(asked) == (MessageState.ACCEPTED, None)


@on_sqlite
async def test_outside_the_window_a_message_waits_for_its_opening(
    scene: Scene, channel: FakeChannel
) -> None:
    """M02: asked again at send time, so what falls due in the evening goes in the morning."""
    notice = scene.notice(due_at=at("2024-10-15", "18:30"))

    await scene.dispatch(at("2024-10-15", "18:30"))
    assert scene.state(notice) == (MessageState.WAITING, None)
    assert scene.told(notice).due_at == at("2024-10-16", "08:00")
    await scene.dispatch(at("2024-10-16", "08:00"))

    assert scene.state(notice) == (MessageState.ACCEPTED, None)
    assert len(channel.parcels) == 1


class TestPauses:
    pytestmark = on_sqlite

    @pytest.mark.parametrize("scope", [COURSE, EDITION_COURSE])
    async def test_a_pause_silences_and_nothing_of_it_is_sent_afterwards(
        self, scene: Scene, channel: FakeChannel, scope: str
    ) -> None:
        """X07, X09: of the service or of the whole edition."""
        reminder = scene.remind(scene.session(starts_at=at("2024-10-21", "10:00")))
        scene.pause(scope, "2024-10-14", "2024-10-18")

        await scene.dispatch()
        await scene.dispatch(at("2024-10-18", "09:00"))

        assert scene.state(reminder) == (MessageState.SUPPRESSED, MessageReason.PAUSED)
        assert channel.parcels == []

    async def test_a_pause_of_the_edition_file_silences_too(self, scene: Scene) -> None:
        """X07: the programme rests over Christmas."""
        session = scene.session(starts_at=at("2025-01-08", "10:00"))
        reminder = scene.remind(session, due_at=at("2024-12-23", "09:05"))
        await scene.dispatch(at("2024-12-23", "09:05"))
        assert scene.state(reminder) == (MessageState.SUPPRESSED, MessageReason.PAUSED)

    async def test_the_pause_of_a_service_leaves_its_sponsor_alone(self, scene: Scene) -> None:
        """X08: the shared executive session goes on."""
        session = scene.session(1, kind="executive", course_id=EXECUTIVE)
        reminder = scene.remind(session, SPONSOR, course_id=EXECUTIVE)
        scene.pause(COURSE, "2024-10-14", "2024-10-18")
        await scene.dispatch()
        assert scene.state(reminder) == (MessageState.ACCEPTED, None)

    async def test_what_falls_due_after_the_pause_goes(self, scene: Scene) -> None:
        """X09: only what is dated in the past is left out."""
        reminder = scene.remind(scene.session())
        scene.pause(COURSE, "2024-10-07", "2024-10-15")
        await scene.dispatch()
        assert scene.state(reminder) == (MessageState.ACCEPTED, None)

    async def test_an_answer_to_what_people_did_goes_on_in_a_pause(self, scene: Scene) -> None:
        notice = scene.notice()
        scene.pause(COURSE, "2024-10-14")
        await scene.dispatch()
        assert scene.state(notice) == (MessageState.ACCEPTED, None)


@on_sqlite
async def test_after_a_withdrawal_only_answers_and_cancellations_go(scene: Scene) -> None:
    """X13: all future messages stop at once."""
    reminder, notice = scene.remind(scene.session()), scene.notice()
    scene.enrolment(withdrawn_at=TUESDAY - HOUR)
    await scene.dispatch()
    assert scene.state(reminder) == (MessageState.SUPPRESSED, MessageReason.WITHDRAWN)
    assert scene.state(notice) == (MessageState.ACCEPTED, None)


@on_sqlite
async def test_when_the_edition_has_ended_nothing_more_is_asked(scene: Scene) -> None:
    reminder = scene.remind(scene.session())
    scene.course(EDITION_COURSE, stage=Stage.FINISHED, ended_at=TUESDAY - HOUR)
    await scene.dispatch()
    assert scene.state(reminder) == (MessageState.SUPPRESSED, MessageReason.EDITION_ENDED)


class TestPeople:
    pytestmark = on_sqlite

    @pytest.mark.parametrize("channel_wanted", [Channel.PHONE, Channel.EASY_READ])
    async def test_who_prefers_the_phone_gets_no_mail_and_a_coordinator_is_told(
        self, scene: Scene, channel: FakeChannel, channel_wanted: Channel
    ) -> None:
        """M20: the edition looks again, and makes a task of it."""
        scene.person(LEAD, channel=channel_wanted)
        notice = scene.notice()

        counts = await scene.dispatch()

        assert scene.state(notice) == (MessageState.SUPPRESSED, MessageReason.PREFERS_PHONE)
        assert counts.wake == {edition_course_id(EDITION)}
        assert channel.parcels == []

    async def test_an_assistant_reads_the_mail_of_whoever_wants_that(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M20."""
        scene.person(SPONSOR, channel=Channel.ASSISTANT, assistant_id=ASSISTANT)
        session = scene.session(1, kind="executive", course_id=EXECUTIVE)
        reminder = scene.remind(session, SPONSOR, course_id=EXECUTIVE)

        await scene.dispatch()

        assert channel.recipients == ["fay@northmoor.nhs.example"]
        assert "the diary that you look after for Charlie Sponsor" in channel.text()
        assert scene.state(reminder) == (MessageState.ACCEPTED, None)

    async def test_where_no_assistant_is_named_nobody_is_written_to(self, scene: Scene) -> None:
        """M20: mail that was not wanted does not go instead."""
        scene.person(SPONSOR, channel=Channel.ASSISTANT)
        notice = scene.notice(SPONSOR)
        await scene.dispatch()
        assert scene.state(notice) == (MessageState.SUPPRESSED, MessageReason.NO_ADDRESS)

    async def test_nothing_goes_to_an_address_that_is_known_to_be_bad(self, scene: Scene) -> None:
        """M11."""
        scene.person(LEAD, address_state=AddressState.BAD)
        notice = scene.notice()
        await scene.dispatch()
        assert scene.state(notice) == (MessageState.SUPPRESSED, MessageReason.BAD_ADDRESS)


class TestModes:
    pytestmark = on_sqlite

    async def test_held_mail_waits_and_what_is_of_no_use_any_more_is_skipped_on_release(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M19: nothing leaves until a person releases it."""
        scene.mode(MailMode.HELD)
        reminder, notice = scene.remind(scene.session()), scene.notice(COACH)

        counts = await scene.dispatch()
        assert (counts.states, channel.parcels) == ({}, [])
        assert scene.state(reminder) == scene.state(notice) == (MessageState.WAITING, None)
        scene.mode(MailMode.LIVE)
        await scene.dispatch(at("2024-10-16", "10:30"))

        assert scene.state(reminder) == (MessageState.TOO_LATE, MessageReason.SESSION_OVER)
        assert scene.state(notice) == (MessageState.ACCEPTED, None)
        assert channel.recipients == ["bo@northmoor.nhs.example"]

    async def test_redirected_mail_goes_to_one_address_and_names_who_it_was_for(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M19."""
        scene.mode(MailMode.REDIRECT, "trial@drumbeat.example")
        scene.notice()

        await scene.dispatch()

        assert channel.recipients == ["trial@drumbeat.example"]
        assert "It was meant for Alex Lead <alex@northmoor.nhs.example>" in channel.text()

    async def test_mail_is_held_where_nobody_said_where_to_redirect_it(
        self, scene: Scene, channel: FakeChannel
    ) -> None:
        """M19."""
        scene.mode(MailMode.REDIRECT)
        scene.notice()
        await scene.dispatch()
        assert channel.parcels == []


@on_sqlite
async def test_what_cannot_be_put_into_words_holds_up_nothing_else(
    scene: Scene, channel: FakeChannel
) -> None:
    unwritten = scene.notice(topic="three_missed", step="unwritten")
    scene.rewrite(unwritten, topic="no such topic")
    notice = scene.notice(COACH)

    await scene.dispatch()

    assert scene.state(notice) == (MessageState.ACCEPTED, None)
    waiting = scene.told(unwritten)
    assert (waiting.state, waiting.attempt) == (MessageState.WAITING, 0)
    assert waiting.retry_at == TUESDAY + HOUR
