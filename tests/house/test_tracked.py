"""What a clone must not carry: where it was made, and anybody real."""

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, name_of, tracked_files

# Written in halves, since this file is tracked too.
REGISTRIES = (
    "py" + "pi.org",
    "python" + "hosted",
    "registry" + ".npmjs",
    "index" + "-url",
    "find" + "-links",
)
MACHINE = re.compile("/wo" + "rk/|/ro" + "ot/|/ho" + "me/|/Us" + "ers/|file" + ":///")
ADDRESS = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+[a-zA-Z]{2,}")
TEXTS = [path for path in tracked_files() if path.suffix not in {".gz", ".png", ".ico"}]


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_a_file_says_nothing_of_where_it_was_made(path: Path) -> None:
    text = path.read_text(errors="replace")
    assert [word for word in REGISTRIES if word in text] == []
    assert MACHINE.findall(text) == []


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_every_address_is_made_up(path: Path) -> None:
    found = ADDRESS.findall(path.read_text(errors="replace"))
    assert [address for address in found if not address.endswith(".example")] == []


def test_no_tracked_file_is_large() -> None:
    large = [name_of(path) for path in tracked_files() if path.stat().st_size > 1_000_000]
    assert large == []


def test_data_and_installations_are_not_tracked() -> None:
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {".venv/", "var/", "dist/", "__pycache__/"} <= set(ignored)
