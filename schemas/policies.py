"""Reminder and escalation policies, as an edition file writes them."""

from datetime import time
from typing import Literal

from pydantic import Field

from schemas.base import Form
from schemas.delays import Delay
from schemas.obligations import ObligationKind
from schemas.people import Role

StepId = str


class ReminderStep(Form):
    """One reminder of a session, anchored to its start.

    Attributes:
        id: Name of the step, unique within the session kind, for example ``day-before``.
        before: How long before the session starts, in working or calendar days.
        at: Local time of day at which it goes.
        to: Roles reminded; each person taking part who holds one of them gets one message.
        asks: Whether it asks people to confirm, or informs; a confirmation stops the first
            only (M03).

    """

    id: StepId
    before: Delay
    at: time = time(9, 5)
    to: tuple[Role, ...]
    asks: Literal["confirm", "information"]


class ChaseStep(Form):
    """One step of an escalation policy.

    Attributes:
        id: Name of the step, unique within the policy.
        after: How long after the step before it (or after the obligation opened).
        to: Role that is asked; the holder of the obligation, or whoever it escalates to.
        escalates: Whether this goes beyond the holder.

    """

    id: StepId
    after: Delay
    to: Role
    escalates: bool = False


class EscalationPolicy(Form):
    """How an obligation is chased until somebody has done, waived or promised it (X04).

    Attributes:
        obligation: The kind of obligation that the policy is for.
        holder: Role whose obligation it is.
        steps: In order; each delay counts working time from the step before.
        then: How long after the last step the obligation becomes stuck.
        promise_max: The furthest that a promise may reach.
        promises: How many promises may follow one another.
        nobody: Role asked where a step's role is held by nobody.

    """

    obligation: ObligationKind
    holder: Role
    steps: tuple[ChaseStep, ...] = Field(min_length=1)
    then: Delay
    promise_max: Delay
    promises: int = Field(default=2, ge=0, le=10)
    nobody: Role = Role.COORDINATOR
