"""What the documents point at is there: pages, headings, tests and files of the house."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.house.rules import promises
from tests.house.tree import ROOT, name_of

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
PLACE = re.compile(
    r"`((?:activities|cli|compose|docs|editions|messaging|planning|rehearsal|runtime|sample|schemas"
    r"|storage|tests|workflows)/[\w./-]*)`"
)
FENCE = re.compile(r"^```.*?^```", flags=re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} +(.+?) *$", flags=re.MULTILINE)


@cache
def text_of(page: Path) -> str:
    """Return a page without its blocks of code, which link to nothing."""
    return FENCE.sub("", page.read_text())


@cache
def known_tests() -> frozenset[str]:
    """Return every test of the house, as ``path::name``."""
    return frozenset(promises())


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return what a link may name behind ``#``: headings in small letters, dashes for spaces."""
    return frozenset(_anchor(found) for found in HEADING.findall(text_of(page)))


def _anchor(heading: str) -> str:
    words = re.sub(r"[^\w\s-]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)).lower()
    return re.sub(r"\s", "-", words.strip())


def faults(page: Path, text: str) -> Iterator[str]:
    """Yield what a page points at and does not find."""
    for link in LINK.findall(text):
        if not link.startswith(("https:", "http:", "mailto:")):
            yield from _fault_of_link(page, link)
    for path, test in TEST.findall(text):
        if f"{path}::{test}" not in known_tests():
            yield f"{path}::{test}: no such test"
    for place in PLACE.findall(text):
        if not (ROOT / place).exists():
            yield f"{place}: no such place"


def _fault_of_link(page: Path, link: str) -> Iterator[str]:
    where, _, anchor = link.partition("#")
    target = (page.parent / where).resolve() if where else page
    if not target.exists():
        yield f"{link}: no such page"
    elif anchor and anchor not in anchors(target):
        yield f"{link}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_points_at_nothing_that_is_not_there(page: Path) -> None:
    assert list(faults(page, text_of(page))) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[all](docs/index.md)", []),
        ("[mail](docs/operations.md#mail) and [more](#what-next)", []),
        ("[all](docs/pages.md)", ["docs/pages.md: no such page"]),
        ("[mail](docs/operations.md#post)", ["docs/operations.md#post: no such heading"]),
        ("`tests/house/tree.py::test_me`", ["tests/house/tree.py::test_me: no such test"]),
        ("in `planning/days.py`", ["planning/days.py: no such place"]),
    ],
)
def test_what_is_not_there_is_named(text: str, said: list[str]) -> None:
    assert list(faults(ROOT / "README.md", text)) == said


def test_every_page_is_reached_from_the_readme() -> None:
    reached, wanted = set[Path](), [ROOT / "README.md"]
    while wanted:
        page = wanted.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        links = (link.partition("#")[0] for link in LINK.findall(text_of(page)))
        found = [(page.parent / link).resolve() for link in links if not link.startswith("http")]
        wanted += [target for target in found if target.is_file()]
    assert [name_of(page) for page in PAGES if page not in reached] == []
