"""The ledger: messages are planned, superseded and revived here; the dispatcher hands them over."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, func, literal, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.letters import Topic
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from storage.records import add_new, every, find
from storage.statements import Statement, unindexed
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


def supersede(rows: Session, subject: str, reason: MessageReason, at: datetime) -> int:
    """End what waits about a subject, because something newer takes its place (M05)."""
    end = _end(MessageState.SUPERSEDED, reason, at)
    return _ABOUT_SUBJECT.order(rows, {"the_subject": subject, **end})


def end_course(rows: Session, course_id: str, reason: MessageReason, at: datetime) -> int:
    """Suppress all that still waits for a course, calendar cancellations apart."""
    end = _end(MessageState.SUPPRESSED, reason, at)
    return _OF_ENDED_COURSE.order(rows, {"the_course": course_id, **end})


def withdraw_course(rows: Session, course_id: str, at: datetime) -> int:
    """Suppress all that waits for a course that leaves, notices too (X13); revive it on its return.

    Calendar cancellations still go.
    """
    end = _end(MessageState.SUPPRESSED, MessageReason.WITHDRAWN, at)
    return _OF_LEAVING_COURSE.order(rows, {"the_course": course_id, **end})


def take_back(rows: Session, subject: str, topics: Sequence[str], at: datetime) -> int:
    """Supersede notices about a subject that wait and are no longer true."""
    about = {"the_subject": subject, "the_topics": list(topics)}
    return _NOTICES.order(rows, {**about, **_nothing_to_say(at)})


def take_out(rows: Session, subject: str, person_id: str, at: datetime) -> int:
    """Supersede what waits about a subject for a person whom it concerns no longer."""
    about = {"the_subject": subject, "the_person": person_id}
    return _FOR_PERSON.order(rows, {**about, **_nothing_to_say(at)})


def spare(rows: Session, subject: str, person_id: str, at: datetime) -> int:
    """Supersede cancellations that wait for a person whom a session concerns once more."""
    about = {"the_subject": subject, "the_person": person_id}
    return _CANCELLATIONS.order(rows, {**about, **_nothing_to_say(at)})


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


def _end(state: MessageState, reason: MessageReason, at: datetime) -> dict[str, object]:
    return {"the_state": state, "the_reason": reason, "at": at}


def _nothing_to_say(at: datetime) -> dict[str, object]:
    return _end(MessageState.SUPERSEDED, MessageReason.NOTHING_TO_SAY, at)


def _ending(*where: ColumnElement[bool]) -> Statement:
    """End waiting messages; one that is being handed over stays and is followed by a correction.

    Nobody can say that one did not go which may have arrived: it ends as unknown.
    """
    columns = _LEDGER.columns
    maybe_gone = columns.unheard > 0

    def unless_gone(name: str, unknown: object) -> Any:
        kind = columns[name].type
        wanted = bindparam(f"the_{name}", type_=kind)
        return case((maybe_gone, literal(unknown, kind)), else_=wanted)

    ended = {
        "state": unless_gone("state", MessageState.UNKNOWN),
        "reason": unless_gone("reason", MessageReason.OUTCOME_NOT_KNOWN),
        "ended_at": bindparam("at", type_=columns.ended_at.type),
        "retry_at": None,
    }
    waits = unindexed(columns.state) == MessageState.WAITING
    return Statement(update(_LEDGER).where(*where, waits).values(**ended))


_SUBJECT = col(MessageRow.subject) == bindparam("the_subject")
_PERSON = col(MessageRow.person_id) == bindparam("the_person")
_COURSE = (
    col(MessageRow.course_id) == bindparam("the_course"),
    # A digest may carry reminders of other courses and is judged by them.
    col(MessageRow.topic) != Topic.BUNDLE,
)
_KIND = col(MessageRow.kind)
_ABOUT_SUBJECT = _ending(_SUBJECT)
_OF_ENDED_COURSE = _ending(*_COURSE, _KIND.not_in([MessageKind.CANCELLATION, MessageKind.NOTICE]))
_OF_LEAVING_COURSE = _ending(*_COURSE, _KIND != MessageKind.CANCELLATION)
_NOTICES = _ending(
    _SUBJECT,
    _KIND == MessageKind.NOTICE,
    col(MessageRow.topic).in_(bindparam("the_topics", expanding=True)),
)
_FOR_PERSON = _ending(_SUBJECT, _PERSON)
_CANCELLATIONS = _ending(_SUBJECT, _PERSON, _KIND == MessageKind.CANCELLATION)
