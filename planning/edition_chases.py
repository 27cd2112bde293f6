"""Checks of an edition's escalation policies: every step reached, and somebody there to ask."""

from collections.abc import Iterator
from datetime import timedelta

from planning.edition_findings import (
    WORKING,
    Finding,
    no_time,
    nobody,
    nominal,
    one_of,
    twice,
    wrong_unit,
)
from planning.toml_lines import Path
from schemas.edition import Edition
from schemas.obligations import ObligationKind
from schemas.people import Role
from schemas.policies import ChaseStep, EscalationPolicy

PROGRAMME_ROLES = frozenset({Role.COORDINATOR, Role.PROGRAMME_LEAD, Role.OPS})
"""Roles that every installation fills."""

RECRUITMENT_ROLES = frozenset({Role.SERVICE_LEAD, Role.EXECUTIVE_SPONSOR})
"""Roles that an expression of interest names."""

PARTNER_ASKS = frozenset({Role.PARTNER, Role.COORDINATOR})
"""The only roles that a lived-experience partner's chase may ask."""


def chase_findings(edition: Edition) -> Iterator[Finding]:
    """Tell every fault of the escalation policies."""
    yield from twice(("chases",), "obligation", [one.obligation for one in edition.chases])
    known = known_roles(edition)
    for number, policy in enumerate(edition.chases):
        yield from _policy(("chases", number), policy, known)
        for step_number, step in enumerate(policy.steps):
            place: Path = ("chases", number, "steps", step_number)
            yield from _step(place, step, policy, known)
        yield from _zero_delays(("chases", number, "steps"), policy)
        if policy.holder is Role.PARTNER:
            yield from _partners_chase(("chases", number), policy)
        if policy.obligation is ObligationKind.ACCEPT_PLACE:
            yield from _after_expiry(("chases", number, "steps"), policy, edition)


def missing_policies(there: set[str]) -> Iterator[Finding]:
    """Tell each kind of obligation that has no policy; ``there`` are those that have one."""
    for kind in ObligationKind:
        if kind not in there:
            problem = f"no policy says how {kind.value!r} is chased"
            remedy = f'add a [[chases]] table with obligation = "{kind.value}"'
            yield Finding(("chases",), problem, remedy)


def known_roles(edition: Edition) -> frozenset[Role]:
    """Return the roles that somebody holds in this edition."""
    roles = set(PROGRAMME_ROLES | RECRUITMENT_ROLES)
    for kind in edition.sessions:
        roles |= {kind.coach, *kind.attends, *kind.held_with}
    return frozenset(roles)


def _policy(path: Path, policy: EscalationPolicy, known: frozenset[Role]) -> Iterator[Finding]:
    yield from nobody((*path, "holder"), policy.holder, known)
    yield from nobody((*path, "nobody"), policy.nobody, PROGRAMME_ROLES)
    yield from twice((*path, "steps"), "id", [step.id for step in policy.steps])
    for key, delay in (("then", policy.then), ("promise_max", policy.promise_max)):
        yield from wrong_unit((*path, key), delay, WORKING)
        yield from no_time((*path, key), delay)


def _step(
    place: Path, step: ChaseStep, policy: EscalationPolicy, known: frozenset[Role]
) -> Iterator[Finding]:
    yield from nobody((*place, "to"), step.to, known)
    yield from wrong_unit((*place, "after"), step.after, WORKING)
    if step.escalates != (step.to != policy.holder):
        problem = f"asks {step.to.value}, while the holder is {policy.holder.value}"
        remedy = f"write escalates = {'false' if step.escalates else 'true'}"
        yield Finding((*place, "escalates"), problem, remedy)


def _zero_delays(path: Path, policy: EscalationPolicy) -> Iterator[Finding]:
    """Tell steps at the moment of the one before, whose answer nobody could have given yet."""
    for number, step in enumerate(policy.steps):
        if number and not step.after.amount:
            problem = f"goes at the same moment as step {policy.steps[number - 1].id!r}"
            yield Finding((*path, number, "after"), problem, "write a delay of at least 1wh")


def _partners_chase(path: Path, policy: EscalationPolicy) -> Iterator[Finding]:
    problem = "a lived-experience partner's chase never goes beyond the coordinator"
    for number, step in enumerate(policy.steps):
        if step.to not in PARTNER_ASKS:
            yield Finding((*path, "steps", number, "to"), problem, one_of(PARTNER_ASKS))
    if policy.nobody is not Role.COORDINATOR:
        yield Finding((*path, "nobody"), problem, 'write nobody = "coordinator"')


def _after_expiry(path: Path, policy: EscalationPolicy, edition: Edition) -> Iterator[Finding]:
    """Tell steps that would ask for an acceptance when the offer has expired (R13)."""
    valid, passed = edition.recruitment.offer_valid, timedelta()
    for number, step in enumerate(policy.steps):
        passed += nominal(step.after)
        if passed >= nominal(valid):
            problem = f"never reached: the offer expires after {valid}"
            remedy = "ask earlier, or let offers stand longer"
            yield Finding((*path, number, "after"), problem, remedy)
