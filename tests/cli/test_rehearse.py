"""``drumbeat rehearse``: what it prints, and what it says of what cannot be rehearsed."""

import csv
from pathlib import Path

import pytest

from cli.desk import Desk
from cli.faults import ExitCode
from cli.rehearsal_cast import Wanted, cast_of, edition_named
from rehearsal.random_cast import write_random_cast
from rehearsal.sample.writing import write_sample
from tests.cli.fake_programme import FakeProgramme
from tests.cli.printing import Drumbeat, printed_by

SHIPPED = "editions/mha-qi-wider.toml"


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (["wilder"], "There is no edition wilder and no such file: name a file, or one of"),
        (["wider", "--seed", "3"], "--seed and --services are for a random cast"),
        (["pilot"], "The sample plays in wider, not in pilot"),
        (["wider", "--cast", "nobody"], "There is no folder nobody"),
        (["wider", "--cast", "random", "--services", "900"], "1 to 150"),
        (["wider", "--policy", "none.toml"], "There is no file none.toml"),
        (["wider", "--policy", "editions/mha-qi-pilot.toml"], "is of the edition pilot"),
        (["--scenario", "E99"], "There is no scenario E99"),
        (["--scenario", "E07", "--cast", "random"], "--scenario plays its own edition and people"),
        (["wider", "--scenario", "E07"], "leave all but --out out"),
        (["--cast", "random", "--seed", "x"], "--seed takes a whole number, not x"),
        (["--policy"], "Nothing is said for --policy"),
    ],
)
def test_what_cannot_be_rehearsed_is_told_in_a_sentence(
    tokens: list[str], said: str, tmp_path: Path, drumbeat: Drumbeat
) -> None:
    printed = drumbeat("rehearse", *tokens, "--out", str(tmp_path / "out"))

    assert printed.code == ExitCode.USAGE
    assert said in " ".join(printed.errors.split())
    assert not (tmp_path / "out").exists()


def a_cast(folder: Path) -> Path:
    write_sample(folder)
    return folder


def test_a_script_that_cannot_be_read_is_told_by_its_cell(
    tmp_path: Path, drumbeat: Drumbeat
) -> None:
    cast, out = a_cast(tmp_path / "cast"), tmp_path / "out"
    events = cast / "script/events.csv"
    first = events.read_text().splitlines()[1]
    events.write_text(events.read_text().replace(first[:16], "soon", 1))
    printed = drumbeat("rehearse", "--cast", str(cast), "--out", str(out))

    assert printed.code == ExitCode.REFUSED
    said = " ".join(printed.errors.split())
    assert "events.csv, row 2, column at, 'soon" in said
    assert not (out / "report.html").exists()


def test_a_cast_with_faults_stops_and_leaves_no_report(tmp_path: Path, drumbeat: Drumbeat) -> None:
    """The first fault is told by its cell, and how many more there are."""
    cast, out = a_cast(tmp_path / "cast"), tmp_path / "out"
    services = (cast / "services.csv").read_text().splitlines()
    columns = services[0].count(",")
    services[2:4] = [f"SVC-{n}{',' * columns}" for n in (98, 99)]
    (cast / "services.csv").write_text("\n".join(services))
    printed = drumbeat("rehearse", "--cast", str(cast), "--out", str(out))

    assert printed.code == ExitCode.REFUSED
    said = " ".join(printed.errors.split())
    assert f"The cast in {cast} cannot be brought in: services.csv, row 3" in said
    assert said.endswith("more.")
    assert not (out / "report.html").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, drumbeat: Drumbeat) -> None:
    (tmp_path / "file").write_text("")
    printed = drumbeat("rehearse", "--out", str(tmp_path / "file"))

    assert printed.code == ExitCode.REFUSED
    said = " ".join(printed.errors.split())
    assert "cannot be written (Not a directory): name another folder." in said


def test_a_cast_has_no_sheets_of_another_one(tmp_path: Path) -> None:
    """What an earlier cast left in the folder would play along."""
    folder = a_cast(tmp_path / "cast")
    wider = edition_named("wider")
    found = cast_of(Desk(), wider, Wanted("random", seed=4, services=1), folder)

    assert found.called == "a random cast of 1 service, --seed 4"
    assert not (folder / "enrolments.csv").exists()
    assert found.answer_key() == ()


def test_the_sample_has_its_key_only_for_the_edition_as_it_comes(tmp_path: Path) -> None:
    wider = edition_named("wider")
    changed = wider.model_copy(update={"places": 30})
    assert cast_of(Desk(), wider, Wanted("sample"), tmp_path / "one").answer_key()
    assert cast_of(Desk(), changed, Wanted("sample"), tmp_path / "other").answer_key() == ()


def test_an_edition_with_faults_is_named_with_them(tmp_path: Path, drumbeat: Drumbeat) -> None:
    faulty = tmp_path / "faulty.toml"
    faulty.write_text(Path(SHIPPED).read_text().replace("places = 37", "places = -1"))
    printed = drumbeat("rehearse", str(faulty), "--out", str(tmp_path / "out"))

    assert printed.code == ExitCode.REFUSED
    assert "places" in printed.errors


def test_without_the_server_it_cannot_be_done(
    tmp_path: Path, drumbeat: Drumbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rehearsal.stage.server_programme", lambda: None)
    printed = drumbeat("rehearse", "--out", str(tmp_path / "out"))

    assert printed.code == ExitCode.UNREACHABLE
    assert "temporal-test-server" in printed.errors


def test_a_rehearsal_under_two_policies_is_summed_up_and_reported(
    tmp_path: Path, drumbeat: Drumbeat
) -> None:
    """M13: the identity of the ledger is printed, and what the other policy changes."""
    other, out = tmp_path / "other.toml", tmp_path / "out"
    text = Path(SHIPPED).read_text().replace("\nversion = 1", "\nversion = 2")
    other.write_text(text.replace('offer_valid = "5wd"', 'offer_valid = "6wd"'))
    few = ["--cast", "random", "--seed", "4", "--services", "1"]
    printed = drumbeat("rehearse", "wider", *few, "--policy", str(other), "--out", str(out))

    assert printed.code == ExitCode.DONE
    text = " ".join(printed.out.split())
    assert "Played by a random cast of 1 service, --seed 4." in text
    assert "0 open +" in text
    assert "every one is accounted for; 0 unexplained, 0 duplicates" in text
    assert "Under the other policy:" in text
    assert "Where the other policy differs: - recruitment.offer_valid: 5wd becomes 6wd." in text
    assert "What it changes: - Nothing changes: every number is the same" in text
    assert text.count("In short: - 1 of 37 places") == 2
    page = (out / "report.html").read_text()
    assert "A rehearsal, played by a random cast of 1 service, --seed 4." in page
    assert "recruitment.offer_valid: 5wd becomes 6wd." in page
    for folder in ("play", "other-policy"):
        looked = printed_by(out / folder, FakeProgramme(), "services")
        assert "Wed 9 Apr 2025" in looked.out, "the day on which it was over"
    assert (out / "report.html").is_file()
    assert "thread of Python limits it" in text


def test_what_the_import_only_warns_of_is_told_and_stops_nothing(
    tmp_path: Path, drumbeat: Drumbeat
) -> None:
    cast, out = tmp_path / "cast", tmp_path / "out"
    write_random_cast(cast, edition_named("wider"), seed=4, services=1)
    with (cast / "people.csv").open(encoding="utf-8", newline="") as sheet:
        lines = list(csv.DictReader(sheet))
    lines.append(
        {**dict.fromkeys(lines[0], ""), "person": "PER-99", "name": "A", "channel": "phone"}
    )
    with (cast / "people.csv").open("w", encoding="utf-8", newline="") as sheet:
        writer = csv.DictWriter(sheet, lines[0])
        writer.writeheader()
        writer.writerows(lines)
    printed = drumbeat("rehearse", "--cast", str(cast), "--out", str(out))

    assert printed.code == ExitCode.DONE, printed.errors
    said = f"the import warns: people.csv, row {len(lines) + 1}, column phone"
    assert said in " ".join(printed.out.split())
    assert "played by the cast in cast." in (out / "report.html").read_text()


def test_a_scenario_is_played_alone_and_tells_its_story(tmp_path: Path, drumbeat: Drumbeat) -> None:
    printed = drumbeat("rehearse", "--scenario", "e28", "--out", str(tmp_path / "out"))

    assert printed.code == ExitCode.DONE
    assert printed.out.startswith("E28  The worker is down over a firing time")
    assert "holds: On return what is still useful is sent, once (M10, M08)" in printed.out
    assert "DOES NOT HOLD" not in printed.out
