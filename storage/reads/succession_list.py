"""Successions as people look at them: who follows whom, from when, and in which services."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session as Rows

from planning.succession import concerns
from schemas.base import Record
from schemas.courses import CourseKind, Enrolment, Stage
from schemas.successions import Succession, SuccessionKind, TakenUp
from storage import courses, people, successions
from storage.records import find_all
from storage.tables.successions import SuccessionRow, TakenUpRow


class Standing(StrEnum):
    """How a succession stands; only one that is ahead can be taken back."""

    AHEAD = "ahead"
    BEGUN = "begun"
    TAKEN_BACK = "taken_back"


class SuccessionLine(Record):
    """One succession.

    Attributes:
        old: Name of whose place is taken.
        new: Name of who takes it; none: the post is vacant.
        services: Ids of the edition's services that it changes, changed, or would have changed.

    """

    id: str
    edition_id: str
    kind: SuccessionKind
    old_id: str
    old: str
    new_id: str | None
    new: str | None
    from_day: date
    services: tuple[str, ...]
    standing: Standing
    said_at: datetime
    said_by: str
    reason: str
    taken_back_at: datetime | None
    taken_back_by: str | None


def successions_listed(rows: Rows, edition_id: str, at: datetime) -> tuple[SuccessionLine, ...]:
    """Return all that was ever said in an edition, the earliest day first.

    An organisation's merger that was said in another edition holds in this one too, and is among
    them where it concerns a service of it.
    """
    reader = _Reader(rows, edition_id)
    found = []
    for one in find_all(rows, Succession, SuccessionRow, ("from_at", "id"), {}):
        services = tuple(sorted(reader.services(one)))
        elsewhere = one.edition_id != edition_id
        if elsewhere and not (one.kind is SuccessionKind.ORGANISATION and services):
            continue
        line = SuccessionLine(
            **one.model_dump(exclude={"from_at"}),
            old=_name(rows, one.kind, one.old_id),
            new=None if one.new_id is None else _name(rows, one.kind, one.new_id),
            services=services,
            standing=_standing(rows, one, at),
        )
        found.append(line)
    return tuple(found)


class _Reader:
    """Reads which services of an edition a succession concerns."""

    def __init__(self, rows: Rows, edition_id: str) -> None:
        self._rows = rows
        known = courses.courses_of(rows, edition_id, CourseKind.SERVICE)
        over = {one.id for one in known if one.ended_at or one.stage is Stage.WITHDRAWN}
        enrolled = courses.enrolments_of(rows, edition_id)
        self._enrolled = {one.course_id: one for one in enrolled}
        self._under_way = [one for one in enrolled if one.course_id not in over]

    def services(self, one: Succession) -> Iterator[str]:
        """Yield the services that took it up, and those that are still to do so."""
        done = find_all(self._rows, TakenUp, TakenUpRow, (), {"succession_id": one.id})
        took_up = {taken.course_id for taken in done}
        for course_id, enrolment in self._enrolled.items():
            if course_id in took_up or self._awaits(one, enrolment):
                yield enrolment.service_id

    def _awaits(self, one: Succession, enrolment: Enrolment) -> bool:
        if enrolment not in self._under_way:
            return False
        service = people.service(self._rows, enrolment.service_id)
        if service is None:
            return False
        chain = successions.organisations_at(self._rows, service.organisation_id, one.from_at)
        return concerns(one, enrolment, chain)


def _standing(rows: Rows, one: Succession, at: datetime) -> Standing:
    if one.taken_back_at is not None:
        return Standing.TAKEN_BACK
    begun = one.from_at <= at or successions.is_taken_up(rows, one.id)
    return Standing.BEGUN if begun else Standing.AHEAD


def _name(rows: Rows, kind: SuccessionKind, subject_id: str) -> str:
    find = {
        SuccessionKind.SPONSOR: people.person,
        SuccessionKind.ORGANISATION: people.organisation,
        SuccessionKind.SERVICE: people.service,
    }[kind]
    found = find(rows, subject_id)
    return (found.name if found else None) or subject_id
