"""Casts by chance: the same seed writes the same bytes, and all of it can be brought in."""

from pathlib import Path

import pytest

from rehearsal.cast_folder import CastFolder
from rehearsal.random_cast import MOST, write_random_cast
from rehearsal.script import Conduct, Verb
from runtime.import_checks import Known, check_sheet
from runtime.sheets import read_rows
from schemas.imports import SheetKind
from schemas.people import Channel
from tests.planning.builders import edition


def written(folder: Path, seed: int, services: int = 8) -> dict[str, bytes]:
    write_random_cast(folder, edition(), seed=seed, services=services)
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.csv"))
    }


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    assert written(tmp_path / "one", 7) == written(tmp_path / "two", 7)


def test_another_seed_writes_another_cast(tmp_path: Path) -> None:
    assert written(tmp_path / "one", 7) != written(tmp_path / "two", 8)


@pytest.mark.parametrize("services", [1, 3, MOST])
def test_every_line_can_be_brought_in(services: int, tmp_path: Path) -> None:
    written(tmp_path, 5, services)
    known = Known(ids={}, editions=frozenset({"wider"}), wards={})
    seen: dict[str, str] = {}
    for kind in SheetKind:
        path = tmp_path / f"{kind}.csv"
        if path.is_file():
            checked = check_sheet(read_rows(path), known, seen)
            assert [fault for fault in checked.faults if not fault.warning] == []
            assert checked.good


def test_its_script_can_be_played(tmp_path: Path) -> None:
    written(tmp_path, 5)
    script = CastFolder(tmp_path).script("wider")
    assert len(script.slots) == 8
    assert len({line.service for line in script.interests}) == 8


def test_in_twenty_casts_everything_happens_that_can(tmp_path: Path) -> None:
    """E01, E04-E08, E12-E14, E21, E24-E26, E28, E40: people and deeds of every kind come."""
    verbs: set[Verb | None] = set()
    conducts: set[Conduct] = set()
    people = ""
    for seed in range(20):
        folder = tmp_path / str(seed)
        written(folder, seed)
        script = CastFolder(folder).script("wider")
        verbs |= {line.verb for line in script.events} | {line.verb for line in script.answers}
        conducts |= {line.conduct for line in script.conducts.values()}
        people += (folder / "people.csv").read_text()
    # What is applied for and confirmed stands in other files.
    assert verbs | {Verb.APPLY, Verb.CONFIRM} == {*Verb, None}
    assert conducts == {*Conduct}
    assert all(f",{channel}," in people for channel in Channel)
    assert ",bad-address-" in people


@pytest.mark.parametrize("services", [0, MOST + 1])
def test_a_cast_of_nobody_or_of_too_many_is_refused(services: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"has 1 to {MOST} services, not {services}"):
        write_random_cast(tmp_path, edition(), seed=1, services=services)
