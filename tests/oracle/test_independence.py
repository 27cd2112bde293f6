"""The oracle knows nothing of the engine: it must not be wrong because the engine is."""

import sys
from pathlib import Path

import pytest

from tests.house.tree import imports_of

HERE = Path(__file__).parent
HOLDS_THE_ENGINE = {
    "agreement.py",
    "calm.py",
    "comparing.py",
    "editions.py",
    "engine.py",
    "soak.py",
}
"""What makes casts, plays them on the engine and reads its database: nothing of the oracle's."""

ORACLE = [
    path
    for path in sorted(HERE.glob("*.py"))
    if path.name not in HOLDS_THE_ENGINE and not path.name.startswith("test_")
]
MAY = ("schemas", "holidays", "rehearsal.script", "tests.oracle")


@pytest.mark.parametrize("path", ORACLE, ids=lambda path: path.name)
def test_the_oracle_imports_no_room_of_the_engine_but_schemas(path: Path) -> None:
    allowed = {
        name
        for name in imports_of(path)
        if name.split(".")[0] in sys.stdlib_module_names
        or any(name == may or name.startswith(f"{may}.") for may in MAY)
    }
    assert imports_of(path) - allowed == set()
    assert not imports_of(path) & {f"tests.oracle.{name[:-3]}" for name in HOLDS_THE_ENGINE}
