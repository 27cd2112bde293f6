"""What another policy changes, in sentences and numbers."""

from io import StringIO
from pathlib import Path

from rich.console import Console

from rehearsal.report.data import report_data
from rehearsal.report.difference import Difference, Finished, difference, difference_between
from rehearsal.report.difference_view import show_difference
from rehearsal.report.material import read_material
from rehearsal.report.writing import write_report
from tests.activities.autumn_days import missed
from tests.activities.posting import Posted
from tests.activities.scene import CourseScene
from tests.planning.builders import at


def finished(play: CourseScene) -> Finished:
    return Finished(play.database.url, play.edition.id, play.now)


def shown(found: Difference) -> str:
    out = StringIO()
    show_difference(found, Console(file=out, width=100))
    return out.getvalue()


def test_the_same_twice_changes_nothing(autumn: Posted) -> None:
    one = finished(autumn.play)
    found = difference_between(one, one)
    assert found.sentences == ("Nothing changes: every number is the same under both.",)
    assert {change.by for change in found.changes} == {0}
    assert "What changes" not in shown(found)


async def test_what_changes_is_said_in_sentences_and_numbers(autumn: Posted) -> None:
    play = autumn.play
    await autumn.until(at("2024-10-07", "12:00"))
    one = finished(play)
    before = report_data(read_material(one.database_url, one.edition_id, one.at))
    missed(play, 6)
    await autumn.until(at("2024-10-21", "12:00"))
    two = finished(play)
    after = report_data(read_material(two.database_url, two.edition_id, two.at))

    found = difference(before, after)

    held = next(c for c in found.changes if (c.section, c.item) == ("sessions", "missed"))
    assert (held.before, held.after, held.by) == (0, 1, 1)
    assert any("1 sessions are missed instead of 0" in said for said in found.sentences)
    mails = next(c for c in found.changes if (c.section, c.item) == ("mails", "all"))
    assert mails.by > 0
    said = shown(found)
    assert f"{mails.after:,.0f} mails leave instead of {mails.before:,.0f}" in said
    assert "What changes" in said
    assert max(len(line) for line in said.splitlines()) <= 100


def test_what_is_the_same_is_said_in_one_sentence(autumn: Posted) -> None:
    data = report_data(
        read_material(autumn.play.database.url, autumn.play.edition.id, autumn.play.now)
    )
    fewer = data.model_copy(update={"chases": data.chases[1:]})
    found = difference(data, fewer)
    assert found.sentences[-1] == (
        "Unchanged: sessions, messages planned, mails that left, messages by state, clashes, load."
    )


def test_the_report_tells_of_the_other_policy(autumn: Posted, tmp_path: Path) -> None:
    one = finished(autumn.play)
    page = write_report(one.database_url, one.edition_id, tmp_path / "out", one.at, one)
    text = page.read_text()
    assert '<h2 id="changes-name">What another policy changes</h2>' in text
    assert "Nothing changes: every number is the same under both." in text
    assert (page.parent / "difference.json").is_file()
    assert (page.parent / "difference.csv").is_file()
