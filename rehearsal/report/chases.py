"""Chases: every one, and how far each kind had to go before it was done."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from rehearsal.report.material import Material
from rehearsal.report.wording import policy_words
from schemas.base import Record
from schemas.courses import JournalEntry
from schemas.policies import EscalationPolicy

CLOSED = {"done", "waived", "cancelled"}


class Chase(Record):
    """One thing that somebody had to do, and what it took.

    Attributes:
        about: The service, sponsor or edition whose course it belongs to.
        opened: None where it was open before anything was recorded.
        steps: The steps that were taken, in their order.
        passed_on: Whether somebody else than the holder was told.
        stuck: Whether its steps were used up, so that a person had to decide.
        ended: ``done``, ``waived`` or ``cancelled``; empty: it was still open at the end.

    """

    id: str
    kind: str
    about: str
    opened: date | None
    steps: tuple[str, ...]
    passed_on: bool
    stuck: bool
    ended: str
    ended_on: date | None

    @property
    def came_to(self) -> str:
        """How far it had to go, as one of :data:`CAME_TO`."""
        if self.stuck:
            return "stuck"
        if self.passed_on:
            return "passed_on"
        return ("not_asked", "asked_once", "asked_again")[min(len(self.steps), 2)]


CAME_TO = {
    "not_asked": "nobody had to be asked",
    "asked_once": "asked once",
    "asked_again": "asked again",
    "passed_on": "somebody else was told",
    "stuck": "stuck: a person decided",
}
"""How far a chase can have to go, and how that is said."""


class ChaseCount(Record):
    """The chases of one kind.

    Attributes:
        policy: What happens to those who do nothing, in words.
        steps: How often each step was taken, in the order of the edition's policy.
        came_to: How many had to go how far; these add up to ``opened``.

    """

    kind: str
    policy: str
    opened: int
    steps: dict[str, int]
    came_to: dict[str, int]
    done: int
    waived: int
    cancelled: int
    open: int


@dataclass
class _Told:
    """What the journal has told of one chase so far."""

    id: str
    kind: str
    about: str
    opened: date | None = None
    steps: list[str] = field(default_factory=list)
    passed_on: bool = False
    stuck: bool = False
    ended: str = ""
    ended_on: date | None = None

    def read(self, entry: JournalEntry, happened: str, day: date) -> None:
        if happened in {"asked", "escalated"}:
            self.steps.append(str(entry.facts.get("step", "")))
            self.passed_on = self.passed_on or happened == "escalated"
        elif happened == "stuck":
            self.stuck = True
        elif happened in CLOSED:
            self.ended, self.ended_on = happened, day
        elif happened == "reopened":
            self.ended, self.ended_on = "", None
        elif happened == "opened":
            self.opened = self.opened or day

    def chase(self) -> Chase:
        return Chase(**{**vars(self), "steps": tuple(self.steps)})


def every_chase(material: Material) -> tuple[Chase, ...]:
    """Return all chases in the order in which they were opened."""
    told: dict[str, _Told] = {}
    for entry in material.journal:
        noun, _, happened = entry.event.partition(".")
        if noun in {"obligation", "chase"}:
            kind = entry.subject.split("/")[-2]
            about = entry.course_id.rpartition("/")[2]
            one = told.setdefault(entry.subject, _Told(entry.subject, kind, about))
            one.read(entry, happened, material.calendar.day_of(entry.at))
    return tuple(one.chase() for one in told.values())


def chase_counts(material: Material, chases: Iterable[Chase]) -> tuple[ChaseCount, ...]:
    """Return the chases by kind, in the order of the edition's policies."""
    by_kind: dict[str, list[Chase]] = defaultdict(list)
    for one in chases:
        by_kind[one.kind].append(one)
    policies = {one.obligation.value: one for one in material.edition.chases}
    kinds = [*(one for one in policies if one in by_kind), *sorted(set(by_kind) - set(policies))]
    return tuple(_count(kind, by_kind[kind], policies) for kind in kinds)


def _count(kind: str, theirs: list[Chase], policies: Mapping[str, EscalationPolicy]) -> ChaseCount:
    policy = policies.get(kind)
    taken = Counter(step for one in theirs for step in one.steps)
    known = [] if policy is None else [step.id for step in policy.steps]
    came_to, ended = Counter(one.came_to for one in theirs), Counter(one.ended for one in theirs)
    return ChaseCount(
        kind=kind,
        policy="" if policy is None else policy_words(policy),
        opened=len(theirs),
        steps={step: taken[step] for step in [*known, *sorted(set(taken) - set(known))]},
        came_to={name: came_to[name] for name in CAME_TO},
        done=ended["done"],
        waived=ended["waived"],
        cancelled=ended["cancelled"],
        open=ended[""],
    )
