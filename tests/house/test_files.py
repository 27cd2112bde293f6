"""Small files, small functions, names that say what is inside."""

import ast
from pathlib import Path

import pytest

from tests.house.tree import CODE, ROOMS, TESTS, is_migration, name_of, parsed

FILE_LINES = 400
FUNCTION_LINES = 50
# They say nothing of what is inside; and a service is an NHS inpatient service.
EMPTY_NAMES = {
    "common",
    "core",
    "helper",
    "helpers",
    "manager",
    "managers",
    "misc",
    "service",
    "util",
    "utils",
}


@pytest.mark.parametrize("path", [*CODE, *TESTS], ids=name_of)
def test_a_file_is_short_and_its_name_says_what_is_in_it(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= FILE_LINES
    assert path.stem not in EMPTY_NAMES


@pytest.mark.parametrize("path", [path for path in CODE if not is_migration(path)], ids=name_of)
def test_a_function_fits_on_a_page(path: Path) -> None:
    long = [
        f"{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]
    assert long == []


@pytest.mark.parametrize("path", [path for path in CODE if path.name == "__init__.py"], ids=name_of)
def test_a_package_file_holds_one_sentence_and_no_code(path: Path) -> None:
    assert [type(node) for node in parsed(path).body] == [ast.Expr]
    assert len((ast.get_docstring(parsed(path)) or "").splitlines()) == 1


@pytest.mark.parametrize("room", ROOMS)
def test_every_folder_of_a_room_is_a_package(room: str) -> None:
    folders = {path.parent for path in CODE if room in path.parts and not is_migration(path)}
    assert [name_of(folder) for folder in folders if not (folder / "__init__.py").exists()] == []
