"""What a plan for many courses reads of coaches: their services, their hours, their absences."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session as Rows

from planning.calendar import WorkingCalendar, calendar_of
from planning.placing import Busy, whole_day
from schemas.courses import CourseKind, Enrolment, Stage
from schemas.edition import Edition, Window
from schemas.people import Role
from schemas.sessions import Cadence
from storage import courses, people, sessions
from storage.absences import absences_of
from storage.editions import latest_edition

OVER = {Stage.COMPLETED, Stage.NOT_PLACED, Stage.INELIGIBLE, Stage.DECLINED, Stage.WITHDRAWN}


class Booked(NamedTuple):
    """What people have.

    Attributes:
        busy: Each stretch of time; an event takes its whole day.
        give_way: Ids of the weekly sessions among them.

    """

    busy: tuple[Busy, ...]
    give_way: frozenset[str]


def coaches_of(rows: Rows, edition_id: str, role: Role) -> tuple[str, ...]:
    """Return who may coach in an edition, in the order of their ids."""
    held = people.holders(rows, role, [people.PROGRAMME, edition_id])
    return tuple(sorted({one.person_id for one in held}))


def taking_part(rows: Rows, edition_id: str) -> tuple[Enrolment, ...]:
    """Return the enrolments whose courses go on, in the order of their service ids."""
    over = {
        one.id
        for one in courses.courses_of(rows, edition_id, CourseKind.SERVICE)
        if one.stage in OVER or one.ended_at is not None
    }
    found = courses.enrolments_of(rows, edition_id)
    return tuple(one for one in found if one.course_id not in over and one.withdrawn_at is None)


def loads_of(rows: Rows, edition: Edition, role: Role) -> Counter[str]:
    """Return how many services, or sponsors, each coach has (C16)."""
    enrolled = taking_part(rows, edition.id)
    if role is Role.EXECUTIVE_COACH:
        known = {(one.sponsor_id, one.executive_coach_id) for one in enrolled}
        return Counter(coach for _, coach in known if coach)
    return Counter(one.delivery_coach_id for one in enrolled if one.delivery_coach_id)


def usual_load(edition: Edition, role: Role) -> int | None:
    """Return how many a coach of a role usually has; none where the edition does not say."""
    return next((one.most for one in edition.caseloads if one.coach is role), None)


def days_away(rows: Rows, person_ids: Iterable[str]) -> dict[str, tuple[Window, ...]]:
    """Return the absences of people."""
    found: defaultdict[str, list[Window]] = defaultdict(list)
    for one in absences_of(rows, person_ids):
        found[one.person_id].append(Window(opens=one.from_day, closes=one.until_day))
    return {person_id: tuple(days) for person_id, days in found.items()}


def booked(
    rows: Rows, person_ids: Iterable[str], coaches: frozenset[str], from_at: datetime, to: datetime
) -> Booked:
    """Return what people have to come in a stretch of time, in whatever edition."""
    known: dict[str, tuple[Edition, WorkingCalendar]] = {}
    busy: list[Busy] = []
    give_way: set[str] = set()
    for person_id, session in sessions.booked(rows, person_ids, from_at, to):
        if session.starts_at is None or session.ends_at is None:
            continue
        if session.edition_id not in known:
            found = latest_edition(rows, session.edition_id)
            known[session.edition_id] = (found, calendar_of(found))
        edition, calendar = known[session.edition_id]
        kind = edition.session_kind(session.kind)
        if kind.cadence is Cadence.WEEKLY:
            give_way.add(session.id)
        if kind.blocks_day and person_id in coaches:
            day = calendar.day_of(session.starts_at)
            busy.append(whole_day(person_id, day, calendar, session.id))
        else:
            busy.append(Busy(person_id, session.starts_at, session.ends_at, session.id))
    return Booked(tuple(busy), frozenset(give_way))
