"""The reference of the edition file says what the schemas say."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from schemas.delays import Unit
from schemas.edition import (
    Caseload,
    Commitment,
    Edition,
    EventStage,
    MailRules,
    Missed,
    Phase,
    PlannedPause,
    ProviderEligibility,
    Recruitment,
    SessionKind,
    Window,
)
from schemas.obligations import ObligationKind
from schemas.people import ProviderKind, Role, ServiceType
from schemas.policies import ChaseStep, EscalationPolicy, ReminderStep
from schemas.sessions import Cadence

REFERENCE = (Path(__file__).parents[2] / "docs" / "edition-file.md").read_text(encoding="utf-8")

TABLES: dict[str, type[BaseModel]] = {
    "Edition": Edition,
    "Window": Window,
    "Phases": Phase,
    "Pauses": PlannedPause,
    "Recruitment": Recruitment,
    "Providers": ProviderEligibility,
    "Commitments": Commitment,
    "Sessions": SessionKind,
    "Reminders": ReminderStep,
    "Stages": EventStage,
    "Mail": MailRules,
    "Caseloads": Caseload,
    "Missed": Missed,
    "Chases": EscalationPolicy,
    "Steps": ChaseStep,
}


def section(title: str) -> str:
    """Return the text under a heading."""
    found = re.search(rf"(?ms)^(#+) {title}\n(.*?)(?=^#{{1,3}} |\Z)", REFERENCE)
    assert found is not None, title
    return found[2]


def rows(title: str) -> dict[str, str]:
    """Return what each key of a section's table needs."""
    return dict(re.findall(r"(?m)^\| `([^`]+)` \| (.*?) \|", section(title)))


def written(value: Any) -> str:
    """Return a default as the reference writes it."""
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return "[" + ", ".join(written(one) for one in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def models_of(model: type[BaseModel]) -> set[type[BaseModel]]:
    found = {model}
    for field in model.model_fields.values():
        for inner in re.findall(r"schemas\.(?:edition|policies)\.(\w+)", repr(field.annotation)):
            found |= models_of(next(one for one in TABLES.values() if one.__name__ == inner))
    return found


def test_every_table_of_the_file_has_its_section() -> None:
    assert models_of(Edition) == set(TABLES.values())
    headings = re.findall(r"(?m)^### (.+)$", REFERENCE)
    assert headings == list(TABLES)


@pytest.mark.parametrize("title", TABLES)
def test_every_key_is_explained_and_no_other(title: str) -> None:
    assert list(rows(title)) == list(TABLES[title].model_fields)


@pytest.mark.parametrize("title", TABLES)
def test_what_holds_without_a_key_is_what_the_reference_says(title: str) -> None:
    for key, needed in rows(title).items():
        field = TABLES[title].model_fields[key]
        if field.is_required():
            assert needed == "yes", key
        elif isinstance(field.default, BaseModel):
            assert needed.startswith("as [below]"), key
        else:
            assert field.default is not PydanticUndefined
            default = written(field.default)
            assert needed.strip("`") == default, key


@pytest.mark.parametrize("words", [Role, ServiceType, ProviderKind, ObligationKind])
def test_every_word_is_listed(words: type[StrEnum]) -> None:
    named = set(re.findall(r"`(\w+)`", section("Words")))
    assert {word.value for word in words} <= named


def test_no_word_is_listed_that_does_not_exist() -> None:
    named = set(re.findall(r"`(\w+)`", section("Words")))
    known = {
        word.value for words in (Role, ServiceType, ProviderKind, ObligationKind) for word in words
    }
    assert named == known


def test_units_and_cadences_are_listed() -> None:
    units = re.findall(r"(?m)^\| `(\w+)` \| ", section("How values are written"))
    assert units == [unit.value for unit in Unit]
    for cadence in Cadence:
        assert f'`"{cadence}"`' in rows("Sessions")["cadence"] + section("Sessions")


def test_every_link_leads_to_a_heading() -> None:
    headings = {heading.lower() for heading in re.findall(r"(?m)^#+ (.+)$", REFERENCE)}
    for target in re.findall(r"\]\(#([\w-]+)\)", REFERENCE):
        assert target in headings
