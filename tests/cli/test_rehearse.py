"""``drumbeat rehearse``: what it prints, and what it says of what cannot be rehearsed."""

from pathlib import Path

import pytest

from cli.faults import ExitCode
from tests.cli.printing import Drumbeat

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
    ],
)
def test_what_cannot_be_rehearsed_is_told_in_a_sentence(
    tokens: list[str], said: str, tmp_path: Path, drumbeat: Drumbeat
) -> None:
    printed = drumbeat("rehearse", *tokens, "--out", str(tmp_path / "out"))

    assert printed.code == ExitCode.USAGE
    assert said in " ".join(printed.errors.split())


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
    assert "A random cast of 1 service: --seed 4." in text
    assert "0 open +" in text
    assert "every one is accounted for; 0 unexplained, 0 duplicates" in text
    assert "Under the other policy:" in text
    assert (out / "report.html").is_file()
    assert "thread of Python limits it" in text


def test_a_scenario_is_played_alone_and_tells_its_story(tmp_path: Path, drumbeat: Drumbeat) -> None:
    printed = drumbeat("rehearse", "--scenario", "e28", "--out", str(tmp_path / "out"))

    assert printed.code == ExitCode.DONE
    assert printed.out.startswith("E28  The worker is down over a firing time")
    assert "holds: On return what is still useful is sent, once (M10, M08)" in printed.out
    assert "DOES NOT HOLD" not in printed.out
