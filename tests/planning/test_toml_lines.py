import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from planning.toml_lines import Path, line_of, toml_lines
from tests.planning.builders import EDITIONS

AWKWARD = '''\
title = """
[not.a.table]
key = "no"
"""
"quoted key" = 1 # comment with = and [
a.b.c = { d = [1,
    2], "e" = "}]," , f = { g = 2024-09-02 10:00:00 } }
literal = 'C:\\path # no comment'
list = [
    "one", # first
    # nothing
    { x = 1 },
    [
        [3],
    ],
]

[table]
x = 1
[[table.rows]]
y = 1
[[table.rows]]
y = 2
[table.rows.inner]
z = 3
[[table.rows.inner.deep]]
w = 4
[other . spaced]
v = 5
'''


def paths(value: Any, here: Path = ()) -> Iterator[Path]:
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    if isinstance(value, list):
        items = list(enumerate(value))
    for key, inner in items:
        yield (*here, key)
        yield from paths(inner, (*here, key))


@pytest.mark.parametrize("text", [AWKWARD, *(p.read_text() for p in sorted(EDITIONS.iterdir()))])
def test_every_value_of_a_file_is_found_on_a_line_that_names_it(text: str) -> None:
    lines, source = toml_lines(text), text.splitlines()
    for path in paths(tomllib.loads(text)):
        line = line_of(lines, path)
        assert line is not None
        if isinstance(path[-1], str) and path in lines:
            assert path[-1] in source[line - 1], path


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 1),
        (("quoted key",), 5),
        (("a", "b", "c", "d", 1), 7),
        (("a", "b", "c", "f", "g"), 7),
        (("literal",), 8),
        (("list", 1, "x"), 12),
        (("list", 2, 0, 0), 14),
        (("table", "rows", 0, "y"), 21),
        (("table", "rows", 1, "y"), 23),
        (("table", "rows", 1, "inner", "z"), 25),
        (("table", "rows", 1, "inner", "deep", 0, "w"), 27),
        (("other", "spaced", "v"), 29),
        (("table", "not there"), 18),
        (("nowhere",), None),
    ],
)
def test_awkward_spellings_are_located(path: Path, line: int | None) -> None:
    assert line_of(toml_lines(AWKWARD), path) == line
