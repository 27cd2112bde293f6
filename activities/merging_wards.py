"""Two services of one organisation become one, inside a course transaction of each (P03, E02)."""

from activities.chasing import close_all
from activities.coaches import wake_wards_of
from activities.holders import enrolment_of, holders_of
from activities.notices import tell
from activities.onboarding import invite
from activities.scheduling import cancel_what_is_ahead
from activities.transaction import CourseTransaction
from schemas.courses import Stage
from schemas.ids import edition_course_id, executive_course_id, service_course_id
from schemas.letters import Topic
from schemas.messages import MessageReason
from schemas.obligations import ObligationState
from schemas.people import Role
from schemas.sessions import SessionReason
from schemas.successions import Succession
from storage import courses, ledger, people, roles

MOVES_ON = (Role.TEAM_MEMBER, Role.PARTNER)
"""Who goes on with the service that remains."""


def end_as_merged(transaction: CourseTransaction, one: Succession) -> None:
    """End the course of the service that goes up in another; its place stays taken (P03).

    Where the other has left the programme meanwhile it goes on: only a person ends it.
    """
    if _has_left(transaction, one, one.new_id or ""):
        transaction.note("service.merger_dropped", one.id, into=one.new_id or "")
        return
    enrolment = enrolment_of(transaction)
    coaches = holders_of(transaction, Role.DELIVERY_COACH)
    sponsors = holders_of(transaction, Role.EXECUTIVE_SPONSOR)
    cancel_what_is_ahead(transaction, SessionReason.MERGED)
    close_all(transaction, ObligationState.CANCELLED, reason="merged")
    ledger.end_course(transaction.rows, transaction.course.id, MessageReason.MERGED, transaction.at)
    transaction.save(stage=Stage.MERGED, ended=True, attention="")
    transaction.note("service.merged", one.id, into=one.new_id or "")
    told = (enrolment.lead_id, *sponsors, *coaches)
    tell(transaction, Topic.MERGED, *told, from_day=one.from_day.isoformat())
    transaction.wake(
        edition_course_id(one.edition_id), executive_course_id(one.edition_id, enrolment.sponsor_id)
    )
    wake_wards_of(transaction, enrolment.delivery_coach_id)


def absorb(transaction: CourseTransaction, one: Succession) -> None:
    """Let the team and partners of the other service join the one that remains.

    Those of a service that has left the programme meanwhile have left it too (X13).
    """
    service_id = transaction.course.subject_id
    joined = 0
    for role in () if _has_left(transaction, one, one.old_id) else MOVES_ON:
        here = {held.person_id for held in people.holders(transaction.rows, role, [service_id])}
        there = people.holders(transaction.rows, role, [one.old_id])
        new = tuple(held.person_id for held in there if held.person_id not in here)
        for person_id in new:
            roles.give(transaction.rows, person_id, role, service_id)
        invite(transaction, role, new)
        joined += len(new)
    transaction.note("service.absorbed", one.id, other=one.old_id, joined=joined)
    transaction.wake(service_course_id(one.edition_id, one.old_id))


def _has_left(transaction: CourseTransaction, one: Succession, service_id: str) -> bool:
    """Tell whether the other service has ended before the two became one."""
    other = courses.course(transaction.rows, service_course_id(one.edition_id, service_id))
    return other is not None and other.ended_at is not None and other.stage is not Stage.MERGED
