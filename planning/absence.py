"""A coach is away: who could cover each session, and where it could move without a clash (E01).

One coach for all sessions of a service is better than several, and whoever has fewer services is
asked first. What is proposed for one session is taken into account for the next, so that all of a
proposal can be done together.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from planning.calendar import ONE_DAY, WorkingCalendar
from planning.placing import Busy, Search, proposals, whole_day
from planning.slots import is_paused
from planning.working_time import Interval
from schemas.edition import SessionKind, Window
from schemas.sessions import Cadence

SLOTS = 3
"""How many other times are proposed for a session."""

REACH = timedelta(weeks=3)
"""How far from its own day a session is moved."""

HOURS = tuple(time(hour) for hour in (9, 10, 11, 12, 14, 15, 16))
"""Other times of day than its own: clear of the handovers of a ward (an assumption)."""


@dataclass(frozen=True)
class Touched:
    """A session to come whose coach is away.

    Attributes:
        session: Its id.
        course: Whose it is.
        people: Who else must be free where it is moved.
        pauses: Of its course and edition.
        taken: Days on which the course has another session of the kind.

    """

    session: str
    course: str
    kind: SessionKind
    starts_at: datetime
    people: frozenset[str] = frozenset()
    pauses: tuple[Interval, ...] = ()
    taken: frozenset[date] = frozenset()

    @property
    def ends_at(self) -> datetime:
        """When it would be over."""
        return self.starts_at + timedelta(minutes=self.kind.minutes)


@dataclass(frozen=True)
class StandIn:
    """A coach who could cover.

    Attributes:
        load: How many services or sponsors they have.
        most: How many are usual (C16); none: the edition does not say.
        away: Days on which they are away themselves.

    """

    coach: str
    load: int = 0
    most: int | None = None
    away: tuple[Window, ...] = ()


@dataclass(frozen=True)
class Absence:
    """Who is away, when, and what everybody has.

    Attributes:
        coach: Who is away.
        days: Every absence of theirs that is known, this one included.
        at: Nothing is proposed for its day, or for a day before: people must hear of it.
        busy: What everybody has; events as whole days.
        give_way: Ids of the weekly sessions among these: to an event they give way.

    """

    coach: str
    days: tuple[Window, ...]
    at: datetime
    window: Window
    calendar: WorkingCalendar
    busy: tuple[Busy, ...] = ()
    give_way: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Proposed:
    """What could become of one session.

    Attributes:
        cover: Who could lead it; none where nobody is free.
        beyond: With how many services that coach has more than usual; 0 where it is usual (C16).
        slots: Where it could move, the nearest first.

    """

    session: str
    cover: str | None = None
    beyond: int = 0
    slots: tuple[datetime, ...] = ()


@dataclass
class _Book:
    """What is booked, and what this proposal books as it goes on."""

    busy: defaultdict[str, list[Busy]] = field(default_factory=lambda: defaultdict(list))

    def add(self, one: Busy) -> None:
        """Book a time."""
        self.busy[one.person].append(one)

    def is_free(self, person: str, starts_at: datetime, ends_at: datetime) -> bool:
        """Tell whether a person has nothing then."""
        theirs = self.busy.get(person, [])
        return not any(one.starts_at < ends_at and starts_at < one.ends_at for one in theirs)


def is_away(day: date, days: Iterable[Window]) -> bool:
    """Tell whether a day lies in an absence."""
    return any(one.opens <= day <= one.closes for one in days)


def propose(
    touched: Sequence[Touched], stand_ins: Sequence[StandIn], absence: Absence
) -> tuple[Proposed, ...]:
    """Propose for each session who covers it, and where it could go instead.

    Returns:
        As many as there are sessions, in their order.

    """
    covers = _covers(touched, stand_ins, absence)
    slots = _slots(touched, absence)
    most = {one.coach: one.most for one in stand_ins}
    loads = _loads(touched, stand_ins, covers)
    found = []
    for one in touched:
        cover = covers.get(one.session)
        usual = most.get(cover or "")
        load = loads.get(cover or "", 0)
        beyond = load if usual is not None and load > usual else 0
        found.append(Proposed(one.session, cover, beyond, slots[one.session]))
    return tuple(found)


def _book(absence: Absence) -> _Book:
    book = _Book()
    for one in absence.busy:
        book.add(one)
    return book


def _covers(
    touched: Sequence[Touched], stand_ins: Sequence[StandIn], absence: Absence
) -> dict[str, str]:
    book = _book(absence)
    courses: defaultdict[str, list[Touched]] = defaultdict(list)
    for one in touched:
        courses[one.course].append(one)
    covers: dict[str, str] = {}
    helping: defaultdict[str, set[str]] = defaultdict(set)
    for course, theirs in courses.items():
        asked = sorted(stand_ins, key=lambda one: _preference(one, helping[one.coach] | {course}))
        for group in (theirs, *([one] for one in theirs)):
            left = [one for one in group if one.session not in covers]
            coach = _first_free(left, asked, absence, book)
            for one in left if coach else ():
                covers[one.session] = coach
                helping[coach].add(course)
                book.add(_taking(coach, one, absence))
    return covers


def _preference(one: StandIn, helps: set[str]) -> tuple[bool, int, str]:
    load = one.load + len(helps)
    return (one.most is not None and load > one.most, load, one.coach)


def _first_free(
    group: Sequence[Touched], asked: Sequence[StandIn], absence: Absence, book: _Book
) -> str:
    for one in asked if group else ():
        if one.coach != absence.coach and all(
            _can_lead(one, session, absence, book) for session in group
        ):
            return one.coach
    return ""


def _can_lead(one: StandIn, session: Touched, absence: Absence, book: _Book) -> bool:
    taking = _taking(one.coach, session, absence)
    day = absence.calendar.day_of(session.starts_at)
    return not is_away(day, one.away) and book.is_free(one.coach, taking.starts_at, taking.ends_at)


def _taking(person: str, session: Touched, absence: Absence) -> Busy:
    if session.kind.blocks_day:
        day = absence.calendar.day_of(session.starts_at)
        return whole_day(person, day, absence.calendar, session.session)
    return Busy(person, session.starts_at, session.ends_at, session.session)


def _loads(
    touched: Sequence[Touched], stand_ins: Sequence[StandIn], covers: Mapping[str, str]
) -> dict[str, int]:
    helped: defaultdict[str, set[str]] = defaultdict(set)
    for one in touched:
        if one.session in covers:
            helped[covers[one.session]].add(one.course)
    return {one.coach: one.load + len(helped[one.coach]) for one in stand_ins}


def _slots(touched: Sequence[Touched], absence: Absence) -> dict[str, tuple[datetime, ...]]:
    """Find other times, so that the first of each session can all be taken together."""
    book = _book(absence)
    taken: defaultdict[tuple[str, str], set[date]] = defaultdict(set)
    found = {}
    for one in touched:
        days = taken[one.course, one.kind.id]
        free = _free_times(one, absence, book, days)
        slots = tuple(starts_at for starts_at, _ in zip(free, range(SLOTS), strict=False))
        found[one.session] = slots
        if slots:
            days.add(absence.calendar.day_of(slots[0]))
            ends_at = slots[0] + timedelta(minutes=one.kind.minutes)
            for person in {absence.coach, *one.people}:
                book.add(Busy(person, slots[0], ends_at, one.session))
    return found


def _free_times(
    one: Touched, absence: Absence, book: _Book, taken: set[date]
) -> Iterator[datetime]:
    """Walk the times at which everybody is free, the nearest day first, one for each day."""
    if one.kind.cadence is Cadence.FULL_DAY:
        yield from _free_days(one, absence, book)
        return
    calendar = absence.calendar
    own = calendar.local(one.starts_at).time()
    times = (own, *(other for other in HOURS if other != own))
    length = timedelta(minutes=one.kind.minutes)
    for day in _days_near(one, absence):
        if day in taken or day in one.taken:
            continue
        for clock_time in times:
            starts_at = calendar.instant(day, clock_time)
            everybody = {absence.coach, *one.people}
            ends_at = starts_at + length
            if all(book.is_free(person, starts_at, ends_at) for person in everybody):
                yield starts_at
                break


def _free_days(one: Touched, absence: Absence, book: _Book) -> Iterator[datetime]:
    """Walk the days that fit for an event, with the lead that the edition asks for (X12)."""
    away = [
        whole_day(absence.coach, away.opens + n * ONE_DAY, absence.calendar)
        for away in absence.days
        for n in range((away.closes - away.opens).days + 1)
    ]
    everybody = frozenset({absence.coach, *one.people})
    known = (
        busy
        for person in everybody
        for busy in book.busy.get(person, ())
        if busy.session not in absence.give_way
    )
    search = Search(
        calendar=absence.calendar,
        not_before=absence.calendar.day_of(absence.at) + ONE_DAY,
        people=everybody,
        busy=(*known, *away),
        pauses=one.pauses,
    )
    for proposal in proposals(one.kind, absence.window, search, count=SLOTS):
        yield proposal.starts_at


def _days_near(one: Touched, absence: Absence) -> list[date]:
    """Return the days on which a session may be, the nearest first; of two the later."""
    own, today = absence.calendar.day_of(one.starts_at), absence.calendar.day_of(absence.at)
    days = (own + n * ONE_DAY for n in range(-REACH.days, REACH.days + 1))
    monthly = one.kind.cadence is Cadence.MONTHLY
    usable = [
        day
        for day in days
        if max(absence.window.opens, today + ONE_DAY) <= day <= absence.window.closes
        and (not monthly or day.replace(day=1) == own.replace(day=1))
        and absence.calendar.is_working_day(day)
        and not is_away(day, absence.days)
        and not is_paused(day, one.pauses, absence.calendar)
    ]
    return sorted(usable, key=lambda day: (abs(day - own), day < own))
