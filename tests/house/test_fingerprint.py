"""Nobody changes what a workflow commands without meaning to."""

import ast
import difflib
from pathlib import Path

import pytest

from tests.house.fingerprint import Reader, fingerprints, kept

WHAT_TO_DO = """
{name} commands something else than before:

{difference}

A workflow that is under way replays its history through the new code. Where that commands something
else, or in another order, the workflow stands still until the old code is back. So:

1. Where workflows like this one may be running anywhere, let those go on as before: put what is new
   under `if workflow.patched("2026-11-some-name")`, and what was there under `else`.
   A new handler or a new step disturbs nobody: then go on with 2.
2. Record how it goes now, beside what is recorded: python -m tests.replay.record
   Never write a recorded history anew that was released: it is what may be running.
3. Then keep the new fingerprint: python -m tests.house.fingerprint
"""


@pytest.mark.parametrize("name", sorted({*fingerprints(), *kept()}))
def test_a_workflow_commands_what_it_did(name: str) -> None:
    before, now = kept().get(name, []), fingerprints().get(name, [])
    difference = "\n".join(difflib.unified_diff(before, now, "before", "now", lineterm="", n=1))

    assert before == now, WHAT_TO_DO.format(name=name, difference=difference)


def lines_of(source: str) -> list[str]:
    reader = Reader()
    reader.visit(ast.parse(source))
    return reader.lines


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("await workflow.sleep(LATER, summary='x')", [": sleep(LATER)"]),
        ("workflow.logger.info('a.done')", []),
        (
            "async def run():\n  await workflow.execute_activity_method(A.do, a, **options())",
            ["run: execute_activity_method(A.do)"],
        ),
        (
            "class W:\n  @workflow.signal\n  def go(self, one: Go): pass",
            ["W: workflow.signal go(Go)"],
        ),
        ("S = {Step.CHASE: A.chase, **MORE}", [": Step.CHASE: A.chase"]),
        (
            "def f():\n  a.signal('b')\n  workflow.continue_as_new(start)",
            ["f: signal('b')", "f: continue_as_new(start)"],
        ),
    ],
)
def test_a_fingerprint_is_what_a_history_depends_on(source: str, said: list[str]) -> None:
    assert lines_of(source) == said


def test_a_file_without_commands_has_none() -> None:
    assert "__init__.py" not in fingerprints()
    assert "course.py" in fingerprints()
    assert Path(__file__).with_name("fingerprints.json").exists()
