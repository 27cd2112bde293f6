"""What is changed of an edition, laid over it key by key; elements of lists by their names."""

from collections.abc import Mapping
from typing import Any

from schemas.edition import Edition

NAMED_BY = {"sessions": "id", "chases": "obligation", "reminders": "id", "steps": "id"}
"""Lists whose elements are called by one of their keys."""
SAID_OTHERWISE = {"at"}
"""Details of an act that say nothing of the edition."""


def laid_over(plain: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with changes laid over it, key by key; named elements of lists by name."""
    found = dict(plain)
    for key, change in changes.items():
        known = found.get(key)
        if isinstance(change, dict) and isinstance(known, dict):
            found[key] = laid_over(known, change)
        elif isinstance(change, dict) and key in NAMED_BY and known is not None:
            name = NAMED_BY[key]
            found[key] = [laid_over(one, change.get(str(one[name]), {})) for one in known]
        else:
            found[key] = change
    return found


def changes_of(details: Mapping[str, str]) -> dict[str, Any]:
    """Return what an act says as a table: each name is a path, such as ``missed.in_a_row``."""
    found: dict[str, Any] = {}
    for path, value in details.items():
        if path in SAID_OTHERWISE:
            continue
        *tables, last = path.split(".")
        table = found
        for one in tables:
            table = table.setdefault(one, {})
        table[last] = value
    return found


def changed(edition: Edition, changes: Mapping[str, Any]) -> Edition:
    """Return the next version of an edition; where all is so already it stays as it is."""
    new = Edition.model_validate(laid_over(edition.model_dump(), changes))
    if new == edition:
        return edition
    return new.model_copy(update={"version": edition.version + 1})
