"""A service's weekly sessions put round what takes their days: pauses, events, its coach's hours.

The agenda asks whether anything has to change, the course transaction changes it: both ask here, so
that neither ever sees work that the other does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from planning.calendar import WorkingCalendar
from planning.slots import SessionDay, replan, weekly_days
from planning.working_time import Interval
from schemas.edition import Window
from schemas.sessions import Session, SessionReason, SessionState


@dataclass(frozen=True)
class WeeklyRound:
    """What weekly sessions are put round.

    Attributes:
        weekday: Of the slot, Monday is 0.
        clock_time: Of the slot, local.
        at: What has begun by then stays where it is.
        event_days: Days that events take whole (C15, C15a).
        blocked_hours: Days on which the coach is elsewhere at the hour of the slot (C15).

    """

    window: Window
    calendar: WorkingCalendar
    weekday: int
    clock_time: time
    at: datetime
    pauses: Sequence[Interval] = ()
    event_days: frozenset[date] = frozenset()
    blocked_hours: frozenset[date] = frozenset()


@dataclass(frozen=True)
class WeeklyChange:
    """What becomes of one session.

    Attributes:
        session: As it is; one that no week was left for before may be cancelled.
        starts_at: Where it is put; none: it waits for the end of a pause, or is lost.
        is_lost: Whether no week is left for it (C17).

    """

    session: Session
    starts_at: datetime | None
    is_lost: bool = False


def usable_days(around: WeeklyRound) -> tuple[date, ...]:
    """Return the days of the slot whose hour has not come yet."""
    day_of_at = around.calendar.day_of(around.at)
    days = weekly_days(around.window, around.weekday, around.pauses, around.calendar, day_of_at)
    return tuple(day for day in days if _instant(around, day) > around.at)


def weekly_changes(weekly: Sequence[Session], around: WeeklyRound) -> tuple[WeeklyChange, ...]:
    """Return what must change; nothing where every session is where it should be (C10, C15a, C17).

    Sessions return to the days of the first plan where these are good again; so do those that were
    cancelled because no week was left for them. While a pause without an end is known, sessions
    without a day wait for it to end. Where a person has put a session it stays, unless its whole
    day is taken.
    """
    may_be_put = [one for one in weekly if _may_be_put(one, around)]
    by_hand = [one for one in may_be_put if _stays(one, around)]
    in_slot = {one.id: one for one in may_be_put if one not in by_hand}
    taken = around.event_days | around.blocked_hours
    taken |= {around.calendar.day_of(one.starts_at) for one in by_hand if one.starts_at}
    endless = any(pause.until_at is None for pause in around.pauses)
    found = []
    for outcome in replan(
        [_session_day(one, around) for one in in_slot.values()], usable_days(around), taken
    ):
        session = in_slot[outcome.session]
        if not outcome.moved and outcome.day is not None and session.moves == 0:
            continue
        starts_at = None if outcome.day is None else _instant(around, outcome.day)
        is_lost = starts_at is None and not endless
        was_lost = session.state is SessionState.CANCELLED
        if (starts_at is not None) if was_lost else (is_lost or starts_at != session.starts_at):
            found.append(WeeklyChange(session, starts_at, is_lost=is_lost))
    return tuple(found)


def _may_be_put(session: Session, around: WeeklyRound) -> bool:
    if session.state is SessionState.CANCELLED:
        return session.reason is SessionReason.NO_WEEK_LEFT
    begun = session.starts_at is not None and session.starts_at <= around.at
    return session.state is SessionState.TO_COME and not begun


def _stays(session: Session, around: WeeklyRound) -> bool:
    """Tell whether a session stays where a person has put it: nothing takes its whole day."""
    starts_at, ends_at = session.starts_at, session.ends_at
    by_hand = session.moves > 0 and session.state is SessionState.TO_COME
    if not by_hand or starts_at is None or ends_at is None:
        return False
    paused = any(pause.touches(starts_at, ends_at) for pause in around.pauses)
    return not paused and around.calendar.day_of(starts_at) not in around.event_days


def _session_day(session: Session, around: WeeklyRound) -> SessionDay:
    stands = session.starts_at is not None and session.state is SessionState.TO_COME
    day = around.calendar.day_of(session.starts_at) if stands and session.starts_at else None
    return SessionDay(session=session.id, planned_day=session.planned_day, day=day)


def _instant(around: WeeklyRound, day: date) -> datetime:
    return around.calendar.instant(day, around.clock_time)
