"""What comes before a story: services apply, get their places, sign and are settled in.

Everybody does at once what is asked of them, so that the story can begin where it matters.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from planning.calendar import WorkingCalendar
from rehearsal.scenarios.company import lead_of
from rehearsal.scenarios.scenario import Comes, Happening, Scenario, ServiceOf
from schemas.edition import Edition

FIRST_DAY, HOUR = date(2024, 5, 1), time(10, 7)
ORDER_CONFIRMED, ACCEPTED, SIGNED, SETTLED = range(1, 5)
"""Working days after interest has closed."""


def prelude(scenario: Scenario, edition: Edition, calendar: WorkingCalendar) -> list[Happening]:
    """Return what happens before the story, earliest first."""
    found = [*_applied(scenario)]
    closed = edition.recruitment.deadline
    days = [calendar.add_working_days(closed, ahead) for ahead in range(SETTLED + 1)]
    waiting = [one for one in scenario.services if one.comes.reaches(Comes.ACCEPTED)]
    if waiting:
        found.append(Happening(at=_at(days[ORDER_CONFIRMED]), does="select"))
    for turn, one in enumerate(waiting):
        lead = lead_of(one.service)
        found.append(
            Happening(at=_at(days[ACCEPTED], turn), who=lead, does="accept", to=one.service)
        )
        if one.comes.reaches(Comes.SIGNED):
            found.append(
                Happening(at=_at(days[SIGNED], turn), who=one.sponsor, does="sign", to=one.service)
            )
        if one.comes.reaches(Comes.COACHED):
            found += _settled(one, _at(days[SETTLED], turn))
    return sorted(found, key=lambda one: one.at)


def _at(day: date, turn: int = 0) -> datetime:
    return datetime.combine(day, HOUR) + timedelta(minutes=10 * turn)


def _applied(scenario: Scenario) -> Iterator[Happening]:
    for turn, one in enumerate(scenario.services):
        if one.comes is Comes.KNOWN:
            continue
        at = one.applies or datetime.combine(FIRST_DAY + timedelta(days=turn), HOUR)
        yield Happening(
            at=at,
            who=lead_of(one.service),
            does="apply",
            to=one.service,
            saying={
                "interest_id": f"EOI-{turn + 1:03}",
                "sponsor": one.sponsor,
                "lead": lead_of(one.service),
                "earlier_interest": one.earlier_interest,
            },
        )


def _settled(one: ServiceOf, at: datetime) -> Iterator[Happening]:
    """Yield the six things of R16."""
    for does, saying in (
        ("name_team", {}),
        ("seek_partner", {"partner": one.partner}),
        ("assign_coach", {"coach": one.coach}),
        ("choose_slot", {"weekday": one.slot.number, "clock_time": one.starts}),
        ("date_event", {"day": one.event}),
        (
            "set_sponsor_session",
            {
                "day": one.executive_first.date(),
                "clock_time": one.executive_first.time(),
                "coach": one.executive_coach,
            },
        ),
    ):
        yield Happening(at=at, who=lead_of(one.service), does=does, to=one.service, saying=saying)
