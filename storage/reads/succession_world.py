"""What there is when somebody says a succession: whom it concerns, and what is under way there."""

from datetime import datetime

from sqlalchemy.orm import Session as Rows

from planning.succession import PLACED, World, sponsor_before
from schemas.courses import CourseKind, Enrolment, Stage
from schemas.ids import executive_course_id, service_course_id
from schemas.obligations import ObligationKind
from schemas.sessions import SessionState
from schemas.successions import Succession, SuccessionKind
from storage import courses, editions, obligations, people, sessions, successions


def world_of(rows: Rows, new: Succession) -> World:
    """Return what there is, as far as a succession concerns it."""
    edition = editions.latest_edition(rows, new.edition_id)
    enrolled = _under_way(rows, new.edition_id)
    concerned = tuple(one for one in enrolled if _is_concerned(rows, new, one))
    stages = {
        one.id: one.stage for one in courses.courses_of(rows, new.edition_id, CourseKind.SERVICE)
    }
    course_ids = _ending(new, concerned)
    return World(
        last_day=edition.window.closes,
        known=_known(rows, new),
        before=_before(rows, new),
        services={one.service_id: stages[one.course_id] for one in concerned},
        organisations={
            one.service_id: organisation
            for one in concerned
            if (organisation := _organisation(rows, one.service_id, new.from_at)) is not None
        },
        sessions=sum(_to_come(rows, one, new.from_at) for one in course_ids),
        chases=_chases(rows, new, concerned),
        commitments=len(edition.recruitment.commitments)
        if any(stages[one.course_id] in PLACED for one in concerned)
        else 0,
    )


def _under_way(rows: Rows, edition_id: str) -> tuple[Enrolment, ...]:
    over = {
        one.id
        for one in courses.courses_of(rows, edition_id, CourseKind.SERVICE)
        if one.ended_at is not None or one.stage is Stage.WITHDRAWN
    }
    enrolled = courses.enrolments_of(rows, edition_id)
    return tuple(one for one in enrolled if one.course_id not in over)


def _is_concerned(rows: Rows, new: Succession, one: Enrolment) -> bool:
    if new.kind is SuccessionKind.SPONSOR:
        said = successions.sponsors_said(rows, new.edition_id)
        since = successions.sponsored_since(rows, one.course_id)
        return sponsor_before(said, one.sponsor_id, since, new.from_at) == new.old_id
    if new.kind is SuccessionKind.SERVICE:
        return one.service_id in {new.old_id, new.new_id}
    return _organisation(rows, one.service_id, new.from_at) in {new.old_id, new.new_id}


def _organisation(rows: Rows, service_id: str, at: datetime) -> str | None:
    service = people.service(rows, service_id)
    if service is None:
        return None
    return successions.organisation_at(rows, service.organisation_id, at)


def _known(rows: Rows, new: Succession) -> frozenset[str]:
    find = {
        SuccessionKind.SPONSOR: people.person,
        SuccessionKind.ORGANISATION: people.organisation,
        SuccessionKind.SERVICE: people.service,
    }[new.kind]
    named = (one for one in (new.old_id, new.new_id) if one is not None)
    return frozenset(one for one in named if find(rows, one) is not None)


def _before(rows: Rows, new: Succession) -> tuple[Succession, ...]:
    if new.kind is SuccessionKind.ORGANISATION:
        return successions.organisations_merged(rows)
    said = successions.successions_of(rows, new.edition_id)
    return tuple(one for one in said if one.kind is new.kind)


def _ending(new: Succession, concerned: tuple[Enrolment, ...]) -> tuple[str, ...]:
    """Return the courses whose sessions to come end with the succession."""
    if new.kind is SuccessionKind.SPONSOR:
        return (executive_course_id(new.edition_id, new.old_id),)
    if new.kind is SuccessionKind.SERVICE:
        return tuple(one.course_id for one in concerned if one.service_id == new.old_id)
    return ()


def _to_come(rows: Rows, course_id: str, from_at: datetime) -> int:
    return sum(
        one.state is SessionState.TO_COME and (one.starts_at is None or one.starts_at >= from_at)
        for one in sessions.sessions_of(rows, course_id)
    )


def _chases(rows: Rows, new: Succession, concerned: tuple[Enrolment, ...]) -> int:
    """Count open chases: those that a sponsor holds, or those of a service that ends."""
    if new.kind is SuccessionKind.SERVICE:
        ends = service_course_id(new.edition_id, new.old_id)
        return sum(one.state.is_open for one in obligations.obligations_of(rows, ends))
    if new.kind is SuccessionKind.ORGANISATION:
        return 0
    return sum(
        one.state.is_open
        and one.holder_id == new.old_id
        and one.kind is not ObligationKind.COMMITMENTS
        for enrolment in concerned
        for one in obligations.obligations_of(rows, enrolment.course_id)
    )
