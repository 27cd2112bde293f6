"""Operations on many courses, and their items."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from pydantic import TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from schemas.absences import SessionChange
from schemas.operations import ItemState, Operation, OperationItem
from storage.records import add, add_new, every, find, find_all, save
from storage.tables.operations import OperationItemRow, OperationRow

_CHANGES = TypeAdapter(tuple[SessionChange, ...])


def add_operation(rows: Rows, new: Operation, items: Iterable[OperationItem]) -> bool:
    """Write an operation with its items; return false where it is known already."""
    if not add_new(rows, OperationRow, [new]):
        return False
    add(rows, OperationItemRow, items)
    return True


def operation(rows: Rows, operation_id: str) -> Operation | None:
    """Return an operation."""
    return find(rows, Operation, OperationRow, {"id": operation_id})


def operations_of(rows: Rows, edition_id: str) -> tuple[Operation, ...]:
    """Return an edition's operations, the latest first."""
    where = col(OperationRow.edition_id) == edition_id
    order = [col(OperationRow.recorded_at).desc(), col(OperationRow.id)]
    return every(rows, Operation, OperationRow, where, order=order)


def operation_ids(rows: Rows) -> tuple[str, ...]:
    """Return the ids of all operations."""
    return tuple(rows.execute(select(col(OperationRow.id)).order_by(OperationRow.id)).scalars())


def undone_by(rows: Rows, operation_id: str) -> tuple[Operation, ...]:
    """Return the operations that take one back, earliest first."""
    where = col(OperationRow.undoes) == operation_id
    order = [col(OperationRow.recorded_at), col(OperationRow.id)]
    return every(rows, Operation, OperationRow, where, order=order)


def items_of(rows: Rows, operation_id: str) -> tuple[OperationItem, ...]:
    """Return the items of an operation, in their order."""
    about = {"operation_id": operation_id}
    return find_all(rows, OperationItem, OperationItemRow, ("number",), about)


def changes_of(item: OperationItem) -> tuple[SessionChange, ...]:
    """Return what an item of an absence changes; nothing where it is about something else."""
    return _CHANGES.validate_python(item.wish.get("changes", ()))


def save_operation(rows: Rows, changed: Operation) -> None:
    """Write a changed operation."""
    save(rows, OperationRow, changed)


def save_item(rows: Rows, changed: OperationItem) -> None:
    """Write what came of an item."""
    save(rows, OperationItemRow, changed)


def progress(rows: Rows, operation_ids: Iterable[str]) -> Mapping[str, Counter[ItemState]]:
    """Return how many items of each operation are in each state."""
    query = (
        select(col(OperationItemRow.operation_id), col(OperationItemRow.state), func.count())
        .where(col(OperationItemRow.operation_id).in_(list(operation_ids)))
        .group_by(col(OperationItemRow.operation_id), col(OperationItemRow.state))
    )
    found: defaultdict[str, Counter[ItemState]] = defaultdict(Counter)
    for operation_id, state, count in rows.execute(query):
        found[operation_id][state] = count
    return found
