"""What a mail server's reply means: pure, so that each class of reply is one line of a test."""

import re
from enum import IntEnum

from messaging.channel import Cause, Outcome, Result


class Phase(IntEnum):
    """How far a hand-over has come; from ``DATA`` on the message may have been taken."""

    CONNECT = 0
    LOGIN = 1
    MAIL = 2
    RCPT = 3
    DATA = 4


_ENHANCED = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")

# Mailbox unavailable, user not local, mailbox name not allowed: replies to RCPT without more.
_ADDRESS_CODES = {550, 551, 553}

_SENDER_DETAILS = {(1, 7), (1, 8)}
"""Bad sender's mailbox, bad sender's system: X.1.x, but not the recipient's fault."""

_PASSING_DETAILS = {(4, 4), (2, 2)}
"""No route, and mailbox full: permanent by their class, and yet they pass."""


def outcome_of(phase: Phase, code: int, text: str) -> Outcome:
    """Return what a reply in ``phase`` means for the message (delivery rules M11).

    A permanent reply that is about us and not about the message (login, sender, policy) leaves the
    message unsent, so that it can go once we have put that right.
    """
    if 200 <= code < 300 and phase is Phase.DATA:
        return Outcome(Result.ACCEPTED, code)
    if 400 <= code < 500:
        return Outcome(Result.NOT_SENT, code, _passing_cause(code))
    if 500 <= code < 600:
        return _permanent(phase, code, _detail(text))
    if phase is Phase.DATA:
        return Outcome(Result.UNKNOWN, None, Cause.DISCONNECTED)
    return Outcome(Result.NOT_SENT, None, Cause.TEMPORARY)


def lost(phase: Phase, cause: Cause) -> Outcome:
    """Return what the end of a conversation without a reply means."""
    return Outcome(Result.UNKNOWN if phase is Phase.DATA else Result.NOT_SENT, None, cause)


def _passing_cause(code: int) -> Cause:
    return Cause.SLOW_DOWN if code in {421, 451} else Cause.TEMPORARY


def _permanent(phase: Phase, code: int, detail: tuple[int, int]) -> Outcome:
    if detail in _PASSING_DETAILS:
        return Outcome(Result.NOT_SENT, code, Cause.TEMPORARY)
    if phase < Phase.MAIL or detail[0] == 7 or detail in _SENDER_DETAILS or code in {530, 535}:
        return Outcome(Result.NOT_SENT, code, Cause.SENDER_FAULT)
    if phase is Phase.MAIL and detail[0] != 3:
        return Outcome(Result.NOT_SENT, code, Cause.SENDER_FAULT)
    if detail[0] == 1 or detail == (2, 1):
        return Outcome(Result.REFUSED, code, Cause.BAD_ADDRESS)
    if phase is Phase.RCPT and detail[0] == 0 and code in _ADDRESS_CODES:
        return Outcome(Result.REFUSED, code, Cause.BAD_ADDRESS)
    return Outcome(Result.REFUSED, code)


def _detail(text: str) -> tuple[int, int]:
    """Return subject and detail of an enhanced status code (RFC 3463), or zeros."""
    found = _ENHANCED.match(text)
    return (int(found[2]), int(found[3])) if found else (0, 0)
