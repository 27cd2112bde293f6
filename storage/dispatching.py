"""The ledger as the dispatcher sees it: what is due, whose hand-over it is, what became of it.

Instants of the programme decide what is due; leases, retries and the order of copies run in real
time. Rows that another dispatcher holds are passed over.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from schemas.messages import Message, MessageKind, MessageState
from storage.tables.columns import Instant
from storage.tables.ledger import MessageContentRow, MessageRow

CALENDAR_KINDS = [kind for kind in MessageKind if kind.is_calendar]
OPEN_STATES = [state for state in MessageState if state.is_open]
_LEDGER = MessageRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Lease:
    """The right to hand messages over until an instant of real time; the token names it."""

    token: str
    until: datetime


@dataclass(frozen=True)
class Settlement:
    """What is written of a message whose hand-over has ended, by whoever holds its lease."""

    key: str
    token: str
    values: Mapping[str, object]


def anything_due(rows: Session, at: datetime, real_now: datetime) -> bool:
    """Tell whether a message may be taken up."""
    return rows.connection().execute(_ANY_DUE, {"at": at, "real_now": real_now}).first() is not None


def anything_expired(rows: Session, real_now: datetime) -> bool:
    """Tell whether a hand-over has outlived its lease."""
    return rows.connection().execute(_ANY_EXPIRED, {"real_now": real_now}).first() is not None


def due(rows: Session, at: datetime, real_now: datetime, limit: int) -> tuple[Message, ...]:
    """Return messages that may be taken up, the longest due first, and hold their rows.

    A calendar message is left out while an earlier one of its session for the same person is open.
    """
    return _read(rows, _DUE, at=at, real_now=real_now, limit=limit)


def due_reminders(
    rows: Session, people: Iterable[str], at: datetime, real_now: datetime
) -> tuple[Message, ...]:
    """Return all due reminders of some people, the longest due first, and hold their rows."""
    return _read(rows, _DUE_REMINDERS, at=at, real_now=real_now, people=sorted(set(people)))


def expired(rows: Session, real_now: datetime, limit: int) -> tuple[Message, ...]:
    """Return messages whose hand-over outlived its lease, and hold their rows."""
    return _read(rows, _EXPIRED, real_now=real_now, limit=limit)


def claim(rows: Session, keys: Sequence[str], lease: Lease, real_now: datetime) -> None:
    """Take waiting messages under a lease, to be handed over; what ended meanwhile stays so."""
    waits = col(MessageRow.state) == MessageState.WAITING
    _update(
        rows,
        [col(MessageRow.key).in_(keys), waits],
        state=MessageState.HANDING_OVER,
        attempt=col(MessageRow.attempt) + 1,
        begun=False,
        lease_token=lease.token,
        lease_until=lease.until,
        retry_at=None,
        first_tried_at=_first(col(MessageRow.first_tried_at), real_now),
    )


def begin(rows: Session, claimed: Iterable[tuple[str, str]]) -> set[str]:
    """Write that hand-overs begin, and return the keys of those whose lease still holds.

    Args:
        rows: The database.
        claimed: Keys with the tokens of their leases.

    """
    by_token: defaultdict[str, list[str]] = defaultdict(list)
    for key, token in claimed:
        by_token[token].append(key)
    begun: set[str] = set()
    for token, keys in by_token.items():
        statement = update(_LEDGER).where(*_held_under(keys, token)).values(begun=True)
        begun.update(rows.connection().execute(statement.returning(_LEDGER.c.key)).scalars())
    return begun


def give_back(rows: Session, keys: Sequence[str]) -> None:
    """Let messages wait as if they had not been claimed: their hand-overs never began."""
    if not keys:
        return
    attempts = col(MessageRow.attempt)
    _update(
        rows,
        [col(MessageRow.key).in_(keys), col(MessageRow.state) == MessageState.HANDING_OVER],
        state=MessageState.WAITING,
        attempt=attempts - 1,
        first_tried_at=case((attempts > 1, col(MessageRow.first_tried_at)), else_=None),
        lease_token=None,
        lease_until=None,
    )


def renew(rows: Session, keys: Sequence[str], lease: Lease) -> None:
    """Put messages whose lease ran out under a new one, to find out what became of them."""
    if not keys:
        return
    lost = col(MessageRow.state) == MessageState.HANDING_OVER
    _update(
        rows,
        [col(MessageRow.key).in_(keys), lost],
        lease_token=lease.token,
        lease_until=lease.until,
    )


def settle(rows: Session, settlements: Iterable[Settlement]) -> set[str]:
    """Write what became of hand-overs; return the keys of those whose lease still held.

    Whoever lost the lease meanwhile writes nothing: another has taken the message over.
    """
    alike: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
    for one in settlements:
        alike[one.token, tuple(sorted(one.values.items()))].append(one.key)
    written: set[str] = set()
    for (token, values), keys in alike.items():
        statement = (
            update(_LEDGER)
            .where(*_held_under(keys, token))
            .values(**dict(values), lease_token=None, lease_until=None)
            .returning(_LEDGER.c.key)
        )
        written.update(rows.connection().execute(statement).scalars())
    return written


def write_waiting(rows: Session, keys: Sequence[str], values: Mapping[str, object]) -> None:
    """Change messages that wait: their state, or when they go."""
    waits = col(MessageRow.state) == MessageState.WAITING
    _update(rows, [col(MessageRow.key).in_(keys), waits], **values)


def contents(rows: Session, keys: Iterable[str]) -> dict[str, bytes]:
    """Return the bytes of those messages that were composed before."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    query = select(col(MessageContentRow.key), col(MessageContentRow.content))
    query = query.where(col(MessageContentRow.key).in_(wanted))
    return {row.key: row.content for row in rows.execute(query)}


def keep_contents(rows: Session, composed: Mapping[str, bytes], at: datetime) -> None:
    """Keep the bytes of messages; those of an earlier hand-over that surely failed are replaced."""
    if not composed:
        return
    build = postgresql.insert if rows.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = build(MessageContentRow)
    statement = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "content": statement.excluded.content,
            "composed_at": statement.excluded.composed_at,
        },
    )
    values = [
        {"key": key, "content": content, "composed_at": at} for key, content in composed.items()
    ]
    rows.execute(statement, values)


def _earlier_open() -> ColumnElement[bool]:
    """Match a calendar message that has to wait for one before it (M17).

    Of one sequence, the cancellation comes after what it cancels.
    """
    other = aliased(MessageRow)
    return exists().where(
        col(other.subject) == col(MessageRow.subject),
        col(other.person_id) == col(MessageRow.person_id),
        col(other.kind).in_(CALENDAR_KINDS),
        col(other.state).in_(OPEN_STATES),
        or_(
            col(other.sequence) < col(MessageRow.sequence),
            and_(
                col(other.sequence) == col(MessageRow.sequence),
                col(MessageRow.kind) == MessageKind.CANCELLATION,
                col(other.kind) != MessageKind.CANCELLATION,
            ),
        ),
    )


def _held_under(keys: Sequence[str], token: str) -> list[ColumnElement[bool]]:
    handing_over: ColumnElement[bool] = _LEDGER.c.state == MessageState.HANDING_OVER
    return [_LEDGER.c.key.in_(keys), _LEDGER.c.lease_token == token, handing_over]


def _first(column: Any, value: datetime) -> Any:
    return func.coalesce(column, literal(value, column.type))


def _read(rows: Session, query: Any, **values: object) -> tuple[Message, ...]:
    found = rows.connection().execute(query, values).mappings()
    return tuple(Message.model_construct(**row) for row in found)


def _update(rows: Session, where: Sequence[ColumnElement[bool]], **values: object) -> None:
    rows.connection().execute(update(_LEDGER).where(*where).values(**values))


# Written once: the dispatcher asks them several times a second.
_REAL_NOW = bindparam("real_now", type_=Instant())
_IS_DUE = [
    col(MessageRow.state) == MessageState.WAITING,
    col(MessageRow.due_at) <= bindparam("at", type_=Instant()),
    or_(col(MessageRow.retry_at).is_(None), col(MessageRow.retry_at) <= _REAL_NOW),
    or_(col(MessageRow.kind).not_in(CALENDAR_KINDS), ~_earlier_open()),
]
_HAS_EXPIRED = [
    col(MessageRow.state) == MessageState.HANDING_OVER,
    col(MessageRow.lease_until) < _REAL_NOW,
]
_ANY_DUE = select(col(MessageRow.key)).where(*_IS_DUE).limit(1)
_ANY_EXPIRED = select(col(MessageRow.key)).where(*_HAS_EXPIRED).limit(1)
_MESSAGES = select(*_LEDGER.columns)
_LONGEST_DUE_FIRST = (
    _MESSAGES.where(*_IS_DUE)
    .order_by(col(MessageRow.due_at), col(MessageRow.key))
    .with_for_update(skip_locked=True)
)
_DUE = _LONGEST_DUE_FIRST.limit(bindparam("limit", type_=Integer()))
_DUE_REMINDERS = _LONGEST_DUE_FIRST.where(
    col(MessageRow.kind) == MessageKind.REMINDER,
    col(MessageRow.person_id).in_(bindparam("people", expanding=True)),
)
_EXPIRED = (
    _MESSAGES.where(*_HAS_EXPIRED)
    .order_by(col(MessageRow.lease_until), col(MessageRow.key))
    .limit(bindparam("limit", type_=Integer()))
    .with_for_update(skip_locked=True)
)
