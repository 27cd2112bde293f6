"""Every rule in scope is held by a test that carries its id."""

import pytest

from tests.house.rules import RULES_IN_SCOPE, mapping, promises


@pytest.mark.parametrize("rule", RULES_IN_SCOPE)
def test_a_rule_in_scope_is_held_by_a_test(rule: str) -> None:
    assert mapping().get(rule), f"docs/rules.md names no test for {rule}"


def test_a_test_that_the_page_names_exists_and_carries_the_rule() -> None:
    known = promises()
    wrong = [
        f"{rule}: {test}"
        for rule, tests in mapping().items()
        for test in tests
        if rule not in known.get(test, set())
    ]
    assert wrong == []
