"""How rows become records and records become rows; used by every noun's file."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Insert,
    Select,
    Update,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from schemas.base import Record

R = TypeVar("R", bound=Record)


def first(
    rows: Session, kind: type[R], table: type[SQLModel], *where: ColumnElement[bool]
) -> R | None:
    """Return the one record that matches, if there is one."""
    rows.flush()
    found = _records(kind, rows.connection().execute(_columns(table).where(*where).limit(1)))
    return found[0] if found else None


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
    rows.flush()
    return _records(kind, rows.connection().execute(query))


def find(
    rows: Session, kind: type[R], table: type[SQLModel], equals: Mapping[str, object]
) -> R | None:
    """Return the one record with those values, if there is one.

    Like ``find_all`` it keeps its statement: most of what a course transaction costs is asking
    the same few questions again, and building a statement takes longer than SQLite's answer.
    """
    found = _records(kind, _asked(rows, table, (), equals))
    return found[0] if found else None


def find_all(
    rows: Session,
    kind: type[R],
    table: type[SQLModel],
    order: tuple[str, ...],
    equals: Mapping[str, object],
) -> tuple[R, ...]:
    """Return the records with those values, ordered by those columns; a list means any of it."""
    return _records(kind, _asked(rows, table, order, equals))


def _asked(
    rows: Session, table: type[SQLModel], order: tuple[str, ...], equals: Mapping[str, object]
) -> CursorResult[Any]:
    rows.flush()
    lists = tuple(name for name, value in equals.items() if isinstance(value, list))
    statement = _selecting(table, tuple(equals), lists, order)
    return rows.connection().execute(statement, equals)


@cache
def _selecting(
    table: type[SQLModel], names: tuple[str, ...], lists: tuple[str, ...], order: tuple[str, ...]
) -> Select[Any]:
    columns = _core(table).columns
    query = select(*columns)
    for name in names:
        listed = columns[name].in_(bindparam(name, expanding=True))
        query = query.where(listed if name in lists else columns[name] == bindparam(name))
    return query.order_by(*(columns[name] for name in order))


def add(rows: Session, table: type[SQLModel], records: Iterable[Record]) -> None:
    """Insert the records in one statement; one that exists already is an error."""
    values = [record.model_dump() for record in records]
    if values:
        rows.flush()
        rows.connection().execute(_inserting(table), values)


@cache
def _inserting(table: type[SQLModel]) -> Insert:
    return insert(_core(table))


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
    keys = {f"key_{column.name}": column.name for column in _core(table).primary_key}
    values = record.model_dump()
    found = {named: values.pop(name) for named, name in keys.items()}
    statement = _updating(table, tuple(values))
    if rows.connection().execute(statement, {**found, **values}).rowcount != 1:
        raise LookupError(f"no {table.__name__} to save under that key")


@cache
def _updating(table: type[SQLModel], names: tuple[str, ...]) -> Update:
    core = _core(table)
    where = (column == bindparam(f"key_{column.name}") for column in core.primary_key)
    return update(core).where(*where).values({name: bindparam(name) for name in names})


def _core(table: type[SQLModel]) -> Any:
    return table.__table__  # type: ignore[attr-defined]


def _columns(table: type[SQLModel]) -> Any:
    return select(*_core(table).columns)


def _records(kind: type[R], found: CursorResult[Any]) -> tuple[R, ...]:
    """Make records of rows; what the tables hold was checked on its way in."""
    names = tuple(found.keys())
    return tuple(record(kind, names, row) for row in found)


def record(kind: type[R], names: tuple[str, ...], values: Sequence[Any]) -> R:
    """Make a record of a row whose columns are its fields, by their names.

    Reading 26 sessions is much of a course transaction, and pydantic's own way of making what
    needs no check takes three times as long.
    """
    known = _fields(kind, names)
    if known is None:
        return cast("R", kind.model_construct(**dict(zip(names, values, strict=True))))
    made = kind.__new__(kind)
    object.__setattr__(made, "__dict__", dict(zip(names, values, strict=True)))
    object.__setattr__(made, "__pydantic_fields_set__", set(known))
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_private__", None)
    return made


@cache
def _fields(kind: type[Record], names: tuple[str, ...]) -> frozenset[str] | None:
    """Return a record's fields where the columns are just these."""
    return frozenset(names) if set(kind.model_fields) == set(names) else None
