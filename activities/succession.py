"""Course transactions of successions: said in the edition, taken up by each course on its day.

Before its day nobody has heard of it, so taking it back tells nobody either.
"""

from datetime import time

from activities.agendas import successions_ahead
from activities.chasing import close_all, open_obligation
from activities.holders import enrolment_of
from activities.merging_wards import absorb, end_as_merged
from activities.new_sponsor import change_sponsor
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from planning.succession import concerns, refusal, said_before, sentences, too_late
from schemas.commands import Succeed, TakeBackSuccession, TakeStep
from schemas.courses import CourseKind, CourseState
from schemas.ids import executive_course_id
from schemas.obligations import ObligationKind, ObligationState
from schemas.successions import Succession, SuccessionKind
from storage import courses, people, successions
from storage.reads.succession_world import world_of


class SuccessionActivities(CourseActivities):
    """How a post, an organisation or a ward goes on as another one."""

    @course_transaction
    def succeed(self, command: Succeed) -> CourseState:
        """Note that from a day on somebody, or something, takes the place of another."""
        return self.carry_out(command, _succeed)

    @course_transaction
    def take_back_succession(self, command: TakeBackSuccession) -> CourseState:
        """Take back what was said, as long as its day has not come (P01-P03)."""
        return self.carry_out(command, _take_back)

    @course_transaction
    def take_up_succession(self, command: TakeStep) -> CourseState:
        """Let a course follow a succession whose day has come (P01-P03)."""
        return self.carry_out(command, _take_up)


def succession_said(transaction: CourseTransaction, command: Succeed) -> Succession:
    """Return the succession that a command asks for; it is not written."""
    said = successions.ever_said(transaction.rows, transaction.course.edition_id)
    theirs = [one for one in said if (one.kind, one.old_id) == (command.kind, command.old)]
    number = len(theirs) + 1
    return Succession(
        id=f"{transaction.course.edition_id}/{command.kind}/{command.old}/{number}",
        edition_id=transaction.course.edition_id,
        kind=command.kind,
        old_id=command.old,
        new_id=command.new or None,
        from_day=command.from_day,
        from_at=transaction.calendar.instant(command.from_day, time()),
        said_at=transaction.at,
        said_by=command.actor,
        reason=command.reason,
    )


def _succeed(transaction: CourseTransaction, command: Succeed) -> str:
    new = succession_said(transaction, command)
    world = world_of(transaction.rows, new)
    before = said_before(new, world)
    if before is not None:
        said = f"That was said already: {sentences(new, world)[0]}"
        return f"{said}{_until_then(transaction, before)}"
    refused = refusal(new, world)
    if refused:
        raise Refusal(refused)
    if new.new_id is None:
        _refuse_unchased(transaction)
    successions.add_succession(transaction.rows, new)
    transaction.note("succession.said", new.id, kind=new.kind.value, **_facts(new))
    _wake_concerned(transaction, new)
    return f"{' '.join(sentences(new, world))}{_until_then(transaction, new)}"


def _until_then(transaction: CourseTransaction, one: Succession) -> str:
    """Return how a succession is taken back; nothing where its day has come."""
    if _day_has_come(transaction, one):
        return ""
    return f" Until {one.from_day:%d %B %Y} it is taken back with: drumbeat undo {one.id}"


def _day_has_come(transaction: CourseTransaction, one: Succession) -> bool:
    """Tell whether a succession has begun, whenever it counts that somebody asks."""
    return one.from_at <= max(transaction.at, transaction.command.recorded_at)


def _wake_concerned(transaction: CourseTransaction, one: Succession) -> None:
    """Let the courses look again whose agenda a succession changes."""
    for enrolment in courses.enrolments_of(transaction.rows, one.edition_id):
        service = people.service(transaction.rows, enrolment.service_id)
        chain = _organisations(transaction, one, service.organisation_id if service else "")
        if concerns(one, enrolment, chain):
            transaction.wake(enrolment.course_id)


def _take_back(transaction: CourseTransaction, command: TakeBackSuccession) -> str:
    one = successions.succession(transaction.rows, command.succession, hold=True)
    if one is None or one.edition_id != transaction.course.edition_id:
        raise Refusal(f"{transaction.course.subject_id} knows no succession {command.succession}.")
    if one.taken_back_at is not None:
        return f"{one.id} was taken back already."
    if _day_has_come(transaction, one) or successions.is_taken_up(transaction.rows, one.id):
        raise Refusal(too_late(one))
    now = {"taken_back_at": transaction.at, "taken_back_by": command.actor}
    successions.save_succession(transaction.rows, one.model_copy(update=now))
    transaction.note("succession.taken_back", one.id, kind=one.kind.value, **_facts(one))
    _wake_concerned(transaction, one)
    return f"{one.id} is taken back: nothing changes on {one.from_day:%d %B %Y}."


def _refuse_unchased(transaction: CourseTransaction) -> None:
    """Refuse a vacant post in an edition whose file does not say how a successor is asked for."""
    try:
        transaction.edition.policy(ObligationKind.SPONSOR_NAMED)
    except LookupError:
        raise Refusal(
            f"Edition {transaction.edition.id} does not say how a successor is asked for: add a "
            "policy for sponsor_named to its file, and take it up with drumbeat edition change."
        ) from None


def _facts(one: Succession) -> dict[str, str | int]:
    facts: dict[str, str | int] = {"old": one.old_id, "from_day": one.from_day.isoformat()}
    if one.new_id is not None:
        facts["new"] = one.new_id
    return facts


def _organisations(
    transaction: CourseTransaction, one: Succession, organisation_id: str
) -> tuple[str, ...]:
    if one.kind is not SuccessionKind.ORGANISATION:
        return ()
    return successions.organisations_at(transaction.rows, organisation_id, one.from_at)


def _take_up(transaction: CourseTransaction, command: TakeStep) -> str:
    waiting = successions_ahead(transaction.rows, transaction.course)
    one = next((one for one in waiting if one.id == command.subject), None)
    if one is None:
        return ""
    held = successions.succession(transaction.rows, one.id, hold=True)
    if held is None or held.taken_back_at is not None:
        return ""
    successions.take_up(transaction.rows, one, transaction.course.id, transaction.at)
    if transaction.course.kind is CourseKind.EDITION:
        _take_up_in_the_edition(transaction, one)
    elif one.kind is SuccessionKind.SPONSOR:
        change_sponsor(transaction, one)
    elif one.kind is SuccessionKind.ORGANISATION:
        _change_organisation(transaction, one)
    elif one.old_id == transaction.course.subject_id:
        end_as_merged(transaction, one)
    else:
        absorb(transaction, one)
    return one.id


def _take_up_in_the_edition(transaction: CourseTransaction, one: Succession) -> None:
    """Ask for a successor while a post is vacant, and no longer once there is one (E05)."""
    transaction.note("succession.began", one.id, kind=one.kind.value, **_facts(one))
    if one.kind is not SuccessionKind.SPONSOR:
        return
    if one.new_id is None:
        open_obligation(transaction, ObligationKind.SPONSOR_NAMED, subject=one.old_id)
        transaction.wake(executive_course_id(one.edition_id, one.old_id))
    else:
        close_all(
            transaction,
            ObligationState.DONE,
            kind=ObligationKind.SPONSOR_NAMED,
            subject=one.old_id,
        )


def _change_organisation(transaction: CourseTransaction, one: Succession) -> None:
    """Write down that the service belongs to another organisation from now on (P02)."""
    facts = _facts(one)
    found = people.organisation(transaction.rows, one.new_id or "")
    if found is not None:
        facts["region"] = found.region
    transaction.note("organisation.changed", enrolment_of(transaction).service_id, **facts)
