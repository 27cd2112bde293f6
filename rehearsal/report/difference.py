"""What another policy would change: two finished programmes side by side."""

from collections import Counter
from collections.abc import Iterable, Mapping

from rehearsal.report.data import ReportData
from rehearsal.report.in_short import BY_RULE
from rehearsal.report.load import is_coach
from rehearsal.report.mail import LEFT
from rehearsal.report.wording import counted, number, plain, to_do, with_article
from schemas.base import Record

BUSIEST = "hours of a coach's busiest week"
LEFT_STATES = {state.value for state in LEFT}


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
        policies: Where the two files differ, a sentence each.
        sentences: What follows from it.
        changes: Every number under both, those that stay the same too.

    """

    policies: tuple[str, ...]
    sentences: tuple[str, ...]
    changes: tuple[Change, ...]


SECTIONS = {
    "places": "Places and services",
    "sessions": "Sessions",
    "messages": "Messages planned",
    "mails": "Mails that left",
    "states": "Messages by state",
    "chases": "Chases",
    "clashes": "Clashes",
    "load": "Load",
}
"""What is compared, in this order."""


def difference(before: ReportData, after: ReportData, policies: tuple[str, ...] = ()) -> Difference:
    """Return what changes from one report to the other, in sentences and numbers."""
    ours, theirs = _numbers(before), _numbers(after)
    changes = tuple(
        Change(section=section, item=item, before=ours.get(key, 0), after=theirs.get(key, 0))
        for key in _in_order([*ours, *theirs])
        for section, item in [key]
    )
    return Difference(policies=policies, sentences=tuple(_sentences(changes)), changes=changes)


Numbers = dict[tuple[str, str], float]


def _numbers(data: ReportData) -> Numbers:
    messages: Counter[str] = Counter()
    mails: Counter[str] = Counter()
    states: Counter[str] = Counter()
    for one in data.messages:
        messages[f"{one.kind}s"] += one.count
        mails[f"{one.kind}s"] += one.count if one.state in LEFT_STATES else 0
        states[one.state] += one.count
    return {
        **_keyed("places", _places(data)),
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


def _places(data: ReportData) -> dict[str, float]:
    at_risk = sum(one.at_risk_from is not None for one in data.foreseen.wards)
    days = data.places_over_time
    return {
        "places taken at the end": days[-1].taken if days else 0,
        "services coached": len(data.programme),
        "services at risk at some time": at_risk,
    }


def _sessions(data: ReportData) -> dict[str, float]:
    names = ("planned", "catch_up", "held", "missed", "cancelled", "moved")
    return {name: sum(getattr(way, name) for way in data.every_way) for name in names}


def _clashes(data: ReportData) -> Counter[str]:
    return Counter(BY_RULE[one.rule][1] for one in data.clashes)


def _chases(data: ReportData) -> dict[str, float]:
    found: dict[str, float] = {
        "opened": sum(one.opened for one in data.chases),
        "stuck": sum(one.came_to["stuck"] for one in data.chases),
        "passed on": sum(one.passed_on for one in data.every_chase),
    }
    for one in data.chases:
        found[f"steps to {to_do(one.kind)}"] = sum(one.steps.values())
    found["steps"] = sum(sum(one.steps.values()) for one in data.chases)
    return found


def _load(data: ReportData) -> dict[str, float]:
    coaches = [one for one in data.loads if is_coach(one.roles)]
    found = {
        "hours of all coaches": round(sum(one.hours for one in coaches), 2),
        BUSIEST: max((one.most_hours for one in coaches), default=0.0),
    }
    for role in data.mail_of_roles:
        whose = with_article(plain(role.role))
        found[f"mails a week to {whose}"] = role.average
        found[f"mails in the fullest week of {whose}"] = role.most
    return found


def _in_order(keys: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    order = list(SECTIONS)
    return sorted(set(keys), key=lambda key: (order.index(key[0]), key[1] != "all", key[1]))


TOLD = {
    ("places", "places taken at the end"): ("place is taken", "places are taken"),
    ("places", "services coached"): ("service is coached", "services are coached"),
    ("sessions", "held"): ("session is held", "sessions are held"),
    ("sessions", "missed"): ("session is missed", "sessions are missed"),
    ("messages", "all"): ("message is planned", "messages are planned"),
    ("mails", "all"): ("mail leaves", "mails leave"),
    ("chases", "steps"): ("step of a chase is taken", "steps of chases are taken"),
    ("chases", "passed on"): ("chase is passed on", "chases are passed on"),
    ("chases", "stuck"): ("chase gets stuck", "chases get stuck"),
    ("clashes", "all"): ("clash is left", "clashes are left"),
    ("load", BUSIEST): ("hour fills", "hours fill"),
}
"""What a sentence of its own says of a number."""

IN_DETAIL = ("messages", "mails", "chases", "load")
"""Sections of which the other numbers that change are told too."""


def _sentences(changes: tuple[Change, ...]) -> Iterable[str]:
    changed = [one for one in changes if one.by]
    if not changed:
        yield "Nothing changes: every number is the same under both."
        return
    for one in changed:
        if (one.section, one.item) in TOLD:
            yield _told(one)
    for section in IN_DETAIL:
        theirs = [
            one for one in changed if one.section == section and (section, one.item) not in TOLD
        ]
        if theirs:
            most = sorted(theirs, key=lambda one: (-abs(one.by), one.item))
            said = "; ".join(f"{plain(one.item)}: {_up_or_down(one)}" for one in most)
            yield f"{SECTIONS[section]}: {said}."
    same = [
        title.lower()
        for section, title in SECTIONS.items()
        if not any(one.section == section for one in changed)
    ]
    if same:
        yield f"Unchanged: {', '.join(same)}."


def _told(one: Change) -> str:
    said = counted(one.after, *TOLD[one.section, one.item])
    whose = " a coach's busiest week" if one.item == BUSIEST else ""
    more = "more" if one.by > 0 else "fewer"
    return (
        f"{said}{whose} instead of {number(one.before)}: {number(abs(one.by))} {more}{_share(one)}."
    )


def _up_or_down(one: Change) -> str:
    return f"{'up' if one.by > 0 else 'down'} {number(abs(one.by))}{_share(one)}"


def _share(one: Change) -> str:
    return f" ({one.by / one.before:+.0%})" if one.before else ""
