"""What may be where, beyond what the linters know."""

import ast
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.house.tree import CODE, ROOMS, ROOT, TESTS, imports_of, name_of, parsed


def test_no_installed_package_shadows_a_room() -> None:
    installed = packages_distributions()
    for name in (*ROOMS, "worker", "tests", "editions"):
        assert set(installed.get(name, [])) <= {"drumbeat"}


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_nobody_imports_the_worker_which_puts_everything_together(path: Path) -> None:
    assert "worker" not in imports_of(path)


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    if path == ROOT / "runtime" / "settings.py":
        return
    reads = [
        ast.unparse(node)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}
    ]
    assert reads == []
    assert not imports_of(path) & {"os.environ", "os.getenv"}


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_only_the_database_commits(path: Path) -> None:
    commits = [
        node.lineno
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    ]
    # The schema commits what a migration does, which is no transaction of the programme's.
    may = {ROOT / "storage" / name for name in ("database.py", "one_connection.py", "schema.py")}
    assert path in may or commits == []


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_a_table_never_leaves_the_storage_room(path: Path) -> None:
    tables = [name for name in imports_of(path) if name.startswith("storage.tables")]
    assert path.is_relative_to(ROOT / "storage") or tables == []


@pytest.mark.parametrize("path", [path for path in CODE if "tables" in path.parts], ids=name_of)
def test_a_table_module_evaluates_its_annotations(path: Path) -> None:
    assert "__future__.annotations" not in imports_of(path)


@pytest.mark.parametrize("path", [path for path in TESTS if path.name != "tree.py"], ids=name_of)
def test_no_test_mocks_our_own_code(path: Path) -> None:
    assert not {name for name in imports_of(path) if name.startswith("unittest.mock")}
