"""Course transactions of an edition: its deadline, its places, its digests and its end."""

from datetime import date, datetime, time

from activities.agendas import WAITING, gives_its_place_back, waiting_for_a_place
from activities.chasing import close_all, close_obligation, open_obligation
from activities.notices import tell
from activities.offers import offer_ends, stands_until, tell_of_extension
from activities.pausing import wake_everybody
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from planning.edition_agenda import (
    closing_of_recruitment,
    decision_about,
    digest_ends,
    no_place_comes_free,
    offers_due,
)
from planning.places import Application, proposed_order
from planning.slots import ONE_WEEK
from schemas.commands import ConfirmSelection, DecideOffer, EndEdition, TakeStep
from schemas.courses import (
    CourseKind,
    CourseState,
    Place,
    PlaceState,
    Selection,
    SelectionOutcome,
    Stage,
)
from schemas.ids import service_course_id
from schemas.letters import Topic
from schemas.messages import MessageKind, MessageReason
from schemas.obligations import ObligationKind, ObligationState
from schemas.sessions import SessionState
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
    def close_waitlist(self, command: TakeStep) -> CourseState:
        """Tell those who wait once no place can come free any more (R13)."""
        return self.carry_out(command, _close_waitlist)

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
    ranked = proposed_order(transaction.edition, _to_be_ranked(transaction))
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
    behind = len(courses.selections_of(transaction.rows, edition_id))
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
            for rank, service_id in enumerate(order, start=behind + 1)
        ],
    )
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.SELECTION_DECISION)
    transaction.save(stage=Stage.PLACING, attention="")
    transaction.note("selection.confirmed", services=len(order))
    transaction.wake(*(service_course_id(edition_id, one) for one in order))
    return f"The order of {len(order)} services is confirmed; offers go out now."


def _to_be_ranked(transaction: CourseTransaction) -> list[Application]:
    """Return the applications whose order is to be confirmed.

    Once it has been, those are the ones that were found eligible only later; they come last.

    Raises:
        Refusal: Interest is still taken, is not looked at yet, or there is nothing to confirm.

    """
    closes_at = closing_of_recruitment(transaction.edition, transaction.calendar)
    if transaction.course.stage is Stage.RECRUITING or transaction.at < closes_at:
        raise Refusal("Recruitment is still open: the order is confirmed after its deadline.")
    edition_id = transaction.course.edition_id
    known = courses.courses_of(transaction.rows, edition_id, CourseKind.SERVICE)
    unread = [one.subject_id for one in known if one.stage is Stage.APPLIED]
    if unread:
        raise Refusal(f"{', '.join(unread)} is not checked yet: try again in a moment.")
    ranked = {one.course_id for one in courses.selections_of(transaction.rows, edition_id)}
    found = [
        one
        for one in applications(transaction)
        if service_course_id(edition_id, one.service_id) not in ranked
    ]
    if transaction.course.stage is not Stage.SELECTING and not found:
        raise Refusal("The order has been confirmed already.")
    return found


def _what_is_wrong(unknown: list[str], missing: list[str]) -> str:
    if unknown:
        return f"{', '.join(unknown)} did not apply or cannot take a place."
    if missing:
        return f"The order leaves out {', '.join(missing)}."
    return "The order names a service twice."


def _allocate(transaction: CourseTransaction, _command: TakeStep) -> str:
    edition_id = transaction.course.edition_id
    known = places.places_of(transaction.rows, edition_id)
    waiting = waiting_for_a_place(transaction.rows, edition_id, known)
    expires_at = offer_ends(transaction)
    offered = 0
    for place_id, course_id in offers_due(transaction.edition, known, waiting):
        if not _still_waits(transaction, course_id):
            continue
        if places.offer(transaction.rows, place_id, course_id, transaction.at, expires_at):
            transaction.note("place.offered", place_id, course=course_id)
            transaction.wake(course_id)
            offered += 1
    return f"{offered} places are offered."


def _still_waits(transaction: CourseTransaction, course_id: str) -> bool:
    """Hold a service's course and tell whether it still waits: it may just have withdrawn."""
    found = courses.lock_course(transaction.rows, course_id)
    return found is not None and found.stage in WAITING


def _expire_offer(transaction: CourseTransaction, command: TakeStep) -> str:
    known = places.places_of(transaction.rows, transaction.course.edition_id)
    place = next((one for one in known if one.id == command.subject), None)
    if place is None:
        return ""
    open_offer = place.state is PlaceState.OFFERED
    _close_decisions(transaction, place.id, but=decision_about(place) if open_offer else "")
    if not open_offer or place.course_id is None:
        return ""
    if place.expires_at is None or place.expires_at > transaction.at:
        return ""
    later = stands_until(transaction, place)
    if later is not None and later > place.expires_at:
        places.extend(transaction.rows, place, later)
        transaction.note("place.offer_extended", place.id, because="paused")
        tell_of_extension(transaction, place, later)
        transaction.wake(place.course_id)
        return place.id
    if transaction.edition.recruitment.on_expiry == "lapse":
        if places.release(transaction.rows, place, refill=True):
            transaction.note("place.lapsed", place.id)
            transaction.wake(place.course_id)
        return place.id
    open_obligation(transaction, ObligationKind.PLACE_DECISION, subject=decision_about(place))
    transaction.note("place.offer_expired", place.id)
    return place.id


def _close_waitlist(transaction: CourseTransaction, _command: TakeStep) -> str:
    """Tell each service that waits what comes next.

    It waits on: a withdrawal that is handed in late may count from before the last week.
    """
    edition_id = transaction.course.edition_id
    known = places.places_of(transaction.rows, edition_id)
    over = no_place_comes_free(transaction.edition, known, transaction.at)
    if not over or gives_its_place_back(transaction.rows, transaction.edition, known):
        return ""
    waiting = [
        one
        for one in waiting_for_a_place(transaction.rows, edition_id, known)
        if one.outcome is not SelectionOutcome.NOT_SELECTED
    ]
    for one in waiting:
        told = one.model_copy(update={"outcome": SelectionOutcome.NOT_SELECTED})
        courses.save_selection(transaction.rows, told)
        enrolment = courses.enrolment(transaction.rows, one.course_id)
        if enrolment is not None:
            about = {"subject": one.course_id, "course_id": one.course_id}
            tell(transaction, Topic.NO_PLACE_LEFT, enrolment.lead_id, **about)
    transaction.note("waitlist.closed", services=len(waiting))
    return f"{len(waiting)} services are told that no place has come free."


def _close_decisions(transaction: CourseTransaction, place_id: str, *, but: str = "") -> None:
    """Close what was asked about a place's offers, the present one apart: it has been answered."""
    for one in obligations.obligations_of(
        transaction.rows, transaction.course.id, ObligationKind.PLACE_DECISION
    ):
        if one.state.is_open and one.subject.startswith(f"{place_id}@") and one.subject != but:
            close_obligation(transaction, one, ObligationState.DONE)


def _decide_offer(transaction: CourseTransaction, command: DecideOffer) -> str:
    course_id = service_course_id(transaction.course.edition_id, command.service)
    place = places.place_of(transaction.rows, course_id)
    if place is None or place.state is not PlaceState.OFFERED:
        raise Refusal(f"There is no open offer to {command.service}.")
    _close_decisions(transaction, place.id)
    expires_at = offer_ends(transaction) if command.extend else None
    if not _decided(transaction, place, expires_at):
        raise Refusal(f"{command.service} has just answered the offer: look again.")
    if expires_at is not None:
        transaction.note("place.offer_extended", place.id)
        tell_of_extension(transaction, place, expires_at)
        transaction.wake(course_id)
        local = transaction.calendar.local(expires_at)
        return f"The offer to {command.service} stands until {local:%d %B %Y %H:%M}."
    transaction.note("place.lapsed", place.id)
    transaction.wake(course_id)
    return f"The offer to {command.service} has lapsed; the place goes to the next one waiting."


def _decided(transaction: CourseTransaction, place: Place, expires_at: datetime | None) -> bool:
    """Extend an offer, or end it; return false where its service was faster (R14)."""
    if expires_at is not None:
        return places.extend(transaction.rows, place, expires_at)
    return places.release(transaction.rows, place, refill=True)


def _plan_digest(transaction: CourseTransaction, command: TakeStep) -> str:
    calendar, pauses = transaction.calendar, transaction.pauses()
    monday = date.fromisoformat(command.subject)
    ends = digest_ends(transaction.edition, calendar, monday, pauses)
    useful = ends is not None and transaction.at < ends
    coaches = _coaches_of_week(transaction, monday) if useful else []
    transaction.plan(
        transaction.messages.message(
            MessageKind.DIGEST,
            Topic.COACH_WEEK,
            transaction.course.id,
            coach,
            step=monday.isoformat(),
            useful_until=ends,
            facts={"week": monday.isoformat()},
        )
        for coach in coaches
    )
    _walk_on(transaction, transaction.at)
    transaction.note("digest.planned", week=monday.isoformat(), coaches=len(coaches))
    return f"{len(coaches)} coaches get the week of {monday}."


def _coaches_of_week(transaction: CourseTransaction, monday: date) -> list[str]:
    """Return who leads a session in the week that begins on ``monday``."""
    week = sessions.sessions_between(
        transaction.rows,
        transaction.course.edition_id,
        transaction.calendar.instant(monday, time()),
        transaction.calendar.instant(monday + ONE_WEEK, time()),
    )
    to_come = [one.id for one in week if one.state is SessionState.TO_COME]
    leads = {kind.coach for kind in transaction.edition.sessions}
    part = sessions.participants(transaction.rows, to_come)
    return sorted({who.person_id for who in part if who.role in leads})


def _open_phase(transaction: CourseTransaction, command: TakeStep) -> None:
    phase = next(one for one in transaction.edition.phases if one.id == command.subject)
    # No further: a digest that fell due meanwhile is still to be taken.
    _walk_on(transaction, transaction.calendar.instant(phase.opens, time()))


def _walk_on(transaction: CourseTransaction, to: datetime) -> None:
    """Note each phase that opened on the way there."""
    since = transaction.course.walked_to or transaction.course.opened_at
    for phase in transaction.edition.phases:
        if since < transaction.calendar.instant(phase.opens, time()) <= to:
            transaction.note("phase.opened", phase.id)
    transaction.save(walked_to=max(since, to))


def _finish(transaction: CourseTransaction, _command: TakeStep | EndEdition) -> str:
    close_all(transaction, ObligationState.CANCELLED, reason="edition_ended")
    ledger.end_course(
        transaction.rows, transaction.course.id, MessageReason.EDITION_ENDED, transaction.at
    )
    transaction.save(stage=Stage.FINISHED, ended=True, attention="")
    transaction.note("edition.finished")
    wake_everybody(transaction)
    return f"Edition {transaction.course.edition_id} has ended."
