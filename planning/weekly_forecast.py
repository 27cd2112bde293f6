"""What is still possible of a service's weekly sessions, whoever says how they stand (C04, X10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from planning.calendar import WorkingCalendar
from planning.forecast import forecast
from planning.slots import displaced_by, weekly_days
from planning.working_time import Interval
from schemas.base import Record
from schemas.edition import Edition, SessionKind, Window
from schemas.sessions import Cadence, SessionState

BEYOND_WINDOW = timedelta(weeks=26)
"""How far behind the window's end a forecast looks."""


class ForecastLine(Record):
    """What is still possible of the weekly sessions.

    Attributes:
        kind: The weekly kind of session.
        possible: The most that can be held by the end of the window.
        minimum: Below so many the service is at risk.
        ends_day: First day on which all that are planned can have been held; none: further away
            than is looked.
        after_window: Whether that is after the window.

    """

    kind: str
    held: int
    planned: int
    minimum: int
    possible: int
    ends_day: date | None
    after_window: bool
    at_risk: bool


@dataclass(frozen=True)
class Standing:
    """How a session of any kind stands.

    Attributes:
        day: None while it waits for a week.
        by_hand: Whether a person chose its day: a catch-up, or one that was moved.

    """

    kind: str
    day: date | None
    state: SessionState
    by_hand: bool = False


@dataclass(frozen=True)
class Outlook:
    """On which days a service can have a weekly session.

    Attributes:
        weekday: Of its slot, Monday is 0.
        pauses: Its own, its edition's and those of the file.
        today: The first day that counts.

    """

    edition: Edition
    calendar: WorkingCalendar
    weekday: int
    pauses: Sequence[Interval]
    today: date

    def slot_days(self) -> tuple[date, ...]:
        """Return the usable days of the slot from today on."""
        closes = self.edition.window.closes + BEYOND_WINDOW
        last = min(closes, date(self.calendar.last_year, 12, 31))
        window = Window(opens=self.edition.window.opens, closes=last)
        return weekly_days(window, self.weekday, self.pauses, self.calendar, self.today)


def weekly_kind(edition: Edition) -> SessionKind | None:
    """Return the edition's weekly kind of session, if it has one."""
    return next((one for one in edition.sessions if one.cadence is Cadence.WEEKLY), None)


def weekly_forecast(
    kind: SessionKind, sessions: Sequence[Standing], outlook: Outlook
) -> ForecastLine:
    """Return the forecast of a service.

    Args:
        kind: The weekly kind.
        sessions: Those of the service, of every kind; one that was held has a day.
        outlook: What days there are.

    """
    weekly = [one for one in sessions if one.kind == kind.id]
    days = {*outlook.slot_days(), *_other_days(weekly, outlook.today)}
    ahead = sorted(days - _days_taken(outlook.edition, kind, sessions))
    held = [one.day for one in weekly if one.state is SessionState.HELD and one.day is not None]
    found = forecast(kind, held, ahead, outlook.edition.window.closes)
    return ForecastLine(
        kind=kind.id,
        held=found.held,
        planned=kind.planned,
        minimum=kind.minimum,
        possible=found.possible,
        ends_day=found.ends_on,
        after_window=found.after_window,
        at_risk=found.at_risk,
    )


def _other_days(weekly: Sequence[Standing], today: date) -> set[date]:
    """Return other days on which a session can prove to be held.

    Those that a person chose, and those of sessions that are over and that nobody has recorded yet.
    """
    return {
        one.day
        for one in weekly
        if one.state is SessionState.TO_COME
        and one.day is not None
        and (one.by_hand or one.day < today)
    }


def _days_taken(edition: Edition, kind: SessionKind, sessions: Sequence[Standing]) -> set[date]:
    """Return days on which no further weekly session can be: an event's, or one that is over."""
    dated = [(one, one.day) for one in sessions if one.day is not None]
    over = {
        day
        for one, day in dated
        if one.kind == kind.id and one.state in {SessionState.HELD, SessionState.MISSED}
    }
    events = {one.id for one in edition.sessions if one.cadence is Cadence.FULL_DAY}
    return over.union(
        *(
            displaced_by(day, kind.gives_way)
            for one, day in dated
            if one.kind in events and one.state is not SessionState.CANCELLED
        )
    )
