"""What arrived of the steps of every chase, counted in the mail server's own folder."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from planning.working_time import Interval
from rehearsal.mail_catcher import copies
from schemas.ids import edition_course_id
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from storage import obligations, pauses
from storage.records import every
from storage.tables.ledger import MessageRow
from tests.soak.chase_steps import Step

CHASES = {MessageKind.CHASE, MessageKind.ESCALATION}
UNREACHABLE = {MessageReason.BAD_ADDRESS, MessageReason.NO_ADDRESS, MessageReason.PREFERS_PHONE}
REFUSED = {MessageReason.REFUSED_BY_SERVER, *UNREACHABLE}
GIVEN_UP = 2
"""Hand-overs that nobody heard of, after which a message is not sent again."""

GONE = {MessageReason.WITHDRAWN, MessageReason.MERGED, MessageReason.EDITION_ENDED}


@dataclass
class Arrivals:
    """What became of the messages of the steps that were taken.

    Attributes:
        once: How many arrived once.
        twice: How many arrived twice, byte for byte the same.
        needless: How many did not go because the matter was settled before they did.
        unreachable: How many did not go because nobody can be reached there.
        wrong: Everything else, in sentences.

    """

    once: int = 0
    twice: int = 0
    needless: int = 0
    unreachable: int = 0
    wrong: list[str] = field(default_factory=list)


def arrivals(rows: Rows, steps: Iterable[Step], found: Mapping[str, int]) -> Arrivals:
    """Account for the messages of every step that was taken.

    Args:
        rows: The database.
        steps: Steps that were taken.
        found: How many copies of each message lie with the mail server, by key.

    """
    by_step: defaultdict[Step, list[Message]] = defaultdict(list)
    for one in every(rows, Message, MessageRow, col(MessageRow.kind).in_(CHASES)):
        by_step[Step(one.subject, one.step, one.sequence)].append(one)
    said = Arrivals()
    for step, times in Counter(steps).items():
        name = f"{step.obligation_id} {step.step} #{step.generation}"
        if times > 1:
            said.wrong.append(f"{name} was taken {times} times")
        if not by_step[step]:
            said.wrong.append(f"{name} was taken, and nobody was to be told")
        for message in by_step.pop(step):
            _account(rows, said, message, found.get(message.key, 0))
    for step, unasked in by_step.items():
        if unasked:
            said.wrong.append(f"{step.obligation_id} {step.step} is in the ledger without a step")
    return said


def _account(rows: Rows, said: Arrivals, message: Message, count: int) -> None:
    if count in {1, 2}:
        said.once += count == 1
        said.twice += count == 2
    elif count == 0 and message.reason in REFUSED:
        said.unreachable += 1
    elif count == 0 and message.unheard < GIVEN_UP and _settled(rows, message):
        said.needless += 1
    else:
        name = f"{message.kind} {message.step} of {message.subject} to {message.person_id}"
        because = f", {message.reason}" if message.reason else ""
        said.wrong.append(f"{name}: {message.state}{because}; it arrived {count} times")


def _settled(rows: Rows, message: Message) -> bool:
    """Tell whether nobody had to be asked any more, by the obligation's own word."""
    one = obligations.obligation(rows, message.subject)
    if one is None or message.state.is_open:
        return False
    if message.reason in GONE:
        return True
    if message.reason is MessageReason.PAUSED:
        return _rested(rows, message)
    if message.state is MessageState.SUPPRESSED:
        return message.reason is MessageReason.ALREADY_DONE and not one.state.is_open
    if message.state is MessageState.UNKNOWN:  # settled before it went once more
        return not one.state.is_open
    return message.state is MessageState.SUPERSEDED and one.promises > 0


def _rested(rows: Rows, message: Message) -> bool:
    """Tell whether a pause covers the message, said of only when the step had been taken."""
    scopes = [message.course_id, edition_course_id(message.edition_id)]
    stored = pauses.pauses_of(rows, scopes)
    return any(Interval(one.from_at, one.until_at).covers(message.due_at) for one in stored)


def unlike_copies(folder: Path) -> list[str]:
    """Return the keys of messages of which two copies differ."""
    twice = {key for key, count in copies(folder).items() if count > 1}
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for path in (folder / "new").iterdir():
        key = path.name.rpartition(",K=")[2]
        if key in twice:
            seen[key].add(hashlib.sha256(path.read_bytes()).hexdigest())
    return sorted(key for key, contents in seen.items() if len(contents) > 1)
