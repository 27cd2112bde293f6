"""Which test holds which rule: docs/rules.md says it, and the tests' docstrings.

``python -m tests.house.rules`` prints, for each rule in scope, the tests that name it.
"""

import ast
import re
from pathlib import Path

from tests.house.tree import ROOT, TESTS, name_of, parsed

PAGE = ROOT / "docs" / "rules.md"
RULE = re.compile(r"\b[RCXMP]\d\d\b")
REFERENCE = re.compile(r"`(tests/[\w/]+\.py::test_\w+)`")


def _span(letter: str, *spans: tuple[int, int]) -> list[str]:
    return [f"{letter}{n:02}" for first, last in spans for n in range(first, last + 1)]


RULES_IN_SCOPE = [
    *_span("R", (1, 18)),
    *_span("C", (1, 12), (14, 19)),
    *_span("X", (1, 9), (11, 14)),
    *_span("M", (1, 11), (13, 15), (17, 20)),
    *_span("P", (1, 3), (7, 8), (10, 10)),
]


def promises() -> dict[str, set[str]]:
    """Return for each test, as ``path::name``, the rules that its docstring names."""
    found = {}
    for path in TESTS:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(
                "test_"
            ):
                rules = set(RULE.findall(ast.get_docstring(node) or ""))
                found[f"{name_of(path)}::{node.name}"] = rules
    return found


def mapping(page: Path = PAGE) -> dict[str, list[str]]:
    """Return for each rule the tests that a page names: rows of ``| R01 | what | `test` |``."""
    rows = (line.split("|") for line in page.read_text().splitlines() if line.startswith("|"))
    return {
        cells[1].strip(" `*"): REFERENCE.findall("|".join(cells[2:]))
        for cells in rows
        if RULE.fullmatch(cells[1].strip(" `*"))
    }


def main() -> None:
    """Print a row for each rule in scope, with every test that names it."""
    by_test = promises()
    for rule in RULES_IN_SCOPE:
        tests = sorted(test for test, rules in by_test.items() if rule in rules)
        print(f"| {rule} | | {'<br>'.join(f'`{test}`' for test in tests)} |")  # noqa: T201


if __name__ == "__main__":
    main()
