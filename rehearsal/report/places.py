"""Places over time: how many were taken, and how many offers were open."""

from datetime import date

from rehearsal.report.material import Material
from schemas.base import Record

ENDS_OFFER = {"accepted", "declined", "lapsed", "freed", "closed"}
FREES = {"freed", "closed", "declined", "lapsed"}


class PlaceDay(Record):
    """The end of a day on which something changed (R14)."""

    day: date
    taken: int
    offered: int


def places_over_time(material: Material) -> tuple[PlaceDay, ...]:
    """Return the days on which places changed hands, earliest first."""
    taken: set[str] = set()
    offered: set[str] = set()
    days: dict[date, PlaceDay] = {}
    for entry in sorted(material.journal, key=lambda one: (one.at, one.id or 0)):
        noun, _, happened = entry.event.partition(".")
        if noun != "place" or happened not in {"offered", *ENDS_OFFER}:
            continue
        if happened == "offered":
            offered.add(entry.subject)
        else:
            offered.discard(entry.subject)
        if happened == "accepted":
            taken.add(entry.subject)
        elif happened in FREES:
            taken.discard(entry.subject)
        day = material.calendar.day_of(entry.at)
        days[day] = PlaceDay(day=day, taken=len(taken), offered=len(offered))
    return tuple(days[day] for day in sorted(days))
