"""The oracle's changes of who comes: taken out of a session to come, brought into it (P01, E01)."""

from collections.abc import Iterable, Mapping

from schemas.messages import MessageKind
from schemas.people import Role
from tests.oracle.post import calendar_entry, correct, end, invite, plan, remind, revive
from tests.oracle.sessions import put
from tests.oracle.world import Course, Mail, Meeting, World


def to_come(world: World, course: Course) -> list[Meeting]:
    """Return what a course still has to come."""
    return [
        one
        for one in world.meetings_of(course)
        if one.state == "to_come" and (one.starts is None or one.starts > world.now)
    ]


def hand_over(world: World, one: Meeting, goes: Iterable[str], comes: Mapping[str, Role]) -> None:
    """Let some come instead of others; whoever is among both stays and hears nothing (M17)."""
    for person in dict.fromkeys(goes):
        if person not in comes:
            take_out(world, one, person)
    one.people.update({who: role for who, role in comes.items() if who in one.people})
    new = {who: role for who, role in comes.items() if who not in one.people}
    if new:
        _bring_in(world, one, new)


def take_out(world: World, one: Meeting, person: str) -> None:
    """Take somebody out of a session; who has it in their diary gets one cancellation (M17)."""
    if person not in one.people:
        return
    world.take_person(one, person)
    world.touch(one.course)
    for mail in _waiting(world, one, person):
        end(world, mail, "superseded", "nothing_to_say")
    if one.diaries.get(person) is not None:
        gone = calendar_entry(MessageKind.CANCELLATION, one, person, world.now)
        gone.sequence = max(one.sequence, world.versions.get((one.id, person), -1) + 1)
        plan(world, gone)


def _bring_in(world: World, one: Meeting, new: Mapping[str, Role]) -> None:
    """Invite them; whoever took the session out of their diary needs a new version of it."""
    for person, role in new.items():
        world.add_person(one, person, role)
    world.touch(one.course)
    if any(who in one.diaries and one.diaries[who] is None for who in new):
        put(world, one, one.starts, reason=one.reason)
        return
    for person in new:
        _say_again(world, one, person)
        if person not in one.diaries:
            invite(world, one, [person])
        remind(world, one, [person])
    correct(world, one, *new)
    world.heard_meeting(one)


def _say_again(world: World, one: Meeting, person: str) -> None:
    """Let go what was taken back, and nothing that would take an entry out."""
    for mail in _waiting(world, one, person):
        if mail.kind is MessageKind.CANCELLATION:
            end(world, mail, "superseded", "nothing_to_say")
    for mail in list(world.mails.values()):
        named = (mail.subject, mail.person, mail.reason)
        goes = mail.kind is not MessageKind.CANCELLATION
        if named == (one.id, person, "nothing_to_say") and goes:
            revive(world, mail)


def _waiting(world: World, one: Meeting, person: str) -> list[Mail]:
    return [
        mail for mail in world.waiting.values() if mail.subject == one.id and mail.person == person
    ]
