"""How rows become records and records become rows; used by every noun's file."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from schemas.base import Record

R = TypeVar("R", bound=Record)


def first(
    rows: Session, kind: type[R], table: type[SQLModel], *where: ColumnElement[bool]
) -> R | None:
    """Return the one record that matches, if there is one."""
    row = rows.execute(_columns(table).where(*where).limit(1)).mappings().first()
    return None if row is None else _record(kind, row)


def every(
    rows: Session,
    kind: type[R],
    table: type[SQLModel],
    *where: ColumnElement[bool],
    order: Sequence[Any] = (),
    limit: int | None = None,
) -> tuple[R, ...]:
    """Return the records that match, in ``order``."""
    query = _columns(table).where(*where).order_by(*order)
    if limit is not None:
        query = query.limit(limit)
    return tuple(_record(kind, row) for row in rows.execute(query).mappings())


def add(rows: Session, table: type[SQLModel], records: Iterable[Record]) -> None:
    """Insert the records in one statement; one that exists already is an error."""
    values = [record.model_dump() for record in records]
    if values:
        rows.execute(insert(table), values)


def add_new(rows: Session, table: type[SQLModel], records: Iterable[Record]) -> list[Any]:
    """Insert those records whose primary key is new, and return their first key column.

    One INSERT decides, so that two transactions cannot both add the same record.
    """
    values = [record.model_dump() for record in records]
    if not values:
        return []
    build = postgresql.insert if rows.get_bind().dialect.name == "postgresql" else sqlite.insert
    key = next(iter(_core(table).primary_key))
    statement = build(_core(table)).on_conflict_do_nothing().returning(key)
    return list(rows.execute(statement, values).scalars())


def save(rows: Session, table: type[SQLModel], record: Record) -> None:
    """Write every field of a record over the row with its primary key.

    Raises:
        LookupError: There is no such row.

    """
    values = record.model_dump()
    core = _core(table)
    where = [column == values.pop(column.name) for column in core.primary_key]
    if rows.execute(update(core).where(*where).values(**values)).rowcount != 1:  # type: ignore[attr-defined]
        raise LookupError(f"no {core.name} to save under that key")


def _core(table: type[SQLModel]) -> Any:
    return table.__table__  # type: ignore[attr-defined]


def _columns(table: type[SQLModel]) -> Any:
    return select(*_core(table).columns)


def _record(kind: type[R], row: Mapping[Any, Any]) -> R:
    # What the tables hold was checked on its way in; reading 26 sessions must not check it again.
    return cast("R", kind.model_construct(**row))
