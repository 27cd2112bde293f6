"""Mail: what each person got in each week, and what became of every message."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from rehearsal.report.load import roles_of
from rehearsal.report.material import Material, monday
from schemas.base import Record
from schemas.messages import MessageState
from schemas.people import Role
from storage.reads.report_rows import Mail

LEFT = {MessageState.ACCEPTED, MessageState.UNKNOWN}
"""What has left, or may have."""


class PersonMail(Record):
    """The mails of one person, by the Monday of the week in which they left."""

    person_id: str
    roles: tuple[str, ...]
    mails: int
    most: int
    most_week: date | None
    weeks: dict[date, int]
    kinds: dict[str, int]


class RoleMail(Record):
    """The mails of those whose first role it is.

    Attributes:
        kinds: What they got, by kind of message, the most first.
        average: Mails for each person in each week of the period.
        most: The most that any one of them got in a week.
        most_people: Whoever got that many in that week.
        weeks: The most that any one of them got, by week.

    """

    role: str
    people: int
    mails: int
    kinds: dict[str, int]
    average: float
    most: int
    most_week: date | None
    most_people: tuple[str, ...]
    weeks: dict[date, int]


class Message(Record):
    """One message of the ledger, and what became of it.

    Attributes:
        about: What its text is for, such as ``commitments``.
        subject: The session, or whatever else it is about.
        due_at: Local time.
        ended_at: Local time; none while it is open.

    """

    key: str
    kind: str
    about: str
    subject: str
    step: str
    person_id: str
    due_at: datetime
    ended_at: datetime | None
    state: str
    reason: str


class MessageCount(Record):
    """How many messages of a kind ended, or wait, in a state and why."""

    kind: str
    state: str
    reason: str
    count: int


class Account(Record):
    """Every message: planned = open + ended, or something is amiss."""

    planned: int
    open: int
    ended: int

    @property
    def is_balanced(self) -> bool:
        """Whether every planned message is open or has ended."""
        return self.planned == self.open + self.ended


def mail_of_people(material: Material) -> tuple[PersonMail, ...]:
    """Return the mails of everybody who got one, by id."""
    found: dict[str, list[Mail]] = defaultdict(list)
    for one in material.mails:
        if one.state in LEFT:
            found[one.person_id].append(one)
    return tuple(_person(material, one, found[one]) for one in sorted(found))


def week_of(material: Material, one: Mail) -> date:
    """Return the Monday of the week in which a message left, or was due."""
    return monday(material.calendar.day_of(one.ended_at or one.due_at))


def _person(material: Material, person_id: str, theirs: list[Mail]) -> PersonMail:
    weeks = Counter(week_of(material, one) for one in theirs)
    most = max(weeks.values())
    return PersonMail(
        person_id=person_id,
        roles=roles_of(material, person_id),
        mails=weeks.total(),
        most=most,
        most_week=min(week for week, count in weeks.items() if count == most),
        weeks=dict(sorted(weeks.items())),
        kinds=dict(Counter(one.kind.value for one in theirs).most_common()),
    )


def mail_of_roles(found: Iterable[PersonMail]) -> tuple[RoleMail, ...]:
    """Return the mails by the first role of each person, in the order of the roles."""
    order = [role.value for role in Role]
    by_role: dict[str, list[PersonMail]] = defaultdict(list)
    for one in found:
        by_role[one.roles[0] if one.roles else "no_role"].append(one)
    span = _span(one for theirs in by_role.values() for one in theirs)
    known = sorted(by_role, key=lambda role: order.index(role) if role in order else len(order))
    return tuple(_role(role, by_role[role], span) for role in known)


def _span(found: Iterable[PersonMail]) -> int:
    weeks = {week for one in found for week in one.weeks}
    return (max(weeks) - min(weeks)).days // 7 + 1 if weeks else 1


def _role(role: str, theirs: list[PersonMail], span: int) -> RoleMail:
    weeks: dict[date, int] = {}
    kinds: Counter[str] = Counter()
    for one in theirs:
        kinds.update(one.kinds)
        for week, count in one.weeks.items():
            weeks[week] = max(weeks.get(week, 0), count)
    most = max(weeks.values(), default=0)
    most_week = min((week for week, count in weeks.items() if count == most), default=None)
    mails = sum(one.mails for one in theirs)
    return RoleMail(
        role=role,
        people=len(theirs),
        mails=mails,
        kinds=dict(kinds.most_common()),
        average=round(mails / len(theirs) / span, 2),
        most=most,
        most_week=most_week,
        most_people=tuple(
            one.person_id for one in theirs if most_week and one.weeks.get(most_week) == most
        ),
        weeks=dict(sorted(weeks.items())),
    )


def message_counts(material: Material) -> tuple[MessageCount, ...]:
    """Return how many messages there are of each kind, state and reason, in that order."""
    states = list(MessageState)
    found = Counter((one.kind.value, one.state, one.reason) for one in material.mails)
    return tuple(
        MessageCount(kind=kind, state=state, reason=reason or "", count=found[kind, state, reason])
        for kind, state, reason in sorted(
            found, key=lambda key: (key[0], states.index(key[1]), key[2] or "")
        )
    )


def every_message(material: Material) -> tuple[Message, ...]:
    """Return all messages by when they were due."""
    local = material.calendar.local
    return tuple(
        Message(
            key=one.key,
            kind=one.kind.value,
            about=one.topic,
            subject=one.subject,
            step=one.step,
            person_id=one.person_id,
            due_at=local(one.due_at),
            ended_at=None if one.ended_at is None else local(one.ended_at),
            state=one.state.value,
            reason=one.reason.value if one.reason else "",
        )
        for one in material.mails
    )


def account(material: Material) -> Account:
    """Return the account of the edition's messages; what was planned is the journal's word."""
    still = sum(one.state.is_open for one in material.mails)
    return Account(
        planned=sum(sum(entry.planned.values()) for entry in material.journal),
        open=still,
        ended=len(material.mails) - still,
    )
