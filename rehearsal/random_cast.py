"""A cast by chance, as files like the sample's: sheets to import, a script to play."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from rehearsal.chance.beginnings import Beginnings
from rehearsal.chance.chains import Chains
from rehearsal.chance.misfortunes import Misfortunes
from rehearsal.chance.people import Company
from rehearsal.chance.upheavals import Upheavals
from rehearsal.chance.year import RandomYear
from rehearsal.sample.writing import SCRIPT
from rehearsal.script import AnswerLine, ConductLine, EventLine
from runtime.exports import write_sheet
from schemas.base import Form
from schemas.edition import Edition
from schemas.imports import FORMS, InterestLine, SheetKind, SlotLine

MOST = 150
"""So many services at most; beyond it there are no names for their organisations."""

Sheet = tuple[type[Form], Sequence[Form]]


def write_random_cast(folder: Path, edition: Edition, *, seed: int, services: int) -> None:
    """Write a cast for an edition; the same seed writes the same bytes.

    Its people share coaches and sponsors. They confirm, hold, miss, record late or never, answer in
    time, late, with a promise or not at all, prefer the phone, have addresses that do not work, and
    withdraw, undo it, pause, resume, move, call off; sponsors are followed, coaches change and are
    away, wards become one, the edition goes on under another version; workers stand still, mail is
    put off. Nobody acts at an instant at which a chase or a reminder about the same thing is due.

    Args:
        folder: Made where it is not there; files of the same name are written over.
        edition: That they play; its sessions, places and days decide what can happen.
        seed: Names the cast.
        services: How many apply, 1 to 150.

    Raises:
        ValueError: There are too few or too many services.

    """
    if not 1 <= services <= MOST:
        raise ValueError(f"a random cast has 1 to {MOST} services, not {services}")
    write_cast(folder, random_sheets(edition, Random(seed), services), edition.zone)


def random_sheets(edition: Edition, chance: Random, services: int) -> dict[str, Sheet]:
    """Return every file of a random cast by its path."""
    company = Company(edition, chance, services)
    beginnings = Beginnings(edition, company, chance)
    year = RandomYear(edition, company, chance)
    sheets: dict[SheetKind, Sequence[Form]] = {
        SheetKind.ORGANISATIONS: company.organisation_lines(),
        SheetKind.SERVICES: company.service_lines(),
        SheetKind.PEOPLE: company.person_lines(),
        SheetKind.ROLES: company.role_lines(),
        SheetKind.COACHES: company.coach_lines(),
        SheetKind.ABSENCES: company.absence_lines(),
    }
    script: dict[str, Sheet] = {
        f"{SCRIPT}/{SheetKind.EOIS}.csv": (InterestLine, beginnings.interest_lines()),
        f"{SCRIPT}/{SheetKind.SLOTS}.csv": (SlotLine, beginnings.slot_lines()),
        f"{SCRIPT}/events.csv": (EventLine, year.events()),
        f"{SCRIPT}/answers.csv": (AnswerLine, year.answers()),
        f"{SCRIPT}/conduct.csv": (ConductLine, year.conducts()),
    }
    # Thrown last, one after the other: whatever went before stays as it was.
    later = [*Upheavals(year).events(), *Misfortunes(year).events()]
    later += Chains(year, later).events()
    script[f"{SCRIPT}/events.csv"] = EventLine, [*script[f"{SCRIPT}/events.csv"][1], *later]
    return {f"{kind}.csv": (FORMS[kind], lines) for kind, lines in sheets.items()} | script


def write_cast(folder: Path, sheets: dict[str, Sheet], zone: str) -> None:
    """Write the files of a cast, with times as people write them, in the edition's zone."""
    for name, (form, lines) in sheets.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = list(form.model_fields)
        rows = [[_cell(getattr(line, column), zone) for column in columns] for line in lines]
        with path.open("w", encoding="utf-8", newline="") as out:
            write_sheet(out, columns, rows)


def _cell(value: object, zone: str) -> object:
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return value
