"""A cast in which all goes well, and troubles to add to it one by one.

Where engine and oracle disagree, what is left after shrinking is the one trouble that they disagree
about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from rehearsal.chance.year import VERBS, delay
from rehearsal.random_cast import Sheet, random_sheets
from rehearsal.script import AnswerLine, Conduct, ConductLine, EventLine, Verb
from schemas.base import Form
from schemas.edition import Edition
from schemas.obligations import ObligationKind as Kind
from schemas.people import Channel
from schemas.sessions import SessionReason
from tests.oracle.days import Days

LEAD, COORDINATOR = "SL-{0:02}", "CO-01"
KINDS = ("delivery", "improvement_event", "midpoint")


class Calm(Random):
    """Chance that throws the middle, chooses the first, and of numbers takes one after another."""

    def __init__(self) -> None:
        """Begin anew."""
        super().__init__(0)
        self._turn = 0

    def random(self) -> float:
        """Throw the middle."""
        return 0.5

    def randint(self, a: int, b: int) -> int:
        """Take the next number, so that no two have the same hour of the same day."""
        self._turn += 1
        return a + self._turn * 7 % (b - a + 1)

    def choice(self, seq: Any) -> Any:
        """Choose the first."""
        return seq[0]


@dataclass(frozen=True)
class Trouble:
    """One thing that goes otherwise.

    Attributes:
        ward: Number of the service that it comes over, from 1.
        what: Which trouble.
        day: Days after the window's opening at which it comes, where it comes on a day.
        number: What else it needs: a session's number, or how much.

    """

    ward: int
    what: str
    day: int = 0
    number: int = 1


def troubles(services: int) -> st.SearchStrategy[list[Trouble]]:
    """Give lists of troubles."""
    one = st.builds(
        Trouble,
        ward=st.integers(1, services),
        what=st.sampled_from(sorted(TROUBLES)),
        day=st.integers(-40, 55),
        number=st.integers(1, 6),
    )
    return st.lists(one, min_size=1, max_size=6)


def troubled(edition: Edition, services: int, wanted: Sequence[Trouble]) -> dict[str, Sheet]:
    """Return the files of a calm cast with some troubles."""
    sheets = random_sheets(edition, Calm(), services)
    for place, one in enumerate(wanted):
        name, lines = TROUBLES[one.what](edition, one, place)
        if name == "people.csv":
            sheets[name] = _reached_otherwise(sheets[name], one)
            continue
        form, known = sheets[name]
        own = {_about(line) for line in lines}
        kept = [line for line in known if name == "script/events.csv" or _about(line) not in own]
        sheets[name] = form, [*kept, *lines]
    return sheets


def _about(line: Form) -> tuple[object, ...]:
    names = ("subject", "obligation", "kind", "number", "at", "target", "verb")
    return tuple(getattr(line, name, None) for name in names if name != "verb")


def _reached_otherwise(sheet: Sheet, one: Trouble) -> Sheet:
    form, people = sheet
    who = LEAD.format(one.ward)
    changed: dict[str, object] = {"channel": Channel.PHONE}
    if one.what == "bad_address":
        changed = {"email": f"bad-address-{who.lower()}@northmoor.nhs.example"}
    return form, [
        line.model_copy(update=changed) if getattr(line, "person", "") == who else line
        for line in people
    ]


Lines = tuple[str, list[Form]]


def _event(edition: Edition, one: Trouble, place: int, verb: Verb, **more: Any) -> EventLine:
    """Return an event on its day, at a minute of its own."""
    days = Days(edition)
    day = days.from_on(edition.window.opens + timedelta(days=one.day + more.get("later", 0)))
    at = days.at(day) + timedelta(hours=more.get("hour", 11), minutes=13 + place, seconds=37)
    return EventLine(
        at=at,
        actor=LEAD.format(one.ward),
        verb=verb,
        target=more.get("target", f"SVC-{one.ward:02}"),
        details=more.get("details", ""),
        reason="other",
    )


def _leaves(edition: Edition, one: Trouble, place: int) -> Lines:
    return "script/events.csv", [_event(edition, one, place, Verb.WITHDRAW)]


def _leaves_and_returns(edition: Edition, one: Trouble, place: int) -> Lines:
    leaves = _event(edition, one, place, Verb.WITHDRAW)
    return "script/events.csv", [
        leaves,
        leaves.model_copy(
            update={"verb": Verb.UNDO, "at": leaves.at + timedelta(hours=3 * one.number)}
        ),
    ]


def _pauses(edition: Edition, one: Trouble, place: int) -> Lines:
    begins = _event(edition, one, place, Verb.PAUSE)
    ends = _event(edition, one, place, Verb.RESUME, later=3 * one.number, hour=15)
    return "script/events.csv", [begins, ends]


def _pauses_for_good(edition: Edition, one: Trouble, place: int) -> Lines:
    return "script/events.csv", [_event(edition, one, place, Verb.PAUSE)]


def _session(edition: Edition, one: Trouble, kind: str) -> str:
    number = one.number if kind == "delivery" else 1
    return f"{edition.id}/SVC-{one.ward:02}/{kind}/{number}"


def _moves(edition: Edition, one: Trouble, place: int) -> Lines:
    days = Days(edition)
    kind = KINDS[one.number % len(KINDS)]
    to = days.from_on(edition.window.opens + timedelta(days=max(one.day, 0) + 3 * one.number))
    details = f"starts={to.isoformat()}T13:{17 + place}; why=staffing"
    target = _session(edition, one, kind)
    return "script/events.csv", [
        _event(edition, one, place, Verb.MOVE, target=target, details=details)
    ]


def _calls_off(edition: Edition, one: Trouble, place: int) -> Lines:
    kind = KINDS[one.number % len(KINDS)]
    target, details = _session(edition, one, kind), "why=coach_unavailable"
    off = _event(edition, one, place, Verb.CANCEL, target=target, details=details)
    on = _event(edition, one, place, Verb.UNDO, target=target, later=1)
    return "script/events.csv", [off, on] if one.number > 3 else [off]


def _coach_is_ill(edition: Edition, one: Trouble, place: int) -> Lines:
    said = _event(edition, one, place, Verb.ABSENCE, target="DC-01")
    first = said.at.date() + timedelta(days=one.number % 3)
    until = first + timedelta(days=2 * one.number)
    details = f"from={first.isoformat()}; until={until.isoformat()}"
    return "script/events.csv", [said.model_copy(update={"details": details})]


def _nobody_works(edition: Edition, one: Trouble, place: int) -> Lines:
    details = f"for={one.number * 331}"
    down = _event(edition, one, place, Verb.WORKERS_DOWN, target=edition.id, details=details)
    return "script/events.csv", [down]


def _sponsor_goes(edition: Edition, one: Trouble, place: int) -> Lines:
    """Let the sponsor, or who followed, be followed by another or by nobody."""
    old, new = ("EX-01", "EX-51") if one.ward == 1 else ("EX-51", "EX-01")
    said = _event(edition, one, place, Verb.SUCCESSOR, target=old)
    begins = said.at.date() + timedelta(days=one.number)
    by = f"by={new}; " if one.number < 5 else ""
    details = f"{by}from={begins.isoformat()}"
    return "script/events.csv", [said.model_copy(update={"details": details})]


def _goes(how: Conduct, why: SessionReason | None) -> Any:
    def lines(_edition: Edition, one: Trouble, _place: int) -> Lines:
        line = ConductLine(
            subject=f"SVC-{one.ward:02}",
            kind=KINDS[one.day % len(KINDS)] if one.number == 1 else "delivery",
            number=one.number,
            conduct=how,
            why=why,
            after=delay("143min"),
        )
        return "script/conduct.csv", [line]

    return lines


def _answers(verb: Verb | None, **more: Any) -> Any:
    def lines(_edition: Edition, one: Trouble, _place: int) -> Lines:
        kinds = sorted(VERBS)
        kind = more.get("kind", kinds[one.day % len(kinds)])
        done = VERBS[kind] if verb is Verb.DONE else verb
        line = AnswerLine(
            subject=f"SVC-{one.ward:02}",
            obligation=kind,
            after=delay(f"{23 * one.number + one.number % 7 + 1}wh"),
            verb=done,
            details=more.get("details", ""),
        )
        return "script/answers.csv", [line]

    return lines


def _unreached(_edition: Edition, _one: Trouble, _place: int) -> Lines:
    return "people.csv", []


TROUBLES: dict[str, Any] = {
    "bad_address": _unreached,
    "prefers_phone": _unreached,
    "leaves": _leaves,
    "leaves_and_returns": _leaves_and_returns,
    "pauses": _pauses,
    "pauses_for_good": _pauses_for_good,
    "moves": _moves,
    "calls_off": _calls_off,
    "misses": _goes(Conduct.MISSED, SessionReason.STAFFING),
    "coach_is_ill": _coach_is_ill,
    "nobody_works": _nobody_works,
    "sponsor_goes": _sponsor_goes,
    "coach_away": _goes(Conduct.MISSED, SessionReason.COACH_UNAVAILABLE),
    "cancels": _goes(Conduct.CANCELLED, SessionReason.COACH_UNAVAILABLE),
    "nobody_records": _goes(Conduct.SILENT, None),
    "is_late": _answers(Verb.DONE),
    "is_silent": _answers(None),
    "promises": _answers(Verb.PROMISE, details="days=4"),
    "declines": _answers(Verb.DECLINE, kind=Kind.ACCEPT_PLACE),
    "refuses": _answers(Verb.REFUSE, kind=Kind.COMMITMENTS, details="commitments=involvement"),
}
"""How each trouble changes which file."""
