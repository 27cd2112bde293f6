"""A database put back to an older copy: how it is noticed, and what was between it and now.

How far the database had come is known outside of it, to whoever dispatches; a copy that does not
bear it out is older than what was dispatched. The journal says of the installation that dispatch
has stopped for that, and that a person has dealt with it.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.courses import JournalEntry
from schemas.dispatch import DispatchMark
from schemas.ids import INSTALLATION
from schemas.messages import Message, MessageReason, MessageState
from storage import journal
from storage.dispatching import OPEN_STATES
from storage.records import every, find, find_all, record
from storage.statements import Statement
from storage.tables.ledger import JournalRow, MessageRow

STOPPED, RESTORED = "dispatch.stopped", "database.restored"
LOST, RECONCILED = "changes.lost", "course.reconciled"
SEAL_LENGTH = 16
LAST = 2**62
"""A number that no entry of the journal reaches."""


@dataclass(frozen=True)
class Restored:
    """A restore that a person has dealt with.

    Attributes:
        from_at: Programme time of the copy.
        to_at: Programme time until which the lost database was at work.
        at: Programme time at which that was said.
        request_id: Names it; to say it again changes nothing.
        unknown: Messages that nobody can say of whether they went.

    """

    from_at: datetime
    to_at: datetime
    at: datetime
    request_id: str
    unknown: int = 0

    def covers(self, due_at: datetime) -> bool:
        """Tell whether something that fell due then was done by the lost database, or may have."""
        return self.from_at <= due_at <= self.to_at


def newest_entry(rows: Session, before: int | None = None) -> JournalEntry | None:
    """Return the newest entry of the journal, or the newest before a number."""
    found = _NEWEST.ask(rows, {"before": LAST if before is None else before})
    return record(JournalEntry, _NEWEST.names, found[0]) if found else None


def seal_of(entry: JournalEntry) -> str:
    """Return what only this entry has: two timelines number theirs alike."""
    said = f"{entry.id} {entry.event} {entry.request_id} {entry.recorded_at.isoformat()}"
    return hashlib.sha256(said.encode()).hexdigest()[:SEAL_LENGTH]


def mark_of(rows: Session, at: datetime) -> DispatchMark:
    """Return how far the database has come; call it before anything else is written."""
    newest = newest_entry(rows)
    if newest is None or newest.id is None:
        return DispatchMark(at=at)
    return DispatchMark(at=at, entry=newest.id, seal=seal_of(newest))


def bears_out(rows: Session, mark: DispatchMark) -> bool:
    """Tell whether the database has come as far as it is known to have been."""
    if mark.entry:
        entry = find(rows, JournalEntry, JournalRow, {"id": mark.entry})
        if entry is None or seal_of(entry) != mark.seal:
            return False
    if mark.message:
        sent = find(rows, Message, MessageRow, {"key": mark.message})
        if sent is None:
            return False
        return not sent.state.is_open or (mark.unheard > 0 and sent.unheard >= mark.unheard)
    return True


def stopped(rows: Session) -> JournalEntry | None:
    """Return the entry that dispatch has stopped, unless a person has dealt with it since."""
    last = _last(rows, STOPPED, RESTORED)
    return last if last is not None and last.event == STOPPED else None


def last_restored(rows: Session) -> Restored | None:
    """Return the last restore that a person has dealt with."""
    entry = _last(rows, RESTORED)
    return None if entry is None else _restored(entry)


def restored_as(rows: Session, request_id: str) -> Restored | None:
    """Return a restore that was dealt with under a name."""
    entries = _of_installation(rows, (RESTORED,))
    return next((_restored(one) for one in entries if one.request_id == request_id), None)


def note_stopped(rows: Session, mark: DispatchMark, at: datetime) -> bool:
    """Write down that dispatch stops; return false where that stands there."""
    if stopped(rows) is not None:
        return False
    facts: dict[str, str | int] = {"entry": mark.entry, "known_at": mark.at.isoformat()}
    request_id = f"stop/{mark.entry}/{at.isoformat()}"
    journal.write(rows, [entry_of(STOPPED, "programme", at, request_id, facts)])
    return True


def note_restored(rows: Session, restored: Restored, actor: str, reason: str) -> None:
    """Write down that a person has dealt with a restore."""
    facts: dict[str, str | int] = {
        "from": restored.from_at.isoformat(),
        "to": restored.to_at.isoformat(),
        "unknown": restored.unknown,
    }
    entry = entry_of(RESTORED, actor, restored.at, restored.request_id, facts)
    journal.write(rows, [entry.model_copy(update={"reason": reason or None})])


def entry_of(
    event: str, actor: str, at: datetime, request_id: str, facts: dict[str, str | int]
) -> JournalEntry:
    """Return an entry about the installation."""
    return JournalEntry(
        course_id=INSTALLATION,
        edition_id="",
        event=event,
        subject=INSTALLATION,
        actor=actor,
        at=at,
        recorded_at=at,
        request_id=request_id,
        policy_version=0,
        facts=facts,
    )


def open_until(rows: Session, to_at: datetime) -> Counter[tuple[str, str]]:
    """Return how many messages, of each kind and state, are open that were due by an instant."""
    query = (
        select(col(MessageRow.kind), col(MessageRow.state), func.count())
        .where(*_open_until(to_at))
        .group_by(col(MessageRow.kind), col(MessageRow.state))
    )
    return Counter({(kind.value, state.value): n for kind, state, n in rows.execute(query)})


def end_open_until(rows: Session, to_at: datetime, at: datetime) -> int:
    """End as unknown what is open and was due by an instant: it may have gone from elsewhere."""
    statement = (
        update(MessageRow)
        .where(*_open_until(to_at))
        .values(
            state=MessageState.UNKNOWN,
            reason=MessageReason.DATABASE_RESTORED,
            ended_at=at,
            retry_at=None,
            lease_token=None,
            lease_until=None,
        )
    )
    return int(rows.execute(statement).rowcount)  # type: ignore[attr-defined]


def outrun(rows: Session) -> dict[str, JournalEntry]:
    """Return for each course what its workflow knows and the database does not, while it is so."""
    where = col(JournalRow.event).in_((LOST, RECONCILED))
    found: dict[str, JournalEntry] = {}
    for entry in every(rows, JournalEntry, JournalRow, where, order=[col(JournalRow.id)]):
        if entry.event == LOST:
            found[entry.course_id] = entry
        else:
            found.pop(entry.course_id, None)
    return found


def reconciled_since(rows: Session, at: datetime) -> dict[str, JournalEntry]:
    """Return for each course how it was put right at an instant or later."""
    where = [col(JournalRow.event) == RECONCILED, col(JournalRow.recorded_at) >= at]
    entries = every(rows, JournalEntry, JournalRow, *where, order=[col(JournalRow.id)])
    return {entry.course_id: entry for entry in entries}


def _open_until(to_at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (col(MessageRow.state).in_(OPEN_STATES), col(MessageRow.due_at) <= to_at)


def _of_installation(rows: Session, events: Sequence[str]) -> tuple[JournalEntry, ...]:
    about = {"course_id": INSTALLATION, "event": list(events)}
    return find_all(rows, JournalEntry, JournalRow, ("id",), about)[::-1]


def _last(rows: Session, *events: str) -> JournalEntry | None:
    return next(iter(_of_installation(rows, events)), None)


def _restored(entry: JournalEntry) -> Restored:
    return Restored(
        from_at=datetime.fromisoformat(str(entry.facts["from"])),
        to_at=datetime.fromisoformat(str(entry.facts["to"])),
        at=entry.recorded_at,
        request_id=entry.request_id,
        unknown=int(entry.facts["unknown"]),
    )


# Written once: every batch of the dispatcher asks it.
_ENTRIES = JournalRow.__table__  # type: ignore[attr-defined]
_NEWEST = Statement(
    select(*_ENTRIES.columns)
    .where(_ENTRIES.c.id < bindparam("before", type_=BigInteger()))
    .order_by(_ENTRIES.c.id.desc())
    .limit(1)
)
