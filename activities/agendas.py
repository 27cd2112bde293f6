"""Reads the records that a course's agenda is derived from."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from activities.blocked_days import BlockedDays, blocked_days
from planning.agenda import (
    CourseRecords,
    ExecutiveRecords,
    ServiceRecords,
    executive_agenda,
    service_agenda,
)
from planning.calendar import calendar_of
from planning.edition_agenda import EditionRecords, edition_agenda
from planning.places import may_refill
from planning.succession import concerns
from planning.working_time import Interval, planned_pauses
from schemas.courses import (
    AgendaItem,
    Course,
    CourseKind,
    Enrolment,
    Place,
    Selection,
    Stage,
)
from schemas.edition import Edition
from schemas.ids import edition_course_id, executive_course_id
from schemas.successions import Succession, SuccessionKind
from storage import (
    courses,
    editions,
    obligations,
    pauses,
    people,
    places,
    sessions,
    successions,
)
from storage.tasks import people_without_task

TAKING_PART = {Stage.ONBOARDING, Stage.COACHING}
WAITING = {Stage.ELIGIBLE, Stage.WAITLISTED}


def agenda_of(rows: Session, course: Course, at: datetime) -> tuple[AgendaItem, ...]:
    """Return what must be done next in a course, as seen at ``at``, programme time."""
    if course.kind is CourseKind.SERVICE:
        return _of_service(rows, course, at)
    records = _records(rows, course, at, BlockedDays())
    if course.kind is CourseKind.EXECUTIVE_COACHING:
        services = taking_part(rows, course.edition_id, course.subject_id)
        if course.stage is Stage.IDLE and not is_handed_over(rows, course, at):
            services = ()
        may_return = any(
            found.stage is Stage.WITHDRAWN and one.stage_before in TAKING_PART
            for one, found in _sponsored(rows, course.edition_id, course.subject_id)
        )
        if not services and course.stage is not Stage.IDLE:
            may_return |= _gets_services(rows, course.edition_id, course.subject_id, at)
        return executive_agenda(records, ExecutiveRecords(services, may_return=may_return))
    known = places.places_of(rows, course.edition_id)
    waiting = waiting_for_a_place(rows, course.edition_id, known)
    return edition_agenda(
        records,
        EditionRecords(
            places=known,
            waiting=waiting,
            leaving=bool(waiting) and gives_its_place_back(rows, records.edition, known),
            tasks_missing=people_without_task(rows, course.edition_id),
        ),
    )


def _of_service(rows: Session, course: Course, at: datetime) -> tuple[AgendaItem, ...]:
    enrolment = courses.enrolment(rows, course.id)
    if enrolment is None:
        return ()
    edition = editions.edition_in(rows, course.edition_id, course.edition_version)
    if course.stage not in TAKING_PART:
        service = ServiceRecords(
            enrolment=enrolment,
            selection=courses.selection(rows, course.id),
            place=places.place_of(rows, course.id),
            commitments=courses.commitments_of(rows, course.id),
        )
        return service_agenda(_records(rows, course, at, BlockedDays()), service)
    blocked = blocked_days(rows, edition, calendar_of(edition), enrolment, at)
    return service_agenda(_records(rows, course, at, blocked), ServiceRecords(enrolment))


def _records(rows: Session, course: Course, at: datetime, blocked: BlockedDays) -> CourseRecords:
    edition = editions.edition_in(rows, course.edition_id, course.edition_version)
    calendar = calendar_of(edition)
    edition_id = edition_course_id(course.edition_id)
    edition_course = courses.course(rows, edition_id)
    stored = pauses.pauses_of(rows, [course.id, edition_id])
    return CourseRecords(
        course=course,
        edition=edition,
        calendar=calendar,
        at=at,
        obligations=obligations.obligations_of(rows, course.id),
        sessions=sessions.sessions_of(rows, course.id),
        pauses=(
            *planned_pauses(edition, calendar),
            *(Interval(one.from_at, one.until_at) for one in stored),
        ),
        event_days=blocked.events,
        blocked_hours=blocked.hours,
        edition_ended_at=None if edition_course is None else edition_course.ended_at,
        newest_version=editions.latest_edition(rows, course.edition_id).version,
        successions=successions_ahead(rows, course),
    )


def successions_ahead(rows: Session, course: Course) -> tuple[Succession, ...]:
    """Return the successions that change a course and that it has not taken up (P01-P03)."""
    waiting = successions.not_taken_up(rows, course.edition_id, course.id)
    if not waiting or course.kind is CourseKind.EDITION:
        return waiting
    enrolment = courses.enrolment(rows, course.id)
    service = None if enrolment is None else people.service(rows, enrolment.service_id)
    if enrolment is None or service is None:
        return ()
    last = max(one.from_at for one in waiting)
    theirs = successions.organisations_at(rows, service.organisation_id, last)
    return tuple(one for one in waiting if concerns(one, enrolment, theirs))


def is_handed_over(rows: Session, course: Course, at: datetime) -> bool:
    """Tell whether a sponsor's coaching may begin: whoever was before has nothing to come (P01)."""
    for before in successions.predecessors(rows, course.edition_id, course.subject_id, at):
        found = courses.course(rows, executive_course_id(course.edition_id, before))
        if found is None or found.ended_at is not None or found.stage is not Stage.COACHING:
            continue
        services = taking_part(rows, course.edition_id, before)
        if any(_goes_over(rows, one, before, at) for one in services):
            return False
        if not services and not _gets_services(rows, course.edition_id, before, at):
            return False
    return True


def _gets_services(rows: Session, edition_id: str, sponsor_id: str, at: datetime) -> bool:
    """Tell whether a service is still to take up that this sponsor follows its own (P01)."""
    begun = [
        one
        for one in successions.sponsors_said(rows, edition_id)
        if one.new_id == sponsor_id and one.from_at <= at
    ]
    return any(
        found.stage in TAKING_PART
        and one in successions.not_taken_up(rows, edition_id, enrolment.course_id)
        for one in begun
        for enrolment, found in _sponsored(rows, edition_id, one.old_id)
    )


def _goes_over(rows: Session, enrolment: Enrolment, sponsor_id: str, at: datetime) -> bool:
    """Tell whether a service is still to take up that somebody follows its sponsor."""
    waiting = successions.not_taken_up(rows, enrolment.edition_id, enrolment.course_id)
    return any(
        one.kind is SuccessionKind.SPONSOR and one.old_id == sponsor_id and one.from_at <= at
        for one in waiting
    )


def gives_its_place_back(rows: Session, edition: Edition, known: Sequence[Place]) -> bool:
    """Tell whether a service is leaving whose place is then offered again (R13)."""
    holders = {one.course_id for one in known if one.course_id}
    return any(
        one.withdrawn_at is not None
        and one.course_id in holders
        and may_refill(one.withdrawn_at, edition)
        for one in courses.enrolments_of(rows, edition.id)
    )


def waiting_for_a_place(
    rows: Session, edition_id: str, known: Sequence[Place]
) -> tuple[Selection, ...]:
    """Return who waits for a place, best first."""
    holders = {one.course_id for one in known if one.course_id}
    may_be_offered = {
        one.id
        for one in courses.courses_of(rows, edition_id, CourseKind.SERVICE)
        if one.stage in WAITING
    }
    return tuple(
        one
        for one in courses.selections_of(rows, edition_id)
        if one.course_id in may_be_offered - holders
    )


def taking_part(rows: Session, edition_id: str, sponsor_id: str) -> tuple[Enrolment, ...]:
    """Return the enrolments of a sponsor that take part now and have a first session set."""
    return tuple(
        one
        for one, found in _sponsored(rows, edition_id, sponsor_id)
        if found.stage in TAKING_PART and one.sponsor_first_at is not None
    )


def _sponsored(
    rows: Session, edition_id: str, sponsor_id: str
) -> Iterator[tuple[Enrolment, Course]]:
    """Yield a sponsor's enrolments whose course goes on."""
    for one in courses.enrolments_sponsored(rows, edition_id, sponsor_id):
        found = courses.course(rows, one.course_id)
        if found is not None and found.ended_at is None:
            yield one, found
