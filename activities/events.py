"""Full-day events of a service, inside a course transaction: put on a day (C04, C05, X12)."""

from datetime import date

from activities.chasing import close_all
from activities.coaches import wake_wards_of
from activities.holders import enrolment_of
from activities.scheduling import Move, add, bound_by, new_session, put, refuse_clash
from activities.sessions import tell_sponsor_of_move
from activities.transaction import CourseTransaction, Refusal
from activities.weekly import replan_weekly
from planning.placing import Search, proposals
from planning.slots import day_of_week, is_paused
from schemas.commands import DateEvent
from schemas.courses import Stage
from schemas.edition import SessionKind
from schemas.obligations import ObligationKind, ObligationState
from schemas.sessions import Cadence, Session, SessionState
from storage import courses, sessions


def date_event(transaction: CourseTransaction, command: DateEvent) -> str:
    """Put an event on a day; what stands in the way is refused with a sentence (X12, C05)."""
    kind = _event_kind(transaction, command)
    _refuse_bad_day(transaction, kind, command)
    starts_at = transaction.calendar.instant(command.day, kind.starts)
    session = _to_be_dated(transaction, kind)
    said = f"{kind.title} of {transaction.course.subject_id} is on {command.day}"
    if session is not None and session.starts_at == starts_at:
        return f"The {said} already."
    if session is not None:
        dated = put(
            transaction,
            session,
            Move(starts_at, by_a_person=session.starts_at is not None),
        )
        tell_sponsor_of_move(transaction, session, dated, kind)
    else:
        number = len(sessions.sessions_of(transaction.rows, transaction.course.id, kind.id)) + 1
        dated = new_session(transaction, kind, number, starts_at, command.day)
        add(transaction, kind, [dated])
        transaction.note("session.planned", dated.id, day=command.day.isoformat())
    refuse_clash(transaction, kind, dated, bound_by(transaction, kind))
    enrolment = enrolment_of(transaction)
    courses.save_enrolment(
        transaction.rows, enrolment.model_copy(update={"event_day": command.day})
    )
    settled = (dated.id, transaction.course.id) if _all_dated(transaction) else (dated.id,)
    for about in settled:
        close_all(transaction, ObligationState.DONE, kind=ObligationKind.EVENT_DATED, subject=about)
    if transaction.course.stage is Stage.COACHING:
        replan_weekly(transaction)
    wake_wards_of(transaction, enrolment.delivery_coach_id)
    return f"The {said}.{_late(transaction, kind, command)}"


def _event_kind(transaction: CourseTransaction, command: DateEvent) -> SessionKind:
    events = [one for one in transaction.edition.sessions if one.cadence is Cadence.FULL_DAY]
    for kind in events:
        if kind.id == command.kind:
            return kind
    known = ", ".join(one.id for one in events) or "none"
    raise Refusal(
        f"{command.kind} is no full-day event of edition {transaction.edition.id}: it has {known}."
    )


def _all_dated(transaction: CourseTransaction) -> bool:
    """Tell whether the service has as many events as the edition plans, each with a day."""
    for kind in transaction.edition.sessions:
        if kind.cadence is Cadence.FULL_DAY:
            known = _standing(transaction, kind)
            if len(known) < kind.planned or any(one.starts_at is None for one in known):
                return False
    return True


def _standing(transaction: CourseTransaction, kind: SessionKind) -> list[Session]:
    known = sessions.sessions_of(transaction.rows, transaction.course.id, kind.id)
    return [one for one in known if one.state is not SessionState.CANCELLED]


def _to_be_dated(transaction: CourseTransaction, kind: SessionKind) -> Session | None:
    """Return the event that gets the day: one without a day, else the last one once all are dated.

    None while the edition plans more events than there are (C04).
    """
    standing = _standing(transaction, kind)
    to_come = [one for one in standing if one.state is SessionState.TO_COME]
    undated = [one for one in to_come if one.starts_at is None]
    if undated or len(standing) < kind.planned:
        return undated[0] if undated else None
    ahead = [one for one in to_come if one.starts_at and one.starts_at > transaction.at]
    return ahead[-1] if ahead else None


def _refuse_bad_day(transaction: CourseTransaction, kind: SessionKind, command: DateEvent) -> None:
    """Refuse a day on which there is no event, and one too near for people's rosters (X12)."""
    refuse_day_off(transaction, command.day)
    search = Search(
        calendar=transaction.calendar,
        not_before=transaction.calendar.day_of(transaction.at),
        pauses=transaction.pauses(),
    )
    found = proposals(kind, transaction.edition.window, search)
    earliest = found[0].day if found else None
    if earliest is not None and command.day < earliest and not command.reason:
        raise Refusal(
            f"{command.day} is too soon for people's rosters: {earliest} is the first day that "
            f"keeps the lead of {kind.lead}. Give a reason to date it all the same."
        )


def refuse_day_off(transaction: CourseTransaction, day: date) -> None:
    """Refuse a day outside the window, on which nobody works, or in a pause (C09).

    Raises:
        Refusal: Says which.

    """
    window = transaction.edition.window
    if not window.opens <= day <= window.closes:
        raise Refusal(f"{day} is outside the coaching window {window.opens} to {window.closes}.")
    if not transaction.calendar.is_working_day(day):
        raise Refusal(f"{day} is not a working day.")
    if is_paused(day, transaction.pauses(), transaction.calendar):
        raise Refusal(f"The programme or the service is paused on {day}.")


def _late(transaction: CourseTransaction, kind: SessionKind, command: DateEvent) -> str:
    """Return a warning where the event comes after the day by which the edition wants it (C05)."""
    if kind.due_by_week is None:
        return ""
    due = day_of_week(transaction.edition.window.opens, kind.due_by_week)
    return f" The edition wants it by {due}." if command.day > due else ""
