"""The course transaction that merges a second expression of interest of a service (R12)."""

from activities.casting import hand_over
from activities.holders import enrolment_of
from activities.new_sponsor import fill_vacancy
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from schemas.commands import MergeInterest
from schemas.courses import CourseState, Enrolment, Interest, Stage
from schemas.people import Role
from schemas.sessions import SessionState
from storage import courses, obligations, sessions, successions
from storage.interests import mark_merged

BEFORE_SIGNING = {
    Stage.APPLIED,
    Stage.ELIGIBLE,
    Stage.WAITLISTED,
    Stage.OFFERED,
}
"""Stages at which nobody has signed anything, so that a sponsor is only a name on a form."""


class MergingActivities(CourseActivities):
    """Needed only where the contacts of the second interest take the place of the first one's."""

    @course_transaction
    def merge_interest(self, command: MergeInterest) -> CourseState:
        """Merge a second interest into the first, whose time stays, and adopt its contacts."""
        return self.carry_out(command, _merge)


def _merge(transaction: CourseTransaction, command: MergeInterest) -> str:
    second = courses.interest(transaction.rows, command.interest)
    enrolment = enrolment_of(transaction)
    if second is None or second.service_id != enrolment.service_id:
        raise Refusal(f"{transaction.course.subject_id} has no interest {command.interest}.")
    if not mark_merged(transaction.rows, second.id):
        raise Refusal(f"Interest {second.id} does not wait: it is the first, or merged already.")
    transaction.note("interest.merged", second.id, contacts="adopted")
    before = enrolment.lead_id
    enrolment = _adopt_sponsor(transaction, enrolment, second)
    enrolment = enrolment.model_copy(update={"lead_id": second.lead_id})
    courses.save_enrolment(transaction.rows, enrolment)
    if before != second.lead_id:
        _change_lead(transaction, before, second.lead_id)
    return (
        f"Interest {second.id} is merged into the first one of {enrolment.service_id}, whose time "
        f"stays. {enrolment.lead_id} is its lead and {enrolment.sponsor_id} its sponsor."
    )


def _adopt_sponsor(
    transaction: CourseTransaction, enrolment: Enrolment, second: Interest
) -> Enrolment:
    """Return the enrolment with its sponsor; one who was asked to sign has a successor instead.

    Where the post was vacant, or its holder had followed somebody, reports keep who was before.
    """
    if enrolment.sponsor_id == second.sponsor_id:
        return enrolment
    if transaction.course.stage not in BEFORE_SIGNING:
        raise Refusal(
            f"{enrolment.sponsor_id} was asked to sign for {enrolment.service_id} already. Merge "
            f"without contacts, and say who follows: drumbeat successor {enrolment.sponsor_id} "
            f"{second.sponsor_id} --from DAY."
        )
    if successions.sponsorships_of(transaction.rows, transaction.course.id):
        new = second.sponsor_id
        successions.begin_sponsorship(transaction.rows, enrolment, new, transaction.at)
    fill_vacancy(transaction)
    return enrolment.model_copy(update={"sponsor_id": second.sponsor_id, "sponsor_vacant": False})


def _change_lead(transaction: CourseTransaction, before: str, lead_id: str) -> None:
    """Let the new lead take part in what is to come, and have what the one before had to do."""
    transaction.note("lead.changed", transaction.course.subject_id, old=before, new=lead_id)
    for session in sessions.sessions_of(transaction.rows, transaction.course.id):
        begun = session.starts_at is not None and session.starts_at <= transaction.at
        kind = transaction.edition.session_kind(session.kind)
        if session.state is not SessionState.TO_COME or begun:
            continue
        if Role.SERVICE_LEAD in kind.attends:
            hand_over(transaction, session, [before], [(lead_id, Role.SERVICE_LEAD)])
    for one in obligations.obligations_of(transaction.rows, transaction.course.id):
        if one.state.is_open and one.holder_id == before:
            handed = one.model_copy(update={"holder_id": lead_id})
            obligations.save_obligation(transaction.rows, handed)
