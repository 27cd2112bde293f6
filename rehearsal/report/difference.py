"""What another policy would change: two finished programmes side by side."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from rehearsal.report.data import ReportData, report_data
from rehearsal.report.load import is_coach
from rehearsal.report.mail import LEFT
from rehearsal.report.material import read_material
from rehearsal.report.wording import number, plain
from schemas.base import Record

LEFT_STATES = {state.value for state in LEFT}


@dataclass(frozen=True)
class Finished:
    """A programme that has been played to its end.

    Attributes:
        at: Programme time at which it was over.

    """

    database_url: str
    edition_id: str
    at: datetime


class Change(Record):
    """One number under both policies."""

    section: str
    item: str
    before: float
    after: float

    @property
    def by(self) -> float:
        """How much more it is under the other policy."""
        return round(self.after - self.before, 2)


class Difference(Record):
    """What changes under the other policy; equal numbers are left out of the sentences.

    Attributes:
        before: Title and version of the edition's file that is the report's own.
        after: Those of the other one.

    """

    before: str
    after: str
    sentences: tuple[str, ...]
    changes: tuple[Change, ...]


SECTIONS = {
    "sessions": "Sessions",
    "messages": "Messages planned",
    "mails": "Mails that left",
    "states": "Messages by state",
    "chases": "Chases",
    "clashes": "Clashes",
    "load": "Load",
}
"""What is compared, in this order."""


def difference_between(before: Finished, after: Finished) -> Difference:
    """Read two finished programmes and return what the second policy changes.

    Raises:
        LookupError: One of them was never opened in its database.

    """
    both = (
        report_data(read_material(one.database_url, one.edition_id, one.at))
        for one in (before, after)
    )
    return difference(*both)


def difference(before: ReportData, after: ReportData) -> Difference:
    """Return what changes from one report to the other, in sentences and numbers."""
    ours, theirs = _numbers(before), _numbers(after)
    changes = tuple(
        Change(section=section, item=item, before=ours.get(key, 0), after=theirs.get(key, 0))
        for key in _in_order([*ours, *theirs])
        for section, item in [key]
    )
    return Difference(
        before=_called(before),
        after=_called(after),
        sentences=tuple(_sentences(changes)),
        changes=changes,
    )


Numbers = dict[tuple[str, str], float]


def _numbers(data: ReportData) -> Numbers:
    messages: Counter[str] = Counter()
    mails: Counter[str] = Counter()
    states: Counter[str] = Counter()
    for one in data.messages:
        messages[one.kind] += one.count
        mails[one.kind] += one.count if one.state in LEFT_STATES else 0
        states[one.state] += one.count
    return {
        **_keyed("sessions", _sessions(data)),
        **_keyed("messages", {**messages, "all": messages.total()}),
        **_keyed("mails", {**mails, "all": mails.total()}),
        **_keyed("states", states),
        **_keyed("chases", _chases(data)),
        **_keyed("clashes", {**_clashes(data), "all": len(data.clashes)}),
        **_keyed("load", _load(data)),
    }


def _keyed(section: str, found: Mapping[str, float]) -> Numbers:
    return {(section, item): count for item, count in found.items()}


def _sessions(data: ReportData) -> dict[str, float]:
    names = ("planned", "catch_up", "held", "missed", "cancelled", "moved")
    return {name: sum(getattr(row, name) for row in data.programme) for name in names}


def _clashes(data: ReportData) -> Counter[str]:
    return Counter(one.rule for one in data.clashes)


def _chases(data: ReportData) -> dict[str, float]:
    found: dict[str, float] = {
        "opened": sum(one.opened for one in data.chases),
        "stuck": sum(one.stuck for one in data.chases),
    }
    for one in data.chases:
        found[f"steps of {plain(one.kind)}"] = sum(one.steps.values())
    found["steps"] = sum(sum(one.steps.values()) for one in data.chases)
    return found


def _load(data: ReportData) -> dict[str, float]:
    coaches = [one for one in data.loads if is_coach(one.roles)]
    found = {
        "hours of all coaches": round(sum(one.hours for one in coaches), 2),
        "hours of a coach's busiest week": max((one.most_hours for one in coaches), default=0.0),
    }
    for role in data.mail_of_roles:
        found[f"mails a week to a {plain(role.role)}"] = role.average
        found[f"most mails in a week to a {plain(role.role)}"] = role.most
    return found


def _in_order(keys: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    order = list(SECTIONS)
    return sorted(set(keys), key=lambda key: (order.index(key[0]), key[1] != "all", key[1]))


def _called(data: ReportData) -> str:
    return f"{data.title}, version {data.version}"


TOLD = {
    ("messages", "all"): "messages are planned",
    ("mails", "all"): "mails leave",
    ("chases", "steps"): "steps of chases are taken",
    ("chases", "stuck"): "chases get stuck",
    ("clashes", "all"): "clashes are left",
    ("sessions", "held"): "sessions are held",
    ("sessions", "missed"): "sessions are missed",
    ("load", "hours of a coach's busiest week"): "hours fill a coach's busiest week",
}
"""What a sentence says of a number of its own."""


def _sentences(changes: tuple[Change, ...]) -> Iterable[str]:
    changed = [one for one in changes if one.by]
    if not changed:
        yield "Nothing changes: every number is the same under both."
        return
    for one in changes:
        told = TOLD.get((one.section, one.item))
        if told is not None and one.by:
            yield f"{number(one.after)} {told} instead of {number(one.before)}: {_more(one)}."
    for section in ("messages", "mails", "chases", "load"):
        theirs = [
            one for one in changed if one.section == section and (section, one.item) not in TOLD
        ]
        if theirs:
            most = sorted(theirs, key=lambda one: (-abs(one.by), one.item))
            said = "; ".join(f"{plain(one.item)} {_more(one)}" for one in most)
            yield f"{SECTIONS[section]}: {said}."
    same = [
        title.lower()
        for section, title in SECTIONS.items()
        if not any(one.section == section for one in changed)
    ]
    if same:
        yield f"Unchanged: {', '.join(same)}."


def _more(one: Change) -> str:
    word = "more" if one.by > 0 else "fewer"
    share = f" ({one.by / one.before:+.0%})" if one.before else ""
    return f"{number(abs(one.by))} {word}{share}"
