"""Who coaches a service, inside a course transaction: assigned, changed, counted (C15, C16)."""

from collections import Counter
from datetime import date, datetime, time, timedelta

from activities.casting import hand_over
from activities.holders import enrolment_of
from activities.leading import stand_ins
from activities.notices import tell
from activities.scheduling import refuse_clash
from activities.transaction import CourseTransaction, Refusal
from schemas.courses import Enrolment, Stage
from schemas.edition import SessionKind
from schemas.ids import service_course_id
from schemas.letters import Topic
from schemas.people import Role
from schemas.sessions import Cadence, SessionState
from storage import courses, obligations, people, sessions

OVER = {Stage.COMPLETED, Stage.NOT_PLACED, Stage.INELIGIBLE, Stage.DECLINED, Stage.MERGED}


def known_coaches(transaction: CourseTransaction, role: Role) -> tuple[str, ...]:
    """Return who may coach in this edition, in the order of their ids."""
    held = people.holders(transaction.rows, role, ["*", transaction.course.edition_id])
    return tuple(sorted({one.person_id for one in held}))


def refuse_unknown_coach(transaction: CourseTransaction, role: Role, person_id: str) -> None:
    """Refuse somebody who is no coach of this edition.

    Raises:
        Refusal: Says so.

    """
    if person_id not in known_coaches(transaction, role):
        what = "an executive coach" if role is Role.EXECUTIVE_COACH else "a delivery coach"
        raise Refusal(f"{person_id} is not {what} of this edition.")


def beyond_usual(transaction: CourseTransaction, role: Role, load: int, what: str) -> str:
    """Return a warning where a coach has more than the edition's usual caseload (C16)."""
    most = {one.coach: one.most for one in transaction.edition.caseloads}
    if load <= most.get(role, load):
        return ""
    return f" That is more than the usual {most[role]} {what}: please check that it works."


def services_of(transaction: CourseTransaction, coach_id: str) -> tuple[Enrolment, ...]:
    """Return the enrolments that a delivery coach has now."""
    edition_id = transaction.course.edition_id
    over = {one.id for one in courses.courses_of(transaction.rows, edition_id) if one.stage in OVER}
    return tuple(
        one
        for one in courses.enrolments_of(transaction.rows, edition_id)
        if one.delivery_coach_id == coach_id
        and one.withdrawn_at is None
        and one.course_id not in over
    )


def least_loaded(transaction: CourseTransaction, sponsor_id: str) -> str:
    """Return the executive coach with the fewest sponsors, the first by id among equals (C16)."""
    load = sponsors_coached(transaction, but=sponsor_id)
    known = known_coaches(transaction, Role.EXECUTIVE_COACH)
    return min(known, key=lambda coach: (load[coach], coach), default="")


def sponsors_coached(transaction: CourseTransaction, *, but: str = "") -> Counter[str]:
    """Return how many sponsors each executive coach has."""
    sponsors = {
        one.sponsor_id: one.executive_coach_id
        for one in courses.enrolments_of(transaction.rows, transaction.course.edition_id)
        if one.executive_coach_id is not None and one.withdrawn_at is None
    }
    return Counter(coach for sponsor, coach in sponsors.items() if coach and sponsor != but)


def refuse_same_slot(
    transaction: CourseTransaction, coach_id: str, slot: tuple[int, time], kind: SessionKind
) -> None:
    """Hold the coach's row and refuse a weekly hour that another of their services has (C15).

    Raises:
        Refusal: Names that service.

    """
    people.lock_people(transaction.rows, [coach_id])
    weekday, clock_time = slot
    any_day = date(2000, 1, 3)
    length = timedelta(minutes=kind.minutes)
    wanted = datetime.combine(any_day, clock_time)
    for one in services_of(transaction, coach_id):
        mine = one.course_id == transaction.course.id
        if mine or one.slot_weekday != weekday or one.slot_time is None:
            continue
        theirs = datetime.combine(any_day, one.slot_time)
        if theirs < wanted + length and wanted < theirs + length:
            raise Refusal(f"{coach_id} is with {one.service_id} at that time. Choose another slot.")


def hand_sessions_over(
    transaction: CourseTransaction,
    before: str | None,
    coach_id: str,
    role: Role = Role.DELIVERY_COACH,
) -> None:
    """Put the new coach in the place of the one before, in all that is still to come.

    Raises:
        Refusal: The new coach is elsewhere at the time of one of them (C15).

    """
    people.lock_people(transaction.rows, [one for one in (before, coach_id) if one])
    for session in sessions.sessions_of(transaction.rows, transaction.course.id):
        kind = transaction.edition.session_kind(session.kind)
        begun = session.starts_at is not None and session.starts_at <= transaction.at
        if begun or role not in {kind.coach, *kind.attends}:
            continue
        if session.state is not SessionState.TO_COME:
            continue
        leads = kind.coach is role
        if leads and before is not None and stand_ins(transaction, session, before):
            continue  # Whoever covers it, for somebody who is away, still does.
        if kind.cadence is not Cadence.WEEKLY:  # those give way to what the new coach has
            refuse_clash(transaction, kind, session, [coach_id])
        goes = () if before is None else (before,)
        hand_over(transaction, session, goes, [(coach_id, role)])
    _hand_chases_over(transaction, before, coach_id, role)


def _hand_chases_over(
    transaction: CourseTransaction, before: str | None, coach_id: str, role: Role
) -> None:
    """Let what the coach before had to do be the new one's; records of a sponsor's sessions too."""
    of_a_coach = {Role.DELIVERY_COACH, role}
    for one in obligations.obligations_of(transaction.rows, transaction.course.id):
        policy = transaction.edition.policy(one.kind)
        theirs = policy.holder in of_a_coach and one.holder_id in {None, before}
        if one.state.is_open and theirs:
            handed = one.model_copy(update={"holder_id": coach_id})
            obligations.save_obligation(transaction.rows, handed)


def tell_of_new_coach(transaction: CourseTransaction, before: str, coach_id: str) -> None:
    """Tell the service's lead and both coaches who coaches it from now on."""
    lead_id = enrolment_of(transaction).lead_id
    step = f"{coach_id}@{transaction.course.version}"
    people_ids = (lead_id, coach_id, before)
    tell(transaction, Topic.COACH_CHANGED, *people_ids, step=step, coach_id=coach_id)


def wake_wards_of(transaction: CourseTransaction, *coach_ids: str | None) -> None:
    """Let the coaches' services put their weekly sessions round what has changed (E11)."""
    for one in courses.enrolments_of(transaction.rows, transaction.course.edition_id):
        if one.delivery_coach_id is not None and one.delivery_coach_id in coach_ids:
            transaction.wake(service_course_id(one.edition_id, one.service_id))
