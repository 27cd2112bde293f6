"""The forecast against what happened (X10): what was possible as known then, and what was held."""

from datetime import date, datetime, time

from planning.report import Known
from planning.report_forecast import known_forecast
from planning.slots import day_of_week, week_of
from planning.weekly_forecast import ForecastLine
from rehearsal.report.material import Material
from schemas.base import Record
from schemas.sessions import SessionState
from storage.reads.report_rows import Ward

EVERY = 4
"""Weeks between two looks ahead."""


class Look(Record):
    """What was known on a day, for all services that were coached then.

    Attributes:
        possible: Weekly sessions that could still be held by the end of the window, at most as
            many as planned for each service.
        held: How many had been held.
        at_risk: Services that could not reach the edition's minimum any more (C04).

    """

    week: int
    day: date
    services: int
    possible: int
    held: int
    at_risk: int


class WardForecast(Record):
    """One service's forecasts by day, and what came of them.

    Attributes:
        at_risk_from: The first of the days on which it was at risk.

    """

    service_id: str
    stage: str
    planned: int
    minimum: int
    possible: dict[date, int]
    held: int
    at_risk_from: date | None


class Foreseen(Record):
    """Forecasts at some days of the window, and what happened."""

    looks: tuple[Look, ...]
    wards: tuple[WardForecast, ...]


def foreseen(material: Material) -> Foreseen:
    """Return what was foreseen every four weeks, from the journal as it was then."""
    days = _days(material)
    forecasts = {day: _forecasts(material, day) for day in days}
    wards = tuple(_ward(material, ward, forecasts) for ward in material.coached)
    window = material.edition.window
    return Foreseen(
        looks=tuple(_look(week_of(window.opens, day), day, forecasts[day]) for day in days),
        wards=tuple(one for one in wards if one is not None),
    )


def _days(material: Material) -> list[date]:
    window = material.edition.window
    last = week_of(window.opens, window.closes)
    days = [day_of_week(window.opens, week) for week in range(0, last + 1, EVERY)]
    until = material.calendar.day_of(material.at)
    return [day for day in [*days, window.closes] if day <= until]


def _forecasts(material: Material, day: date) -> dict[str, ForecastLine]:
    at: datetime = material.calendar.instant(day, time())
    known = material.known(at)
    found = {ward.course_id: _forecast(material, known, ward, at) for ward in material.coached}
    return {course_id: one for course_id, one in found.items() if one is not None}


def _forecast(material: Material, known: Known, ward: Ward, at: datetime) -> ForecastLine | None:
    if ward.course_id in known.gone:
        return None
    return known_forecast(known, material.edition, material.calendar, ward.course_id, at)


def _look(week: int, day: date, found: dict[str, ForecastLine]) -> Look:
    return Look(
        week=week,
        day=day,
        services=len(found),
        possible=sum(min(one.possible, one.planned) for one in found.values()),
        held=sum(one.held for one in found.values()),
        at_risk=sum(one.at_risk for one in found.values()),
    )


def _ward(
    material: Material, ward: Ward, forecasts: dict[date, dict[str, ForecastLine]]
) -> WardForecast | None:
    theirs = {
        day: found[ward.course_id] for day, found in forecasts.items() if ward.course_id in found
    }
    if not theirs:
        return None
    last = theirs[max(theirs)]
    own = material.sessions_of[ward.course_id]
    held = sum(one.kind == last.kind and one.state is SessionState.HELD for one in own)
    return WardForecast(
        service_id=ward.service_id,
        stage=ward.stage.value,
        planned=last.planned,
        minimum=last.minimum,
        possible={day: min(one.possible, one.planned) for day, one in theirs.items()},
        held=held,
        at_risk_from=min((day for day, one in theirs.items() if one.at_risk), default=None),
    )
