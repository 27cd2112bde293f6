"""Forecast: how many sessions a service can still have, and when it will have had them all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from schemas.edition import SessionKind


@dataclass(frozen=True)
class Forecast:
    """What is still possible for one service; a plan and never a pass mark (C04).

    Attributes:
        held: Sessions held so far.
        possible: The most that can be held by the end of the window.
        ends_on: First day on which as many as planned can have been held; none: beyond the days
            that were asked about.
        after_window: Whether that is after the window's end: worth a look (X10).
        at_risk: Whether fewer than the edition's minimum are still possible (C04).

    """

    held: int
    possible: int
    ends_on: date | None
    after_window: bool
    at_risk: bool


def forecast(
    kind: SessionKind, held: Sequence[date], ahead: Sequence[date], window_closes: date
) -> Forecast:
    """Return the forecast of one service's sessions of a kind (X10).

    Args:
        kind: The kind of session, for what is planned and the minimum.
        held: Day of each session held; one brought in from before may be on any day (R17).
        ahead: Each day on which one more session can be held: usable days of the slot and days of
            catch-up sessions, from now on and some months beyond the window.
        window_closes: Last day of the window.

    """
    days = sorted(ahead)
    possible = len(held) + sum(day <= window_closes for day in days)
    all_days = sorted(held) + days
    ends_on = all_days[kind.planned - 1] if len(all_days) >= kind.planned else None
    return Forecast(
        held=len(held),
        possible=possible,
        ends_on=ends_on,
        after_window=ends_on is None or ends_on > window_closes,
        at_risk=possible < kind.minimum,
    )
