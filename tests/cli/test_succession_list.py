"""Successors, vacant posts and mergers are listed as they stand (P01-P03)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cli.faults import ExitCode
from schemas.forms import UndoForm
from schemas.successions import Succession, SuccessionKind
from storage.database import Database
from storage.successions import add_succession
from tests.cli.fake_programme import FakeProgramme
from tests.cli.printing import Drumbeat
from tests.cli.scene import COORDINATOR, EDITION, LEAD, NOW, SPONSOR
from tests.cli.test_reference import keys_of, section_of
from tests.planning.builders import at

AHEAD, GONE, BEGUN = (f"{EDITION}/{one}/1" for one in ("sponsor", "organisation", "service"))


def said(name: str, kind: SuccessionKind, old: str, new: str | None, day: str) -> Succession:
    first = at(day, "00:00")
    return Succession(
        id=name,
        edition_id=EDITION,
        kind=kind,
        old_id=old,
        new_id=new,
        from_day=first.date(),
        from_at=first,
        said_at=first - timedelta(days=5),
        said_by=COORDINATOR,
        reason="left_post",
    )


@pytest.fixture
def listed(var: Path, drumbeat: Drumbeat) -> Iterator[Drumbeat]:
    database = Database(f"sqlite:///{var / 'drumbeat.db'}")
    back = {"taken_back_at": NOW, "taken_back_by": LEAD}
    with database.transaction() as rows:
        for one in (
            said(AHEAD, SuccessionKind.SPONSOR, SPONSOR, None, "2025-01-15"),
            said(GONE, SuccessionKind.ORGANISATION, "ORG-01", "ORG-02", "2024-11-01").model_copy(
                update=back
            ),
            said(BEGUN, SuccessionKind.SERVICE, "SVC-17", "SVC-16", "2024-10-01"),
        ):
            add_succession(rows, one)
    yield drumbeat
    database.close()


def test_each_is_listed_with_whom_it_concerns_and_how_it_stands(
    listed: Drumbeat, programme: FakeProgramme
) -> None:
    """P01, P02, P03: the database is all that is asked."""
    printed = listed("successions")
    assert (printed.code, printed.errors) == (ExitCode.DONE, "")
    assert max(len(line) for line in printed.out.splitlines()) <= 100
    assert printed.out.startswith("Wider implementation 2024-25 (wider): 3 successions\n")
    assert printed.out.endswith(
        "What is ahead is taken back before its day with: drumbeat undo ID\n"
    )
    assert [line.split("  ")[0] for line in printed.out.splitlines() if "/" in line] == [
        BEGUN,
        GONE,
        AHEAD,
    ]
    lines = listed("successions", "--json").said["successions"]
    assert [one["standing"] for one in lines] == ["begun", "taken_back", "ahead"]
    documented = section_of("successions").partition("JSON:")[2]
    assert [key for key in keys_of(lines) if f"`{key}`" not in documented] == []
    begun, gone, ahead = lines
    assert (begun["old"], begun["new"], begun["services"]) == (
        "=SUM(A1) Ward",
        "Alder Ward",
        ["SVC-16", "SVC-17"],
    )
    assert (gone["taken_back_by"], gone["new"]) == (LEAD, "ORG-02")
    assert (ahead["new_id"], ahead["new"], ahead["from_day"]) == (None, None, "2025-01-15")
    assert ahead["services"] == ["SVC-16", "SVC-17", "SVC-21", "SVC-40", "SVC-41"], "who withdrew"
    assert programme.asked == []


def test_a_listed_id_is_what_undo_takes(listed: Drumbeat, programme: FakeProgramme) -> None:
    """P01."""
    (ahead,) = (
        one
        for one in listed("successions", "--json").said["successions"]
        if one["standing"] == "ahead"
    )
    assert listed("undo", ahead["id"], "--as", COORDINATOR).code == ExitCode.DONE
    form = UndoForm(actor=COORDINATOR, edition=EDITION, succession=AHEAD)
    assert programme.asked == [("undo", form)]


def test_where_there_is_none_that_is_said(drumbeat: Drumbeat) -> None:
    printed = drumbeat("successions")
    assert printed.out == "Wider implementation 2024-25 (wider): 0 successions\n"
