"""The oracle's new version of a running edition: what waits follows, what was done stays (M06)."""

from typing import Any

from schemas.edition import Edition
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind
from schemas.policies import EscalationPolicy
from tests.oracle.casting import to_come
from tests.oracle.chases import delay_of, schedule
from tests.oracle.deed import Deed
from tests.oracle.post import calendar_entry, end, invites_at, plan, reminders, revive
from tests.oracle.sessions import look_after
from tests.oracle.world import OPEN, Course, Mail, Meeting, No, World

CALLED = ("id", "obligation")
"""Keys by which an element of a list is called."""


def change(world: World, deed: Deed) -> None:
    """Let every course that goes on follow another version of the edition."""
    old = world.edition
    plain: dict[str, Any] = old.model_dump(mode="json")
    for path, value in deed.details.items():
        if path != "at":
            _lay(plain, path.split("."), value)
    new = Edition.model_validate({**plain, "version": old.version + 1})
    if world.home.ended:
        raise No("the edition has ended")
    world.edition = new
    for one in world.meetings.values():
        one.kind = new.session_kind(one.kind.id)
    courses: list[Course] = [world.home, *world.sponsors.values(), *world.wards.values()]
    for course in courses:
        if not course.ended:
            _follow(world, course, old)


def _lay(plain: Any, path: list[str], value: str) -> None:
    """Put a value where a path leads: keys of tables, names of elements of lists."""
    key, *rest = path
    if isinstance(plain, list):
        for one in plain:
            if key in {one.get(name) for name in CALLED}:
                _lay(one, rest, value)
    elif rest:
        _lay(plain[key], rest, value)
    else:
        plain[key] = value


def _follow(world: World, course: Course, old: Edition) -> None:
    for task in world.tasks_of(course):
        if task.state in OPEN:
            now = world.edition.policy(task.kind)
            task.steps = _taken(old.policy(task.kind), now, task.steps)
            if task.state != "stuck":
                schedule(world, task)
    for one in to_come(world, course):
        if one.starts is not None:
            _ask_later(world, one)
            _let_mail_follow(world, one)


def _taken(old: EscalationPolicy, new: EscalationPolicy, done: int) -> int:
    """Return how many steps count as taken: none is taken twice (M06)."""
    taken = {step.id for step in old.steps[:done]}
    last = [place for place, step in enumerate(new.steps, 1) if step.id in taken]
    return max(last, default=min(done, len(new.steps)))


def _ask_later(world: World, one: Meeting) -> None:
    if one.ends is None or one.record_due is None:
        return
    first = delay_of(ObligationKind.SESSION_RECORD, world)
    due = world.days.after(one.ends, first, world.rests(one.course))
    if due != one.record_due:
        one.record_due = due
        look_after(world, one)


def _let_mail_follow(world: World, one: Meeting) -> None:
    """Let each message go once, by the old or the new version (M06)."""
    known = {
        mail.key: mail
        for mail in world.mails.values()
        if mail.subject == one.id and mail.sequence == one.sequence
        if mail.kind in {MessageKind.REMINDER, MessageKind.INVITATION}
    }
    invited = [mail.person for mail in known.values() if mail.kind is MessageKind.INVITATION]
    wanted = list(reminders(world, one, list(one.people)))
    at = invites_at(world, one)
    wanted += [
        calendar_entry(MessageKind.INVITATION, one, person, at)
        for person in one.people
        if person in invited
    ]
    planned = {mail.key: mail for mail in wanted}
    for key, mail in known.items():
        now = planned.get(key)
        if now is None:
            if mail.kind is MessageKind.REMINDER and mail.state == "waiting":
                end(world, mail, "superseded", "policy_changed")
        elif now.due > world.now:
            _as_planned(world, mail, now)
    for key, mail in planned.items():
        if key not in known:
            plan(world, mail)


def _as_planned(world: World, mail: Mail, now: Mail) -> None:
    passed = mail.state == "too_late" and mail.kind is MessageKind.REMINDER
    if mail.state != "waiting" and not passed and mail.reason != "policy_changed":
        return
    changed = (mail.due, mail.useful, mail.asks) != (now.due, now.useful, now.asks)
    if mail.state == "waiting" and not changed:
        return
    mail.due, mail.useful, mail.asks = now.due, now.useful, now.asks
    revive(world, mail, whatever=True)
