"""Chases: when the next step of an escalation policy is due, and how a promise holds it.

A chase is anchored to a state: an obligation is still open. Its steps follow one another in working
time while not paused (X04, X07). After the last one the obligation is *stuck*: a person decides.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from planning.calendar import ONE_DAY, WorkingCalendar
from planning.working_time import Interval, after, next_open
from schemas.edition import MailRules
from schemas.obligations import Obligation, ObligationState
from schemas.people import Role
from schemas.policies import ChaseStep, EscalationPolicy


@dataclass(frozen=True)
class ChaseProgress:
    """How far the chase of one obligation has come.

    Attributes:
        since: When the obligation opened, the last step was taken or the promise lapsed. A step
            counts from when it was really taken, so that nothing bursts after an outage.
        steps_done: Steps taken in this generation.
        lapsed: Whether ``since`` is the lapse of a promise: then the first step is due at once.

    """

    since: datetime
    steps_done: int = 0
    lapsed: bool = False


@dataclass(frozen=True)
class NextStep:
    """What comes next in a chase.

    Attributes:
        step: The step to take; none when the obligation becomes stuck instead.
        due_at: When, UTC and in the mail window; none while a pause without an end runs.

    """

    step: ChaseStep | None
    due_at: datetime | None


def next_step(
    policy: EscalationPolicy,
    progress: ChaseProgress,
    calendar: WorkingCalendar,
    mail: MailRules,
    pauses: Sequence[Interval] = (),
) -> NextStep:
    """Return the next step of a chase; its delay counts from the step before (R10, X01).

    After the last step comes the moment at which the obligation becomes stuck. One that is stuck
    already has no next step: do not ask.
    """
    if progress.steps_done >= len(policy.steps):
        return NextStep(None, after(progress.since, policy.then, calendar, mail, pauses))
    step = policy.steps[progress.steps_done]
    if progress.lapsed:
        return NextStep(step, next_open(progress.since, calendar, mail, pauses))
    return NextStep(step, after(progress.since, step.after, calendar, mail, pauses))


def due_at(
    policy: EscalationPolicy,
    obligation: Obligation,
    calendar: WorkingCalendar,
    mail: MailRules,
    pauses: Sequence[Interval] = (),
) -> datetime | None:
    """Return when something is next done about an obligation: a step, or the lapse of a promise.

    It follows from the obligation and the pauses as they are now. So a pause that is made, changed
    or ended moves it, whether it covers the instant or only some of the time before it (X04, X07).

    Returns:
        None where the obligation is stuck or closed, and while a pause without an end runs.

    """
    if obligation.state is ObligationState.PROMISED and obligation.promised_until is not None:
        promised_day = calendar.day_of(obligation.promised_until) - ONE_DAY
        return lapses_at(promised_day, calendar, mail, pauses)
    if obligation.state is not ObligationState.OPEN:
        return None
    progress = ChaseProgress(
        since=obligation.since_at or obligation.opened_at,
        steps_done=obligation.steps_done,
        lapsed=obligation.generation > 0 and obligation.steps_done == 0,
    )
    return next_step(policy, progress, calendar, mail, pauses).due_at


def promise_limit(
    policy: EscalationPolicy,
    at: datetime,
    calendar: WorkingCalendar,
    mail: MailRules,
    pauses: Sequence[Interval] = (),
) -> date | None:
    """Return the last day that somebody may promise at ``at``; none while an endless pause runs."""
    latest = after(at, policy.promise_max, calendar, mail, pauses)
    return None if latest is None else calendar.day_of(latest)


def may_promise(policy: EscalationPolicy, obligation: Obligation) -> bool:
    """Tell whether one more promise is accepted (X04)."""
    return obligation.promises < policy.promises


def lapses_at(
    promised_day: date,
    calendar: WorkingCalendar,
    mail: MailRules,
    pauses: Sequence[Interval] = (),
) -> datetime | None:
    """Return when a promise for ``promised_day`` lapses: the working morning after that day."""
    return next_open(calendar.instant(promised_day + ONE_DAY, time()), calendar, mail, pauses)


def promise_lapsed(obligation: Obligation) -> Obligation:
    """Return the obligation after its promise lapsed: a new generation, chased from the start."""
    return obligation.model_copy(
        update={
            "state": ObligationState.OPEN,
            "generation": obligation.generation + 1,
            "steps_done": 0,
            "promised_until": None,
        }
    )


def asked(
    policy: EscalationPolicy,
    step: ChaseStep,
    obligation: Obligation,
    holders: Mapping[Role, Sequence[str]],
    absent: Collection[str] = (),
) -> tuple[str, ...]:
    """Return whom a step asks.

    A step to the policy's holder asks the one who holds this obligation. Any other goes to all
    who hold its role. Who is absent is passed over for those who hold the same role (X05); where
    nobody is left it is the policy's ``nobody`` role, absent or not, so that no step is ever lost.
    """
    holder = obligation.holder_id
    if step.to == policy.holder and holder is not None and holder not in absent:
        return (holder,)
    present = tuple(person for person in holders.get(step.to, ()) if person not in absent)
    return present or tuple(holders.get(policy.nobody, ()))
