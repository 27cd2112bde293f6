"""Several reminders that are due for one person at once go as one mail."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session as Rows

from activities.dispatching.moments import Moment
from planning.calendar import calendar_of
from planning.message_plan import message_key
from schemas.courses import JournalEntry
from schemas.edition import Edition
from schemas.letters import Topic
from schemas.messages import Message, MessageKind, MessageState
from storage import dispatching, journal, ledger

ACTOR = "programme"


def in_bundles(
    going: Sequence[Message],
) -> tuple[list[Message], list[tuple[Message, ...]]]:
    """Part messages that go alone from reminders that go together, two or more for one person."""
    groups: defaultdict[tuple[str, str, str], list[Message]] = defaultdict(list)
    for one in going:
        if one.kind is MessageKind.REMINDER:
            groups[one.person_id, one.edition_id, one.channel].append(one)
    together = [tuple(group) for group in groups.values() if len(group) > 1]
    carried = {one.key for group in together for one in group}
    return [one for one in going if one.key not in carried], together


def bundle(
    rows: Rows, reminders: Sequence[Message], moment: Moment, editions: Mapping[str, Edition]
) -> Message | None:
    """Plan one digest in the place of reminders, and end them with its key.

    The journal tells of the digest, as it does of every planned message. None where the digest was
    planned before: then the reminders go alone.
    """
    digest = digest_of(reminders, moment, editions[reminders[0].edition_id])
    planned = ledger.plan(rows, [digest])
    if not planned:
        return None
    keys = [one.key for one in reminders]
    dispatching.write_waiting(
        rows,
        keys,
        {
            "state": MessageState.BUNDLED,
            "digest_key": digest.key,
            "ended_at": moment.at,
            "retry_at": None,
        },
    )
    entry = JournalEntry(
        course_id=digest.course_id,
        edition_id=digest.edition_id,
        event="reminders.bundled",
        subject=digest.subject,
        actor=ACTOR,
        at=moment.at,
        recorded_at=moment.at,
        request_id=f"bundle/{digest.key}",
        policy_version=digest.policy_version,
        planned=dict(planned),
        facts={"reminders": len(keys), "digest": digest.key},
    )
    journal.write(rows, [entry])
    return digest


def digest_of(reminders: Sequence[Message], moment: Moment, edition: Edition) -> Message:
    """Return the digest that carries some reminders of one person.

    Its key names the person, the local day and the instant that the first of them was due.
    """
    first = min(reminders, key=lambda one: (one.due_at, one.key))
    latest = [one.useful_until for one in reminders if one.useful_until is not None]
    day = calendar_of(edition).day_of(moment.counts_from(first.due_at))
    subject = f"{first.edition_id}/{first.person_id}/bundle/{day}"
    step = first.due_at.isoformat()
    return Message(
        key=message_key(MessageKind.DIGEST, subject, 0, step, first.person_id),
        course_id=first.course_id,
        edition_id=first.edition_id,
        kind=MessageKind.DIGEST,
        topic=Topic.BUNDLE,
        subject=subject,
        step=step,
        person_id=first.person_id,
        channel=first.channel,
        due_at=first.due_at,
        useful_until=max(latest, default=None),
        asks=any(one.asks for one in reminders),
        planned_at=moment.at,
        policy_version=first.policy_version,
    )
