"""One service's page: who, where it stands, what is next, and what happened lately."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from planning.weekly_forecast import ForecastLine
from schemas.base import Record
from schemas.courses import (
    Course,
    Enrolment,
    JournalEntry,
    Pause,
    Place,
    Selection,
    SignedCommitment,
    Stage,
)
from schemas.ids import edition_course_id, executive_course_id, service_course_id
from schemas.people import AddressState, Channel, Organisation, Role, Service
from schemas.sessions import SessionState
from schemas.successions import CommitmentAgain, Sponsorship
from storage import courses, journal, pauses, people, places, successions
from storage.editions import latest_edition
from storage.reads.chase_list import ChaseLine, chases_of
from storage.reads.forecast_line import forecast_line
from storage.reads.session_list import (
    SessionCount,
    SessionLine,
    Wanted,
    conflicting,
    session_counts,
    sessions_listed,
)
from storage.tables.people import RoleRow

TAKES_PART = {Stage.ONBOARDING, Stage.COACHING, Stage.COMPLETED}
"""Stages at which the sponsor's coaching is the service's concern too."""

NEXT_SESSIONS = 5
LATELY = 12


class PersonLine(Record):
    """Somebody who has to do with the service; no address and no number."""

    role: Role
    person_id: str
    name: str
    channel: Channel
    address_state: AddressState


class ServicePage(Record):
    """All that one page says of a service.

    Attributes:
        again: Commitments that the present sponsor was asked to sign again (P01).
        sponsors: Who was its sponsor from when until when; empty where that never changed.
        sessions: Sessions of its own by kind.
        executive: Those of its sponsor, whom other services may share, and of sponsors before.
        next_sessions: Of the service and its sponsor, earliest first.
        conflicts: Sessions of which two people say different things (E37).
        journal: The latest entries, newest first.

    """

    course: Course
    service: Service
    organisation: Organisation
    enrolment: Enrolment
    people: tuple[PersonLine, ...]
    place: Place | None
    selection: Selection | None
    commitments: tuple[SignedCommitment, ...]
    again: tuple[CommitmentAgain, ...] = ()
    sponsors: tuple[Sponsorship, ...] = ()
    sessions: tuple[SessionCount, ...]
    executive: tuple[SessionCount, ...]
    forecast: ForecastLine | None
    next_sessions: tuple[SessionLine, ...]
    unrecorded: tuple[SessionLine, ...]
    conflicts: tuple[SessionLine, ...] = ()
    chases: tuple[ChaseLine, ...]
    pauses: tuple[Pause, ...]
    journal: tuple[JournalEntry, ...]


def service_page(rows: Rows, edition_id: str, service_id: str, now: datetime) -> ServicePage:
    """Return the page of a service.

    Raises:
        LookupError: The service has not applied to the edition.

    """
    course_id = service_course_id(edition_id, service_id)
    course, enrolment = courses.course(rows, course_id), courses.enrolment(rows, course_id)
    service = people.service(rows, service_id)
    theirs = successions.organisations_at(rows, service.organisation_id, now) if service else ("",)
    organisation = people.organisation(rows, theirs[-1])
    if course is None or enrolment is None or service is None or organisation is None:
        raise LookupError(f"{service_id} has not applied to the edition {edition_id}")
    sponsors = successions.sponsors_until(rows, enrolment, now)
    executive = [executive_course_id(edition_id, one) for one in sponsors]
    course_ids = (course_id, *executive) if course.stage in TAKES_PART else (course_id,)
    listed = sessions_listed(rows, Wanted(edition_id, course_ids, states=(SessionState.TO_COME,)))
    return ServicePage(
        course=course,
        service=service,
        organisation=organisation,
        enrolment=enrolment,
        people=_people(rows, enrolment, theirs),
        place=places.place_of(rows, course_id),
        selection=courses.selection(rows, course_id),
        commitments=courses.commitments_of(rows, course_id),
        again=successions.asked_again(rows, course_id, enrolment.sponsor_id),
        sponsors=successions.sponsorships_of(rows, course_id),
        sessions=session_counts(rows, [course_id]),
        executive=session_counts(rows, course_ids[1:]),
        forecast=None
        if course.stage.is_end
        else forecast_line(rows, latest_edition(rows, edition_id), enrolment, now),
        next_sessions=tuple(one for one in listed if _is_ahead(one, now))[:NEXT_SESSIONS],
        unrecorded=tuple(one for one in listed if one.ends_at is not None and one.ends_at < now),
        conflicts=conflicting(rows, edition_id, course_ids),
        chases=chases_of(rows, edition_id, now, course_id),
        pauses=pauses.pauses_of(rows, [course_id, edition_course_id(edition_id)]),
        journal=journal.entries_about(rows, course_id)[: -LATELY - 1 : -1],
    )


def _is_ahead(one: SessionLine, now: datetime) -> bool:
    return one.starts_at is None or (one.ends_at is not None and one.ends_at >= now)


def _people(
    rows: Rows, enrolment: Enrolment, organisation_ids: tuple[str, ...]
) -> tuple[PersonLine, ...]:
    query = (
        select(col(RoleRow.role), col(RoleRow.person_id))
        .where(col(RoleRow.scope).in_([enrolment.service_id, *organisation_ids]))
        .distinct()
    )
    held = {(role, person_id) for role, person_id in rows.execute(query)}
    held.add((Role.EXECUTIVE_SPONSOR, enrolment.sponsor_id))
    held.add((Role.SERVICE_LEAD, enrolment.lead_id))
    if enrolment.delivery_coach_id:
        held.add((Role.DELIVERY_COACH, enrolment.delivery_coach_id))
    if enrolment.executive_coach_id:
        held.add((Role.EXECUTIVE_COACH, enrolment.executive_coach_id))
    # Other sponsors of the organisation have to do with its other services.
    held = {
        (role, person_id)
        for role, person_id in held
        if role is not Role.EXECUTIVE_SPONSOR
        or (person_id == enrolment.sponsor_id and not enrolment.sponsor_vacant)
    }
    known = people.people(rows, [person_id for _, person_id in held])
    order = list(Role)
    return tuple(
        PersonLine(
            role=role,
            person_id=person_id,
            name=known[person_id].name,
            channel=known[person_id].channel,
            address_state=known[person_id].address_state,
        )
        for role, person_id in sorted(held, key=lambda one: (order.index(one[0]), one[1]))
        if person_id in known
    )
