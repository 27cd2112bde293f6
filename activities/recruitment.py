"""Course transactions of a service from its application to the signed commitments (R01-R15)."""

from collections.abc import Sequence

from activities.chasing import close_all, open_obligation
from activities.holders import enrolment_of
from activities.new_sponsor import unsigned_again
from activities.notices import take_back, tell
from activities.offers import stands_until
from activities.signing_again import decide_again, waits_for_signature
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from planning.eligibility import Applicant, Ineligible, decide
from planning.places import may_refill
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
    Place,
    PlaceState,
    SignedCommitment,
    Stage,
)
from schemas.ids import edition_course_id
from schemas.letters import Topic
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Organisation, Service
from storage import courses, people, places, successions

THANKED = {Ineligible.PROVIDER_KIND, Ineligible.PROVIDER_NOT_YET}
"""Reasons that are answered with thanks, and with where learning is shared (R06)."""

ON_HOLD = "commitment_declined"
"""Attention of a service whose selection is on hold: its stage stays, and nothing follows (R11)."""


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
        """End the course of a service whose offer lapsed, or that the edition ended without."""
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
        transaction.save(stage=Stage.ELIGIBLE, attention=_attention(transaction))
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


def _attention(transaction: CourseTransaction) -> str:
    """Return what a person must look at: once the order is confirmed, who comes late has no rank.

    It waits for a place when the selection is confirmed again; nobody gets one unconfirmed (R07).
    """
    edition_course = edition_course_id(transaction.course.edition_id)
    found = courses.course(transaction.rows, edition_course)
    return "selection" if found is not None and found.stage is Stage.PLACING else ""


def _applicant(transaction: CourseTransaction, enrolment: Enrolment) -> Applicant:
    service = people.service(transaction.rows, enrolment.service_id)
    if service is None:
        raise Refusal(f"there is no service {enrolment.service_id}")
    organisation = _organisation(transaction, service)
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
    transaction.save(stage=Stage.WAITLISTED, attention="")
    transaction.note("application.waitlisted")
    tell(transaction, Topic.WAITLISTED, enrolment_of(transaction).lead_id)


def _take_up_offer(transaction: CourseTransaction, _command: TakeStep) -> None:
    place = places.place_of(transaction.rows, transaction.course.id)
    if place is None or place.state is not PlaceState.OFFERED or place.expires_at is None:
        return
    enrolment = enrolment_of(transaction)
    transaction.save(stage=Stage.OFFERED, attention="")
    transaction.note("place.offer_taken_up", place.id)
    take_back(transaction, transaction.course.id, Topic.NO_PLACE_LEFT)
    tell(
        transaction,
        Topic.PLACE_OFFERED,
        enrolment.lead_id,
        step=str(place.number),
        expires_at=place.expires_at.isoformat(),
    )
    open_obligation(transaction, ObligationKind.ACCEPT_PLACE)


def _take_up_lapse(transaction: CourseTransaction, _command: TakeStep) -> None:
    close_all(transaction, ObligationState.CANCELLED, reason="offer_lapsed")
    take_back(transaction, transaction.course.id, Topic.OFFER_EXTENDED)
    place = places.place_of(transaction.rows, transaction.course.id)
    if place is not None:
        places.release(transaction.rows, place, refill=False)
        transaction.note("place.closed", place.id)
    elif transaction.course.stage is Stage.OFFERED:
        tell(transaction, Topic.OFFER_LAPSED, enrolment_of(transaction).lead_id)
    elif transaction.course.stage in {Stage.ELIGIBLE, Stage.WAITLISTED}:
        tell(transaction, Topic.NO_PLACE_LEFT, enrolment_of(transaction).lead_id)
    transaction.save(stage=Stage.NOT_PLACED, ended=True, attention="")
    transaction.note("application.not_placed")


def _whereabouts(transaction: CourseTransaction, enrolment: Enrolment) -> dict[str, str]:
    """Return type and region of the service as they are now, for reports as at this day (P02)."""
    service = people.service(transaction.rows, enrolment.service_id)
    if service is None:
        return {}
    organisation = _organisation(transaction, service)
    region = {} if organisation is None else {"region": organisation.region}
    return {"type": service.type.value, **region}


def _organisation(transaction: CourseTransaction, service: Service) -> Organisation | None:
    """Return the organisation of a service as it is by now: it may have gone on as another."""
    rows, first = transaction.rows, service.organisation_id
    return people.organisation(rows, successions.organisation_at(rows, first, transaction.at))


def _accept_place(transaction: CourseTransaction, _command: AcceptPlace) -> str:
    place = places.place_of(transaction.rows, transaction.course.id)
    if transaction.course.stage is not Stage.OFFERED or place is None:
        raise Refusal(_no_offer(transaction))
    if not _accepts(transaction, place):
        raise Refusal(
            f"The offer to {transaction.course.subject_id} has expired. "
            "A coordinator can extend it: drumbeat offer extend."
        )
    enrolment = enrolment_of(transaction)
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.ACCEPT_PLACE)
    take_back(transaction, transaction.course.id, Topic.OFFER_EXTENDED)
    courses.add_commitments(
        transaction.rows,
        [
            SignedCommitment(course_id=transaction.course.id, commitment=one.id)
            for one in transaction.edition.recruitment.commitments
        ],
    )
    transaction.save(stage=Stage.COMMITTING)
    transaction.note("place.accepted", place.id, **_whereabouts(transaction, enrolment))
    tell(transaction, Topic.PLACE_CONFIRMED, enrolment.lead_id)
    open_obligation(transaction, ObligationKind.COMMITMENTS)
    expired = place.expires_at is not None and transaction.at >= place.expires_at
    if expired or not may_refill(transaction.at, transaction.edition):
        # It may be asking about the offer, or waiting for it before it lets nobody wait on.
        transaction.wake(edition_course_id(transaction.course.edition_id))
    return (
        f"{transaction.course.subject_id} has place {place.number}; "
        "its executive sponsor is asked to sign."
    )


def _accepts(transaction: CourseTransaction, place: Place) -> bool:
    """Take the place; an offer whose clock a pause has stopped is not over yet (X07)."""
    until = stands_until(transaction, place)
    if until is None or transaction.at <= until:
        place = place.model_copy(update={"expires_at": transaction.at})
    return places.accept(transaction.rows, place, transaction.course.id, transaction.at)


def _no_offer(transaction: CourseTransaction) -> str:
    subject, stage = transaction.course.subject_id, transaction.course.stage
    if stage in {Stage.COMMITTING, Stage.ONBOARDING, Stage.COACHING}:
        return f"{subject} has its place already."
    return f"There is no open offer to {subject}: its application is {stage.replace('_', ' ')}."


def _decline_place(transaction: CourseTransaction, _command: DeclinePlace) -> str:
    place = places.place_of(transaction.rows, transaction.course.id)
    if transaction.course.stage is not Stage.OFFERED or place is None:
        raise Refusal(_no_offer(transaction))
    if not places.release(transaction.rows, place, refill=True):
        raise Refusal(f"The offer to {transaction.course.subject_id} has just lapsed.")
    close_all(transaction, ObligationState.CANCELLED, reason="place_declined")
    take_back(transaction, transaction.course.id, Topic.OFFER_EXTENDED)
    transaction.save(stage=Stage.DECLINED, ended=True)
    transaction.note("place.declined", place.id)
    transaction.wake(edition_course_id(transaction.course.edition_id))
    return f"{transaction.course.subject_id} has given its place back; the next one is asked."


def _decide_commitment(transaction: CourseTransaction, command: DecideCommitment) -> str:
    enrolment = enrolment_of(transaction)
    if enrolment.sponsor_vacant:
        raise Refusal(f"Nobody is executive sponsor since {enrolment.sponsor_id} has left.")
    sponsor = enrolment.sponsor_id
    again = waits_for_signature(transaction)
    if transaction.course.stage is not Stage.COMMITTING and not again:
        raise Refusal(
            f"{transaction.course.subject_id} is not at its commitments: "
            f"it is {transaction.course.stage.replace('_', ' ')}."
        )
    _refuse_unsaid(transaction, command, sponsor)
    said_again = decide_again(transaction, command)
    if transaction.course.stage is not Stage.COMMITTING:
        return said_again
    found = courses.commitments_of(transaction.rows, transaction.course.id)
    for one in _wanted(command, found):
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


def _refuse_unsaid(
    transaction: CourseTransaction, command: DecideCommitment, sponsor_id: str
) -> None:
    """Refuse what is recorded on behalf of the sponsor without a reason (R18)."""
    if command.decision is CommitmentState.OPEN:
        raise Refusal("A commitment is signed or declined.")
    if command.actor != sponsor_id and not command.reason:
        raise Refusal(
            f"{command.actor} records this on behalf of {sponsor_id}: give a reason code, "
            "such as by_phone, and a note of the evidence."
        )


def _wanted(
    command: DecideCommitment, found: Sequence[SignedCommitment]
) -> tuple[SignedCommitment, ...]:
    """Return what is decided: the commitment named; else what is not signed, or still open.

    One that is decided so already stays as it is, with its time.
    """
    known = {one.commitment: one for one in found}
    if command.commitment and command.commitment not in known:
        raise Refusal(f"There is no commitment {command.commitment}: there are {', '.join(known)}.")
    wanted = (known[command.commitment],) if command.commitment else tuple(found)
    if not command.commitment and command.decision is CommitmentState.DECLINED:
        wanted = tuple(one for one in wanted if one.state is CommitmentState.OPEN)
    return tuple(one for one in wanted if one.state is not command.decision)


def _settle(transaction: CourseTransaction) -> None:
    """Close the chase when all is signed; put the matter before a person when one is declined.

    While it is with that person the sponsor is not chased (R11).
    """
    now = courses.commitments_of(transaction.rows, transaction.course.id)
    if any(one.state is CommitmentState.DECLINED for one in now):
        close_all(
            transaction,
            ObligationState.CANCELLED,
            kind=ObligationKind.COMMITMENTS,
            reason=ON_HOLD,
        )
        open_obligation(transaction, ObligationKind.COMMITMENT_DECLINED)
        transaction.save(attention=ON_HOLD)
        return
    if transaction.course.attention == ON_HOLD:
        transaction.save(attention="")
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.COMMITMENT_DECLINED)
    if all(one.state is CommitmentState.SIGNED for one in now):
        if not unsigned_again(transaction):
            close_all(transaction, ObligationState.DONE, kind=ObligationKind.COMMITMENTS)
    else:
        open_obligation(transaction, ObligationKind.COMMITMENTS)
