"""What can be set, and what is logged, is written down where operators look."""

import ast
import re

import pytest

from runtime.settings import Settings, variable_for
from tests.house.test_log_events import log_calls
from tests.house.tree import CODE, ROOT

PAGE = ROOT / "docs" / "operations.md"
EVENTS = sorted({ast.literal_eval(call.args[0]) for path in CODE for call in log_calls(path)})


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_a_setting_is_in_the_operations_page(field: str) -> None:
    assert f"`{variable_for(field)}`" in PAGE.read_text()


@pytest.mark.parametrize("event", EVENTS)
def test_a_log_event_is_in_the_operations_page(event: str) -> None:
    assert f"`{event}`" in PAGE.read_text()


def test_the_operations_page_tells_of_no_event_that_is_not_logged() -> None:
    told = re.findall(r"^\| `(\w+\.\w+)` \|", PAGE.read_text(), flags=re.MULTILINE)
    assert sorted(set(told) - set(EVENTS)) == []
