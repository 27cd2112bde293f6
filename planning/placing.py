"""Placing: days and hours for monthly sessions, full-day events and check-ins, without clashes.

Weekly sessions have their slot (``planning.slots``); everything else is placed here, between what
the people who must come have already.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from planning.calendar import ONE_DAY, WorkingCalendar
from planning.slots import day_of_week, is_paused
from planning.working_time import Interval, day_after, day_before, whole_days
from schemas.edition import SessionKind, Window


@dataclass(frozen=True)
class Busy:
    """A time at which a person cannot be elsewhere, without its last instant.

    Attributes:
        person: Id of the person.
        starts_at: UTC.
        ends_at: UTC.
        session: Id of what keeps the person busy.

    """

    person: str
    starts_at: datetime
    ends_at: datetime
    session: str = ""


@dataclass(frozen=True)
class Clash:
    """Two things that one person cannot both attend (C15)."""

    person: str
    first: Busy
    second: Busy


@dataclass(frozen=True)
class Search:
    """Where a place for a session is looked for.

    Attributes:
        calendar: Of the edition.
        not_before: The day on which the session is dated; nothing is placed before it.
        people: Ids of those who must be free.
        busy: What they, and others, have already.
        pauses: Of the service and of its edition.
        last_day: Day of the session before, for the gap between two (C14).

    """

    calendar: WorkingCalendar
    not_before: date
    people: frozenset[str] = frozenset()
    busy: tuple[Busy, ...] = ()
    pauses: tuple[Interval, ...] = ()
    last_day: date | None = None


@dataclass(frozen=True)
class Wish:
    """What somebody prefers.

    Attributes:
        weekday: Monday is 0.
        starts: Local time.
        other_times: Tried where that time is taken, in this order.

    """

    weekday: int
    starts: time
    other_times: tuple[time, ...] = ()


@dataclass(frozen=True)
class MonthlySession:
    """One month's session.

    Attributes:
        month: First day of the month.
        starts_at: UTC; none where the month has no slot, which a person then looks for (X03).
        ends_at: UTC.
        close: Whether it is nearer to the one before than the edition likes: a warning (C14).

    """

    month: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    close: bool = False


@dataclass(frozen=True)
class Proposal:
    """A day that fits for a full-day event or a check-in.

    Attributes:
        day: Civil day.
        starts_at: UTC.
        ends_at: UTC.
        after_due: Whether it comes after the last day on which the edition wants it (C05, C08).

    """

    day: date
    starts_at: datetime
    ends_at: datetime
    after_due: bool


def whole_day(person: str, day: date, calendar: WorkingCalendar, session: str = "") -> Busy:
    """Return a whole day as busy, from midnight to midnight: an event and the way there (C15)."""
    midnight, next_midnight = (calendar.instant(day + n * ONE_DAY, time()) for n in range(2))
    return Busy(person, midnight, next_midnight, session)


def clashes(busy: Iterable[Busy]) -> tuple[Clash, ...]:
    """Return every pair of one person's times that overlap (C15), by person and time."""
    ordered = sorted(busy, key=lambda one: (one.person, one.starts_at, one.ends_at, one.session))
    found = []
    for index, first in enumerate(ordered):
        for second in ordered[index + 1 :]:
            if second.person != first.person or second.starts_at >= first.ends_at:
                break
            found.append(Clash(first.person, first, second))
    return tuple(found)


def months(window: Window, planned: int, calendar: WorkingCalendar) -> tuple[date, ...]:
    """Return the first day of each month that has one of ``planned`` monthly sessions (C04, C07).

    Sessions begin in the first *full* month, one whose working days all lie in the window, and take
    the months as they come; what is left at the end is spare. The wider edition's window touches
    seven months and plans six sessions: September, whose first working day is the 2nd, to
    February, with March to spare. Where that would leave too few months, sessions begin earlier.
    """
    touched = []
    month = window.opens.replace(day=1)
    while month <= window.closes:
        touched.append(month)
        month = _next_month(month)
    full = (n for n, month in enumerate(touched) if _is_full(month, window, calendar))
    start = max(min(next(full, 0), len(touched) - planned), 0)
    return tuple(touched[start : start + planned])


def monthly_sessions(
    kind: SessionKind, window: Window, wish: Wish, search: Search
) -> tuple[MonthlySession, ...]:
    """Place one session in each month (C07).

    In each month the first day that fits best is taken: far enough from the session before (C14),
    then on the preferred weekday, then at the preferred time. Nobody's other times are crossed
    (C15), nothing falls on a day off or in a pause (C09).
    """
    placed: list[MonthlySession] = []
    opens = max(window.opens, search.not_before)
    rest = Window(opens=opens, closes=window.closes)
    # The month in which a sponsor begins is theirs whole: its first session is still in it.
    theirs = Window(opens=max(window.opens, opens.replace(day=1)), closes=window.closes)
    for month in months(theirs, kind.planned, search.calendar) if opens <= window.closes else ():
        session = _in_month(kind, rest, wish, search, month)
        placed.append(session)
        if session.starts_at is not None:
            search = replace(search, last_day=search.calendar.day_of(session.starts_at))
    return tuple(placed)


def proposals(
    kind: SessionKind, window: Window, search: Search, wish: Wish | None = None, count: int = 1
) -> tuple[Proposal, ...]:
    """Return the first days that fit for a session that is dated by itself, or for its move.

    They keep the lead that the edition asks for, counted from ``search.not_before`` (X12), lie
    after the first day on which the edition wants the session (C08), on working days outside
    pauses (C09), with everybody free: for a kind that blocks the day, the whole of it (C15). Days
    up to the due day come first (C05), earliest first; with a wish, its weekday and time come
    before others.
    """
    weekday = None if wish is None else wish.weekday
    due = window.closes
    if kind.due_by_week is not None:
        due = day_of_week(window.opens, kind.due_by_week)
    first = max(search.not_before, day_of_week(window.opens, kind.not_before_week))
    if kind.lead is not None:
        first = max(first, day_after(search.not_before, kind.lead, search.calendar))
    options = sorted(
        _options(first, window.closes, wish or Wish(0, kind.starts), search),
        key=lambda option: (option[0] > due, weekday not in {None, option[0].weekday()}, option),
    )
    found = _free(kind, options, search)
    return tuple(
        Proposal(day, starts_at, ends_at, after_due=day > due)
        for (day, starts_at, ends_at), _ in zip(found, range(count), strict=False)
    )


def sponsor_is_told(
    kind: SessionKind, moves: int, was_at: datetime, at: datetime, calendar: WorkingCalendar
) -> bool:
    """Tell whether the sponsor hears of a move made at ``at`` (X11).

    Args:
        kind: The kind of session.
        moves: How often the session has been moved, this move included.
        was_at: When it would have been.
        at: When it is moved; with fewer working days left than the edition says, it is late.
        calendar: Of the edition.

    """
    if kind.moves_told is not None and moves >= kind.moves_told:
        return True
    if kind.late_change is None:
        return False
    return calendar.day_of(at) > day_before(calendar.day_of(was_at), kind.late_change, calendar)


def _in_month(
    kind: SessionKind, window: Window, wish: Wish, search: Search, month: date
) -> MonthlySession:
    first = max(month, window.opens)
    last = min(_next_month(month) - ONE_DAY, window.closes)
    options = sorted(
        _options(first, last, wish, search),
        key=lambda option: (
            _is_close(kind, option[0], search),
            option[0].weekday() != wish.weekday,
            option[1],
            option[0],
        ),
    )
    for day, starts_at, ends_at in _free(kind, options, search):
        return MonthlySession(month, starts_at, ends_at, _is_close(kind, day, search))
    return MonthlySession(month)


def _options(first: date, last: date, wish: Wish, search: Search) -> list[tuple[date, int, time]]:
    """Return each possible day and time; the number is the rank of the time."""
    found: list[tuple[date, int, time]] = []
    for n in range(max((last - first).days + 1, 0)):
        day = first + n * ONE_DAY
        if search.calendar.is_working_day(day) and not is_paused(
            day, search.pauses, search.calendar
        ):
            times = (wish.starts, *wish.other_times)
            found.extend((day, rank, starts) for rank, starts in enumerate(times))
    return found


def _free(
    kind: SessionKind, options: Sequence[tuple[date, int, time]], search: Search
) -> Iterator[tuple[date, datetime, datetime]]:
    """Walk the options at which everybody is free, one for each day."""
    theirs = [one for one in search.busy if one.person in search.people]
    seen: set[date] = set()
    for day, _, starts in options:
        starts_at = search.calendar.instant(day, starts)
        ends_at = starts_at + timedelta(minutes=kind.minutes)
        wanted = Interval(starts_at, ends_at)
        if kind.blocks_day:
            wanted = whole_days(search.calendar, day, day)
        if day not in seen and not any(
            wanted.touches(one.starts_at, one.ends_at) for one in theirs
        ):
            seen.add(day)
            yield day, starts_at, ends_at


def _is_close(kind: SessionKind, day: date, search: Search) -> bool:
    return search.last_day is not None and (day - search.last_day).days < kind.minimum_gap_days


def _is_full(month: date, window: Window, calendar: WorkingCalendar) -> bool:
    last = calendar.previous_working_day(_next_month(month) - ONE_DAY)
    return window.opens <= calendar.next_working_day(month) and last <= window.closes


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
