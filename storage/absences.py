"""Days on which people are away."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import delete
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from schemas.absences import Away
from storage.records import add, find_all, save
from storage.tables.people import AbsenceRow


def absences_of(rows: Rows, person_ids: Iterable[str]) -> tuple[Away, ...]:
    """Return the absences of some people, by person and first day."""
    about = {"person_id": sorted(set(person_ids))}
    return find_all(rows, Away, AbsenceRow, ("person_id", "from_day"), about)


def write_absence(rows: Rows, new: Away) -> bool:
    """Note that a person is away; return false where it is known for all of these days."""
    known = absences_of(rows, [new.person_id])
    if any(one.from_day <= new.from_day and new.until_day <= one.until_day for one in known):
        return False
    if any(one.from_day == new.from_day for one in known):
        save(rows, AbsenceRow, new)  # It lasts longer than was known.
    else:
        add(rows, AbsenceRow, [new])
    return True


def end_absence(rows: Rows, away: Away, last_day: date) -> None:
    """Let a person be back after ``last_day``; before its first day they never were away."""
    if last_day < away.from_day:
        rows.execute(
            delete(AbsenceRow).where(
                col(AbsenceRow.person_id) == away.person_id,
                col(AbsenceRow.from_day) == away.from_day,
            )
        )
    elif last_day < away.until_day:
        save(rows, AbsenceRow, away.model_copy(update={"until_day": last_day}))
