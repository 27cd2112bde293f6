"""Open obligations with how far their chase has come; the stuck first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from planning.calendar import WorkingCalendar, calendar_of
from planning.lateness import working_days_since
from planning.working_time import Interval, planned_pauses
from schemas.base import Record
from schemas.courses import Course, CourseKind
from schemas.edition import Edition
from schemas.ids import edition_course_id
from schemas.obligations import Obligation, ObligationKind, ObligationState
from schemas.people import Role, Service
from schemas.sessions import Session
from storage import obligations, pauses, people
from storage.editions import latest_edition
from storage.records import every
from storage.tables.courses import CourseRow
from storage.tables.people import ServiceRow
from storage.tables.sessions import SessionRow


class ChaseLine(Record):
    """One open obligation.

    Attributes:
        about: Id of the session, person or commitment that it is about; else the course's.
        subject_id: The service, sponsor or edition whose obligation it is.
        subject: That service's or person's name; empty for an edition.
        session_kind: Kind and number of the session that it is about, if it is about one.
        working_days: Whole working days that it has been open, pauses apart (X04).
        next_at: When the next step is due; none while stuck or while a pause has no end.
        next_step: Id of that step in the edition's policy; none where it becomes stuck then.
        next_role: Who is asked then.

    """

    id: str
    course_id: str
    edition_id: str
    kind: ObligationKind
    about: str
    subject_id: str
    subject: str
    session_kind: str | None
    session_number: int | None
    state: ObligationState
    holder_id: str | None
    holder: str
    opened_at: datetime
    working_days: int
    next_at: datetime | None
    next_step: str | None
    next_role: Role | None
    promised_until: datetime | None
    promises: int


@dataclass(frozen=True)
class _About:
    edition: Edition
    calendar: WorkingCalendar
    courses: dict[str, Course]
    services: dict[str, str]
    sessions: dict[str, Session]
    names: dict[str, str]
    pauses: dict[str, list[Interval]]


def chases_of(
    rows: Rows, edition_id: str, now: datetime, course_id: str | None = None
) -> tuple[ChaseLine, ...]:
    """Return an edition's open obligations, the stuck first, then by when the next step is due."""
    found = [
        one
        for one in obligations.open_obligations(rows, edition_id)
        if course_id in {None, one.course_id}
    ]
    about = _read(rows, edition_id, found)
    lines = [_line(one, about, now) for one in found]
    return tuple(sorted(lines, key=lambda line: line.state is not ObligationState.STUCK))


def _read(rows: Rows, edition_id: str, found: Sequence[Obligation]) -> _About:
    edition = latest_edition(rows, edition_id)
    calendar = calendar_of(edition)
    course_ids = sorted({one.course_id for one in found})
    courses = {
        one.id: one for one in every(rows, Course, CourseRow, col(CourseRow.id).in_(course_ids))
    }
    subjects = [one.subject_id for one in courses.values()]
    services = every(rows, Service, ServiceRow, col(ServiceRow.id).in_(subjects))
    sessions = every(
        rows, Session, SessionRow, col(SessionRow.id).in_([one.subject for one in found])
    )
    ids = {*subjects, *(one.holder_id for one in found if one.holder_id)}
    shared = [*planned_pauses(edition, calendar)]
    own: dict[str, list[Interval]] = {}
    for pause in pauses.pauses_of(rows, [*course_ids, edition_course_id(edition_id)]):
        own.setdefault(pause.scope, []).append(Interval(pause.from_at, pause.until_at))
    shared += own.get(edition_course_id(edition_id), [])
    return _About(
        edition=edition,
        calendar=calendar,
        courses=courses,
        services={one.id: one.name for one in services},
        sessions={one.id: one for one in sessions},
        names={key: one.name for key, one in people.people(rows, ids).items()},
        pauses={one: [*shared, *own.get(one, [])] for one in course_ids},
    )


def _line(one: Obligation, about: _About, now: datetime) -> ChaseLine:
    course = about.courses[one.course_id]
    names = about.services if course.kind is CourseKind.SERVICE else about.names
    session = about.sessions.get(one.subject)
    step = _next_step(one, about.edition)
    return ChaseLine(
        id=one.id,
        course_id=one.course_id,
        edition_id=one.edition_id,
        kind=one.kind,
        about=one.subject,
        subject_id=course.subject_id,
        subject=names.get(course.subject_id, ""),
        session_kind=session.kind if session else None,
        session_number=session.number if session else None,
        state=one.state,
        holder_id=one.holder_id,
        holder=about.names.get(one.holder_id or "", ""),
        opened_at=one.opened_at,
        working_days=working_days_since(
            one.opened_at, now, about.calendar, about.pauses[one.course_id]
        ),
        next_at=one.next_at,
        next_step=step[0] if step else None,
        next_role=step[1] if step else None,
        promised_until=one.promised_until,
        promises=one.promises,
    )


def _next_step(one: Obligation, edition: Edition) -> tuple[str, Role] | None:
    """Return id and role of the step that is next; none where the chase has no further one."""
    try:
        steps = edition.policy(one.kind).steps
    except LookupError:
        return None
    if one.state is ObligationState.STUCK or one.steps_done >= len(steps):
        return None
    return steps[one.steps_done].id, steps[one.steps_done].to
