"""The circuit breaker of the mail channel, as the installation's row keeps it."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy.orm import Session as Rows

from messaging.breaker import CLOSED, Breaker, after
from messaging.channel import Outcome
from storage.installation import Installation, installation, set_breaker

_BREAKER = TypeAdapter(Breaker)


def breaker_of(installed: Installation) -> Breaker:
    """Return the breaker's state."""
    return _BREAKER.validate_python(installed.breaker) if installed.breaker else CLOSED


def note_outcomes(rows: Rows, outcomes: Iterable[Outcome], real_now: datetime) -> Breaker:
    """Let the breaker follow some outcomes, in their order, and keep it."""
    before = breaker_of(installation(rows))
    breaker = before
    for outcome in outcomes:
        breaker = after(breaker, outcome, real_now)
    if breaker != before:
        set_breaker(rows, _BREAKER.dump_python(breaker, mode="json"))
    return breaker
