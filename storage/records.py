"""How rows become records and records become rows; used by every noun's file."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from schemas.base import Record
from storage.statements import Statement

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
    """Return the one record with those values, if there is one."""
    found = find_all(rows, kind, table, (), equals)
    return found[0] if found else None


def find_all(
    rows: Session,
    kind: type[R],
    table: type[SQLModel],
    order: tuple[str, ...],
    equals: Mapping[str, object],
) -> tuple[R, ...]:
    """Return the records with those values, ordered by those columns; a list means any of it."""
    lists = tuple([name for name, value in equals.items() if isinstance(value, list)])
    statement = _selecting(table, tuple(equals), lists, order)
    names = statement.names
    return tuple([record(kind, names, row) for row in statement.ask(rows, equals)])


@cache
def _selecting(
    table: type[SQLModel], names: tuple[str, ...], lists: tuple[str, ...], order: tuple[str, ...]
) -> Statement:
    columns = _core(table).columns
    query = select(*columns)
    for name in names:
        listed = columns[name].in_(bindparam(name, expanding=True))
        query = query.where(listed if name in lists else columns[name] == bindparam(name))
    return Statement(query.order_by(*(columns[name] for name in order)))


def add(rows: Session, table: type[SQLModel], records: Iterable[Record]) -> None:
    """Insert the records; one that exists already is an error."""
    values = [record.model_dump() for record in records]
    if values:
        _inserting(table, tuple(values[0])).order_all(rows, values)


@cache
def _inserting(table: type[SQLModel], names: tuple[str, ...]) -> Statement:
    return Statement(insert(_core(table)).values({name: bindparam(name) for name in names}))


def add_new(rows: Session, table: type[SQLModel], records: Iterable[Record]) -> list[Any]:
    """Insert those records whose primary key is new, and return their first key column.

    The INSERT decides, so that two transactions cannot both add the same record.
    """
    values = [record.model_dump() for record in records]
    if not values:
        return []
    if rows.get_bind().dialect.name == "sqlite":
        statement = _inserting_new(table, tuple(values[0]))
        return [row[0] for one in values for row in statement.ask(rows, one)]
    inserting = postgresql.insert(_core(table)).on_conflict_do_nothing()
    return list(rows.execute(inserting.returning(_key(table)), values).scalars())


@cache
def _inserting_new(table: type[SQLModel], names: tuple[str, ...]) -> Statement:
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    inserting = sqlite.insert(_core(table)).values(values).on_conflict_do_nothing()
    return Statement(inserting.returning(_key(table)))


def save(rows: Session, table: type[SQLModel], record: Record) -> None:
    """Write every field of a record over the row with its primary key.

    Raises:
        LookupError: There is no such row.

    """
    keys = {f"key_{column.name}": column.name for column in _core(table).primary_key}
    values = record.model_dump()
    found = {named: values.pop(name) for named, name in keys.items()}
    if _updating(table, tuple(values)).order(rows, {**found, **values}) != 1:
        raise LookupError(f"no {table.__name__} to save under that key")


@cache
def _updating(table: type[SQLModel], names: tuple[str, ...]) -> Statement:
    core = _core(table)
    where = (column == bindparam(f"key_{column.name}") for column in core.primary_key)
    return Statement(update(core).where(*where).values({name: bindparam(name) for name in names}))


def _key(table: type[SQLModel]) -> Any:
    return next(iter(_core(table).primary_key))


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
    _set(made, "__dict__", dict(zip(names, values, strict=True)))
    _set(made, "__pydantic_fields_set__", known.copy())
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made


_set = object.__setattr__


@cache
def _fields(kind: type[Record], names: tuple[str, ...]) -> set[str] | None:
    """Return a record's fields where the columns are just these."""
    return set(names) if set(kind.model_fields) == set(names) else None
