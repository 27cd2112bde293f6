"""Commands of successions, mergers and another version: what they ask, and what a dry run says."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cli.faults import ExitCode
from schemas.forms import EditionForm, MergeInterestForm, SuccessionForm, UndoForm
from schemas.successions import Succession, SuccessionKind
from storage.database import Database
from storage.successions import add_succession
from tests.cli.fake_programme import FakeProgramme
from tests.cli.printing import Drumbeat
from tests.cli.scene import COORDINATOR, EDITION, LEAD, ROOT, SPONSOR
from tests.planning.builders import at

BY: dict[str, Any] = {"actor": COORDINATOR}
DAY = date(2025, 1, 15)
FOLLOWS: dict[str, Any] = {**BY, "edition": EDITION, "from_day": DAY}
WIDER_FILE = ROOT / "editions" / "mha-qi-wider.toml"

ACTS = {
    "successor PER-0004 per-0005 --from 2025-01-15": (
        "succeed",
        SuccessionForm(**FOLLOWS, kind=SuccessionKind.SPONSOR, old=SPONSOR, new=LEAD),
    ),
    "successor PER-0004 --vacant --from 2025-01-15 --reason left_post": (
        "succeed",
        SuccessionForm(**FOLLOWS, kind=SuccessionKind.SPONSOR, old=SPONSOR, reason="left_post"),
    ),
    "merge organisation org-05 ORG-06 --from 2025-01-15": (
        "succeed",
        SuccessionForm(**FOLLOWS, kind=SuccessionKind.ORGANISATION, old="ORG-05", new="ORG-06"),
    ),
    "merge service SVC-16 svc-17 --from 2025-01-15": (
        "succeed",
        SuccessionForm(**FOLLOWS, kind=SuccessionKind.SERVICE, old="SVC-16", new="SVC-17"),
    ),
    "merge interest EOI-2 --contacts": (
        "merge_interest",
        MergeInterestForm(**BY, interest="EOI-2", contacts=True),
    ),
    f"edition change {WIDER_FILE}": ("change_edition", EditionForm(**BY, edition=EDITION)),
}


def newer(tmp_path: Path, **changes: str) -> Path:
    """Return a file of the edition in version 2, with lines changed."""
    text = WIDER_FILE.read_text()
    for before, after in {"version = 1": "version = 2", **changes}.items():
        assert before in text
        text = text.replace(before, after, 1)
    file = tmp_path / "newer.toml"
    file.write_text(text)
    return file


@pytest.mark.parametrize("line", ACTS)
def test_a_command_hands_its_form_in(
    drumbeat: Drumbeat, programme: FakeProgramme, line: str
) -> None:
    """P01, P02, P03, R12, M06: ids in capitals, a day, and who asks."""
    printed = drumbeat(*line.split(), "--as", COORDINATOR)

    assert printed.code == ExitCode.DONE, printed.errors
    assert programme.asked == [ACTS[line]]


@pytest.mark.parametrize(
    "line",
    [
        "successor PER-0004 PER-0005 --from 2025-01-15",
        "merge service SVC-16 SVC-17 --from 2025-01-15",
    ],
)
def test_a_dry_run_says_what_would_happen_to_whom_and_asks_nothing(
    drumbeat: Drumbeat, programme: FakeProgramme, line: str
) -> None:
    """P01, P03: in sentences with numbers."""
    printed = drumbeat(*line.split(), "--dry-run", "--as", COORDINATOR)

    assert printed.code == ExitCode.DONE, printed.errors
    assert programme.asked == []
    assert "15 January 2025" in printed.out
    assert "cancel" in printed.out
    assert "Nothing is changed: say it again without --dry-run." in printed.out


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("successor PER-0004 --from 2025-01-15", "--vacant"),
        ("successor PER-0004 PER-0005 --vacant --from 2025-01-15", "one of the two"),
        ("successor PER-0004 PER-9999 --from 2025-01-15", "There is no person PER-9999"),
        ("merge organisation ORG-01 ORG-99 --from 2025-01-15 --dry-run", "no organisation ORG-99"),
        ("merge service SVC-16 SVC-40 --from 2025-01-15 --dry-run", "only two services"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    drumbeat: Drumbeat, programme: FakeProgramme, line: str, sentence: str
) -> None:
    """P01, P02, P03: and nothing is asked of the programme."""
    printed = drumbeat(*line.split(), "--as", COORDINATOR)

    assert printed.code != ExitCode.DONE
    assert sentence in printed.errors
    assert programme.asked == []


def test_a_dry_run_of_another_version_names_every_difference(
    drumbeat: Drumbeat, programme: FakeProgramme, tmp_path: Path
) -> None:
    """M06, E31: with what stays."""
    file = newer(tmp_path, **{"places = 37": "places = 38"})
    printed = drumbeat("edition", "change", str(file), "--dry-run", "--as", COORDINATOR)

    assert printed.code == ExitCode.DONE, printed.errors
    assert "places: 37 becomes 38." in printed.out
    assert "what was sent stays sent" in printed.out.replace("\n", " ")
    assert programme.asked == []


@pytest.mark.parametrize("file", ["as it was opened", "newer"])
def test_a_dry_run_of_a_version_that_says_the_same_says_that_nothing_differs(
    drumbeat: Drumbeat, tmp_path: Path, file: str
) -> None:
    """M06: there is nothing to say again without --dry-run."""
    path = newer(tmp_path) if file == "newer" else WIDER_FILE
    printed = drumbeat("edition", "change", str(path), "--dry-run", "--as", COORDINATOR)

    assert (printed.code, printed.errors) == (ExitCode.DONE, "")
    assert " ".join(printed.out.split()) == (
        f"Nothing differs: {path.name} says what version 1 says, by which the edition wider goes. "
        "There is nothing to change."
    )


def test_a_dry_run_says_what_cannot_be(drumbeat: Drumbeat, tmp_path: Path) -> None:
    """M06, R14: a place that is taken stays taken."""
    file = newer(tmp_path, **{"places = 37": "places = 3"})
    printed = drumbeat("edition", "change", str(file), "--dry-run", "--as", COORDINATOR)

    assert printed.code == ExitCode.REFUSED
    assert "places cannot be 3: 4 are taken or offered." in printed.errors


def test_the_file_itself_is_what_is_handed_in(
    drumbeat: Drumbeat, programme: FakeProgramme, tmp_path: Path
) -> None:
    """M06: a fault of it is told before anything is asked."""
    file = newer(tmp_path, **{"places = 37": "places = 0"})
    printed = drumbeat("edition", "change", str(file), "--as", COORDINATOR)

    assert printed.code == ExitCode.REFUSED
    assert "places" in printed.errors
    assert programme.asked == []


def test_a_succession_is_undone_by_the_id_that_was_printed(
    drumbeat: Drumbeat, programme: FakeProgramme, var: Path
) -> None:
    """E40, P01: the same command as for a withdrawal or a cancellation."""
    new = Succession(
        id=f"{EDITION}/executive_sponsor/{SPONSOR}/1",
        edition_id=EDITION,
        kind=SuccessionKind.SPONSOR,
        old_id=SPONSOR,
        new_id=LEAD,
        from_day=DAY,
        from_at=at("2025-01-15"),
        said_at=at("2025-01-06"),
        said_by=COORDINATOR,
    )
    database = Database(f"sqlite:///{var / 'drumbeat.db'}")
    with database.transaction() as rows:
        add_succession(rows, new)
    database.close()
    printed = drumbeat("undo", new.id, "--as", COORDINATOR)
    assert printed.code == ExitCode.DONE, printed.errors
    assert programme.asked == [("undo", UndoForm(**BY, edition=EDITION, succession=new.id))]
