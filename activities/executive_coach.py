"""Another executive coach of a sponsor, inside the course transaction of the coaching (C15, C16).

Who coaches a sponsor stands in the enrolments of the sponsor's services, so that a service which
joins later finds it; their courses are held until the commit, and have nothing to do for it.
"""

from activities.coaches import (
    beyond_usual,
    hand_sessions_over,
    refuse_unknown_coach,
    sponsors_coached,
)
from activities.holders import holders_of
from activities.notices import tell
from activities.transaction import CourseTransaction, Refusal
from schemas.commands import AssignExecutiveCoach
from schemas.letters import Topic
from schemas.people import Role
from storage import courses

ROLE = Role.EXECUTIVE_COACH


def change_coach(transaction: CourseTransaction, command: AssignExecutiveCoach) -> str:
    """Let another coach lead all that is to come of a sponsor's coaching.

    Raises:
        Refusal: Nobody is to be coached, or the new coach is no executive coach, or is elsewhere at
            the time of one of the sessions (C15).

    """
    sponsor_id, edition_id = transaction.course.subject_id, transaction.course.edition_id
    refuse_unknown_coach(transaction, ROLE, command.coach)
    theirs = courses.enrolments_sponsored(transaction.rows, edition_id, sponsor_id)
    if not theirs:
        raise Refusal(f"{sponsor_id} is executive sponsor of no service any more.")
    before = next(iter(holders_of(transaction, ROLE)), None)
    if before == command.coach:
        return f"{command.coach} coaches {sponsor_id} already."
    for course_id in sorted(one.course_id for one in theirs):
        courses.lock_course(transaction.rows, course_id)
        enrolment = courses.enrolment(transaction.rows, course_id)
        if enrolment is not None:
            coached = enrolment.model_copy(update={"executive_coach_id": command.coach})
            courses.save_enrolment(transaction.rows, coached)
    transaction.note("coach.assigned", command.coach)
    hand_sessions_over(transaction, before, command.coach, ROLE)
    if before is not None:
        _tell(transaction, before, command.coach)
    load = sponsors_coached(transaction)[command.coach]
    answer = f"{command.coach} coaches {sponsor_id}, one of {load} sponsors."
    return answer + beyond_usual(transaction, ROLE, load, "sponsors")


def _tell(transaction: CourseTransaction, before: str, coach_id: str) -> None:
    """Tell the sponsor and both coaches who coaches from now on."""
    sponsor_id, step = transaction.course.subject_id, f"{coach_id}@{transaction.course.version}"
    told = {"step": step, "coach_id": coach_id}
    tell(transaction, Topic.COACH_CHANGED, sponsor_id, **told)
    tell(transaction, Topic.COACH_CHANGED, coach_id, before, **told, person_id=sponsor_id)
