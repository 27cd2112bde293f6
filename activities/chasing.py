"""Obligations inside a course transaction: opened, chased, promised, closed."""

from datetime import datetime

from activities.holders import holders_of
from activities.transaction import CourseTransaction
from planning.escalation import asked, due_at
from schemas.ids import obligation_id
from schemas.letters import Topic
from schemas.messages import MessageKind, MessageReason
from schemas.obligations import Obligation, ObligationKind, ObligationState
from schemas.policies import ChaseStep, EscalationPolicy
from storage import contradictions, courses, ledger, obligations, people

STUCK = "stuck"
CONFLICT = "conflicting_records"
VACANT = "sponsor_vacant"


def open_obligation(
    transaction: CourseTransaction,
    kind: ObligationKind,
    *,
    subject: str = "",
    holder_id: str | None = None,
    opened_at: datetime | None = None,
) -> Obligation:
    """Open an obligation and plan its first step; one that is open already stays as it is."""
    existing = obligations.obligations_of(transaction.rows, transaction.course.id, kind)
    about = subject or transaction.course.id
    for one in existing:
        if one.subject == about and one.state.is_open:
            return one
    policy = transaction.edition.policy(kind)
    found = holders_of(transaction, policy.holder)
    ordinal = len(existing) + 1
    new = Obligation(
        id=obligation_id(
            transaction.course.edition_id, transaction.course.subject_id, kind, ordinal
        ),
        course_id=transaction.course.id,
        edition_id=transaction.course.edition_id,
        kind=kind,
        subject=about,
        ordinal=ordinal,
        holder_id=holder_id or (found[0] if found else None),
        opened_at=opened_at or transaction.at,
    )
    new = _with_next(transaction, new)
    obligations.add_obligation(transaction.rows, new)
    transaction.note("obligation.opened", new.id, kind=kind.value)
    return new


def next_instant(transaction: CourseTransaction, one: Obligation) -> datetime | None:
    """Return when an obligation's next step is due; none while a pause without an end runs."""
    return due_at(
        transaction.edition.policy(one.kind),
        one,
        transaction.calendar,
        transaction.edition.mail,
        transaction.pauses(),
    )


def put_off(transaction: CourseTransaction, one: Obligation) -> bool:
    """Write nothing of a step that is not due yet, or not any more, but its new instant (X04).

    Returns:
        False where the step may be taken: it is due, and no pause covers the moment.

    """
    later = next_instant(transaction, one)
    paused = any(pause.covers(transaction.at) for pause in transaction.pauses())
    if later is not None and later <= transaction.at and not paused:
        return False
    obligations.save_obligation(transaction.rows, one.model_copy(update={"next_at": later}))
    transaction.note("chase.put_off", one.id)
    return True


def put_off_all(transaction: CourseTransaction) -> None:
    """Give every open obligation the instant that follows from the pauses as they are now."""
    for one in obligations.obligations_of(transaction.rows, transaction.course.id):
        if one.state.is_open and one.next_at != next_instant(transaction, one):
            obligations.save_obligation(transaction.rows, _with_next(transaction, one))


def take_chase_step(transaction: CourseTransaction, one: Obligation) -> str:
    """Take the step that is due: ask somebody, or leave it to a person as stuck (X04, R10).

    A step due in a pause writes nothing and gets a new instant.
    """
    if put_off(transaction, one):
        return "put_off"
    policy = transaction.edition.policy(one.kind)
    if one.steps_done >= len(policy.steps):
        stuck = one.model_copy(update={"state": ObligationState.STUCK, "next_at": None})
        obligations.save_obligation(transaction.rows, stuck)
        transaction.note("obligation.stuck", one.id, kind=one.kind.value)
        settle_attention(transaction)
        return STUCK
    step = policy.steps[one.steps_done]
    for person_id in whom(transaction, policy, step, one):
        _ask(transaction, one, step, person_id)
    done = {"steps_done": one.steps_done + 1, "since_at": transaction.at}
    taken = _with_next(transaction, one.model_copy(update=done))
    obligations.save_obligation(transaction.rows, taken)
    event = "chase.escalated" if step.escalates else "chase.asked"
    transaction.note(event, one.id, step=step.id)
    return step.id


def _with_next(transaction: CourseTransaction, one: Obligation) -> Obligation:
    return one.model_copy(update={"next_at": next_instant(transaction, one)})


def whom(
    transaction: CourseTransaction, policy: EscalationPolicy, step: ChaseStep, one: Obligation
) -> tuple[str, ...]:
    """Return whom a step asks: its holder, or the next person where that one is away (X05)."""
    held = {role: holders_of(transaction, role) for role in (step.to, policy.nobody)}
    everybody = {person for found in held.values() for person in found}
    if one.holder_id is not None:
        everybody.add(one.holder_id)
    today = transaction.calendar.day_of(transaction.at)
    away = people.absent(transaction.rows, everybody, today)
    return asked(policy, step, one, held, away)


def _ask(transaction: CourseTransaction, one: Obligation, step: ChaseStep, person_id: str) -> None:
    beyond = step.escalates or one.holder_id not in {None, person_id}
    kind = MessageKind.ESCALATION if beyond else MessageKind.CHASE
    message = transaction.messages.message(
        kind,
        Topic.of_obligation(one.kind),
        one.id,
        person_id,
        step=step.id,
        sequence=one.generation,
    )
    transaction.plan([message])


def close_obligation(
    transaction: CourseTransaction, one: Obligation, state: ObligationState, reason: str = ""
) -> None:
    """Close an obligation; what waits of its chase is judged, and ended, when it falls due."""
    closed = one.model_copy(
        update={
            "state": state,
            "next_at": None,
            "closed_at": transaction.at,
            "closed_by": transaction.command.actor,
            "reason": reason or transaction.command.reason or None,
        }
    )
    obligations.save_obligation(transaction.rows, closed)
    transaction.note(f"obligation.{state.value}", one.id, kind=one.kind.value)
    settle_attention(transaction)


def settle_attention(transaction: CourseTransaction) -> None:
    """Let the course say that something is stuck for as long as something is."""
    known = obligations.obligations_of(transaction.rows, transaction.course.id)
    stuck = any(one.state is ObligationState.STUCK for one in known)
    if stuck and not transaction.course.attention:
        transaction.save(attention=STUCK)
    if not stuck and transaction.course.attention == STUCK:
        disputed = contradictions.any_unsettled(transaction.rows, transaction.course.id)
        transaction.save(attention=CONFLICT if disputed else _of_the_post(transaction))


def _of_the_post(transaction: CourseTransaction) -> str:
    """Return what a person must see of a service whose sponsor has left; else nothing (E05)."""
    enrolment = courses.enrolment(transaction.rows, transaction.course.id)
    return VACANT if enrolment is not None and enrolment.sponsor_vacant else ""


def close_all(
    transaction: CourseTransaction,
    state: ObligationState,
    *,
    kind: ObligationKind | None = None,
    subject: str = "",
    reason: str = "",
) -> int:
    """Close every open obligation of the course that matches; return how many there were."""
    matching = [
        one
        for one in obligations.obligations_of(transaction.rows, transaction.course.id, kind)
        if one.state.is_open and (not subject or one.subject == subject)
    ]
    for one in matching:
        close_obligation(transaction, one, state, reason)
    return len(matching)


def reopen(
    transaction: CourseTransaction, subject: str, reason: str, *kinds: ObligationKind
) -> None:
    """Chase on what was cancelled for a reason that no longer holds; nobody is asked twice."""
    for one in obligations.obligations_of(transaction.rows, transaction.course.id):
        if one.subject != subject or one.state is not ObligationState.CANCELLED:
            continue
        if one.reason == reason and (not kinds or one.kind in kinds):
            again = {"state": ObligationState.OPEN, "since_at": transaction.at}
            again |= dict.fromkeys(("closed_at", "closed_by", "reason"))
            opened = _with_next(transaction, one.model_copy(update=again))
            obligations.save_obligation(transaction.rows, opened)
            ledger.revive_about(transaction.rows, one.id, MessageReason.ALREADY_DONE)
            transaction.note("obligation.reopened", one.id, kind=one.kind.value)
