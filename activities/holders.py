"""Who holds a role in a course, inside a course transaction."""

from activities.transaction import CourseTransaction
from schemas.courses import CourseKind, Enrolment
from schemas.people import Role
from storage import courses, people, sessions, successions
from storage.people import PROGRAMME

OF_THE_PROGRAMME = {Role.COORDINATOR, Role.PROGRAMME_LEAD, Role.OPS}


def enrolment_of(transaction: CourseTransaction) -> Enrolment:
    """Return what the service's course knows.

    Raises:
        LookupError: The course is not a service's.

    """
    found = courses.enrolment(transaction.rows, transaction.course.id)
    if found is None:
        raise LookupError(f"{transaction.course.id} is not the course of a service")
    return found


def holders_of(transaction: CourseTransaction, role: Role) -> tuple[str, ...]:
    """Return the ids of those who hold a role in this course, in the order of their ids."""
    if role in OF_THE_PROGRAMME:
        return _held(transaction, role, PROGRAMME, transaction.course.edition_id)
    kind = transaction.course.kind
    if kind is CourseKind.SERVICE:
        return _of_service(transaction, role)
    if kind is CourseKind.EXECUTIVE_COACHING:
        return _of_sponsor(transaction, role)
    return _held(transaction, role, transaction.course.edition_id)


def _of_service(transaction: CourseTransaction, role: Role) -> tuple[str, ...]:
    enrolment = enrolment_of(transaction)
    named = {
        Role.SERVICE_LEAD: enrolment.lead_id,
        Role.EXECUTIVE_SPONSOR: None if enrolment.sponsor_vacant else enrolment.sponsor_id,
        Role.DELIVERY_COACH: enrolment.delivery_coach_id,
        Role.EXECUTIVE_COACH: enrolment.executive_coach_id,
    }
    if role in named:
        found = named[role]
        return () if found is None else (found,)
    if role is Role.ASSISTANT:
        vacant = enrolment.sponsor_vacant
        return () if vacant else assistant_of(transaction, enrolment.sponsor_id)
    return _held(transaction, role, enrolment.service_id)


def _of_sponsor(transaction: CourseTransaction, role: Role) -> tuple[str, ...]:
    sponsor = transaction.course.subject_id
    if role is Role.EXECUTIVE_SPONSOR:
        return (sponsor,)
    if role is Role.ASSISTANT:
        return assistant_of(transaction, sponsor)
    if role is Role.EXECUTIVE_COACH:
        sponsored = _enrolments(transaction, sponsor)
        named = [one.executive_coach_id for one in sponsored if one.executive_coach_id]
        return tuple(named[:1])
    return _held(transaction, role, sponsor, *_sponsored(transaction, sponsor))


def _sponsored(transaction: CourseTransaction, sponsor_id: str) -> tuple[str, ...]:
    """Return the services of a sponsor and their organisations: who leads there may come (C18)."""
    found = []
    for one in _enrolments(transaction, sponsor_id):
        found.append(one.service_id)
        service = people.service(transaction.rows, one.service_id)
        if service is not None:
            found += successions.organisations_at(
                transaction.rows, service.organisation_id, transaction.at
            )
    return tuple(found)


def _enrolments(transaction: CourseTransaction, sponsor_id: str) -> tuple[Enrolment, ...]:
    """Return a sponsor's services; of one who has left those that were theirs (P01)."""
    edition_id = transaction.course.edition_id
    now = courses.enrolments_sponsored(transaction.rows, edition_id, sponsor_id)
    return now or successions.enrolments_once_sponsored(transaction.rows, edition_id, sponsor_id)


def assistant_of(transaction: CourseTransaction, person_id: str) -> tuple[str, ...]:
    """Return who keeps a person's diary, if anybody does."""
    person = people.person(transaction.rows, person_id)
    return () if person is None or person.assistant_id is None else (person.assistant_id,)


def partner_confirmed(transaction: CourseTransaction, session_id: str) -> bool:
    """Tell whether a lived-experience partner has said that they will be at a session (X12)."""
    return any(
        one.role is Role.PARTNER and one.confirmed_at is not None
        for one in sessions.participants(transaction.rows, [session_id])
    )


def opted_in(transaction: CourseTransaction, service_id: str) -> tuple[str, ...]:
    """Return the team members who asked for mail about the weekly sessions (M01, M18)."""
    held = people.holders(transaction.rows, Role.TEAM_MEMBER, [service_id])
    return tuple(one.person_id for one in held if one.opted_in)


def _held(transaction: CourseTransaction, role: Role, *scopes: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(one.person_id for one in people.holders(transaction.rows, role, scopes))
    )
