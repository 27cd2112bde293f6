"""What another policy changes, in sentences and numbers."""

from pathlib import Path

from rehearsal.report.data import ReportData, report_data
from rehearsal.report.difference import difference
from rehearsal.report.material import read_material
from rehearsal.report.writing import Finished, write_report
from tests.activities.autumn_days import missed
from tests.activities.posting import Posted
from tests.activities.scene import CourseScene
from tests.planning.builders import at


def told(play: CourseScene) -> ReportData:
    return report_data(read_material(play.database.url, play.edition.id, play.now))


def test_the_same_twice_changes_nothing(autumn: Posted) -> None:
    one = told(autumn.play)
    found = difference(one, one)
    assert found.sentences == ("Nothing changes: every number is the same under both.",)
    assert {change.by for change in found.changes} == {0}


async def test_what_changes_is_said_in_sentences_and_numbers(autumn: Posted) -> None:
    play = autumn.play
    await autumn.until(at("2024-10-07", "12:00"))
    before = told(play)
    missed(play, 6)
    await autumn.until(at("2024-10-21", "12:00"))

    found = difference(before, told(play))

    by_item = {(one.section, one.item): one for one in found.changes}
    one = by_item["sessions", "missed"]
    assert (one.before, one.after, one.by) == (0, 1, 1)
    assert "1 session is missed instead of 0: 1 more." in found.sentences
    mails = by_item["mails", "all"]
    assert mails.by > 0
    said = f"{mails.after:,.0f} mails leave instead of {mails.before:,.0f}"
    assert any(sentence.startswith(said) for sentence in found.sentences)
    reminders = by_item["mails", "reminders"]
    (mail_by_kind,) = [one for one in found.sentences if one.startswith("Mails that left:")]
    assert f"reminders: up {reminders.by:.0f} " in mail_by_kind


def test_sessions_with_sponsors_are_counted_too(autumn: Posted) -> None:
    """C17: every session of the edition, whoever has it."""
    play = autumn.play
    found = difference(told(play), told(play))
    planned = next(
        one for one in found.changes if (one.section, one.item) == ("sessions", "planned")
    )
    sponsors = play.sessions(play.executive)
    wards = [one for row in told(play).programme for one in play.sessions(play.of(row.service_id))]
    assert sponsors
    assert planned.before == len(sponsors) + len(wards)


def test_what_is_the_same_is_said_in_one_sentence(autumn: Posted) -> None:
    data = told(autumn.play)
    fewer = data.model_copy(update={"chases": data.chases[1:]})
    found = difference(data, fewer)
    assert found.sentences[-1] == (
        "Unchanged: places and services, sessions, messages planned, mails that left, messages by"
        " state, clashes, load."
    )


def test_the_report_tells_of_the_other_policy(autumn: Posted, tmp_path: Path) -> None:
    play = autumn.play
    one = Finished(play.database.url, play.edition.id, play.now)
    report = write_report(one, tmp_path / "out", one)
    text = report.page.read_text()
    assert '<h2 id="changes-name">What another policy changes</h2>' in text
    assert "<p>Both files say the same.</p>" in text
    assert "Nothing changes: every number is the same under both." in text
    assert (report.page.parent / "difference.json").is_file()
    assert (report.page.parent / "difference.csv").is_file()

    write_report(one, tmp_path / "out")
    assert "What another policy changes" not in report.page.read_text()
    left = [path.name for path in (tmp_path / "out").glob("difference.*")]
    assert left == [], "the difference of another report is no part of this one"


def test_where_two_policies_differ_stands_before_what_follows(autumn: Posted) -> None:
    """M06: in the words of ``edition change --dry-run``."""
    one = told(autumn.play)
    found = difference(one, one, ("places: 2 becomes 3.",))
    assert found.policies == ("places: 2 becomes 3.",)
