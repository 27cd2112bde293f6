"""What can be set is written down where operators look."""

import pytest

from runtime.settings import Settings, variable_for
from tests.house.tree import ROOT

PAGE = ROOT / "docs" / "operations.md"

# Take this mark away once docs/operations.md is there.
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="docs/operations.md is not written yet")


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_a_setting_is_in_the_operations_page(field: str) -> None:
    assert f"`{variable_for(field)}`" in PAGE.read_text()
