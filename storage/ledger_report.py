"""The numbers of ``drumbeat ledger``: planned, open, ended, and what nothing explains."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.ledger import KindAccount, LedgerReport
from schemas.messages import MessageKind, MessageState
from storage import journal, ledger
from storage.overdue import overdue
from storage.restoring import last_restored, stopped
from storage.tables.ledger import MessageRow


def ledger_report(
    rows: Session, real_now: datetime, lease: timedelta, copies: Mapping[str, int]
) -> LedgerReport:
    """Account for every message of the installation.

    Args:
        rows: The database.
        real_now: The present.
        lease: How long a message may take past its next instant.
        copies: How many copies of each message the channel holds, by key; from the channel and
            never from the ledger's own word.

    """
    planned, counted = journal.planned_messages(rows), ledger.counts(rows)
    late = overdue(rows, real_now, lease)
    kinds = {kind.value for kind in MessageKind}
    accounts = {kind: _account(kind, planned, counted) for kind in sorted(kinds)}
    return LedgerReport(
        planned=sum(planned.values()),
        open=sum(one.open for one in accounts.values()),
        ended=_summed(accounts),
        unexplained=len(late.unexplained),
        duplicates=len(duplicates(rows, copies)),
        held=len(late.held),
        stopped=stopped(rows) is not None,
        by_kind={kind: one for kind, one in accounts.items() if one != KindAccount()},
    )


def duplicates(rows: Session, copies: Mapping[str, int]) -> tuple[str, ...]:
    """Return the keys of messages of which there are more copies than their kind promises (M08).

    Of a key that the ledger does not know, every copy is one too many; once a person has dealt with
    a database that was put back to an older copy, it is what went from the lost one.
    """
    kinds = _kinds(rows, copies)
    if last_restored(rows) is not None:
        copies = {key: count for key, count in copies.items() if key in kinds}
    return tuple(
        sorted(
            key
            for key, count in copies.items()
            if count > (kinds[key].copies_promised if key in kinds else 0)
        )
    )


def _kinds(rows: Session, copies: Mapping[str, int]) -> dict[str, MessageKind]:
    if not copies:
        return {}
    query = select(col(MessageRow.key), col(MessageRow.kind))
    return {key: kind for key, kind in rows.execute(query) if key in copies}


def _account(
    kind: str, planned: Mapping[str, int], counted: Mapping[tuple[str, str], int]
) -> KindAccount:
    states = {state: counted.get((kind, state.value), 0) for state in MessageState}
    return KindAccount(
        planned=planned.get(kind, 0),
        open=sum(count for state, count in states.items() if state.is_open),
        ended={
            state.value: count for state, count in states.items() if count and not state.is_open
        },
    )


def _summed(accounts: Mapping[str, KindAccount]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in accounts.values():
        total.update(one.ended)
    return {state.value: total[state.value] for state in MessageState if total[state.value]}
