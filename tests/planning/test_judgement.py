from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.judgement import (
    End,
    MessageFacts,
    Recipient,
    Rules,
    Send,
    Wait,
    judge,
    latest_useful,
)
from planning.working_time import in_window
from schemas.messages import MessageKind, MessageReason, MessageState
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import AddressState, Channel
from schemas.sessions import SessionReason, SessionState
from tests.planning.builders import a_message, a_session, an_obligation, at, calendar, mail, shown

RULES = Rules(calendar(), mail())
DUE = at("2024-10-15", "09:05")
STARTS = at("2024-10-16", "10:00")
EVERY_KIND = list(MessageKind)
CALENDAR = [one for one in MessageKind if one.is_calendar]
CHASES = [MessageKind.CHASE, MessageKind.ESCALATION]
WORDS = [one for one in MessageKind if not one.is_calendar]


def facts(kind: MessageKind = MessageKind.REMINDER, **changes: object) -> MessageFacts:
    about: dict[str, object] = {"session": a_session()}
    if kind in CHASES:
        about = {"obligation": an_obligation()}
    if kind in {MessageKind.DIGEST, MessageKind.NOTICE}:
        about = {}
    return MessageFacts(**({"message": a_message(kind)} | about | changes))  # type: ignore[arg-type]


def ended(found: object) -> tuple[MessageState, MessageReason]:
    assert isinstance(found, End), found
    return found.state, found.reason


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_message_goes_when_it_is_due_and_nothing_speaks_against_it(kind: MessageKind) -> None:
    assert judge(facts(kind), DUE, RULES) == Send()


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_message_that_is_not_due_waits(kind: MessageKind) -> None:
    assert judge(facts(kind), DUE - timedelta(seconds=1), RULES) == Wait(DUE)


def test_the_conditions_are_those_of_the_moment_of_sending() -> None:
    """M07: planned when all was well, judged when the session has been cancelled."""
    planned = facts()
    later = facts(session=a_session(state=SessionState.CANCELLED, reason=SessionReason.STAFFING))
    assert planned.message == later.message
    assert judge(planned, DUE, RULES) == Send()
    assert ended(judge(later, DUE, RULES)) == (
        MessageState.SUPERSEDED,
        MessageReason.SESSION_CANCELLED,
    )


SESSION_KINDS = [MessageKind.REMINDER, MessageKind.INVITATION, MessageKind.MOVE]


@pytest.mark.parametrize("kind", SESSION_KINDS)
def test_nothing_of_an_occurrence_that_was_moved_or_cancelled_goes_out(kind: MessageKind) -> None:
    """M05, E24: also what was waiting for a retry, which is judged again like this."""
    moved = facts(kind, session=a_session(sequence=1, starts_at=at("2024-10-18")))
    assert ended(judge(moved, DUE, RULES)) == (MessageState.SUPERSEDED, MessageReason.SESSION_MOVED)
    waiting = facts(kind, session=a_session(starts_at=None, ends_at=None))
    assert ended(judge(waiting, DUE, RULES))[1] is MessageReason.SESSION_MOVED
    gone = facts(kind, session=a_session(state=SessionState.CANCELLED, sequence=1))
    assert ended(judge(gone, DUE, RULES))[1] is MessageReason.SESSION_CANCELLED


@pytest.mark.parametrize("kind", SESSION_KINDS)
@pytest.mark.parametrize("state", [SessionState.HELD, SessionState.MISSED])
def test_nothing_is_said_ahead_of_a_session_that_is_over(
    kind: MessageKind, state: SessionState
) -> None:
    over = facts(kind, session=a_session(state=state))
    expected = (MessageState.TOO_LATE, MessageReason.SESSION_OVER)
    assert ended(judge(over, DUE, RULES)) == expected
    assert ended(judge(facts(kind), STARTS, RULES)) == expected


def test_a_cancellation_goes_out_whatever_became_of_the_session() -> None:
    """M05, X13: the entry must leave the calendar."""
    for session in (
        a_session(state=SessionState.CANCELLED, sequence=1),
        a_session(state=SessionState.TO_COME, sequence=3),
        a_session(starts_at=None, ends_at=None),
    ):
        found = judge(facts(MessageKind.CANCELLATION, session=session), DUE, RULES)
        assert found == Send()


def test_a_cancellation_is_not_sent_to_who_was_never_invited() -> None:
    """M05, E23."""
    found = judge(facts(MessageKind.CANCELLATION, was_invited=False), DUE, RULES)
    assert ended(found) == (MessageState.SUPPRESSED, MessageReason.NEVER_INVITED)
    assert judge(facts(MessageKind.MOVE, was_invited=False), DUE, RULES) == Send()


def test_a_confirmation_stops_the_steps_that_ask_and_not_the_last() -> None:
    """M03."""
    asking = facts(message=a_message(asks=True), confirmed=True)
    assert ended(judge(asking, DUE, RULES)) == (MessageState.SUPPRESSED, MessageReason.CONFIRMED)
    assert judge(facts(message=a_message(asks=True)), DUE, RULES) == Send()
    assert judge(facts(confirmed=True), DUE, RULES) == Send()


def test_of_several_overdue_steps_only_the_nearest_goes() -> None:
    """M04, E28."""
    overdue = facts(nearer_step_due=True)
    expected = (MessageState.SUPERSEDED, MessageReason.NEARER_STEP)
    assert ended(judge(overdue, DUE, RULES)) == expected
    assert judge(facts(), DUE, RULES) == Send()


@pytest.mark.parametrize(
    ("back_at", "sent"),
    [
        (at("2024-10-15", "17:00"), True),
        (at("2024-10-16", "08:00") - timedelta(seconds=1), None),
        (at("2024-10-16", "07:59"), None),
        (at("2024-10-16", "08:00"), False),
        (at("2024-10-16", "09:59"), False),
    ],
)
def test_after_an_outage_a_reminder_goes_only_with_more_than_two_hours_left(
    back_at: datetime, sent: bool | None
) -> None:
    """M10, E28: never both; at 08:00 the window opens and exactly two hours are left."""
    found = judge(facts(), back_at, RULES)
    if sent:
        assert found == Send()
    else:
        assert ended(found) == (MessageState.TOO_LATE, MessageReason.INSIDE_LEAD)


def test_a_worker_away_over_the_weekend_sends_what_is_still_useful_on_monday() -> None:
    """M10: due on Friday evening, back on Monday at 10:20."""
    due_at, back_at = at("2024-10-11", "17:30"), at("2024-10-14", "10:20")
    for clock, expected in (("12:20", False), ("12:21", True), ("15:00", True)):
        session = a_session(starts_at=at("2024-10-14", clock))
        found = judge(facts(message=a_message(due_at=due_at), session=session), back_at, RULES)
        assert isinstance(found, Send) is expected, clock


def test_a_reminder_that_the_window_would_make_too_late_is_not_left_waiting() -> None:
    """M02, M10: on Saturday, of a session on Monday at 09:30."""
    session = a_session(starts_at=at("2024-10-21", "09:30"))
    message = a_message(due_at=at("2024-10-18", "09:05"))
    found = judge(facts(message=message, session=session), at("2024-10-19", "12:00"), RULES)
    assert ended(found)[0] is MessageState.TOO_LATE


@pytest.mark.parametrize("kind", WORDS)
@pytest.mark.parametrize(
    "moment",
    [at("2024-10-19", "12:00"), at("2024-10-15", "18:00"), at("2024-10-16", "07:59")],
)
def test_words_wait_for_the_window_also_when_they_are_retried(
    kind: MessageKind, moment: datetime
) -> None:
    """M02: checked when planning, and again here."""
    session = a_session(starts_at=at("2024-10-25"))
    about = {"session": session} if kind is MessageKind.REMINDER else {}
    found = judge(facts(kind, **about), moment, RULES)
    assert isinstance(found, Wait)
    assert found.until_at > moment
    assert in_window(found.until_at, RULES.calendar, RULES.mail)
    assert judge(facts(kind, **about), found.until_at, RULES) == Send()


@pytest.mark.parametrize("kind", CALENDAR)
def test_calendar_entries_follow_at_once_what_people_do(kind: MessageKind) -> None:
    """M02: it binds reminders; a meeting cancelled in the evening must not be travelled to."""
    late = a_message(kind, due_at=at("2024-10-15", "21:00"))
    assert judge(facts(kind, message=late), at("2024-10-15", "21:00"), RULES) == Send()


@pytest.mark.parametrize("kind", [MessageKind.REMINDER, MessageKind.DIGEST, *CHASES])
def test_a_pause_silences_what_nobody_asked_for(kind: MessageKind) -> None:
    """X07, X08, X09: when the pause is over nothing of it is sent."""
    found = judge(facts(kind, paused=True), DUE, RULES)
    assert ended(found) == (MessageState.SUPPRESSED, MessageReason.PAUSED)


@pytest.mark.parametrize("kind", [MessageKind.NOTICE, *CALENDAR])
def test_answers_to_what_people_do_go_on_in_a_pause(kind: MessageKind) -> None:
    """X07: somebody who cancels in the break must be heard."""
    assert judge(facts(kind, paused=True), DUE, RULES) == Send()


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_withdrawing_stops_all_but_the_farewell(kind: MessageKind) -> None:
    """X13, E14."""
    found = judge(facts(kind, withdrawn=True), DUE, RULES)
    over = judge(facts(kind, edition_ended=True), DUE, RULES)
    if kind in {MessageKind.NOTICE, MessageKind.CANCELLATION}:
        assert found == over == Send()
    else:
        assert ended(found) == (MessageState.SUPPRESSED, MessageReason.WITHDRAWN)
        assert ended(over) == (MessageState.SUPPRESSED, MessageReason.EDITION_ENDED)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_bad_address_gets_nothing_more(kind: MessageKind) -> None:
    """M11, E26."""
    bad = judge(facts(kind, recipient=Recipient(address=AddressState.BAD)), DUE, RULES)
    assert ended(bad) == (MessageState.SUPPRESSED, MessageReason.BAD_ADDRESS)
    none = judge(facts(kind, recipient=Recipient(has_address=False)), DUE, RULES)
    assert ended(none) == (MessageState.SUPPRESSED, MessageReason.NO_ADDRESS)


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.EASY_READ])
def test_who_wants_no_mail_gets_none(kind: MessageKind, channel: Channel) -> None:
    """M20: the coordinator has a task instead."""
    found = judge(facts(kind, recipient=Recipient(channel)), DUE, RULES)
    assert ended(found) == (MessageState.SUPPRESSED, MessageReason.PREFERS_PHONE)


def test_who_prefers_an_assistant_is_judged_by_the_assistants_address() -> None:
    """M20."""
    assert judge(facts(recipient=Recipient(Channel.ASSISTANT)), DUE, RULES) == Send()
    bad = Recipient(Channel.ASSISTANT, address=AddressState.BAD)
    assert ended(judge(facts(recipient=bad), DUE, RULES))[1] is MessageReason.BAD_ADDRESS


@pytest.mark.parametrize("kind", CHASES)
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"state": ObligationState.DONE}, MessageReason.ALREADY_DONE),
        ({"state": ObligationState.WAIVED}, MessageReason.ALREADY_DONE),
        ({"state": ObligationState.CANCELLED}, MessageReason.ALREADY_DONE),
        ({"state": ObligationState.PROMISED}, MessageReason.NOTHING_TO_SAY),
        ({"generation": 1}, MessageReason.NOTHING_TO_SAY),
    ],
)
def test_a_chase_is_not_sent_once_somebody_has_done_or_promised_it(
    kind: MessageKind, changes: dict[str, object], expected: MessageReason
) -> None:
    """X04, M07."""
    found = judge(
        facts(kind, obligation=an_obligation(ObligationKind.SESSION_RECORD, **changes)), DUE, RULES
    )
    assert ended(found)[1] is expected
    stuck = an_obligation(state=ObligationState.STUCK)
    assert judge(facts(kind, obligation=stuck), DUE, RULES) == Send()


def test_a_digest_without_a_session_is_not_sent() -> None:
    """M14."""
    found = judge(facts(MessageKind.DIGEST, says_something=False), DUE, RULES)
    assert ended(found) == (MessageState.SUPPRESSED, MessageReason.NOTHING_TO_SAY)


def test_a_message_says_nothing_after_its_latest_useful_moment() -> None:
    """M10."""
    until = at("2024-10-15", "12:00")
    digest = facts(message=a_message(MessageKind.DIGEST, useful_until=until), session=None)
    assert judge(digest, until - timedelta(seconds=1), RULES) == Send()
    assert ended(judge(digest, until, RULES))[0] is MessageState.TOO_LATE
    assert latest_useful(digest, RULES.mail) == until
    assert shown(latest_useful(facts(), RULES.mail)) == "Wed 2024-10-16 08:00"
    assert latest_useful(facts(MessageKind.CHASE), RULES.mail) is None


FACTS = st.builds(
    lambda kind, sequence, state, **flags: facts(
        kind, session=a_session(sequence=sequence, state=state), **flags
    ),
    st.sampled_from(EVERY_KIND),
    st.integers(0, 1),
    st.sampled_from(list(SessionState)),
    recipient=st.builds(
        Recipient,
        st.sampled_from(list(Channel)),
        st.booleans(),
        st.sampled_from(list(AddressState)),
    ),
    **{
        flag: st.booleans()
        for flag in (
            "confirmed",
            "paused",
            "withdrawn",
            "edition_ended",
            "nearer_step_due",
            "was_invited",
            "says_something",
        )
    },
)


@given(FACTS, st.integers(-2000, 4000))
def test_a_wait_lies_ahead_and_a_send_is_never_out_of_place(
    given_facts: MessageFacts, minutes: int
) -> None:
    """M02, M05, M10, M11, M20, X07, X13: whatever the facts."""
    moment = DUE.astimezone(UTC) + timedelta(minutes=minutes)
    found = judge(given_facts, moment, RULES)
    message, session = given_facts.message, given_facts.session
    assert found == judge(given_facts, moment, RULES)
    if isinstance(found, Wait):
        assert found.until_at > moment
    if found != Send():
        return
    assert moment >= message.due_at
    assert given_facts.recipient.has_address
    assert given_facts.recipient.address is AddressState.GOOD
    if not message.kind.is_calendar:
        assert in_window(moment, RULES.calendar, RULES.mail)
    if message.kind is MessageKind.REMINDER:
        assert session is not None
        assert session.starts_at is not None
        assert (session.state, session.sequence) == (SessionState.TO_COME, message.sequence)
        assert session.starts_at - moment > timedelta(hours=2)
        assert not given_facts.paused
        assert not given_facts.withdrawn
