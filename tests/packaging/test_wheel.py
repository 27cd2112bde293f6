"""The wheel: every room whole, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.tree import ROOMS, ROOT, tracked_files


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Build the wheel and return the names of the files in it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_holds_every_file_of_every_room(contents: set[str]) -> None:
    rooms = (*ROOMS, "editions")
    ours = {
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path.relative_to(ROOT).parts[0] in rooms
    }
    assert {name for name in contents if ".dist-info/" not in name} == {*ours, "worker.py"}


def test_what_is_not_code_is_in_it_too(contents: set[str]) -> None:
    for folder, ending in (
        ("editions/", ".toml"),
        ("messaging/templates/", ".toml"),
        ("storage/migrations/", ".mako"),
    ):
        assert any(name.startswith(folder) and name.endswith(ending) for name in contents)


def test_the_image_is_built_from_all_that_the_wheel_needs() -> None:
    lets_in = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    assert {*ROOMS, "editions", "worker.py", "pyproject.toml", "LICENSE"} <= lets_in
    assert all(Path(name).name == name for name in lets_in)


def test_the_image_runs_as_nobody_special_with_what_the_locks_name() -> None:
    lines = (ROOT / "Dockerfile").read_text()
    assert "\nUSER drumbeat\n" in lines
    installs = [line for line in lines.splitlines() if "pip install" in line]
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)
