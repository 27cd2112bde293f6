"""What an act on many services cannot be: for nobody's coach, for days gone by, for what ended."""

from collections.abc import Sequence
from datetime import date

from cli import words
from cli.faults import FaultError
from cli.local_time import LocalTime, day_words
from runtime.bulk_coaches import coaches_of
from runtime.bulk_executive import coaches_executives, coaches_services
from runtime.bulk_plans import BulkReader
from schemas.ids import edition_course_id
from schemas.people import Role
from storage import courses
from storage.editions import edition_ids

COACHES = (Role.DELIVERY_COACH, Role.EXECUTIVE_COACH)


def refuse_executive_coach(reader: BulkReader) -> None:
    """Refuse a pause for whoever coaches only sponsors: their coaching rests with its services."""
    refuse_stranger(reader, Role.DELIVERY_COACH)
    coach = reader.scope.coach
    if coaches_executives(reader, coach) and not coaches_services(reader, coach):
        raise FaultError(
            f"{coach} coaches executives, whose sessions go on while a service of theirs is "
            f"paused: drumbeat absence {coach} is for days on which a coach is away."
        )


def refuse_stranger(reader: BulkReader, *roles: Role) -> None:
    """Refuse --coach for somebody who coaches nobody in the edition, and never has.

    Args:
        reader: Of a scope that may name a coach.
        roles: Who is named instead; none: every coach.

    """
    coach = reader.scope.coach
    enrolled = courses.enrolments_of(reader.rows, reader.edition.id)
    coaching = {one.delivery_coach_id for one in enrolled}
    coaching |= {one.executive_coach_id for one in enrolled}
    coaching |= set(_known(reader, *COACHES))
    if coach is not None and coach not in coaching:
        name_one = _one_of(_known(reader, *(roles or COACHES)), "--coach")
        raise FaultError(f"{coach} is no coach of the edition {reader.edition.id}: {name_one}")


def refuse_stand_in(reader: BulkReader, leaves: str, named: Sequence[str]) -> None:
    """Refuse --with for whoever leaves, and for whoever does not coach as they do."""
    does = {
        Role.DELIVERY_COACH: coaches_services(reader, leaves),
        Role.EXECUTIVE_COACH: coaches_executives(reader, leaves),
    }
    roles = [role for role in does if does[role]] or list(does)
    known = [one for one in _known(reader, *roles) if one != leaves]
    what = " or ".join(words.ROLES[role] for role in roles)
    for one in named:
        if one == leaves:
            raise FaultError(f"{one} is who leaves: {_one_of(known, '--with')}")
        if one not in known:
            raise FaultError(
                f"{one} is no {what} of the edition {reader.edition.id}, so {leaves} cannot be "
                f"followed by them: {_one_of(known, '--with')}"
            )


def refuse_past(reader: BulkReader, day: date | None, option: str) -> None:
    """Refuse a day that is over; today is not."""
    if day is not None and day < reader.calendar.day_of(reader.at):
        today = LocalTime(reader.edition.zone).day(reader.at)
        raise FaultError(
            f"{day_words(day)} is over, it is {today}: say today or a later day with {option}."
        )


def refuse_day(reader: BulkReader, day: date) -> None:
    """Refuse to move sessions to a day on which there can be none."""
    window = reader.edition.window
    if not reader.calendar.is_working_day(day):
        raise FaultError(f"{day_words(day)} is not a working day: choose another one for --to.")
    if not window.opens <= day <= window.closes:
        closes = f"{day_words(window.opens)} to {day_words(window.closes)}"
        raise FaultError(f"{day_words(day)} is outside the coaching window, {closes}.")


def refuse_ended(reader: BulkReader) -> None:
    """Refuse anything of an edition that has ended."""
    edition = reader.edition
    found = courses.course(reader.rows, edition_course_id(edition.id))
    if found is None or found.ended_at is None:
        return
    others = [one for one in edition_ids(reader.rows) if one != edition.id]
    name_it = f" Name another one, {words.listed(others, 'or')}, with --edition." if others else ""
    raise FaultError(
        f"The edition {edition.id} ended on {LocalTime(edition.zone).day(found.ended_at)}: none of "
        f"its services is under way any more, so there is nothing to change.{name_it}"
    )


def _known(reader: BulkReader, *roles: Role) -> tuple[str, ...]:
    found = (coaches_of(reader.rows, reader.edition.id, role) for role in roles)
    return tuple(dict.fromkeys(one for theirs in found for one in theirs))


def _one_of(known: Sequence[str], option: str) -> str:
    if not known:
        return "nobody else coaches there. Import who does first."
    return f"name {words.listed(list(known), 'or')} with {option}."
