"""Course transactions of an edition: its deadline, its places, its digests and its end."""

from datetime import datetime, time, timedelta

from activities.agendas import waiting_for_a_place
from activities.chasing import close_all, close_obligation, open_obligation
from activities.pausing import wake_everybody
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from planning.places import Application, proposed_order, to_offer
from planning.working_time import after
from schemas.commands import ConfirmSelection, DecideOffer, EndEdition, TakeStep
from schemas.courses import (
    CourseState,
    PlaceState,
    Selection,
    SelectionOutcome,
    Stage,
)
from schemas.ids import service_course_id
from schemas.letters import Topic
from schemas.messages import MessageKind, MessageReason
from schemas.obligations import ObligationKind, ObligationState
from storage import courses, ledger, obligations, places, sessions


class EditionActivities(CourseActivities):
    """What happens to an edition as a whole."""

    @course_transaction
    def close_recruitment(self, command: TakeStep) -> CourseState:
        """Close the call for interest, and ask the coordinator to confirm the order (R07, R08)."""
        return self.carry_out(command, _close_recruitment)

    @course_transaction
    def confirm_selection(self, command: ConfirmSelection) -> CourseState:
        """Keep the order in which places are offered, as proposed or as changed (R07)."""
        return self.carry_out(command, _confirm_selection)

    @course_transaction
    def allocate_places(self, command: TakeStep) -> CourseState:
        """Offer the free places to the first who wait (R01, R13, R14)."""
        return self.carry_out(command, _allocate)

    @course_transaction
    def expire_offer(self, command: TakeStep) -> CourseState:
        """Ask the coordinator about an offer that expired, or let it lapse (R13)."""
        return self.carry_out(command, _expire_offer)

    @course_transaction
    def decide_offer(self, command: DecideOffer) -> CourseState:
        """Extend an offer, or let it lapse so that the next service is offered the place (R13)."""
        return self.carry_out(command, _decide_offer)

    @course_transaction
    def plan_digest(self, command: TakeStep) -> CourseState:
        """Plan the digest of the week to come for each coach who has sessions in it (M14)."""
        return self.carry_out(command, _plan_digest)

    @course_transaction
    def open_phase(self, command: TakeStep) -> CourseState:
        """Note that a phase of the edition has begun."""
        return self.carry_out(command, _open_phase)

    @course_transaction
    def end_edition(self, command: EndEdition) -> CourseState:
        """End the edition before its time."""
        return self.carry_out(command, _finish)

    @course_transaction
    def finish_edition(self, command: TakeStep) -> CourseState:
        """End the edition; what still waits for a place is told so."""
        return self.carry_out(command, _finish)


def applications(transaction: CourseTransaction) -> list[Application]:
    """Return the eligible applications of the edition."""
    found = []
    for one in courses.enrolments_of(transaction.rows, transaction.course.edition_id):
        course = courses.course(transaction.rows, one.course_id)
        if course is not None and course.stage is Stage.ELIGIBLE:
            found.append(Application(one.service_id, one.submitted_at, one.earlier_interest))
    return found


def _close_recruitment(transaction: CourseTransaction, _command: TakeStep) -> None:
    places.create_places(
        transaction.rows, transaction.course.edition_id, transaction.edition.places
    )
    transaction.save(stage=Stage.SELECTING, attention="selection")
    transaction.note("recruitment.closed", eligible=len(applications(transaction)))
    open_obligation(transaction, ObligationKind.SELECTION_DECISION)


def _confirm_selection(transaction: CourseTransaction, command: ConfirmSelection) -> str:
    if transaction.course.stage is Stage.RECRUITING:
        raise Refusal("Recruitment is still open: the order is confirmed after its deadline.")
    if transaction.course.stage is not Stage.SELECTING:
        raise Refusal("The order has been confirmed already.")
    ranked = proposed_order(transaction.edition, applications(transaction))
    proposed = [one.service_id for one in ranked]
    order = list(command.order) or proposed
    unknown = sorted(set(order) - set(proposed))
    missing = sorted(set(proposed) - set(order))
    if unknown or missing or len(set(order)) != len(order):
        raise Refusal(_what_is_wrong(unknown, missing))
    if order != proposed and not command.reason:
        raise Refusal("The order differs from the proposed one: give a reason code.")
    because = {one.service_id: one.because or "" for one in ranked}
    edition_id = transaction.course.edition_id
    courses.add_selections(
        transaction.rows,
        [
            Selection(
                course_id=service_course_id(edition_id, service_id),
                edition_id=edition_id,
                rank=rank,
                outcome=SelectionOutcome.SELECTED
                if rank <= transaction.edition.places
                else SelectionOutcome.WAITLISTED,
                reasons=because[service_id],
            )
            for rank, service_id in enumerate(order, start=1)
        ],
    )
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.SELECTION_DECISION)
    transaction.save(stage=Stage.PLACING, attention="", walked_to=transaction.at)
    transaction.note("selection.confirmed", services=len(order))
    transaction.wake(*(service_course_id(edition_id, one) for one in order))
    return f"The order of {len(order)} services is confirmed; offers go out now."


def _what_is_wrong(unknown: list[str], missing: list[str]) -> str:
    if unknown:
        return f"{', '.join(unknown)} did not apply or cannot take a place."
    if missing:
        return f"The order leaves out {', '.join(missing)}."
    return "The order names a service twice."


def _allocate(transaction: CourseTransaction, _command: TakeStep) -> str:
    edition_id = transaction.course.edition_id
    known = places.places_of(transaction.rows, edition_id)
    free = [one for one in known if one.state is PlaceState.FREE]
    taken = sum(one.state in {PlaceState.TAKEN, PlaceState.CLOSED} for one in known)
    offered = sum(one.state is PlaceState.OFFERED for one in known)
    waiting = [one.course_id for one in waiting_for_a_place(transaction.rows, edition_id, known)]
    expires_at = _offer_ends(transaction)
    chosen = to_offer(transaction.edition.places, taken, offered, waiting)
    for place, course_id in zip(free, chosen, strict=False):
        if places.offer(transaction.rows, place.id, course_id, transaction.at, expires_at):
            transaction.note("place.offered", place.id, course=course_id)
            transaction.wake(course_id)
    transaction.wake(*waiting)
    return f"{len(chosen)} places are offered."


def _offer_ends(transaction: CourseTransaction) -> datetime:
    valid = transaction.edition.recruitment.offer_valid
    found = after(
        transaction.at,
        valid,
        transaction.calendar,
        transaction.edition.mail,
        transaction.pauses(),
    )
    if found is None:
        raise Refusal("The edition is paused without an end: resume it before offers go out.")
    return found


def _expire_offer(transaction: CourseTransaction, command: TakeStep) -> str:
    place = next(
        (
            one
            for one in places.places_of(transaction.rows, transaction.course.edition_id)
            if one.id == command.subject
        ),
        None,
    )
    if place is None or place.state is not PlaceState.OFFERED or place.course_id is None:
        return ""
    if place.expires_at is None or place.expires_at > transaction.at:
        return ""
    if transaction.edition.recruitment.on_expiry == "lapse":
        places.release(transaction.rows, place, refill=True)
        transaction.note("place.lapsed", place.id)
        transaction.wake(place.course_id)
        return place.id
    subject = f"{place.id}@{place.expires_at.isoformat()}"
    open_obligation(transaction, ObligationKind.PLACE_DECISION, subject=subject)
    transaction.note("place.offer_expired", place.id)
    return place.id


def _decide_offer(transaction: CourseTransaction, command: DecideOffer) -> str:
    course_id = service_course_id(transaction.course.edition_id, command.service)
    place = places.place_of(transaction.rows, course_id)
    if place is None or place.state is not PlaceState.OFFERED:
        raise Refusal(f"There is no open offer to {command.service}.")
    for one in obligations.obligations_of(
        transaction.rows, transaction.course.id, ObligationKind.PLACE_DECISION
    ):
        if one.state.is_open and one.subject.startswith(f"{place.id}@"):
            close_obligation(transaction, one, ObligationState.DONE)
    if command.extend:
        expires_at = _offer_ends(transaction)
        places.extend(transaction.rows, place, expires_at)
        transaction.note("place.offer_extended", place.id)
        local = transaction.calendar.local(expires_at)
        return f"The offer to {command.service} stands until {local:%d %B %Y %H:%M}."
    places.release(transaction.rows, place, refill=True)
    transaction.note("place.lapsed", place.id)
    transaction.wake(course_id)
    return f"The offer to {command.service} has lapsed; the place goes to the next one waiting."


def _plan_digest(transaction: CourseTransaction, _command: TakeStep) -> str:
    calendar = transaction.calendar
    today = calendar.day_of(transaction.at)
    monday = today + timedelta(days=7 - today.weekday())
    from_at = calendar.instant(monday, time())
    until_at = calendar.instant(monday + timedelta(days=7), time())
    week = sessions.sessions_between(
        transaction.rows, transaction.course.edition_id, from_at, until_at
    )
    leads = {one.id: one.coach for one in transaction.edition.sessions}
    coaches = sorted(
        {
            who.person_id
            for who in sessions.participants(transaction.rows, [one.id for one in week])
            if who.role in set(leads.values())
        }
    )
    transaction.plan(
        transaction.messages.message(
            MessageKind.DIGEST,
            Topic.COACH_WEEK,
            transaction.course.id,
            coach,
            step=monday.isoformat(),
            useful_until=calendar.instant(monday, time(12)),
            facts={"week": monday.isoformat()},
        )
        for coach in coaches
    )
    transaction.save(walked_to=transaction.at)
    transaction.note("digest.planned", week=monday.isoformat(), coaches=len(coaches))
    return f"{len(coaches)} coaches get the week of {monday}."


def _open_phase(transaction: CourseTransaction, command: TakeStep) -> None:
    transaction.save(walked_to=transaction.at)
    transaction.note("phase.opened", command.subject)


def _finish(transaction: CourseTransaction, _command: TakeStep | EndEdition) -> str:
    close_all(transaction, ObligationState.CANCELLED, reason="edition_ended")
    ledger.end_course(
        transaction.rows, transaction.course.id, MessageReason.EDITION_ENDED, transaction.at
    )
    transaction.save(stage=Stage.FINISHED, ended=True, attention="")
    transaction.note("edition.finished")
    wake_everybody(transaction)
    return f"Edition {transaction.course.edition_id} has ended."
