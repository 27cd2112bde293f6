from dataclasses import replace
from datetime import timedelta

import pytest

from planning.phrases import BECAUSE, MESSAGES, STAGES, TO_DO, Spoken
from planning.why import MessageStory, why_message
from planning.why_courses import (
    ObligationStory,
    ServiceStory,
    SessionStory,
    why_obligation,
    why_service,
    why_session,
)
from schemas.courses import Course, CourseKind, Stage
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from schemas.obligations import ObligationKind, ObligationState
from schemas.sessions import SessionReason, SessionState
from tests.planning.builders import a_message, a_session, an_obligation, at, calendar, rest

NOW = at("2025-02-10", "12:00")
DUE = at("2025-01-21", "09:05")
SPOKEN = Spoken(calendar(), NOW)
MINUTE = timedelta(minutes=1)

NOT_SENT = {
    MessageReason.PAUSED: MessageState.SUPPRESSED,
    MessageReason.WITHDRAWN: MessageState.SUPPRESSED,
    MessageReason.CONFIRMED: MessageState.SUPPRESSED,
    MessageReason.ALREADY_DONE: MessageState.SUPPRESSED,
    MessageReason.BAD_ADDRESS: MessageState.SUPPRESSED,
    MessageReason.NO_ADDRESS: MessageState.SUPPRESSED,
    MessageReason.PREFERS_PHONE: MessageState.SUPPRESSED,
    MessageReason.NEVER_INVITED: MessageState.SUPPRESSED,
    MessageReason.NOTHING_TO_SAY: MessageState.SUPPRESSED,
    MessageReason.EDITION_ENDED: MessageState.SUPPRESSED,
    MessageReason.MERGED: MessageState.SUPPRESSED,
    MessageReason.POLICY_CHANGED: MessageState.SUPERSEDED,
    MessageReason.SESSION_MOVED: MessageState.SUPERSEDED,
    MessageReason.SESSION_CANCELLED: MessageState.SUPERSEDED,
    MessageReason.NEARER_STEP: MessageState.SUPERSEDED,
    MessageReason.INSIDE_LEAD: MessageState.TOO_LATE,
    MessageReason.SESSION_OVER: MessageState.TOO_LATE,
    MessageReason.MAIL_HELD: MessageState.TOO_LATE,
    MessageReason.NO_SERVER_TOOK_IT: MessageState.TOO_LATE,
}
ENDED_OTHERWISE = {
    MessageReason.DATABASE_RESTORED,
    MessageReason.REFUSED_BY_SERVER,
    MessageReason.OUTCOME_NOT_KNOWN,
}


def story(message: Message | None = None, **facts: object) -> MessageStory:
    base = MessageStory(
        message=message or a_message(due_at=DUE, ended_at=DUE),
        spoken=SPOKEN,
        person="Alex Lead",
        about="Delivery coaching 18 of Willow Ward (SVC-31) on 22 January at 10:00",
        whose="SVC-31",
        now=NOW,
        real_now=NOW,
    )
    return replace(base, **facts)  # type: ignore[arg-type]


def told(state: MessageState, reason: MessageReason | None = None, **changes: object) -> str:
    row = a_message(due_at=DUE, ended_at=DUE, state=state, reason=reason)
    return why_message(story(row.model_copy(update=changes)))[0]


def test_a_paused_reminder_is_explained_by_its_pause() -> None:
    """X07: the sentence that a coordinator reads."""
    row = a_message(
        due_at=DUE, ended_at=DUE, state=MessageState.SUPPRESSED, reason=MessageReason.PAUSED
    )
    pause = rest("2025-01-20", "2025-02-07")

    assert why_message(story(row, pause=pause)) == (
        "This reminder was not sent: SVC-31 was paused from 20 January to 7 February, "
        "and it fell due on 21 January at 09:05.",
        "It is for Alex Lead, about Delivery coaching 18 of Willow Ward (SVC-31) on "
        "22 January at 10:00.",
    )


@pytest.mark.parametrize(("reason", "state"), NOT_SENT.items())
@pytest.mark.parametrize("kind", MessageKind)
def test_every_reason_reads_as_a_sentence(
    reason: MessageReason, state: MessageState, kind: MessageKind
) -> None:
    sentence = told(state, reason, kind=kind)
    assert sentence.startswith(f"This {MESSAGES[kind]} was not sent: ")
    assert sentence.endswith(".")
    assert "None" not in sentence
    assert "_" not in sentence


def test_no_reason_is_left_without_a_sentence() -> None:
    assert set(MessageReason) == set(NOT_SENT) | ENDED_OTHERWISE


@pytest.mark.parametrize(
    ("state", "changes", "sentence"),
    [
        (
            MessageState.ACCEPTED,
            {},
            "This reminder was sent: the mail server took it on 21 January at 09:05. "
            "Whether anybody read it is not known.",
        ),
        (
            MessageState.UNKNOWN,
            {"unheard": 1},
            "Nobody knows whether this reminder arrived: the mail server was reached and did not "
            "answer. It was not sent again, because a reminder goes once at most.",
        ),
        (
            MessageState.UNKNOWN,
            {"unheard": 2, "kind": MessageKind.CHASE},
            "Nobody knows whether this chase arrived: the mail server did not answer, and neither "
            "did it when the same mail was sent once more. It goes twice at most.",
        ),
        (
            MessageState.UNKNOWN,
            {"reason": MessageReason.DATABASE_RESTORED},
            "Nobody knows whether this reminder arrived: the database was put back to an older "
            "copy, and it may have gone out before that. It was not sent again.",
        ),
        (
            MessageState.REFUSED,
            {"reason": MessageReason.BAD_ADDRESS},
            "This reminder did not arrive: on 21 January at 09:05 the mail server said that there "
            "is no such address. Nothing more is sent to it, and a coordinator is asked to find "
            "the right one.",
        ),
        (
            MessageState.FAILED,
            {"attempt": 9},
            "This reminder was given up on 21 January at 09:05: no mail server took it, after "
            "9 tries since 21 January at 09:05.",
        ),
        (
            MessageState.HANDING_OVER,
            {"attempt": 2},
            "This reminder is being handed to the mail server just now (try 2).",
        ),
    ],
)
def test_what_has_left_us_is_told_honestly(
    state: MessageState, changes: dict[str, object], sentence: str
) -> None:
    """M12: accepted never means read, and what is not known is said."""
    row = a_message(due_at=DUE, ended_at=DUE, state=state).model_copy(update=changes)
    assert why_message(story(row))[0] == sentence


def test_a_bundled_reminder_names_the_mail_that_carried_it() -> None:
    row = a_message(due_at=DUE, state=MessageState.BUNDLED, digest_key="d" * 32)
    digest = a_message(MessageKind.DIGEST, key="d" * 32, state=MessageState.ACCEPTED)
    assert why_message(story(row, digest=digest))[0] == (
        "This reminder was not sent on its own: others were due for the same person, so they went "
        "together in one mail, dddddddd, which the mail server took."
    )


@pytest.mark.parametrize(
    ("changes", "facts", "part"),
    [
        ({"due_at": NOW + MINUTE}, {}, "goes on 10 February at 12:01, if it is still wanted"),
        ({}, {"held": True}, "waits, because mail is held"),
        ({}, {"rests_until": NOW + MINUTE}, "rests until 2025-02-10 12:01:00 UTC of real time"),
        (
            {"retry_at": NOW + MINUTE, "attempt": 2},
            {},
            "not taken by the mail server after 2 tries",
        ),
        ({"retry_at": NOW + MINUTE, "attempt": 1, "unheard": 1}, {}, "sent once more, the same"),
        ({"retry_at": NOW + MINUTE, "first_tried_at": NOW}, {}, "cannot be put into words"),
        ({}, {"earlier_open": True}, "an earlier calendar message"),
        ({}, {}, "has been due since 21 January at 09:05 and goes in a moment"),
    ],
)
def test_what_waits_tells_for_what(
    changes: dict[str, object], facts: dict[str, object], part: str
) -> None:
    """M19, M11: what would leave is listed with what it waits for."""
    row = a_message(due_at=DUE).model_copy(update=changes)
    assert part in why_message(story(row, **facts))[0]


def test_a_step_inside_the_lead_is_told_apart_from_an_outage() -> None:
    """M04, M10."""
    early = told(MessageState.TOO_LATE, MessageReason.INSIDE_LEAD, planned_at=DUE)
    late = told(MessageState.TOO_LATE, MessageReason.INSIDE_LEAD)
    assert "the session was only put on its day after that" in early
    assert "it was too close to the session to be of use" in late


def test_the_year_is_told_where_it_is_another_one() -> None:
    assert SPOKEN.moment(at("2024-10-15", "09:05")) == "15 October 2024 at 09:05"
    assert SPOKEN.moment(DUE) == "21 January at 09:05"


TITLE = "Delivery coaching 7 of Willow Ward (SVC-16)"


@pytest.mark.parametrize(
    ("changes", "facts", "sentence"),
    [
        ({}, {"now": at("2024-10-01")}, f"{TITLE} is to come on 16 October 2024 at 10:00."),
        (
            {},
            {},
            f"{TITLE} was to be on 16 October 2024 at 10:00, and nobody has said yet how it went.",
        ),
        (
            {"state": SessionState.HELD, "held_minutes": 55},
            {"recorded_by": "Bo Coach"},
            f"{TITLE} was held on 16 October 2024 at 10:00 and lasted 55 minutes; "
            "Bo Coach said so.",
        ),
        (
            {"state": SessionState.MISSED, "reason": SessionReason.STAFFING},
            {},
            f"{TITLE} did not take place on 16 October 2024 at 10:00, because the ward needed its "
            "people elsewhere.",
        ),
        (
            {"state": SessionState.CANCELLED, "reason": SessionReason.NO_WEEK_LEFT},
            {"cancelled_at": at("2024-10-10")},
            f"{TITLE} was cancelled on 10 October 2024, because there was no week left for it.",
        ),
        (
            {"starts_at": None, "reason": SessionReason.PAUSED},
            {},
            f"{TITLE} waits for a spare week, because of a pause; it has no day now.",
        ),
    ],
)
def test_a_session_tells_where_it_stands(
    changes: dict[str, object], facts: dict[str, object], sentence: str
) -> None:
    """X02: without blame."""
    given = {"now": NOW, **facts}
    told_of = SessionStory(a_session(**changes), TITLE, SPOKEN, **given)  # type: ignore[arg-type]
    assert why_session(told_of)[0] == sentence


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"next_at": DUE}, "The next step is due on 21 January at 09:05."),
        ({"next_at": None}, "The clock stands still."),
        ({"state": ObligationState.STUCK}, "it is stuck: a person has to decide"),
        (
            {"state": ObligationState.PROMISED, "promised_until": DUE},
            "and promised it until 21 January",
        ),
        ({"state": ObligationState.DONE, "closed_at": DUE}, "was done on 21 January by Dee."),
        ({"state": ObligationState.WAIVED, "closed_at": DUE}, "was let go on 21 January"),
        ({"state": ObligationState.CANCELLED}, "was no longer needed"),
    ],
)
def test_an_obligation_tells_where_it_stands(changes: dict[str, object], part: str) -> None:
    """X04: and who was asked."""
    told_of = ObligationStory(
        an_obligation().model_copy(update=changes),
        TITLE,
        "Bo Coach",
        SPOKEN,
        "Dee",
        asked=[("Bo Coach", DUE)],
    )
    sentences = why_obligation(told_of)
    assert part in sentences[0]
    assert sentences[1] == "Asked by mail so far: Bo Coach on 21 January."


@pytest.mark.parametrize("stage", list(STAGES))
def test_a_service_tells_where_it_stands_and_what_is_to_be_done(stage: Stage) -> None:
    course = Course(
        id="service/wider/SVC-16",
        kind=CourseKind.SERVICE,
        edition_id="wider",
        subject_id="SVC-16",
        stage=stage,
        opened_at=DUE,
    )
    stuck = an_obligation(ObligationKind.SLOT_CHOSEN, state=ObligationState.STUCK)
    sentences = why_service(
        ServiceStory(course, "Willow Ward (SVC-16)", "wider", SPOKEN, NOW, to_do=[stuck])
    )
    assert sentences[0].startswith(f"Willow Ward (SVC-16) {STAGES[stage]}")
    assert "somebody has still to choose the weekly slot" in sentences[1]


def test_every_code_has_its_words() -> None:
    assert set(TO_DO) == set(ObligationKind)
    assert set(BECAUSE) == set(SessionReason)
    assert set(MESSAGES) == set(MessageKind)
