"""Messages of the ledger, one line each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from schemas.base import Record
from schemas.messages import MessageKind, MessageReason, MessageState
from storage.tables.ledger import MessageContentRow, MessageRow
from storage.tables.people import PersonRow


class MessageLine(Record):
    """One message.

    Attributes:
        subject: Session, obligation or course that it is about.
        person: Name of the recipient.

    """

    key: str
    kind: MessageKind
    topic: str
    subject: str
    person_id: str
    person: str
    due_at: datetime
    state: MessageState
    reason: MessageReason | None
    ended_at: datetime | None


@dataclass(frozen=True)
class WantedMessages:
    """Which messages are listed; what is empty or none leaves nothing out.

    Attributes:
        about: Id of a session, obligation or course, or of a person.
        from_at: Due then or later.
        until_at: Due earlier.

    """

    edition_id: str | None = None
    about: str | None = None
    states: Collection[MessageState] = ()
    kinds: Collection[MessageKind] = ()
    from_at: datetime | None = None
    until_at: datetime | None = None
    limit: int = 50


def messages_listed(rows: Rows, wanted: WantedMessages) -> tuple[MessageLine, ...]:
    """Return messages, the latest due first."""
    query = (
        select(MessageRow, col(PersonRow.name))
        .join(PersonRow, col(PersonRow.id) == col(MessageRow.person_id))
        .where(*_conditions(wanted))
        .order_by(col(MessageRow.due_at).desc(), col(MessageRow.key))
        .limit(wanted.limit)
    )
    fields = set(MessageLine.model_fields)
    return tuple(
        MessageLine(**row.model_dump(include=fields), person=name)
        for row, name in rows.execute(query)
    )


def message_counts(rows: Rows, wanted: WantedMessages) -> dict[str, dict[str, int]]:
    """Return how many of the messages wanted there are of each kind and state."""
    query = (
        select(col(MessageRow.kind), col(MessageRow.state), func.count())
        .where(*_conditions(wanted))
        .group_by(col(MessageRow.kind), col(MessageRow.state))
        .order_by(col(MessageRow.kind), col(MessageRow.state))
    )
    found: dict[str, dict[str, int]] = {}
    for kind, state, count in rows.execute(query):
        found.setdefault(kind.value, {})[state.value] = count
    return found


def stored_content(rows: Rows, key: str) -> bytes | None:
    """Return the bytes of a message as they were first made; none before that."""
    return rows.execute(
        select(col(MessageContentRow.content)).where(col(MessageContentRow.key) == key)
    ).scalar_one_or_none()


def _conditions(wanted: WantedMessages) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.edition_id is not None:
        conditions.append(col(MessageRow.edition_id) == wanted.edition_id)
    if wanted.about is not None:
        conditions.append(
            (col(MessageRow.subject) == wanted.about)
            | (col(MessageRow.course_id) == wanted.about)
            | (col(MessageRow.person_id) == wanted.about)
        )
    if wanted.states:
        conditions.append(col(MessageRow.state).in_(list(wanted.states)))
    if wanted.kinds:
        conditions.append(col(MessageRow.kind).in_(list(wanted.kinds)))
    if wanted.from_at is not None:
        conditions.append(col(MessageRow.due_at) >= wanted.from_at)
    if wanted.until_at is not None:
        conditions.append(col(MessageRow.due_at) < wanted.until_at)
    return conditions
