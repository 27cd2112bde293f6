"""Texts of edition files with something wrong in them."""

from planning.edition_file import Fault, faults
from tests.planning.builders import EDITIONS

WIDER = (EDITIONS / "mha-qi-wider.toml").read_text(encoding="utf-8")


def changed(*replacements: tuple[str, str], text: str = WIDER) -> str:
    """Return the wider edition with some of its text replaced, each where it stands first."""
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def only(text: str) -> Fault:
    found = faults(text)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]


def line_with(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), start=1) if part in line)
