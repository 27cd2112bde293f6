"""What was known at an instant: the journal, read up to it (E38).

Nothing here looks at present rows: a session's id, number and first day never change, and all else
is what the journal had said by then. So a report as at an instant is the same whenever it is made.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from planning.working_time import Interval
from schemas.courses import JournalEntry
from schemas.sessions import Cadence, SessionState

Facts = Mapping[str, str | int]


@dataclass(frozen=True)
class PlannedSession:
    """What never changes of a session.

    Attributes:
        cadence: Of its kind.
        held_before: Whether it was held before its service was brought in (R17).

    """

    id: str
    course_id: str
    kind: str
    cadence: Cadence
    number: int
    planned_day: date
    catch_up: bool = False
    held_before: bool = False


@dataclass(frozen=True)
class KnownSession:
    """A session as it was known.

    Attributes:
        day: None while it waits for a week.
        reason: Code of why it was missed or cancelled; empty where nobody said.
        minutes: Length as recorded.
        came: By role how many came, and of how many; only where who came was recorded.
        disputed: Whether two people said different things of it, and nobody had settled it (E37).

    """

    planned: PlannedSession
    day: date | None
    state: SessionState = SessionState.TO_COME
    reason: str = ""
    minutes: int | None = None
    moves: int = 0
    came: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    disputed: bool = False


@dataclass(frozen=True)
class KnownChase:
    """An obligation that was open.

    Attributes:
        escalated_at: When somebody else than its holder was first told; none: nobody yet.

    """

    id: str
    course_id: str
    kind: str
    opened_at: datetime
    escalated_at: datetime | None = None


@dataclass(frozen=True)
class TakenPlace:
    """A place that was taken.

    Attributes:
        type: As it was at that moment; empty where the journal does not say it.
        region: The same, and that of the organisation's successor once there was one (P02).

    """

    course_id: str
    type: str = ""
    region: str = ""


@dataclass
class Known:
    """All that a report is made of, by id; filled while the journal is read.

    Attributes:
        places: Those that were taken, by place.
        pauses: By course, in the order in which they were asked for.
        slots: Weekday of each service's weekly slot, Monday is 0.
        regions: Of services whose organisation has gone on as another, that one's (P02).
        gone: Courses of services that had withdrawn or were merged into another.
        version: Of the edition, the highest under which anything was recorded.

    """

    sessions: dict[str, KnownSession] = field(default_factory=dict)
    places: dict[str, TakenPlace] = field(default_factory=dict)
    chases: dict[str, KnownChase] = field(default_factory=dict)
    pauses: dict[str, dict[str, Interval]] = field(default_factory=dict)
    slots: dict[str, int] = field(default_factory=dict)
    regions: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    version: int = 0

    def of_course(self, course_id: str) -> list[KnownSession]:
        """Return the sessions of a course, by kind and number."""
        found = [one for one in self.sessions.values() if one.planned.course_id == course_id]
        return sorted(found, key=lambda one: (one.planned.kind, one.planned.number))


def known_at(
    entries: Iterable[JournalEntry], planned: Iterable[PlannedSession], at: datetime
) -> Known:
    """Return what the journal had said by ``at``; that instant included.

    Args:
        entries: The journal of an edition, in its order.
        planned: Every session of the edition there ever was.
        at: Programme time at which a change must have been recorded.

    """
    reader = _Reader(planned)
    for entry in entries:
        if entry.recorded_at <= at:
            reader.read(entry)
    return reader.known


class _Reader:
    """Reads one entry after the other; an event that says nothing for a report is passed over."""

    def __init__(self, planned: Iterable[PlannedSession]) -> None:
        self.known = Known()
        self._planned = {one.id: one for one in planned}
        self._by_course: dict[str, list[PlannedSession]] = {}
        for one in sorted(self._planned.values(), key=lambda one: one.number):
            self._by_course.setdefault(one.course_id, []).append(one)

    def read(self, entry: JournalEntry) -> None:
        self.known.version = max(self.known.version, entry.policy_version)
        noun, _, happened = entry.event.partition(".")
        read = _READS.get(noun)
        if read is not None:
            read(self, entry, happened)

    def _sessions(self, entry: JournalEntry, happened: str) -> None:
        if happened != "planned":
            return
        for cadence, fact in ((Cadence.WEEKLY, "weekly"), (Cadence.MONTHLY, "monthly")):
            if fact in entry.facts:
                self._add_planned(entry.course_id, cadence, int(entry.facts[fact]))

    def _add_planned(self, course_id: str, cadence: Cadence, count: int) -> None:
        """Take the next ``count`` sessions of a cadence, and those held before them (R17)."""
        theirs = [one for one in self._by_course.get(course_id, []) if one.cadence is cadence]
        new = [one for one in theirs if one.id not in self.known.sessions and not one.catch_up]
        before = [one for one in new if one.held_before]
        for one in before:
            self.known.sessions[one.id] = KnownSession(one, one.planned_day, SessionState.HELD)
        for one in [one for one in new if not one.held_before][:count]:
            self.known.sessions[one.id] = KnownSession(one, one.planned_day)

    def _session(self, entry: JournalEntry, happened: str) -> None:
        planned = self._planned.get(entry.subject)
        if planned is None:
            return
        was = self.known.sessions.get(entry.subject) or KnownSession(planned, planned.planned_day)
        change = _SESSION_CHANGES.get(happened)
        if change is not None:
            self.known.sessions[entry.subject] = change(was, entry.facts)

    def _place(self, entry: JournalEntry, happened: str) -> None:
        if happened == "accepted":
            self.known.places[entry.subject] = TakenPlace(
                entry.course_id,
                str(entry.facts.get("type", "")),
                str(entry.facts.get("region", self.known.regions.get(entry.course_id, ""))),
            )
        elif happened in {"freed", "closed", "declined", "lapsed"}:
            self.known.places.pop(entry.subject, None)

    def _obligation(self, entry: JournalEntry, happened: str) -> None:
        if happened in {"opened", "reopened"}:
            kind = str(entry.facts.get("kind", ""))
            new = KnownChase(entry.subject, entry.course_id, kind, entry.at)
            self.known.chases[entry.subject] = new
        elif happened in {"done", "waived", "cancelled"}:
            self.known.chases.pop(entry.subject, None)
        elif happened == "stuck":
            self._escalate(entry)

    def _chase(self, entry: JournalEntry, happened: str) -> None:
        if happened == "escalated":
            self._escalate(entry)

    def _escalate(self, entry: JournalEntry) -> None:
        one = self.known.chases.get(entry.subject)
        if one is not None and one.escalated_at is None:
            self.known.chases[one.id] = replace(one, escalated_at=entry.at)

    def _course(self, entry: JournalEntry, happened: str) -> None:
        theirs = self.known.pauses.setdefault(entry.course_id, {})
        if happened == "paused":
            until = entry.facts.get("until_at")
            ends = None if until is None else datetime.fromisoformat(str(until))
            theirs[entry.subject] = Interval(entry.at, ends)
        elif happened == "resumed" and entry.subject in theirs:
            theirs[entry.subject] = replace(theirs[entry.subject], until_at=entry.at)

    def _service(self, entry: JournalEntry, happened: str) -> None:
        if happened in {"withdrew", "merged"}:
            self.known.gone.add(entry.course_id)
        elif happened == "returned":
            self.known.gone.discard(entry.course_id)

    def _organisation(self, entry: JournalEntry, happened: str) -> None:
        if happened != "changed" or "region" not in entry.facts:
            return
        region = self.known.regions[entry.course_id] = str(entry.facts["region"])
        for place_id, place in self.known.places.items():
            if place.course_id == entry.course_id:
                self.known.places[place_id] = replace(place, region=region)

    def _slot(self, entry: JournalEntry, happened: str) -> None:
        if happened == "chosen":
            self.known.slots[entry.course_id] = int(entry.facts["weekday"])


_READS: dict[str, Callable[[_Reader, JournalEntry, str], None]] = {
    "sessions": _Reader._sessions,
    "session": _Reader._session,
    "place": _Reader._place,
    "obligation": _Reader._obligation,
    "chase": _Reader._chase,
    "course": _Reader._course,
    "service": _Reader._service,
    "slot": _Reader._slot,
    "organisation": _Reader._organisation,
}


def _dated(was: KnownSession, facts: Facts) -> KnownSession:
    day = _day(was, facts)
    moves = int(facts.get("moves", was.moves))
    return replace(was, day=day, moves=moves, state=SessionState.TO_COME, reason="")


def _day(was: KnownSession, facts: Facts) -> date | None:
    return date.fromisoformat(str(facts["day"])) if "day" in facts else was.day


def _planned(was: KnownSession, facts: Facts) -> KnownSession:
    """Take a session up as planned: one that names no day waits for a person to date it."""
    return _dated(was, facts) if "day" in facts else _displaced(was, facts)


def _displaced(was: KnownSession, facts: Facts) -> KnownSession:
    return replace(_dated(was, facts), day=None)


def _cancelled(was: KnownSession, facts: Facts) -> KnownSession:
    because = str(facts.get("because", ""))
    return replace(was, state=SessionState.CANCELLED, reason=because)


def _recorded(was: KnownSession, facts: Facts) -> KnownSession:
    if "outcome" not in facts:
        return was
    roles = [name.removesuffix("_of") for name in facts if name.endswith("_of")]
    minutes = facts.get("minutes")
    return replace(
        was,
        day=_day(was, facts),
        state=SessionState(str(facts["outcome"])),
        reason=str(facts.get("why", "")),
        minutes=None if minutes is None else int(minutes),
        came={role: (int(facts[f"{role}_came"]), int(facts[f"{role}_of"])) for role in roles},
    )


_SESSION_CHANGES: dict[str, Callable[[KnownSession, Facts], KnownSession]] = {
    "planned": _planned,
    "undated": _displaced,
    "moved": _dated,
    "restored": _dated,
    "displaced": _displaced,
    "cancelled": _cancelled,
    "recorded": _recorded,
    "corrected": _recorded,
    "settled": lambda was, facts: replace(_recorded(was, facts), disputed=False),
    "contradicted": lambda was, _facts: replace(was, disputed=True),
}
