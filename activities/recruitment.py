"""Course transactions of a service from its application to the signed commitments (R01-R15)."""

from activities.chasing import close_all, open_obligation
from activities.holders import enrolment_of, holders_of
from activities.notices import tell
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from planning.eligibility import Applicant, Ineligible, decide
from schemas.commands import (
    AcceptPlace,
    DecideCommitment,
    DeclinePlace,
    TakeStep,
)
from schemas.courses import (
    CommitmentState,
    CourseState,
    Enrolment,
    PlaceState,
    SignedCommitment,
    Stage,
)
from schemas.ids import edition_course_id
from schemas.letters import Topic
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Role
from storage import courses, people, places

THANKED = {Ineligible.PROVIDER_KIND, Ineligible.PROVIDER_NOT_YET}
"""Reasons that are answered with thanks, and with where learning is shared (R06)."""

ON_HOLD = "commitment_declined"


class RecruitmentActivities(CourseActivities):
    """What a service's course goes through before it is onboarded."""

    @course_transaction
    def check_eligibility(self, command: TakeStep) -> CourseState:
        """Decide whether the service may take a place, and tell its lead (R03-R08)."""
        return self.carry_out(command, _check_eligibility)

    @course_transaction
    def take_up_waitlist(self, command: TakeStep) -> CourseState:
        """Tell the service that it waits for a place to come free (R01)."""
        return self.carry_out(command, _take_up_waitlist)

    @course_transaction
    def take_up_offer(self, command: TakeStep) -> CourseState:
        """Tell the service of its offer and chase the answer (R13)."""
        return self.carry_out(command, _take_up_offer)

    @course_transaction
    def take_up_lapse(self, command: TakeStep) -> CourseState:
        """End the course of a service whose offer lapsed, or that no place came free for."""
        return self.carry_out(command, _take_up_lapse)

    @course_transaction
    def accept_place(self, command: AcceptPlace) -> CourseState:
        """Take the offered place and open the executive commitments (R09, R13, R14)."""
        return self.carry_out(command, _accept_place)

    @course_transaction
    def decline_place(self, command: DeclinePlace) -> CourseState:
        """Give the offered place back; the next service waiting is offered it."""
        return self.carry_out(command, _decline_place)

    @course_transaction
    def decide_commitment(self, command: DecideCommitment) -> CourseState:
        """Note that a commitment was signed or declined (R09, R11, R18)."""
        return self.carry_out(command, _decide_commitment)


def _check_eligibility(transaction: CourseTransaction, _command: TakeStep) -> None:
    enrolment = enrolment_of(transaction)
    refused = decide(transaction.edition, _applicant(transaction, enrolment))
    lead = enrolment.lead_id
    if refused is None:
        transaction.save(stage=Stage.ELIGIBLE)
        transaction.note("application.found_eligible")
        tell(transaction, Topic.EOI_RECEIVED, lead)
        return
    courses.save_enrolment(
        transaction.rows, enrolment.model_copy(update={"ineligible_because": refused.value})
    )
    transaction.save(stage=Stage.INELIGIBLE, ended=True)
    transaction.note("application.found_ineligible", because=refused.value)
    topic = Topic.INELIGIBLE_THANKS if refused in THANKED else Topic.NOT_IN_SCOPE
    tell(transaction, topic, lead, because=refused.value)


def _applicant(transaction: CourseTransaction, enrolment: Enrolment) -> Applicant:
    service = people.service(transaction.rows, enrolment.service_id)
    if service is None:
        raise Refusal(f"there is no service {enrolment.service_id}")
    organisation = people.organisation(transaction.rows, service.organisation_id)
    if organisation is None:
        raise Refusal(f"service {service.id} belongs to no organisation")
    others = courses.taken_part_in(transaction.rows, service.id)
    earlier = {
        one.edition_id
        for one in others
        if one.course_id != enrolment.course_id
        and (found := courses.course(transaction.rows, one.course_id)) is not None
        and found.stage in {Stage.ONBOARDING, Stage.COACHING, Stage.COMPLETED}
    }
    return Applicant(
        submitted_at=enrolment.submitted_at,
        service_type=service.type,
        provider=organisation.kind,
        detains=service.detains,
        took_part_in=earlier,
    )


def _take_up_waitlist(transaction: CourseTransaction, _command: TakeStep) -> None:
    transaction.save(stage=Stage.WAITLISTED)
    transaction.note("application.waitlisted")
    tell(transaction, Topic.WAITLISTED, enrolment_of(transaction).lead_id)


def _take_up_offer(transaction: CourseTransaction, _command: TakeStep) -> None:
    place = places.place_of(transaction.rows, transaction.course.id)
    if place is None or place.state is not PlaceState.OFFERED or place.expires_at is None:
        return
    enrolment = enrolment_of(transaction)
    transaction.save(stage=Stage.OFFERED)
    transaction.note("place.offer_taken_up", place.id)
    tell(
        transaction,
        Topic.PLACE_OFFERED,
        enrolment.lead_id,
        step=str(place.number),
        expires_at=place.expires_at.isoformat(),
    )
    open_obligation(transaction, ObligationKind.ACCEPT_PLACE)


def _take_up_lapse(transaction: CourseTransaction, _command: TakeStep) -> None:
    enrolment = enrolment_of(transaction)
    close_all(transaction, ObligationState.CANCELLED, reason="offer_lapsed")
    topic = Topic.OFFER_LAPSED if transaction.course.stage is Stage.OFFERED else Topic.WAITLISTED
    if topic is Topic.OFFER_LAPSED:
        tell(transaction, topic, enrolment.lead_id)
    transaction.save(stage=Stage.NOT_PLACED, ended=True)
    transaction.note("application.not_placed")


def _accept_place(transaction: CourseTransaction, _command: AcceptPlace) -> str:
    place = places.place_of(transaction.rows, transaction.course.id)
    if transaction.course.stage is not Stage.OFFERED or place is None:
        raise Refusal(_no_offer(transaction))
    if not places.accept(transaction.rows, place, transaction.course.id, transaction.at):
        raise Refusal(
            f"The offer to {transaction.course.subject_id} has expired. "
            "A coordinator can extend it: drumbeat offer extend."
        )
    enrolment = enrolment_of(transaction)
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.ACCEPT_PLACE)
    courses.add_commitments(
        transaction.rows,
        [
            SignedCommitment(course_id=transaction.course.id, commitment=one.id)
            for one in transaction.edition.recruitment.commitments
        ],
    )
    transaction.save(stage=Stage.COMMITTING)
    transaction.note("place.accepted", place.id)
    tell(transaction, Topic.PLACE_CONFIRMED, enrolment.lead_id)
    open_obligation(transaction, ObligationKind.COMMITMENTS)
    return (
        f"{transaction.course.subject_id} has place {place.number}; "
        "its executive sponsor is asked to sign."
    )


def _no_offer(transaction: CourseTransaction) -> str:
    subject, stage = transaction.course.subject_id, transaction.course.stage
    if stage in {Stage.COMMITTING, Stage.ONBOARDING, Stage.COACHING}:
        return f"{subject} has its place already."
    return f"There is no open offer to {subject}: its application is {stage.replace('_', ' ')}."


def _decline_place(transaction: CourseTransaction, _command: DeclinePlace) -> str:
    place = places.place_of(transaction.rows, transaction.course.id)
    if transaction.course.stage is not Stage.OFFERED or place is None:
        raise Refusal(_no_offer(transaction))
    places.release(transaction.rows, place, refill=True)
    close_all(transaction, ObligationState.CANCELLED, reason="place_declined")
    transaction.save(stage=Stage.DECLINED, ended=True)
    transaction.note("place.declined", place.id)
    transaction.wake(edition_course_id(transaction.course.edition_id))
    return f"{transaction.course.subject_id} has given its place back; the next one is asked."


def _decide_commitment(transaction: CourseTransaction, command: DecideCommitment) -> str:
    if transaction.course.stage is not Stage.COMMITTING:
        raise Refusal(
            f"{transaction.course.subject_id} is not at its commitments: "
            f"it is {transaction.course.stage.replace('_', ' ')}."
        )
    found = courses.commitments_of(transaction.rows, transaction.course.id)
    wanted = [
        one for one in found if one.commitment == command.commitment or not command.commitment
    ]
    if not wanted:
        known = ", ".join(one.commitment for one in found)
        raise Refusal(f"There is no commitment {command.commitment}: there are {known}.")
    sponsor = enrolment_of(transaction).sponsor_id
    for one in wanted:
        courses.save_commitment(
            transaction.rows,
            one.model_copy(
                update={
                    "state": command.decision,
                    "decided_at": transaction.at,
                    "decided_by": sponsor,
                    "recorded_by": command.actor,
                }
            ),
        )
        transaction.note(f"commitment.{command.decision.value}", one.commitment)
    _settle(transaction)
    signed = sum(
        one.state is CommitmentState.SIGNED
        for one in courses.commitments_of(transaction.rows, transaction.course.id)
    )
    return f"{transaction.course.subject_id}: {signed} of {len(found)} commitments are signed."


def _settle(transaction: CourseTransaction) -> None:
    """Close the chase when all is signed; put the matter before a person when one is declined."""
    now = courses.commitments_of(transaction.rows, transaction.course.id)
    declined = any(one.state is CommitmentState.DECLINED for one in now)
    if declined:
        transaction.save(attention=ON_HOLD)
        open_obligation(
            transaction,
            ObligationKind.COMMITMENT_DECLINED,
            holder_id=next(iter(holders_of(transaction, Role.COORDINATOR)), None),
        )
        return
    if transaction.course.attention == ON_HOLD:
        transaction.save(attention="")
        close_all(transaction, ObligationState.DONE, kind=ObligationKind.COMMITMENT_DECLINED)
    if all(one.state is CommitmentState.SIGNED for one in now):
        close_all(transaction, ObligationState.DONE, kind=ObligationKind.COMMITMENTS)
