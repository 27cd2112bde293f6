"""Statements that are carried out again and again, written once for both kinds of database.

What SQLAlchemy does around a statement takes ten times as long as SQLite's own answer, and a course
transaction carries out dozens. So on SQLite they go to the driver as they are, compiled once.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.sqlite.pysqlite import dialect as sqlite_dialect
from sqlalchemy.orm import Session
from sqlalchemy.types import JSON, TypeEngine

Values = Mapping[str, Any]
Change = Callable[[Any], Any]
"""Turns a value into what the driver takes, or back."""

DRIVER = "driver"
"""Where a session on SQLite keeps the driver's connection, whose transaction has begun."""
LENGTHS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
"""Of lists that a statement is kept for; the last value is repeated to make up the length."""
KNOWN = 1 << 16
"""How many values of one type of column are remembered as what they are changed to."""
_SQLITE = sqlite_dialect()


@dataclass(frozen=True)
class Compiled:
    """A statement as SQLite's driver takes it.

    Attributes:
        fixed: What stands for each question mark; none where it is given.
        given: Positions of what is given: its name and its change.
        listed: First positions of the lists that are given: name, length, and change.
        found: Positions of the columns that are changed on their way out.

    """

    sql: str
    fixed: tuple[Any, ...]
    given: tuple[tuple[int, str, Change | None], ...]
    listed: tuple[tuple[int, str, int, Change | None], ...]
    found: tuple[tuple[int, Change], ...]

    def parameters(self, values: Values) -> list[Any]:
        """Return what stands for the question marks, in their order."""
        parameters = list(self.fixed)
        for position, name, change in self.given:
            value = values[name]
            parameters[position] = value if change is None else change(value)
        for position, name, length, change in self.listed:
            listed = values[name] if change is None else [change(one) for one in values[name]]
            parameters[position : position + length] = [
                *listed,
                *listed[-1:] * (length - len(listed)),
            ]
        return parameters

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        """Return a row's values as the programme knows them."""
        values = list(row)
        for position, change in self.found:
            if values[position] is not None:
                values[position] = change(values[position])
        return values


class Statement:
    """A statement with named values; the value of one that is expanding is a list."""

    def __init__(self, core: Any) -> None:
        """Carry out ``core``, as SQLAlchemy writes it."""
        self._core = core
        self._compiled: dict[tuple[int | None, ...], Compiled] = {}
        returned = getattr(core, "exported_columns", ())
        self._types = tuple(column.type for column in returned)
        self.names = tuple(column.key for column in returned)

    def ask(self, rows: Session, values: Values) -> Sequence[Sequence[Any]]:
        """Return the rows that are found, each with its values in the order of ``names``."""
        rows.flush()
        compiled = self._prepared(rows, values)
        if compiled is not None:
            try:
                driver: sqlite3.Connection = rows.info[DRIVER]
                found = driver.execute(compiled.sql, compiled.parameters(values)).fetchall()
                return [compiled.read(row) for row in found]
            except (sqlite3.Error, ValueError):
                pass  # asked once more below, it fails in SQLAlchemy's words, as on PostgreSQL
        return rows.connection().execute(self._core, values).all()

    def order(self, rows: Session, values: Values) -> int:
        """Carry out a change, and return how many rows it changed; an INSERT may not tell."""
        rows.flush()
        compiled = self._prepared(rows, values)
        if compiled is not None:
            try:
                driver: sqlite3.Connection = rows.info[DRIVER]
                return driver.execute(compiled.sql, compiled.parameters(values)).rowcount
            except (sqlite3.Error, ValueError):
                pass
        return int(rows.connection().execute(self._core, values).rowcount)

    def order_all(self, rows: Session, each: Sequence[Values]) -> None:
        """Carry out a change once with each of the values, none of which is a list."""
        if DRIVER in rows.info:
            for values in each:
                self.order(rows, values)
        elif each:
            rows.flush()
            rows.connection().execute(self._core, each)

    def _prepared(self, rows: Session, values: Values) -> Compiled | None:
        """Return the statement for SQLite, with as many places as the lists are long."""
        if DRIVER not in rows.info:
            return None
        lengths = tuple([_made_up(len(one)) for one in values.values() if isinstance(one, list)])
        if None in lengths:
            return None
        found = self._compiled.get(lengths)
        if found is None:
            found = self._compiled[lengths] = self._compile(values)
        return found

    def _compile(self, values: Values) -> Compiled:
        made_up = {
            name: [None] * (_made_up(len(value)) or 0) if isinstance(value, list) else value
            for name, value in values.items()
        }
        compiled = self._core.compile(dialect=_SQLITE)
        expanded = compiled.construct_expanded_state(made_up)
        fixed: list[Any] = []
        given, listed = [], []
        for name in compiled.positiontup or ():
            position, bound = len(fixed), compiled.binds[name]
            change = _inwards(bound.type)
            if bound.expanding:
                known = made_up[name] if name in values else bound.effective_value or ()
                fixed += [one if change is None else change(one) for one in known]
                if name in values:
                    listed.append((position, name, len(known), change))
            elif name in values:
                fixed.append(None)
                given.append((position, name, change))
            else:
                value = bound.effective_value
                fixed.append(value if change is None else change(value))
        found = tuple((i, c) for i, c in enumerate(map(_outwards, self._types)) if c is not None)
        return Compiled(expanded.statement, tuple(fixed), tuple(given), tuple(listed), found)


def unindexed(column: Any) -> Any:
    """Return a column as a condition that no index serves, beside one that is far sharper.

    Without statistics SQLite takes every index for equally sharp, and would look through all
    messages that wait instead of for the three whose keys are given.
    """
    return func.coalesce(column, column)


@cache
def _made_up(length: int) -> int | None:
    """Return the length that a list gets; none where that is too long."""
    return next((one for one in LENGTHS if length <= one), None)


@cache
def _inwards(kind: TypeEngine[Any]) -> Change | None:
    return _remembered(kind, kind.dialect_impl(_SQLITE).bind_processor(_SQLITE))


@cache
def _outwards(kind: TypeEngine[Any]) -> Change | None:
    return _remembered(kind, kind.dialect_impl(_SQLITE).result_processor(_SQLITE, None))


def _remembered(kind: TypeEngine[Any], change: Change | None) -> Change | None:
    """Let a change be remembered; not that of a document, which its reader may change."""
    if change is None or isinstance(kind, JSON):
        return change
    return lru_cache(KNOWN)(change)
