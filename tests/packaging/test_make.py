"""The commands that a newcomer types, and the sentences where a machine lacks something."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT


def make(*words: str) -> subprocess.CompletedProcess[str]:
    """Run make with nothing of this process's environment but its path."""
    env = {"PATH": f"{Path(sys.executable).parent}:{os.defpath}"}
    return subprocess.run(
        ["make", *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def a_python(folder: Path, script: str) -> str:
    """Make something that calls itself Python."""
    path = folder / "python3"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return f"PYTHON={path}"


def test_make_alone_tells_what_there_is() -> None:
    told = make()

    assert told.returncode == 0
    for target in ("install", "demo", "up", "check", "test", "lock", "clean"):
        assert re.search(rf"^ +make {target} +\S", told.stdout, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 127", r"Drumbeat needs Python 3\.11 or later, and '.*python3' does not run: "),
        (
            'case "$2" in *version_info*) exit 1;; *platform*) echo 3.9.2;; esac',
            r"Drumbeat needs Python 3\.11 or later, and '.*python3' is 3\.9\.2: name a later one",
        ),
        (
            'case "$2" in *ensurepip*) exit 1;; esac',
            r"Drumbeat needs Python's venv module, .*: apt-get install python3-venv\.",
        ),
    ],
)
def test_what_a_machine_lacks_is_one_sentence(tmp_path: Path, script: str, said: str) -> None:
    told = make("python", a_python(tmp_path, script))

    assert told.returncode != 0
    assert told.stdout == ""
    sentence, *rest = told.stderr.splitlines()
    assert re.match(said, sentence)
    assert all("make" in line and "Error 1" in line for line in rest)


def test_the_python_that_runs_the_tests_would_do() -> None:
    assert make("python", f"PYTHON={sys.executable}").returncode == 0


def test_the_launcher_says_what_to_do_where_nothing_is_installed(tmp_path: Path) -> None:
    launcher = shutil.copy(ROOT / "drumbeat", tmp_path)

    told = subprocess.run([launcher], capture_output=True, text=True, check=False)

    assert told.returncode == 1
    assert told.stderr == f"Drumbeat is not installed yet: run 'make install' in {tmp_path}.\n"


def test_the_launcher_hands_on_every_word_as_it_is(tmp_path: Path) -> None:
    launcher = shutil.copy(ROOT / "drumbeat", tmp_path)
    command = tmp_path / ".venv" / "bin" / "drumbeat"
    command.parent.mkdir(parents=True)
    command.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    command.chmod(0o755)

    told = subprocess.run([launcher, "why", "a b", ""], capture_output=True, text=True, check=True)

    assert told.stdout == "why\na b\n\n"
