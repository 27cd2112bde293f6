"""Checks of an edition's dates: in order, inside the window, and with enough weeks for the plan."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from planning.calendar import FIRST_YEAR, LAST_YEAR, WorkingCalendar, calendar_of
from planning.edition_findings import BY_DAY, Finding
from planning.placing import months
from planning.slots import day_of_week, weekly_days
from planning.toml_lines import Path
from planning.working_time import day_after, planned_pauses
from schemas.edition import Edition, Phase, PlannedPause, SessionKind, Window
from schemas.sessions import Cadence


def date_findings(edition: Edition) -> Iterator[Finding]:
    """Tell every fault of the dates; whether the plan fits only once the dates themselves do."""
    basic = [*_spans(edition), *_recruitment(edition), *_inside(edition), *_calendar(edition)]
    yield from basic
    for number, kind in enumerate(edition.sessions):
        yield from _weeks(("sessions", number), kind, edition.window)
    if not basic:
        calendar = calendar_of(edition)
        for number, kind in enumerate(edition.sessions):
            yield from _room(("sessions", number), kind, edition, calendar)


def _spans(edition: Edition) -> Iterator[Finding]:
    spans: list[tuple[Path, Window | Phase | PlannedPause]] = [(("window",), edition.window)]
    spans += [(("phases", number), phase) for number, phase in enumerate(edition.phases)]
    spans += [(("pauses", number), pause) for number, pause in enumerate(edition.pauses)]
    for path, span in spans:
        if span.closes < span.opens:
            problem = f"closes before it opens on {span.opens}"
            yield Finding((*path, "closes"), problem, "put the two days in order")
    numbered = sorted(enumerate(edition.pauses), key=lambda one: one[1].opens)
    for (_, before), (number, pause) in pairwise(numbered):
        if pause.opens <= before.closes:
            problem = f"begins before the pause of {before.opens} has ended"
            yield Finding(("pauses", number, "opens"), problem, "make one pause of the two")


def _recruitment(edition: Edition) -> Iterator[Finding]:
    recruitment = edition.recruitment
    if recruitment.deadline < recruitment.opens:
        problem = f"before recruitment opens on {recruitment.opens}"
        yield Finding(("recruitment", "deadline"), problem, "put the two days in order")
    if recruitment.deadline >= edition.window.opens:
        problem = f"not before coaching begins on {edition.window.opens}"
        yield Finding(("recruitment", "deadline"), problem, "close recruitment earlier")
    for number, provider in enumerate(recruitment.providers):
        if not recruitment.opens <= provider.opens <= recruitment.deadline:
            problem = f"outside recruitment, {recruitment.opens} to {recruitment.deadline}"
            remedy = "choose a day on which interest is taken, or remove this kind of provider"
            yield Finding(("recruitment", "providers", number, "opens"), problem, remedy)


def _inside(edition: Edition) -> Iterator[Finding]:
    window = edition.window
    inside = f"{window.opens} to {window.closes}"
    for number, pause in enumerate(edition.pauses):
        for key, day in (("opens", pause.opens), ("closes", pause.closes)):
            if not window.opens <= day <= window.closes:
                problem = f"outside the coaching window, {inside}"
                yield Finding(("pauses", number, key), problem, "choose a day inside it")
    for number, day in enumerate(edition.extra_days_off):
        if not edition.recruitment.opens <= day <= window.closes:
            problem = f"outside the edition, {edition.recruitment.opens} to {window.closes}"
            yield Finding(("extra_days_off", number), problem, "correct or remove it")


def _weeks(path: Path, kind: SessionKind, window: Window) -> Iterator[Finding]:
    for key, week in (("due_by_week", kind.due_by_week), ("not_before_week", kind.not_before_week)):
        if week is not None and day_of_week(window.opens, week) > window.closes:
            problem = f"{day_of_week(window.opens, week)}, after the window closes"
            remedy = f"choose a week up to {(window.closes - window.opens).days // 7}"
            yield Finding((*path, key), problem, remedy)
    if kind.due_by_week is not None and kind.due_by_week <= kind.not_before_week:
        problem = f"not after week {kind.not_before_week}, before which it must not be"
        yield Finding((*path, "due_by_week"), problem, "choose a later week")


def _calendar(edition: Edition) -> Iterator[Finding]:
    try:
        ZoneInfo(edition.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problem = "no time zone has this name"
        yield Finding(("zone",), problem, 'write an IANA name such as "Europe/London"')
    days: tuple[tuple[Path, date], ...] = (
        (("recruitment", "opens"), edition.recruitment.opens),
        (("recruitment", "deadline"), edition.recruitment.deadline),
        (("window", "opens"), edition.window.opens),
        (("window", "closes"), edition.window.closes),
    )
    for path, day in days:
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            problem = f"the public holidays of {day.year} are not known"
            yield Finding(path, problem, f"choose a day from {FIRST_YEAR} to {LAST_YEAR}")


def _room(
    path: Path, kind: SessionKind, edition: Edition, calendar: WorkingCalendar
) -> Iterator[Finding]:
    """Tell a plan for which the window has not enough weeks, months or lead (C04, X12)."""
    window = edition.window
    if kind.cadence is Cadence.WEEKLY:
        pauses = planned_pauses(edition, calendar)
        weekdays = set(range(7)) - set(edition.weekend)
        most = max(
            (len(weekly_days(window, one, pauses, calendar, window.opens)) for one in weekdays),
            default=0,
        )
        yield from _too_many((*path, "planned"), kind, most, "weeks")
    if kind.cadence is Cadence.MONTHLY:
        most = len(months(window, kind.planned, calendar))
        yield from _too_many((*path, "planned"), kind, most, "months")
    if kind.lead is not None and kind.lead.unit in BY_DAY and kind.due_by_week is not None:
        first = day_after(edition.recruitment.deadline + timedelta(days=1), kind.lead, calendar)
        due = day_of_week(window.opens, kind.due_by_week)
        if first > due:
            problem = f"never reached: with a lead of {kind.lead} the first day is {first}"
            yield Finding(
                (*path, "due_by_week"), problem, "shorten the lead or choose a later week"
            )


def _too_many(path: Path, kind: SessionKind, most: int, what: str) -> Iterator[Finding]:
    if kind.planned > most:
        problem = f"the window has only {most} {what} for {kind.planned} sessions"
        yield Finding(path, problem, f"write at most {most}, or make the window longer")
