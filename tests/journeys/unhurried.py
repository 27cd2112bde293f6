"""An edition for the real server's fast clock: nobody is asked before a slow machine could answer.

Only instants differ from the wider edition: interest closes two weeks before the coaching window
opens, and the steps of chases are weeks apart. Sessions that nobody records are still asked about
after one and two working days.
"""

from datetime import date, datetime

from schemas.delays import DelayValue, Unit
from schemas.edition import Edition
from schemas.obligations import ObligationKind
from schemas.policies import ChaseStep, EscalationPolicy
from tests.journeys.world import small_edition
from tests.planning.builders import at

BEGINS: datetime = at("2024-08-12", "08:07")
DEADLINE = date(2024, 8, 16)
WEEKS = DelayValue(amount=15, unit=Unit.WORKING_DAYS)
STEPS_IN_TIME = 2
"""Steps of a session's chase that keep their delays."""


def unhurried(edition_id: str, **changes: object) -> Edition:
    """Return the wider edition with two places, and no hurry."""
    edition = small_edition(edition_id)
    recruitment = edition.recruitment.model_copy(
        update={"deadline": DEADLINE, "offer_valid": WEEKS}
    )
    chases = tuple(_slower(policy) for policy in edition.chases)
    return edition.model_copy(update={"recruitment": recruitment, "chases": chases, **changes})


def _slower(policy: EscalationPolicy) -> EscalationPolicy:
    kept = STEPS_IN_TIME if policy.obligation is ObligationKind.SESSION_RECORD else 0
    steps = (*policy.steps[:kept], *(_later(step) for step in policy.steps[kept:]))
    return policy.model_copy(update={"steps": steps, "then": WEEKS})


def _later(step: ChaseStep) -> ChaseStep:
    return step if step.after.amount == 0 else step.model_copy(update={"after": WEEKS})
