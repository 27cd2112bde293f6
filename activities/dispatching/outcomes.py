"""What follows for a message from the outcome of its hand-over: pure, one rule for each case."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from activities.dispatching.moments import Moment
from messaging.breaker import retry_delay
from messaging.channel import Cause, Outcome, Result
from schemas.messages import Message, MessageReason, MessageState

Values = dict[str, object]
"""Columns of the ledger's row and what they become."""


@dataclass(frozen=True)
class Delivered:
    """A hand-over that has ended.

    Attributes:
        message: As it was claimed, the hand-over counted.
        token: Of the lease that it was done under.
        outcome: None where it was not begun: its turn came too late in the lease.
        addressee_id: Whose address it went to; none while mail is redirected.
        looked_back: Whether nothing was handed over, only asked what became of the last time.

    """

    message: Message
    token: str
    outcome: Outcome | None
    addressee_id: str | None = None
    looked_back: bool = False


@dataclass(frozen=True)
class GivingUp:
    """When a message that no server takes is given up.

    Attributes:
        after: Real time since its first hand-over; none: never.
        rest_until: Real time until which the whole channel rests, if it does.

    """

    after: timedelta | None = None
    rest_until: datetime | None = None


def consequence(delivered: Delivered, moment: Moment, giving_up: GivingUp) -> Values:
    """Return what is written of a message once its hand-over has ended (M11)."""
    message, outcome = delivered.message, delivered.outcome
    if outcome is None:
        return _not_begun(message, moment.real_now)
    if outcome.result is Result.ACCEPTED:
        return _ended(MessageState.ACCEPTED, None, moment)
    if outcome.result is Result.REFUSED:
        bad = outcome.cause is Cause.BAD_ADDRESS
        reason = MessageReason.BAD_ADDRESS if bad else MessageReason.REFUSED_BY_SERVER
        return _ended(MessageState.REFUSED, reason, moment)
    if outcome.result is Result.UNKNOWN:
        # Whoever looks back has waited for a lease to run out, which is long enough.
        wait = timedelta() if delivered.looked_back else retry_delay(1)
        return _unheard_of(message, moment, moment.real_now + wait)
    if outcome.cause is Cause.SENDER_FAULT:
        rest_until = giving_up.rest_until or moment.real_now + retry_delay(1)
        return _not_begun(message, rest_until)
    return _try_again(message, moment, giving_up)


def _unheard_of(message: Message, moment: Moment, retry_at: datetime) -> Values:
    """Return what is written where nobody knows what became of a hand-over.

    A message that may go once is not sent again; another is sent again once, the same bytes.
    """
    unheard = message.unheard + 1
    if unheard >= message.kind.copies_promised:
        ended = _ended(MessageState.UNKNOWN, MessageReason.OUTCOME_NOT_KNOWN, moment)
        return {**ended, "unheard": unheard}
    return {"state": MessageState.WAITING, "unheard": unheard, "retry_at": retry_at}


def is_kept(delivered: Delivered) -> bool:
    """Tell whether nothing was sent, so that the message may be kept for another try."""
    return delivered.outcome is not None and delivered.outcome.result is Result.NOT_SENT


def address_is_bad(delivered: Delivered) -> bool:
    """Tell whether the hand-over showed that mail to the address does not arrive."""
    outcome = delivered.outcome
    return outcome is not None and outcome.cause is Cause.BAD_ADDRESS


def _not_begun(message: Message, retry_at: datetime) -> Values:
    """Let a message wait as if it had not been taken up; nothing can have been sent."""
    again = {
        "state": MessageState.WAITING,
        "attempt": message.attempt - 1,
        "retry_at": retry_at,
    }
    return again if message.attempt > 1 else {**again, "first_tried_at": None}


def _try_again(message: Message, moment: Moment, giving_up: GivingUp) -> Values:
    """Back off, as long as another try can still be of use."""
    retry_at = moment.real_now + retry_delay(message.attempt)
    latest = message.useful_until
    late = latest is not None and moment.clock.programme_time(retry_at) >= latest
    may_end = latest is None or not message.kind.at_most_once
    first_at = message.first_tried_at or moment.real_now
    given_up = may_end and giving_up.after is not None and retry_at >= first_at + giving_up.after
    if not late and not given_up:
        return {"state": MessageState.WAITING, "retry_at": retry_at}
    if message.unheard:
        return _ended(MessageState.UNKNOWN, MessageReason.OUTCOME_NOT_KNOWN, moment)
    once = message.kind.at_most_once
    state = MessageState.TOO_LATE if once else MessageState.FAILED
    return _ended(state, MessageReason.NO_SERVER_TOOK_IT, moment)


def _ended(state: MessageState, reason: MessageReason | None, moment: Moment) -> Values:
    return {"state": state, "reason": reason, "ended_at": moment.at, "retry_at": None}
