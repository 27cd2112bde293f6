"""When the dispatcher next has something to do; a rehearsal skips the time between."""

from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.clock import ProgrammeClock
from schemas.messages import MessageState
from storage.statements import Statement
from storage.tables.columns import Instant
from storage.tables.ledger import MessageRow

_WAITS = col(MessageRow.state) == MessageState.WAITING
_DUE_AT, _RETRY_AT = col(MessageRow.due_at), col(MessageRow.retry_at)
_AT = bindparam("at", type_=Instant())
_NEXT_DUE = Statement(select(func.min(_DUE_AT)).where(_WAITS, _DUE_AT > _AT))
_NEXT_RETRY = Statement(
    select(func.min(_RETRY_AT)).where(
        _WAITS, _DUE_AT <= _AT, bindparam("real_now", type_=Instant()) < _RETRY_AT
    )
)


def next_due_at(rows: Session, at: datetime, clock: ProgrammeClock) -> datetime | None:
    """Return the first programme time after ``at`` at which a message falls due or is retried."""
    due = _NEXT_DUE.ask(rows, {"at": at})[0][0]
    asked = {"at": at, "real_now": clock.real_time(at)}
    retried = _NEXT_RETRY.ask(rows, asked)[0][0]
    found = [] if due is None else [due]
    if retried is not None:
        found.append(clock.programme_time(retried))
    return min(found, default=None)
