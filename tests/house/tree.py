"""The files of the house, as its tests read them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = (
    "schemas",
    "planning",
    "storage",
    "messaging",
    "activities",
    "workflows",
    "runtime",
    "rehearsal",
    "cli",
)
CODE = sorted(
    [ROOT / "worker.py", *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file; read once in a run."""
    return ast.parse(path.read_text(), str(path))


def name_of(path: Path) -> str:
    """Return how people name a file: its path in the project."""
    return str(path.relative_to(ROOT))


def is_migration(path: Path) -> bool:
    """Tell whether a file is a migration, which is written once and never tidied."""
    return "migrations" in path.parts


def imports_of(path: Path) -> set[str]:
    """Return every module that a file imports, wherever in it, by its full name."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def tracked_files() -> list[Path]:
    """Return what a clone of the project holds, or would if it were committed now."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        return sorted({*CODE, *TESTS, *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.lock")})
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return sorted(path for path in paths if path.is_file())
