"""The ledger as the dispatcher sees it: what is due, whose hand-over it is, what became of it.

Instants of the programme decide what is due; leases, retries and the order of copies run in real
time. Rows that another dispatcher holds are passed over.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from schemas.messages import Message, MessageKind, MessageState
from storage.records import record
from storage.statements import Statement, unindexed
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
    return bool(_ANY_DUE.ask(rows, {"at": at, "real_now": real_now}))


def anything_expired(rows: Session, real_now: datetime) -> bool:
    """Tell whether a hand-over has outlived its lease."""
    return bool(_ANY_EXPIRED.ask(rows, {"real_now": real_now}))


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


def claim(rows: Session, keys: Iterable[str], lease: Lease, real_now: datetime) -> None:
    """Take waiting messages under a lease, to be handed over; what ended meanwhile stays so."""
    values = {"token": lease.token, "until": lease.until, "real_now": real_now}
    _CLAIM.order(rows, {"keys": list(keys), **values})


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
        begun.update(row[0] for row in _BEGIN.ask(rows, {"keys": keys, "token": token}))
    return begun


def give_back(rows: Session, keys: Iterable[str]) -> None:
    """Let messages wait as if they had not been claimed: their hand-overs never began."""
    if given := list(keys):
        _GIVE_BACK.order(rows, {"keys": given})


def renew(rows: Session, keys: Iterable[str], lease: Lease) -> None:
    """Put messages whose lease ran out under a new one, to find out what became of them."""
    if lost := list(keys):
        _RENEW.order(rows, {"keys": lost, "token": lease.token, "until": lease.until})


def settle(rows: Session, settlements: Iterable[Settlement]) -> set[str]:
    """Write what became of hand-overs; return the keys of those whose lease still held.

    Whoever lost the lease meanwhile writes nothing: another has taken the message over.
    """
    alike: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
    for one in settlements:
        alike[one.token, tuple(sorted(one.values.items()))].append(one.key)
    written: set[str] = set()
    for (token, values), keys in alike.items():
        statement = _settling(tuple(name for name, _ in values))
        asked = {"keys": keys, "token": token, **{f"new_{name}": to for name, to in values}}
        written.update(row[0] for row in statement.ask(rows, asked))
    return written


@cache
def _settling(names: tuple[str, ...]) -> Statement:
    return Statement(
        update(_LEDGER)
        .where(*_HELD)
        .values(
            **{name: bindparam(f"new_{name}", type_=_LEDGER.c[name].type) for name in names},
            lease_token=None,
            lease_until=None,
        )
        .returning(_LEDGER.c.key)
    )


def write_waiting(rows: Session, keys: Iterable[str], values: Mapping[str, object]) -> None:
    """Change messages that wait: their state, or when they go."""
    asked = {f"new_{name}": value for name, value in values.items()}
    _writing(tuple(values)).order(rows, {"keys": list(keys), **asked})


@cache
def _writing(names: tuple[str, ...]) -> Statement:
    values = {name: bindparam(f"new_{name}", type_=_LEDGER.c[name].type) for name in names}
    return Statement(update(_LEDGER).where(_THESE, _WAITING).values(**values))


def contents(rows: Session, keys: Iterable[str]) -> dict[str, bytes]:
    """Return the bytes of those messages that were composed before."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    return {row[0]: row[1] for row in _CONTENTS.ask(rows, {"keys": wanted})}


def keep_contents(rows: Session, composed: Mapping[str, bytes], at: datetime) -> None:
    """Keep the bytes of messages; those of an earlier hand-over that surely failed are replaced."""
    if not composed:
        return
    statement = _keeping(rows.get_bind().dialect.name)
    values = [
        {"key": key, "content": content, "composed_at": at} for key, content in composed.items()
    ]
    statement.order_all(rows, values)


@cache
def _keeping(dialect: str) -> Statement:
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    names = ("key", "content", "composed_at")
    statement = build(MessageContentRow).values({name: bindparam(name) for name in names})
    excluded = statement.excluded
    replaced = {"content": excluded.content, "composed_at": excluded.composed_at}
    return Statement(statement.on_conflict_do_update(index_elements=["key"], set_=replaced))


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


def _read(rows: Session, statement: Statement, **values: object) -> tuple[Message, ...]:
    found, names = statement.ask(rows, values), statement.names
    return tuple([record(Message, names, row) for row in found])


# Written once: the dispatcher asks them several times a second.
_REAL_NOW = bindparam("real_now", type_=Instant())
_THESE = _LEDGER.c.key.in_(bindparam("keys", expanding=True))
_WAITING = unindexed(_LEDGER.c.state) == MessageState.WAITING
_HANDING_OVER = unindexed(_LEDGER.c.state) == MessageState.HANDING_OVER
_HELD = (_THESE, _HANDING_OVER, _LEDGER.c.lease_token == bindparam("token"))
_LEASED = {
    "lease_token": bindparam("token"),
    "lease_until": bindparam("until", type_=Instant()),
}
_CLAIM = Statement(
    update(_LEDGER)
    .where(_THESE, _WAITING)
    .values(
        **_LEASED,
        state=MessageState.HANDING_OVER,
        attempt=_LEDGER.c.attempt + 1,
        begun=False,
        retry_at=None,
        first_tried_at=func.coalesce(_LEDGER.c.first_tried_at, _REAL_NOW),
    )
)
_BEGIN = Statement(update(_LEDGER).where(*_HELD).values(begun=True).returning(_LEDGER.c.key))
_GIVE_BACK = Statement(
    update(_LEDGER)
    .where(_THESE, _HANDING_OVER)
    .values(
        state=MessageState.WAITING,
        attempt=_LEDGER.c.attempt - 1,
        first_tried_at=case((_LEDGER.c.attempt > 1, _LEDGER.c.first_tried_at), else_=None),
        lease_token=None,
        lease_until=None,
    )
)
_RENEW = Statement(update(_LEDGER).where(_THESE, _HANDING_OVER).values(**_LEASED))
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
_ANY_DUE = Statement(select(col(MessageRow.key)).where(*_IS_DUE).limit(1))
_ANY_EXPIRED = Statement(select(col(MessageRow.key)).where(*_HAS_EXPIRED).limit(1))
_CONTENTS = Statement(
    select(col(MessageContentRow.key), col(MessageContentRow.content)).where(
        col(MessageContentRow.key).in_(bindparam("keys", expanding=True))
    )
)
_MESSAGES = select(*_LEDGER.columns)
_LONGEST_DUE_FIRST = (
    _MESSAGES.where(*_IS_DUE)
    .order_by(col(MessageRow.due_at), col(MessageRow.key))
    .with_for_update(skip_locked=True)
)
_DUE = Statement(_LONGEST_DUE_FIRST.limit(bindparam("limit", type_=Integer())))
_DUE_REMINDERS = Statement(
    _LONGEST_DUE_FIRST.where(
        col(MessageRow.kind) == MessageKind.REMINDER,
        col(MessageRow.person_id).in_(bindparam("people", expanding=True)),
    )
)
_EXPIRED = Statement(
    _MESSAGES.where(*_HAS_EXPIRED)
    .order_by(col(MessageRow.lease_until), col(MessageRow.key))
    .limit(bindparam("limit", type_=Integer()))
    .with_for_update(skip_locked=True)
)
