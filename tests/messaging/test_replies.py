"""What each class of reply means, without a server."""

import pytest

from messaging.channel import Cause, Outcome, Result
from messaging.replies import Phase, lost, outcome_of

REFUSED_ADDRESS = (Result.REFUSED, Cause.BAD_ADDRESS)
SENDER = (Result.NOT_SENT, Cause.SENDER_FAULT)
LATER = (Result.NOT_SENT, Cause.TEMPORARY)
SLOWER = (Result.NOT_SENT, Cause.SLOW_DOWN)
REFUSED = (Result.REFUSED, Cause.NONE)


@pytest.mark.parametrize(
    ("phase", "code", "text", "expected"),
    [
        (Phase.RCPT, 550, "5.1.1 unknown", REFUSED_ADDRESS),
        (Phase.RCPT, 550, "5.1.10 null mx", REFUSED_ADDRESS),
        (Phase.RCPT, 550, "5.2.1 mailbox disabled", REFUSED_ADDRESS),
        (Phase.RCPT, 550, "5.0.0 unknown", REFUSED_ADDRESS),
        (Phase.RCPT, 551, "user not local", REFUSED_ADDRESS),
        (Phase.RCPT, 553, "name not allowed", REFUSED_ADDRESS),
        (Phase.DATA, 550, "5.1.1 unknown after all", REFUSED_ADDRESS),
        (Phase.RCPT, 552, "5.2.2 mailbox full", LATER),
        (Phase.RCPT, 554, "5.4.4 no route", LATER),
        (Phase.DATA, 550, "5.4.4 no route", LATER),
        (Phase.RCPT, 450, "4.2.0 greylisted", LATER),
        (Phase.DATA, 452, "4.3.1 full", LATER),
        (Phase.MAIL, 451, "4.3.0 local error", SLOWER),
        (Phase.RCPT, 421, "closing", SLOWER),
        (Phase.RCPT, 550, "5.7.1 not allowed to relay", SENDER),
        (Phase.DATA, 554, "5.7.26 unauthenticated mail", SENDER),
        (Phase.MAIL, 553, "5.1.8 sender's domain", SENDER),
        (Phase.RCPT, 550, "5.1.7 sender's address", SENDER),
        (Phase.MAIL, 550, "no", SENDER),
        (Phase.RCPT, 530, "log in first", SENDER),
        (Phase.LOGIN, 535, "5.7.8 wrong password", SENDER),
        (Phase.CONNECT, 554, "no service here", SENDER),
        (Phase.MAIL, 552, "5.3.4 too big", REFUSED),
        (Phase.DATA, 552, "5.3.4 too big", REFUSED),
        (Phase.DATA, 550, "do not like it", REFUSED),
        (Phase.RCPT, 554, "5.5.0 odd", REFUSED),
    ],
)
def test_a_reply_is_told_by_its_phase_and_codes(
    phase: Phase, code: int, text: str, expected: tuple[Result, Cause]
) -> None:
    """M11: only what is the address's own fault marks it as bad."""
    outcome = outcome_of(phase, code, text)
    assert (outcome.result, outcome.cause) == expected
    assert outcome.code == code


@pytest.mark.parametrize("code", [250, 251, 252])
def test_any_positive_end_of_data_is_accepted(code: int) -> None:
    assert outcome_of(Phase.DATA, code, "").result is Result.ACCEPTED


@pytest.mark.parametrize("phase", list(Phase))
def test_nonsense_and_silence_are_unknown_from_data_on_and_free_before(phase: Phase) -> None:
    expected = Result.UNKNOWN if phase is Phase.DATA else Result.NOT_SENT
    assert outcome_of(phase, -1, "HTTP/1.1 400").result is expected
    assert lost(phase, Cause.DEADLINE) == Outcome(expected, None, Cause.DEADLINE)


def test_an_enhanced_code_in_the_middle_of_a_text_does_not_count() -> None:
    assert outcome_of(Phase.RCPT, 550, "see section 5.7.1").cause is Cause.BAD_ADDRESS
