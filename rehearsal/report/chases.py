"""Chases: how far each kind had to go before it was done."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from rehearsal.report.material import Material
from schemas.base import Record
from schemas.courses import JournalEntry

CLOSED = {"done", "waived", "cancelled"}


class ChaseCount(Record):
    """The chases of one kind; those by how far they came add up to those that were opened.

    Attributes:
        steps: How often each step was taken, in the order of the edition's policy.
        not_asked: Closed before anybody was asked.
        furthest: How many came as far as each step and no further.
        stuck: How many a person had to decide.
        open: How many were open at the end.

    """

    kind: str
    opened: int
    steps: dict[str, int]
    not_asked: int
    furthest: dict[str, int]
    stuck: int
    done: int
    waived: int
    cancelled: int
    open: int


@dataclass
class _Chase:
    kind: str = ""
    last_step: str = ""
    stuck: bool = False
    ended: str = ""
    steps: Counter[str] = field(default_factory=Counter)

    def read(self, entry: JournalEntry, happened: str) -> None:
        if happened in {"asked", "escalated"}:
            self.last_step = str(entry.facts.get("step", ""))
            self.steps[self.last_step] += 1
        elif happened == "stuck":
            self.stuck = True
        elif happened in CLOSED:
            self.ended = happened
        elif happened == "reopened":
            self.ended = ""
        self.kind = str(entry.facts.get("kind", self.kind))


def chase_counts(material: Material) -> tuple[ChaseCount, ...]:
    """Return the chases by kind, in the order of the edition's policies."""
    known: dict[str, _Chase] = defaultdict(_Chase)
    for entry in material.journal:
        noun, _, happened = entry.event.partition(".")
        if noun in {"obligation", "chase"}:
            known[entry.subject].read(entry, happened)
    by_kind: dict[str, list[_Chase]] = defaultdict(list)
    for one in known.values():
        by_kind[one.kind].append(one)
    policies = {
        one.obligation.value: [step.id for step in one.steps] for one in material.edition.chases
    }
    kinds = [*(one for one in policies if one in by_kind), *sorted(set(by_kind) - set(policies))]
    return tuple(_count(kind, by_kind[kind], policies.get(kind, [])) for kind in kinds)


def _count(kind: str, theirs: list[_Chase], policy: list[str]) -> ChaseCount:
    taken: Counter[str] = Counter()
    for one in theirs:
        taken.update(one.steps)
    order = [*policy, *sorted(set(taken) - set(policy))]
    furthest = Counter(one.last_step for one in theirs)
    ended = Counter(one.ended for one in theirs)
    return ChaseCount(
        kind=kind,
        opened=len(theirs),
        steps={step: taken[step] for step in order},
        not_asked=furthest[""],
        furthest={step: furthest[step] for step in order},
        stuck=sum(one.stuck for one in theirs),
        done=ended["done"],
        waived=ended["waived"],
        cancelled=ended["cancelled"],
        open=ended[""],
    )
