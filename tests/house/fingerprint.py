"""What each workflow commands, in the order of its source: its fingerprint.

    python -m tests.house.fingerprint

writes the fingerprints of the present workflows to ``fingerprints.json``. The test beside this file
says when that may be done.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import ROOT, parsed

BASELINE = Path(__file__).with_name("fingerprints.json")
COMMANDS = {
    "answer",  # the course transaction that a person's command is
    "continue_as_new",
    "deprecate_patch",
    "execute_activity",
    "execute_activity_method",
    "execute_child_workflow",
    "execute_local_activity",
    "execute_local_activity_method",
    "patched",
    "signal",
    "sleep",
    "start_activity",
    "start_activity_method",
    "start_child_workflow",
    "start_local_activity",
    "start_local_activity_method",
    "upsert_memo",
    "upsert_search_attributes",
    "wait_condition",
}
HANDLERS = {"person_asks", "workflow.query", "workflow.signal", "workflow.update"}


class Reader(ast.NodeVisitor):
    """Reads the commands of one file, each after the function in which it stands."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._where: list[str] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._inside(node.name, node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Note a command with what it is about; its other arguments may change."""
        self.generic_visit(node)
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in COMMANDS:
            about = ast.unparse(node.args[0]) if _names_something(node) else ""
            self._note(f"{called.attr}({about})")

    def visit_Dict(self, node: ast.Dict) -> None:
        """Note which course transaction each step of a chapter is."""
        for key, value in zip(node.keys, node.values, strict=True):
            step = "" if key is None else ast.unparse(key)
            if step.startswith("Step."):
                self._note(f"{step}: {ast.unparse(value)}")
        self.generic_visit(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            if ast.unparse(decorator).partition("(")[0] in HANDLERS:
                taken = [one.annotation for one in node.args.args[1:] if one.annotation]
                types = ", ".join(ast.unparse(one) for one in taken)
                self._note(f"{ast.unparse(decorator)} {node.name}({types})")
        self._inside(node.name, node)

    def _inside(self, name: str, node: ast.AST) -> None:
        self._where.append(name)
        self.generic_visit(node)
        self._where.pop()

    def _note(self, line: str) -> None:
        self.lines.append(f"{'.'.join(self._where)}: {line}")


def _names_something(node: ast.Call) -> bool:
    return bool(node.args) and isinstance(node.args[0], ast.Attribute | ast.Constant | ast.Name)


def fingerprints() -> dict[str, list[str]]:
    """Return the fingerprint of every file of the workflows."""
    found = {path.name: list(_lines(path)) for path in sorted((ROOT / "workflows").glob("*.py"))}
    return {name: lines for name, lines in found.items() if lines}


def _lines(path: Path) -> Iterator[str]:
    reader = Reader()
    reader.visit(parsed(path))
    yield from reader.lines


def kept() -> dict[str, list[str]]:
    """Return the fingerprints as they were when histories were last recorded."""
    found: dict[str, list[str]] = json.loads(BASELINE.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    BASELINE.write_text(json.dumps(fingerprints(), indent=2) + "\n", encoding="utf-8")
