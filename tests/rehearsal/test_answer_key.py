from datetime import UTC, datetime

import pytest

from rehearsal.answer_key import FACTS, Checked, check
from rehearsal.sample.expectations import CASES, expectations
from rehearsal.script import ExpectationLine
from schemas.obligations import ObligationKind
from schemas.sessions import SessionState
from storage.database import Database
from storage.sessions import save_session, session
from tests.databases import on_sqlite
from tests.rehearsal.stage import add_session, add_task, open_service

BEFORE = datetime(2024, 10, 22, 8, 5, tzinfo=UTC)
AFTER = datetime(2024, 10, 29, 9, 5, tzinfo=UTC)


def expect(fact: str, expected: str, subject: str = "SVC-16") -> ExpectationLine:
    return ExpectationLine(
        case="a case", subject=subject, fact=fact, expected=expected, because="R13: a story"
    )


@on_sqlite
@pytest.mark.parametrize(
    ("fact", "found"),
    [
        ("stage", "coaching"),
        ("because", ""),
        ("sessions:delivery:held", "1"),
        ("sessions:delivery:all", "2"),
        ("sessions between:2024-10-23:2024-10-29", "1"),
        ("held since:2024-10-23", "0"),
        ("held since:2024-10-22", "1"),
        ("days:delivery", "2024-10-22 2024-10-29"),
        ("local times:delivery", "09:05"),
        ("moves:delivery", "0"),
        ("state:delivery/1", "held"),
        ("sequence:delivery/2", "0"),
        ("state:delivery/3", ""),
        ("obligations:commitments:open", "1"),
        ("obligations:commitments:done", "0"),
        ("tasks about lead:bad_address:all", "0"),
        ("journal:service.withdrew", "0"),
        ("messages:*:all", "0"),
        ("messages to lead:accepted", "0"),
        ("places:taken", "0"),
        ("interests", "0"),
        ("selections", "0"),
        ("executive courses", "0"),
        ("coach", ""),
        ("sponsor:2024-10-22", ""),
        ("organisation:2024-10-22", ""),
        ("with:DC-01:2024-10-22:2024-10-29", "2"),
        ("reminded:delivery/1", ""),
        ("due:2024-10-22T0905:4:failed", "0"),
    ],
)
def test_each_fact_is_read_from_the_database(database: Database, fact: str, found: str) -> None:
    """C11: the local time of day is the same before and after the clocks change."""
    open_service(database)
    first = add_session(database, 1, BEFORE)
    add_session(database, 2, AFTER)
    add_task(database, ObligationKind.COMMITMENTS, BEFORE)
    with database.transaction() as rows:
        held = session(rows, first)
        assert held is not None
        save_session(rows, held.model_copy(update={"state": SessionState.HELD}))
    (checked,) = check(database, "wider", [expect(fact, found)])
    assert checked.found == found
    assert checked.holds


def test_an_expectation_may_give_a_bound() -> None:
    assert Checked(expect("stage", ">=2"), "2").holds
    assert not Checked(expect("stage", ">=2"), "1").holds
    assert Checked(expect("stage", "<=2"), "2").holds
    assert not Checked(expect("stage", "2"), "3").holds


def test_what_did_not_come_out_is_a_sentence() -> None:
    checked = Checked(expect("stage", "withdrawn"), "coaching")
    assert str(checked) == (
        "a case: stage of SVC-16 must be withdrawn and is coaching (R13: a story)"
    )


@on_sqlite
def test_a_fact_that_nobody_can_read_is_told(database: Database) -> None:
    open_service(database)
    for fact in ("colour", "sessions:delivery", "state"):
        with pytest.raises(LookupError):
            check(database, "wider", [expect(fact, "red")])


@on_sqlite
def test_every_fact_of_the_sample_can_be_read(database: Database) -> None:
    open_service(database)
    names = {line.fact.split(":")[0] for line in expectations()}
    assert names <= set(FACTS)
    readable = [line for line in expectations() if not line.fact.startswith(("state", "sequence"))]
    assert len(check(database, "wider", readable)) == len(readable)
    assert len({case for case, *_ in CASES}) == len(CASES)
