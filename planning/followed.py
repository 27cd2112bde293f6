"""Which people and messages of a session follow another version, and which stay (M06, E31)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.edition import SessionKind
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from schemas.people import Role
from schemas.sessions import Participant

RULED = ("due_at", "useful_until", "asks")
"""What a policy says of a message."""


@dataclass(frozen=True)
class Followed:
    """What is written so that each step goes once overall, under the old or the new policy.

    Attributes:
        new: Messages that only the new policy plans.
        changed: Messages as they are from now on; they wait, perhaps again.
        retired: Messages that the new policy no longer plans.

    """

    new: tuple[Message, ...]
    changed: tuple[Message, ...]
    retired: tuple[Message, ...]


@dataclass(frozen=True)
class Recast:
    """Who of a session changes where its kind is attended by other roles.

    Attributes:
        goes: Who comes no longer.
        comes: Who comes from now on, or comes in another role than before.

    """

    goes: tuple[str, ...] = ()
    comes: tuple[tuple[str, Role], ...] = ()


def recast(
    was: SessionKind, now: SessionKind, part: Sequence[Participant], wanted: Mapping[str, Role]
) -> Recast:
    """Compare who comes to a session with whom the new version of its kind wants.

    Only roles that attend by one version and not by the other change anything: whoever leads the
    session, for somebody who is away too, and whoever a person has taken out of it stay so.

    Args:
        was: The kind by which the session was cast.
        now: The kind by which it goes on.
        part: Who comes.
        wanted: Whom the kind wants now.

    """
    left, new = set(was.attends) - set(now.attends), set(now.attends) - set(was.attends)
    there = {one.person_id: one.role for one in part if one.role is not now.coach}
    leads = {one.person_id for one in part if one.role is now.coach}
    gone = [one for one, role in there.items() if role in left]
    comes = [
        (one, role)
        for one, role in wanted.items()
        if one not in leads and (one in gone or (role in new and one not in there))
    ]
    return Recast(tuple(one for one in gone if one not in wanted), tuple(comes))


def followed(known: Sequence[Message], wanted: Iterable[Message], at: datetime) -> Followed:
    """Compare what is in the ledger about a session with what the new policy plans.

    What was sent, or may have been, stays. A step whose new moment has passed while the old one has
    not keeps the old one: it goes once, and nobody misses it.
    """
    plan = {one.key: one for one in wanted}
    there = {one.key for one in known}
    changed, retired = [], []
    for one in known:
        now = plan.get(one.key)
        if now is None:
            if _only_waits(one) and one.kind is MessageKind.REMINDER:
                retired.append(one)
        elif now.due_at > at and _may_change(one) and _differs(one, now):
            changed.append(_as_planned(one, now))
    new = tuple(one for key, one in plan.items() if key not in there)
    return Followed(new, tuple(changed), tuple(retired))


def _only_waits(one: Message) -> bool:
    return one.state is MessageState.WAITING and not one.attempt and not one.unheard


def _may_change(one: Message) -> bool:
    """Tell whether a message waits, or ended by the old policy without ever being tried."""
    if one.attempt or one.unheard:
        return False
    retired = one.reason is MessageReason.POLICY_CHANGED
    passed = one.state is MessageState.TOO_LATE and one.kind is MessageKind.REMINDER
    return one.state is MessageState.WAITING or retired or passed


def _differs(one: Message, now: Message) -> bool:
    waits = one.state is MessageState.WAITING
    return not waits or any(getattr(one, name) != getattr(now, name) for name in RULED)


def _as_planned(one: Message, now: Message) -> Message:
    ruled = {name: getattr(now, name) for name in RULED}
    waits = {"state": MessageState.WAITING, "reason": None, "ended_at": None}
    return one.model_copy(update={**ruled, **waits, "policy_version": now.policy_version})
