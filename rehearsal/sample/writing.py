"""Write the sample programme as files: sheets to import, a script to play, an answer key."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

from rehearsal.sample.cast_list import CastList
from rehearsal.sample.conducts import Conducts
from rehearsal.sample.dice import Dice
from rehearsal.sample.expectations import expectations
from rehearsal.sample.interest import LONDON, Interests, local
from rehearsal.sample.providers import PILOT, Providers
from rehearsal.sample.slots import Slots
from rehearsal.sample.year import Year
from runtime.exports import write_sheet
from schemas.base import Form
from schemas.imports import EnrolmentLine, SheetKind

SEED = 20240902
SCRIPT, EXPECTED = "script", "expected"


def sample_sheets(seed: int = SEED) -> dict[str, Sequence[Form]]:
    """Return every file of the sample by its path; the same seed gives the same sample."""
    providers = Providers(Dice(seed))
    cast = CastList(providers)
    interests = Interests(cast)
    year = Year(cast)
    return {
        f"{SheetKind.ORGANISATIONS}.csv": providers.organisation_lines(),
        f"{SheetKind.SERVICES}.csv": providers.service_lines(),
        f"{SheetKind.PEOPLE}.csv": cast.person_lines(),
        f"{SheetKind.ROLES}.csv": cast.role_lines(),
        f"{SheetKind.COACHES}.csv": cast.coach_lines(),
        f"{SheetKind.ABSENCES}.csv": cast.absence_lines(),
        f"{SheetKind.ENROLMENTS}.csv": _pilot(cast),
        f"{SheetKind.EOIS}.csv": interests.imported(),
        f"{SCRIPT}/{SheetKind.EOIS}.csv": interests.live(),
        f"{SCRIPT}/{SheetKind.SLOTS}.csv": Slots(cast).lines,
        f"{SCRIPT}/events.csv": year.events(),
        f"{SCRIPT}/answers.csv": year.answers(),
        f"{SCRIPT}/conduct.csv": Conducts(cast).lines(),
        f"{EXPECTED}/cases.csv": list(expectations()),
    }


def write_sample(directory: Path, seed: int = SEED) -> dict[str, int]:
    """Write the sample into a directory, and return the lines of each file.

    Files of the same name are written over; others are left alone.
    """
    sheets = sample_sheets(seed)
    for name, lines in sheets.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as out:
            _write(out, lines)
    return {name: len(lines) for name, lines in sheets.items()}


def _write(out: TextIO, lines: Sequence[Form]) -> None:
    columns = list(type(lines[0]).model_fields)
    rows = ([_cell(getattr(line, column)) for column in columns] for line in lines)
    write_sheet(out, columns, rows)


def _cell(value: object) -> object:
    """Write instants as people do, in London time."""
    if isinstance(value, datetime):
        return value.astimezone(LONDON).replace(tzinfo=None)
    return value


def _pilot(cast: CastList) -> list[EnrolmentLine]:
    """Return the fifteen places of the pilot, which is over (R02, R03)."""
    dice = cast.providers.dice
    return [
        EnrolmentLine(
            edition=PILOT,
            service=service,
            sponsor=cast.sponsor(service),
            lead=cast.lead(service),
            placed_at=local(date(2023, 7, dice.among(10, 21, "placed", service)), 12),
            completed_on=date(2024, 5, 31),
            sessions_held=dice.among(21, 28, "held", service),
        )
        for service in cast.providers.pilot
    ]
