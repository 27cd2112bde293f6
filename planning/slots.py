"""Weekly slots: which days carry a session, which weeks stay spare, what a blocked day displaces.

A service's weekly slot is a weekday and a local time. Its sessions take the usable days in order;
the days after the last of them are the *spare* ones, and take up what a holiday, a pause or an
event displaces (C10, C15a, C17).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from planning.calendar import ONE_DAY, WorkingCalendar
from planning.working_time import Interval, whole_days
from schemas.edition import Window

ONE_WEEK = timedelta(weeks=1)


def week_of(window_opens: date, day: date) -> int:
    """Return how many full weeks have passed on ``day`` since the window opened; 0 is the first."""
    return (day - window_opens).days // 7


def day_of_week(window_opens: date, week: int) -> date:
    """Return the first day on which that many full weeks have passed since the window opened."""
    return window_opens + week * ONE_WEEK


def is_paused(day: date, pauses: Sequence[Interval], calendar: WorkingCalendar) -> bool:
    """Tell whether a pause takes any part of ``day``; no session is placed on such a day (C09)."""
    whole = whole_days(calendar, day, day)
    return any(
        whole.until_at is not None and pause.touches(whole.from_at, whole.until_at)
        for pause in pauses
    )


def weekly_days(
    window: Window,
    weekday: int,
    pauses: Sequence[Interval],
    calendar: WorkingCalendar,
    not_before: date,
) -> tuple[date, ...]:
    """Return the usable days of a weekly slot, in order.

    A day off is left out and not shifted to another day (C10), and so is a day that a pause
    touches (C09).

    Args:
        window: First and last day on which there are sessions, both included.
        weekday: Of the slot, Monday is 0.
        pauses: Of the service and of its edition.
        calendar: Of the edition.
        not_before: No earlier day is wanted: the start of a late starter, or the day of a change.

    """
    first = window.opens + timedelta(days=(weekday - window.opens.weekday()) % 7)
    weeks = range(max((window.closes - first).days // 7 + 1, 0))
    return tuple(
        day
        for day in (first + n * ONE_WEEK for n in weeks)
        if day >= not_before
        and calendar.is_working_day(day)
        and not is_paused(day, pauses, calendar)
    )


@dataclass(frozen=True)
class WeeklyPlan:
    """The days of a service's weekly sessions.

    Attributes:
        days: Day of each session, in order; the first is session 1.
        spare: Usable days that no session took.
        short: Sessions for which the window has no day: a late starter's (E15).

    """

    days: tuple[date, ...]
    spare: tuple[date, ...]
    short: int


def weekly_plan(planned: int, usable: Sequence[date], blocked: Collection[date]) -> WeeklyPlan:
    """Give ``planned`` sessions the first usable days that are not blocked (C04, C10, C15a)."""
    free = tuple(day for day in sorted(usable) if day not in blocked)
    return WeeklyPlan(free[:planned], free[planned:], max(planned - len(free), 0))


@dataclass(frozen=True)
class SessionDay:
    """A session still to come.

    Attributes:
        session: Id or number of the session; comes back as it was given.
        planned_day: The day that the first plan gave it.
        day: Its day at present; none while it waits for a spare week.

    """

    session: str
    planned_day: date
    day: date | None


@dataclass(frozen=True)
class Replanned:
    """What becomes of one session.

    Attributes:
        session: As it was given.
        day: Its day from now on; none when there is no week left for it (C17).
        moved: Whether that is another day than at present.

    """

    session: str
    day: date | None
    moved: bool


def replan(
    sessions: Sequence[SessionDay], usable: Sequence[date], blocked: Collection[date]
) -> tuple[Replanned, ...]:
    """Find a day for each session that is still to come (C10, C15a, C17).

    A session has the day of the first plan wherever that is good, so that undoing a pause or moving
    an event away brings everything back. The others keep their present day if it is good; what is
    left takes, in its order, the first usable days that nobody has. A session gets no day when no
    week is left. While a pause without an end runs no day is usable: the caller then leaves the
    sessions alone until it ends.

    Args:
        sessions: In their order, without those held, missed or cancelled, and without those that
            a person moved.
        usable: Days of the slot from now on, as :func:`weekly_days` returns them.
        blocked: Days taken by an event, an absence, or a session that a person moved.

    """
    good = [day for day in sorted(usable) if day not in blocked]
    kept: dict[str, date] = {}
    for wishes in (_planned(sessions), _present(sessions)):
        for session_id, day in wishes:
            if session_id not in kept and day in good and day not in kept.values():
                kept[session_id] = day
    spare = iter([day for day in good if day not in kept.values()])
    days = ((session, kept.get(session.session) or next(spare, None)) for session in sessions)
    return tuple(Replanned(session.session, day, day != session.day) for session, day in days)


def _planned(sessions: Sequence[SessionDay]) -> list[tuple[str, date]]:
    return [(session.session, session.planned_day) for session in sessions]


def _present(sessions: Sequence[SessionDay]) -> list[tuple[str, date]]:
    return [(session.session, session.day) for session in sessions if session.day is not None]


def displaced_by(
    event_day: date, gives_way: Literal["same_day", "same_week", "never"]
) -> frozenset[date]:
    """Return the days that an event on ``event_day`` takes from its service's slot (C15a)."""
    if gives_way == "never":
        return frozenset()
    if gives_way == "same_day":
        return frozenset({event_day})
    monday = event_day - timedelta(days=event_day.weekday())
    return frozenset(monday + n * ONE_DAY for n in range(7))
