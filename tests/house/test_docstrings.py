"""Documented attributes are the real ones, so that a reader may trust them."""

import importlib
import inspect
import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from tests.house.tree import CODE, ROOT, name_of

MODULES = [
    name_of(path).removesuffix(".py").replace("/", ".")
    for path in CODE
    if path.is_relative_to(ROOT / "schemas") and path.name != "__init__.py"
]


def models(module: str) -> Iterator[type[BaseModel]]:
    """Yield the models that a module itself defines."""
    for _, value in inspect.getmembers(importlib.import_module(module), inspect.isclass):
        if issubclass(value, BaseModel) and value.__module__ == module:
            yield value


@pytest.mark.parametrize("module", MODULES)
def test_a_documented_attribute_is_a_field_and_not_a_memory(module: str) -> None:
    for model in models(module):
        section = (inspect.getdoc(model) or "").partition("\nAttributes:\n")[2]
        documented = set(re.findall(r"^    (\w+):", section, flags=re.MULTILINE))
        assert documented <= set(model.model_fields), model.__name__
