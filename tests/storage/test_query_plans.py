"""What SQLite looks through to find a few messages by their keys or subjects."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.dialects.sqlite.pysqlite import dialect

from storage import circumstances, dispatching, ledger
from storage.statements import Statement

ALL_IN_ONE_STATE = "INDEX ix_message_state_due_at (state=?)"
FEW_ARE_HANDED_OVER = {"_ANY_EXPIRED", "_EXPIRED"}


def statements() -> dict[str, Statement]:
    modules = (circumstances, dispatching, ledger)
    found = {name: one for module in modules for name, one in vars(module).items()}
    return {name: one for name, one in found.items() if isinstance(one, Statement)}


def sql_of(statement: Statement) -> str:
    """Return a statement as SQLite is asked it, each list that it is given three values long."""
    binds = statement._core.compile(dialect=dialect()).binds
    given = {name: ["a", "b", "c"] if one.expanding else None for name, one in binds.items()}
    wanted = {name: value for name, value in given.items() if binds[name].required}
    return statement._compile(wanted).sql


@pytest.mark.parametrize("name", sorted(statements().keys() - FEW_ARE_HANDED_OVER))
def test_no_statement_looks_through_all_that_waits(sqlite_template: Path, name: str) -> None:
    """Each commit of the dispatcher would otherwise cost more the more is planned."""
    sql = sql_of(statements()[name])
    with closing(sqlite3.connect(sqlite_template)) as driver:
        found = driver.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?"))
        plan = [row[3] for row in found]
    assert plan
    assert not [step for step in plan if step.endswith(ALL_IN_ONE_STATE)]
