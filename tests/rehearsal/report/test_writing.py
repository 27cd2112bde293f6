"""The report as files: one page that opens offline, the same bytes each time, nobody's name."""

import csv
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from rehearsal.report.writing import Finished, write_report
from schemas.sessions import SessionReason
from storage.tables.people import PersonRow
from tests.activities.autumn_days import HELD, MISSED, missed, move, record, the_event, weekly
from tests.activities.posting import Autumn, Posted
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.planning.builders import at

VOID = {"meta", "br", "rect", "use", "polyline", "circle", "path"}


class Page(HTMLParser):
    """What stands in a page; a tag that is not closed in its order fails."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def having(self, name: str) -> list[str]:
        return [str(attrs[name]) for _, attrs in self.tags if attrs.get(name)]


Files = dict[str, bytes]


def written(play: CourseScene, folder: Path) -> Files:
    write_report(Finished(play.database.url, play.edition.id, play.now), folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@dataclass(frozen=True)
class Lived:
    """Two wards that have had some weeks with one of everything that a report shows."""

    play: CourseScene
    files: Files

    @property
    def text(self) -> str:
        return self.files["report.html"].decode()


@pytest.fixture(scope="module")
async def lived(
    autumn_template: Autumn, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Lived]:
    folder = tmp_path_factory.mktemp("lived")
    with autumn_template.begun(folder) as autumn:
        play = autumn.play
        missed(play, 5)
        record(play, weekly(play)[5], MISSED, why=SessionReason.ACUITY)
        record(play, weekly(play)[6], HELD, minutes=75)
        move(play, the_event(play), at("2024-11-21", "09:30"))
        await autumn.until(at("2024-11-08", "12:00"))
        yield Lived(play, written(play, folder / "out"))


def test_the_same_database_gives_the_same_bytes(lived: Lived, tmp_path: Path) -> None:
    assert written(lived.play, tmp_path) == lived.files


def test_the_page_needs_nothing_else_and_every_link_leads_somewhere(lived: Lived) -> None:
    text, page = lived.text, Page(lived.text)
    ids = page.having("id")
    assert len(ids) == len(set(ids))
    links = page.having("href")
    assert links
    assert {link[1:] for link in links if link.startswith("#")} - set(ids) == set()
    assert [link for link in links if not link.startswith("#")] == []
    assert page.having("src") == []
    assert {"script", "link", "iframe", "img"}.isdisjoint(tag for tag, _ in page.tags)
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert re.findall(r"url\((?!#)|@import", style) == []


def test_whoever_cannot_see_it_hears_what_it_says(lived: Lived) -> None:
    """Each picture has a title, a description and a table; tables have captions and heads."""
    text, page = lived.text, Page(lived.text)
    ids = set(page.having("id"))
    drawn = [attrs for tag, attrs in page.tags if tag == "svg"]
    pictures = [attrs for attrs in drawn if attrs.get("role")]
    assert len(pictures) == 8 + 2
    for attrs in pictures:
        assert set(str(attrs["aria-labelledby"]).split()) <= ids
    assert {attrs["aria-hidden"] for attrs in drawn if not attrs.get("role")} == {"true"}
    # What is an image to a screen reader must hold nothing that the keyboard reaches.
    for image in re.findall(r'<svg[^>]* role="img".*?</svg>', text, re.DOTALL):
        assert "<a " not in image
    count = len(re.findall("<table>", text))
    assert count == len(re.findall("<caption>", text)) == len(re.findall("<thead>", text))
    headings = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(headings))


def test_a_ward_can_be_looked_at_alone(lived: Lived) -> None:
    (header,) = re.findall(r'<header class="([^"]*)">\n<h1>', lived.text)
    assert "whole" not in header, "without it the page of a ward has no heading"
    sections = re.findall(r'<section class="([a-z]+)" id="([\w-]+)"', lived.text)
    alone = [name for look, name in sections if look == "ward"]
    assert alone == [f"ward-{SVC_16}", f"ward-{SVC_17}"]
    assert "body:has(.ward:target) .whole { display: none; }" in lived.text
    assert {look for look, _ in sections} == {"whole", "ward"}


def test_nobodys_name_number_or_address_is_in_any_file(lived: Lived) -> None:
    """P11: ids and roles stand for people, in the texts of mails too."""
    columns = (col(PersonRow.name), col(PersonRow.email), col(PersonRow.phone))
    with lived.play.database.reading() as rows:
        words = {word for row in rows.execute(select(*columns)) for word in row if word}
    assert words
    for name, text in lived.files.items():
        assert [word for word in words if word.encode() in text] == [], name


def test_the_sheets_hold_what_the_page_shows(lived: Lived) -> None:
    files = lived.files
    data = json.loads(files["report.json"])
    sheets = {
        name: list(csv.DictReader(text.decode("utf-8-sig").splitlines()))
        for name, text in files.items()
        if name.endswith(".csv")
    }
    assert len(sheets["services.csv"]) == len(data["programme"]) == 2
    assert sum(int(row["count"]) for row in sheets["messages.csv"]) == data["account"]["planned"]
    assert [row["held"] for row in sheets["services.csv"]] == [
        str(row["held"]) for row in data["programme"]
    ]
    ids = [(row["whose"], row["kind"], row["number"]) for row in sheets["sessions.csv"]]
    assert len(ids) == len(set(ids))
    assert len(sheets["every_message.csv"]) == data["account"]["planned"]
    assert len(sheets["every_chase.csv"]) == len(data["every_chase"])
    assert all(rows for name, rows in sheets.items() if name != "clashes.csv")


def test_a_spreadsheet_reads_every_time_as_one(lived: Lived) -> None:
    """Local time to the minute: an offset behind it would make it text."""
    times = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?")
    for name in ("sessions.csv", "every_message.csv", "mails_by_week.csv", "every_chase.csv"):
        for row in csv.DictReader(lived.files[name].decode("utf-8-sig").splitlines()):
            for column in {"starts_at", "due_at", "ended_at", "week", "opened"} & set(row):
                assert not row[column] or times.fullmatch(row[column]), (name, row)


def test_every_key_of_the_json_is_explained(lived: Lived) -> None:
    told = Path("docs/report.md").read_text()
    for name in json.loads(lived.files["report.json"]):
        assert f"`{name}`" in told, name
    for name in lived.files:
        assert f"`{name}`" in told, name


def test_an_edition_that_was_never_opened_is_said(autumn: Posted, tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="no edition nowhere"):
        write_report(
            Finished(autumn.play.database.url, "nowhere", autumn.play.now), tmp_path / "out"
        )
    assert not (tmp_path / "out").exists()


def test_a_programme_in_which_nothing_has_happened_has_a_report(
    coached: CourseScene, tmp_path: Path
) -> None:
    page = Page(written(coached, tmp_path)["report.html"].decode())
    assert f"ward-{SVC_16}" in page.having("id")
