"""An edition for the real server's fast clock: nobody is asked before a slow machine could answer.

Only instants differ from the wider edition: recruitment ends in April, months before the coaching
window opens, the steps of a chase are weeks apart, and a withdrawal can be undone for weeks.
"""

from datetime import date, datetime

from schemas.delays import DelayValue, Unit
from schemas.edition import Edition
from schemas.obligations import ObligationKind
from schemas.policies import ChaseStep, EscalationPolicy
from tests.journeys.world import small_edition
from tests.planning.builders import at

BEGINS: datetime = at("2024-04-26", "17:07")
"""A Friday, and the last day on which interest is taken."""

DEADLINE = date(2024, 4, 26)
FOUR_WEEKS = DelayValue(amount=20, unit=Unit.WORKING_DAYS)
ONE_WEEK = DelayValue(amount=5, unit=Unit.WORKING_DAYS)
THREE_WEEKS = DelayValue(amount=21, unit=Unit.DAYS)
A_QUARTER = DelayValue(amount=60, unit=Unit.WORKING_DAYS)


def unhurried(edition_id: str, **changes: object) -> Edition:
    """Return the wider edition with two places, and no hurry."""
    edition = small_edition(edition_id)
    recruitment = edition.recruitment.model_copy(
        update={"deadline": DEADLINE, "offer_valid": A_QUARTER, "undo": THREE_WEEKS}
    )
    chases = tuple(_slower(policy) for policy in edition.chases)
    return edition.model_copy(update={"recruitment": recruitment, "chases": chases, **changes})


def _slower(policy: EscalationPolicy) -> EscalationPolicy:
    """Ask about a record after four weeks and again after five; about all else after a quarter."""
    asked = [_later(step) for step in policy.steps]
    if policy.obligation is ObligationKind.SESSION_RECORD:
        delays = (FOUR_WEEKS, ONE_WEEK, A_QUARTER)
        asked = [
            step.model_copy(update={"after": after})
            for step, after in zip(asked, delays, strict=True)
        ]
    return policy.model_copy(update={"steps": tuple(asked), "then": A_QUARTER})


def _later(step: ChaseStep) -> ChaseStep:
    return step if step.after.amount == 0 else step.model_copy(update={"after": A_QUARTER})
