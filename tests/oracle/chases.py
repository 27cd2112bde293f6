"""The oracle's chases: who is asked for what, when, and when a person decides (R10, X01, X04)."""

from datetime import datetime, timedelta

from schemas.delays import DelayValue
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind
from schemas.people import Role
from schemas.policies import ChaseStep
from tests.oracle.days import DAY, awake
from tests.oracle.post import plan
from tests.oracle.world import OPEN, Course, Mail, No, Task, Ward, World

DEEDS = {
    "selection_decision", "place_decision", "accept_place", "commitments", "team_named",
    "coach_assigned", "slot_chosen", "event_dated", "sponsor_session_set", "session_record",
}  # fmt: skip
"""What nobody can call done without doing it."""


def open_task(
    world: World,
    course: Course,
    kind: str,
    *,
    about: str = "",
    holder: str | None = None,
    opened: datetime | None = None,
) -> Task:
    """Open an obligation; one about the same that is open stays as it is."""
    known = world.tasks_of(course, kind)
    for one in known:
        if one.about == (about or course.id) and one.state in OPEN:
            return one
    policy = world.edition.policy(kind)
    held = world.holders(course, policy.holder)
    task = Task(
        id=f"{world.edition.id}/{course.subject}/{kind}/{len(known) + 1}",
        course=course,
        kind=kind,
        about=about or course.id,
        holder=holder or (held[0] if held else None),
        opened=opened or world.now,
    )
    world.add_task(task)
    schedule(world, task)
    world.heard_task(task)
    return task


def schedule(world: World, task: Task) -> None:
    """Work out when something is next done about a task, and wait for it; in no rest (X04)."""
    due = _due(world, task)
    if due is not None and due <= world.now:
        due = awake(world.now, world.rests(task.course))
    task.next = due
    world.touch(task.course)
    if task.next is not None:
        at, name = task.next, f"{task.course.id}|chase|{task.id}"
        world.when(at, lambda: _fall_due(world, task, at), name=name)


def reschedule(world: World, course: Course) -> None:
    """Work everything of a course out again: a pause was made or ended (X04)."""
    for task in world.tasks_of(course):
        if task.state in {"open", "promised"} and task.next != _due(world, task):
            schedule(world, task)


def take_up_again(world: World, course: Course) -> None:
    """Go on chasing where a withdrawal was taken back."""
    for task in world.tasks_of(course):
        if task.state in {"open", "promised"}:
            schedule(world, task)


def _due(world: World, task: Task) -> datetime | None:
    days, rests = world.days, world.rests(task.course)
    if task.state == "promised" and task.promised_until is not None:
        return days.opening(task.promised_until, rests)
    if task.state != "open":
        return None
    policy, since = world.edition.policy(task.kind), task.since or task.opened
    if task.steps >= len(policy.steps):
        return days.after(since, policy.then, rests)
    if task.generation and not task.steps:
        return days.opening(since, rests)
    return days.after(since, policy.steps[task.steps].after, rests)


def _fall_due(world: World, task: Task, at: datetime) -> None:
    if task.next != at or task.state not in {"open", "promised"} or task.course.ended:
        return
    if isinstance(task.course, Ward) and task.course.withdrawn is not None:
        return
    if task.state == "promised":
        task.state, task.generation, task.steps = "open", task.generation + 1, 0
        task.promised_until, task.since = None, world.now
        schedule(world, task)
    elif task.kind == "event_partner" and partner_confirmed(world, task.about):
        close(world, task, "done")
    else:
        _ask(world, task)


def _ask(world: World, task: Task) -> None:
    """Take the step that is due; after the last one a person must decide."""
    policy = world.edition.policy(task.kind)
    if task.steps >= len(policy.steps):
        task.state, task.next = "stuck", None
        return
    step = policy.steps[task.steps]
    for person in _asked(world, task, step):
        beyond = step.escalates or task.holder not in {None, person}
        mail = Mail(
            MessageKind.ESCALATION if beyond else MessageKind.CHASE,
            task.kind,
            task.id,
            task.generation,
            step.id,
            person,
            task.course,
            world.now,
        )
        plan(world, mail)
    task.steps, task.since = task.steps + 1, world.now
    schedule(world, task)


def _asked(world: World, task: Task, step: ChaseStep) -> list[str]:
    """Return whom a step asks; somebody else where they are away (X05)."""
    policy, today = world.edition.policy(task.kind), world.days.day(world.now)
    away = world.people.away
    if step.to == policy.holder and task.holder and not away(task.holder, today):
        return [task.holder]
    present = [one for one in world.holders(task.course, step.to) if not away(one, today)]
    return present or world.holders(task.course, policy.nobody)


def partner_confirmed(world: World, meeting: str) -> bool:
    """Tell whether a partner has said that they will be there (X12)."""
    one = world.meetings[meeting]
    return any(one.people.get(who) is Role.PARTNER for who in one.confirmed)


def close(world: World, task: Task, state: str, reason: str = "") -> None:
    """Close a task."""
    task.state, task.reason, task.closed, task.next = state, reason, world.now, None
    world.touch(task.course)


def close_all(
    world: World, course: Course, state: str, *, kind: str = "", about: str = "", reason: str = ""
) -> None:
    """Close all that match."""
    for task in world.tasks_of(course, kind):
        if task.state in OPEN and about in {"", task.about}:
            close(world, task, state, reason)


def reopen(world: World, course: Course, about: str, reason: str, *kinds: str) -> None:
    """Chase on what was closed for a reason that no longer holds."""
    for task in world.tasks_of(course):
        closed_so = (task.about, task.state, task.reason) == (about, "cancelled", reason)
        if closed_so and (not kinds or task.kind in kinds):
            task.state, task.reason, task.closed, task.since = "open", "", None, world.now
            schedule(world, task)
            world.heard_task(task)


def promise(world: World, task: Task, days: int) -> None:
    """Hold a chase until the end of a day (X04)."""
    policy = world.edition.policy(task.kind)
    if task.state not in OPEN or task.promises >= policy.promises:
        raise No("it is closed, or was promised too often")
    until = world.days.day(world.now) + timedelta(days=days)
    limit = world.days.after(world.now, policy.promise_max, world.rests(task.course))
    if limit is not None and until > world.days.day(limit):
        raise No("too far off")
    task.state, task.promises = "promised", task.promises + 1
    task.promised_until = world.days.at(until + DAY)
    schedule(world, task)


def settle_by_hand(world: World, task: Task, *, waived: bool) -> None:
    """Say that something is done, or waive it."""
    if task.state not in OPEN:
        raise No("it is closed already")
    if not waived and task.kind in DEEDS:
        raise No("it is done by the deed itself")
    if task.kind == "session_record":
        world.meetings[task.about].record_due = None
    close(world, task, "waived" if waived else "done")


def reach_people(world: World) -> None:
    """Ask a coordinator to see to whoever no mail reaches (M11, M20)."""
    if world.home.ended or not (world.bad or world.phoned):
        return
    known = {(one.kind, one.about): one for one in world.tasks_of(world.home)}
    for person in sorted(world.bad & world.written):
        if ("bad_address", person) not in known:
            open_task(world, world.home, "bad_address", about=person)
    for person, last in sorted(world.phoned.items()):
        before = known.get(("phone_call", person))
        if before is None or (before.closed is not None and before.closed < last):
            open_task(world, world.home, "phone_call", about=person)


def delay_of(kind: ObligationKind, world: World) -> DelayValue:
    """Return after how long an obligation is first chased."""
    return world.edition.policy(kind).steps[0].after
