"""A new version of a running edition at the door: kept under a name, told in a dry run (M06)."""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from planning.edition_change import consequences, differences, refusals
from schemas.edition import Edition
from storage import editions, policy_change

NAME_LENGTH = 12


def proposed(rows: Session, edition: Edition, at: datetime) -> str:
    """Keep a version that somebody asks for, and return its name: the same one has the same."""
    digest = hashlib.sha256(edition.model_dump_json().encode()).hexdigest()[:NAME_LENGTH]
    name = f"{edition.id}/{edition.version}/{digest}"
    policy_change.propose(rows, name, edition, at)
    return name


def told_of(rows: Session, edition: Edition) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what cannot be, and what changes and stays: nothing where nothing differs.

    Raises:
        LookupError: The edition was never opened.

    """
    old = editions.latest_edition(rows, edition.id)
    running = policy_change.running(rows, edition.id)
    told = differences(old, edition)
    if not told:
        return (), ()
    return refusals(old, edition, running), (*told, *consequences(old, edition, running))
