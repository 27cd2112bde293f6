"""Messages that nothing explains: open, and past the instant at which something should happen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.messages import MailMode, Message, MessageKind, MessageState
from storage.dispatching import CALENDAR_KINDS, OPEN_STATES
from storage.installation import Installation, installation
from storage.records import every
from storage.restoring import stopped
from storage.tables.ledger import MessageRow


@dataclass(frozen=True)
class Overdue:
    """Open messages that are past their next instant.

    Attributes:
        unexplained: Longer than a lease, with nothing that they wait for.
        held: Due, and waiting only because mail is held (M19), or because nothing is handed over
            from a database that is an older copy.

    """

    unexplained: tuple[Message, ...] = ()
    held: tuple[Message, ...] = ()


def overdue(rows: Session, real_now: datetime, lease: timedelta) -> Overdue:
    """Return the open messages of which something should have been heard.

    Args:
        rows: The database.
        real_now: The present.
        lease: How long a message may take past its next instant (due, retry, the breaker's
            reopening, or the end of its hand-over's lease).

    """
    installed = installation(rows)
    limit = real_now - lease
    stuck = _handed_over_until(rows, limit)
    if stopped(rows) is not None:
        return Overdue((), (*stuck, *_waiting_since(rows, installed, real_now)))
    if not _goes(installed):
        return Overdue(stuck, _waiting_since(rows, installed, real_now))
    if _rests_until(installed, real_now) > limit:
        return Overdue(stuck)
    waiting = _waiting_since(rows, installed, limit)
    return Overdue((*stuck, *_waiting_for_nothing(rows, waiting)))


def _goes(installed: Installation) -> bool:
    redirected = installed.mail_mode is MailMode.REDIRECT and installed.redirect_to is not None
    return redirected or installed.mail_mode is MailMode.LIVE


def _rests_until(installed: Installation, real_now: datetime) -> datetime:
    """Return when the line reopens; long ago where it does not rest."""
    reopens_at = installed.breaker.get("reopens_at")
    if isinstance(reopens_at, str):
        return datetime.fromisoformat(reopens_at)
    return real_now - timedelta(days=1)


def _handed_over_until(rows: Session, limit: datetime) -> tuple[Message, ...]:
    state = col(MessageRow.state) == MessageState.HANDING_OVER
    return every(rows, Message, MessageRow, state, col(MessageRow.lease_until) < limit)


def _waiting_since(rows: Session, installed: Installation, limit: datetime) -> tuple[Message, ...]:
    return every(
        rows,
        Message,
        MessageRow,
        col(MessageRow.state) == MessageState.WAITING,
        col(MessageRow.due_at) < installed.clock.programme_time(limit),
        or_(col(MessageRow.retry_at).is_(None), col(MessageRow.retry_at) < limit),
        order=[col(MessageRow.due_at), col(MessageRow.key)],
    )


def _waiting_for_nothing(rows: Session, waiting: Iterable[Message]) -> tuple[Message, ...]:
    """Return messages without those that wait for an earlier calendar message of their session.

    Whatever keeps the first of such a row waiting explains the others.
    """
    found = tuple(waiting)
    keys = {one.key for one in found}
    return tuple(one for one in found if not one.kind.is_calendar or _before(rows, one) <= keys)


def _before(rows: Session, message: Message) -> set[str]:
    """Return the keys of the open messages that a calendar message has to wait for."""
    earlier = col(MessageRow.sequence) < message.sequence
    if message.kind is MessageKind.CANCELLATION:
        same = col(MessageRow.sequence) == message.sequence
        earlier = or_(earlier, and_(same, col(MessageRow.kind) != MessageKind.CANCELLATION))
    return {
        one.key
        for one in every(
            rows,
            Message,
            MessageRow,
            col(MessageRow.subject) == message.subject,
            col(MessageRow.person_id) == message.person_id,
            col(MessageRow.kind).in_(CALENDAR_KINDS),
            col(MessageRow.state).in_(OPEN_STATES),
            earlier,
        )
    }
