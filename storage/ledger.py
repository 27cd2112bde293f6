"""The ledger: messages are planned, superseded and revived here; the dispatcher hands them over."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.letters import Topic
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from storage.records import add_new, every, find
from storage.tables.ledger import MessageRow

CALENDAR_KINDS = [kind for kind in MessageKind if kind.is_calendar]
_LEDGER = MessageRow.__table__  # type: ignore[attr-defined]


def plan(rows: Session, messages: Iterable[Message]) -> Counter[str]:
    """Write messages that a change calls for; return how many of each kind are new (M08)."""
    wanted = {message.key: message for message in messages}
    # In the order of their keys, so that two who plan the same never wait for each other.
    added = add_new(rows, MessageRow, [wanted[key] for key in sorted(wanted)])
    return Counter(wanted[key].kind.value for key in added)


def message(rows: Session, key: str) -> Message | None:
    """Return a message."""
    return find(rows, Message, MessageRow, {"key": key})


def messages_about(
    rows: Session, subject: str, person_id: str | None = None
) -> tuple[Message, ...]:
    """Return the messages about a subject, in the order in which they fall due."""
    where = [col(MessageRow.subject) == subject]
    if person_id is not None:
        where.append(col(MessageRow.person_id) == person_id)
    return every(
        rows, Message, MessageRow, *where, order=[col(MessageRow.due_at), col(MessageRow.key)]
    )


def end_waiting(
    rows: Session,
    where: Sequence[ColumnElement[bool]],
    state: MessageState,
    reason: MessageReason,
    at: datetime,
) -> int:
    """End waiting messages; one that is being handed over stays and is followed by a correction.

    Nobody can say that one did not go which may have arrived: it ends as unknown.
    """
    waits = [*where, col(MessageRow.state) == MessageState.WAITING]
    maybe_gone = [*waits, col(MessageRow.unheard) > 0]
    unknown = (MessageState.UNKNOWN, MessageReason.OUTCOME_NOT_KNOWN)
    return _end(rows, maybe_gone, *unknown, at) + _end(rows, waits, state, reason, at)


def _end(
    rows: Session,
    where: Sequence[ColumnElement[bool]],
    state: MessageState,
    reason: MessageReason,
    at: datetime,
) -> int:
    ended = {"state": state, "reason": reason, "ended_at": at, "retry_at": None}
    rows.flush()
    return int(rows.connection().execute(update(_LEDGER).where(*where).values(**ended)).rowcount)


def supersede(rows: Session, subject: str, reason: MessageReason, at: datetime) -> int:
    """End what waits about a subject, because something newer takes its place (M05)."""
    about = [col(MessageRow.subject) == subject]
    return end_waiting(rows, about, MessageState.SUPERSEDED, reason, at)


def end_course(rows: Session, course_id: str, reason: MessageReason, at: datetime) -> int:
    """Suppress all that still waits for a course, calendar cancellations apart."""
    about = [
        *_of_course(course_id),
        col(MessageRow.kind).not_in([MessageKind.CANCELLATION, MessageKind.NOTICE]),
    ]
    return end_waiting(rows, about, MessageState.SUPPRESSED, reason, at)


def withdraw_course(rows: Session, course_id: str, at: datetime) -> int:
    """Suppress all that waits for a course that leaves, notices too (X13); revive it on its return.

    Calendar cancellations still go.
    """
    about = [*_of_course(course_id), col(MessageRow.kind) != MessageKind.CANCELLATION]
    return end_waiting(rows, about, MessageState.SUPPRESSED, MessageReason.WITHDRAWN, at)


def take_back(rows: Session, subject: str, topics: Sequence[str], at: datetime) -> int:
    """Supersede notices about a subject that wait and are no longer true."""
    about = [
        col(MessageRow.subject) == subject,
        col(MessageRow.kind) == MessageKind.NOTICE,
        col(MessageRow.topic).in_(topics),
    ]
    return end_waiting(rows, about, MessageState.SUPERSEDED, MessageReason.NOTHING_TO_SAY, at)


def take_out(rows: Session, subject: str, person_id: str, at: datetime) -> int:
    """Supersede what waits about a subject for a person whom it concerns no longer."""
    about = [col(MessageRow.subject) == subject, col(MessageRow.person_id) == person_id]
    return end_waiting(rows, about, MessageState.SUPERSEDED, MessageReason.NOTHING_TO_SAY, at)


def spare(rows: Session, subject: str, person_id: str, at: datetime) -> int:
    """Supersede cancellations that wait for a person whom a session concerns once more."""
    about = [
        col(MessageRow.subject) == subject,
        col(MessageRow.person_id) == person_id,
        col(MessageRow.kind) == MessageKind.CANCELLATION,
    ]
    return end_waiting(rows, about, MessageState.SUPERSEDED, MessageReason.NOTHING_TO_SAY, at)


def highest_sequence(rows: Session, subject: str, person_id: str | None = None) -> int:
    """Return the highest SEQUENCE of what was ever planned for calendars; -1: nothing was (M17)."""
    query = select(func.max(col(MessageRow.sequence))).where(
        col(MessageRow.subject) == subject, col(MessageRow.kind).in_(CALENDAR_KINDS)
    )
    if person_id is not None:
        query = query.where(col(MessageRow.person_id) == person_id)
    found = rows.connection().execute(query).scalar()
    return -1 if found is None else int(found)


def bring_back(rows: Session, subject: str, person_id: str) -> int:
    """Let messages wait again for a person whom a subject concerns once more."""
    about = [
        col(MessageRow.subject) == subject,
        col(MessageRow.person_id) == person_id,
        col(MessageRow.kind) != MessageKind.CANCELLATION,
        col(MessageRow.reason) == MessageReason.NOTHING_TO_SAY,
    ]
    return revive(rows, about)


def _of_course(course_id: str) -> list[ColumnElement[bool]]:
    """Match a course's messages; a digest may carry others' reminders and is judged by them."""
    return [col(MessageRow.course_id) == course_id, col(MessageRow.topic) != Topic.BUNDLE]


def revive(rows: Session, where: Sequence[ColumnElement[bool]]) -> int:
    """Let messages wait again that ended without ever being handed over."""
    statement = (
        update(_LEDGER)
        .where(
            *where,
            col(MessageRow.unheard) == 0,  # tried and surely not taken counts as never handed over
            col(MessageRow.state).in_([MessageState.SUPERSEDED, MessageState.SUPPRESSED]),
        )
        .values(state=MessageState.WAITING, reason=None, ended_at=None)
    )
    rows.flush()
    return int(rows.connection().execute(statement).rowcount)


def revive_course(rows: Session, course_id: str, reason: MessageReason) -> int:
    """Let a course's messages wait again that ended for a reason which no longer holds."""
    about = [col(MessageRow.course_id) == course_id, col(MessageRow.reason) == reason]
    return revive(rows, about)


def revive_taken_back(rows: Session, keys: Sequence[str]) -> int:
    """Let notices wait again that were taken back and are true again."""
    again = [
        col(MessageRow.key).in_(keys),
        col(MessageRow.reason) == MessageReason.NOTHING_TO_SAY,
    ]
    return revive(rows, again)


def revive_about(rows: Session, subject: str, reason: MessageReason) -> int:
    """Let messages about a subject wait again that ended for a reason which no longer holds."""
    about = [col(MessageRow.subject) == subject, col(MessageRow.reason) == reason]
    return revive(rows, about)


def counts(rows: Session) -> Counter[tuple[str, str]]:
    """Return how many messages there are of each kind and state."""
    query = select(col(MessageRow.kind), col(MessageRow.state), func.count()).group_by(
        col(MessageRow.kind), col(MessageRow.state)
    )
    return Counter({(kind.value, state.value): n for kind, state, n in rows.execute(query)})
