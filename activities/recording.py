"""How a session went, inside a course transaction, and what follows from it (X02, X03, X06)."""

from datetime import date

from activities.chasing import close_all, open_obligation, reopen
from activities.contradicting import (
    OUTCOMES,
    contradicts,
    is_missed_by_the_service,
    keep_apart,
    settle,
)
from activities.holders import holders_of
from activities.notices import take_back, tell
from activities.scheduling import day_fact
from activities.transaction import CourseTransaction, Refusal
from planning.missed import PastSession, catch_up_days, free_days, missed_pattern
from schemas.commands import RecordSession
from schemas.courses import CourseKind, Stage
from schemas.edition import SessionKind
from schemas.letters import Topic
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Role
from schemas.sessions import Cadence, Participant, Session, SessionReason, SessionState
from storage import people, sessions

OFFERS = (ObligationKind.CATCH_UP, ObligationKind.EXECUTIVE_SLOT)
BEFORE_THE_EVENT = (ObligationKind.EVENT_PREPARED, ObligationKind.EVENT_PARTNER)
AFTER_THE_EVENT = (ObligationKind.EVENT_REPORT_OUT, ObligationKind.EVENT_FOLLOW_UP)
TOLD_OF_MISSED = (Topic.MISSED_TWICE, Topic.EXECUTIVE_MISSED_TWICE, Topic.THREE_MISSED)
NOT_HELD = "session_missed"
COUNTED = {Role.EXECUTIVE_SPONSOR, Role.SENIOR_OPERATIONAL_LEADER, Role.PARTNER}
"""Whose coming a report counts."""


def record(transaction: CourseTransaction, session: Session, command: RecordSession) -> str:
    """Record how a session went, or correct what was recorded; saying it twice changes nothing.

    What contradicts another person's record is kept beside it until it is settled (E37).
    """
    _refuse_no_record(session, command)
    kind = transaction.edition.session_kind(session.kind)
    came = _attendance(transaction, session, command)
    outcome = _outcome(transaction, kind, came, command)
    recorded = _recorded(transaction, session, outcome, command)
    if contradicts(transaction, session, recorded):
        return keep_apart(transaction, session, recorded)
    settled = settle(transaction, recorded)
    if session.state in OUTCOMES and _says_the_same(transaction, session, recorded, came):
        if settled:  # Whoever agrees settles; the record stays whose it was.
            _note(transaction, session, session, settled=True)
        already = "" if settled else " already"
        return f"Session {session.id} is recorded as {outcome.value}{already}."
    for one in came:
        _save(transaction, one)
    sessions.save_session(transaction.rows, recorded)
    _note(transaction, session, recorded, settled=settled)
    close_all(
        transaction,
        ObligationState.DONE,
        kind=ObligationKind.SESSION_RECORD,
        subject=session.id,
    )
    _settle_event(transaction, recorded)
    if is_missed_by_the_service(session) and not is_missed_by_the_service(recorded):
        _take_back_missed(transaction, recorded)
    leaves = transaction.course.stage is Stage.WITHDRAWN
    newly_missed = is_missed_by_the_service(recorded) and not is_missed_by_the_service(session)
    if newly_missed and not leaves:
        _after_missed(transaction, recorded, kind)
    if outcome is not command.outcome:
        who = " nor ".join(role.value.replace("_", " ") for role in kind.held_with)
        return f"Session {session.id} is recorded as missed: neither {who} came."
    return f"Session {session.id} is recorded as {outcome.value}.{_needless(transaction, recorded)}"


def _note(
    transaction: CourseTransaction, before: Session, recorded: Session, *, settled: bool
) -> None:
    """Write down all that a report needs, so that it can be told as it was known then (E38)."""
    event = "session.recorded" if before.recorded_at is None else "session.corrected"
    facts: dict[str, str | int] = {
        "outcome": recorded.state.value,
        "before": before.state.value,
        **day_fact(transaction, recorded.starts_at),
    }
    if recorded.reason is not None:
        facts["why"] = recorded.reason.value
    if recorded.held_minutes is not None:
        facts["minutes"] = recorded.held_minutes
    said = [
        one
        for one in sessions.participants(transaction.rows, [recorded.id])
        if one.attended is not None and one.role in COUNTED
    ]
    for role in sorted({one.role for one in said}):
        theirs = [one for one in said if one.role is role]
        facts[f"{role.value}_came"] = sum(bool(one.attended) for one in theirs)
        facts[f"{role.value}_of"] = len(theirs)
    transaction.note("session.settled" if settled else event, recorded.id, **facts)


def _needless(transaction: CourseTransaction, session: Session) -> str:
    """Return a sentence about a catch-up that is booked for a session which was held after all."""
    for one in sessions.sessions_of(transaction.rows, transaction.course.id, session.kind):
        waits = one.catch_up_for == session.id and one.state is SessionState.TO_COME
        if waits and session.state is SessionState.HELD:
            return f" Session {one.id} is booked to make up for it: cancel it if nobody needs it."
    return ""


def refuse_plannings_reason(why: SessionReason | None) -> None:
    """Refuse a reason that says what planning has done: by it, planning knows what to undo.

    Raises:
        Refusal: Says so.

    """
    if why is not None and not why.is_a_persons:
        code = why.value
        raise Refusal(f"{code} is what the programme itself says: give another reason.")


def _refuse_no_record(session: Session, command: RecordSession) -> None:
    refuse_plannings_reason(command.why)
    if command.outcome not in OUTCOMES:
        raise Refusal("A session is recorded as held or missed; to call it off, cancel it.")
    if session.state is SessionState.CANCELLED:
        raise Refusal(f"Session {session.id} was cancelled. Undo that first.")
    now = min(command.at, command.recorded_at)
    # One that was held before the service was brought in mid-course has no instant (R17).
    nowhere = session.starts_at is None and session.state is SessionState.TO_COME
    if nowhere or (session.starts_at is not None and now < session.starts_at):
        raise Refusal(f"Session {session.id} has not begun, so nothing can be recorded yet.")


def _attendance(
    transaction: CourseTransaction, session: Session, command: RecordSession
) -> tuple[Participant, ...]:
    """Return everybody's part in the session with whether they came; nobody where it is not said.

    Somebody who was not expected is added where they hold a role that the session is held with.
    """
    if command.attended is None:
        return ()
    came = set(command.attended)
    unknown = sorted(came - set(people.people(transaction.rows, came)))
    if unknown:
        raise Refusal(f"There is no person {', '.join(unknown)}.")
    known = sessions.participants(transaction.rows, [session.id])
    noted = [one.model_copy(update={"attended": one.person_id in came}) for one in known]
    expected = {one.person_id for one in known}
    for role in transaction.edition.session_kind(session.kind).held_with:
        for person_id in holders_of(transaction, role):
            if person_id in came - expected:
                expected.add(person_id)
                noted.append(
                    Participant(
                        session_id=session.id,
                        person_id=person_id,
                        role=role,
                        invited=False,
                        attended=True,
                    )
                )
    return tuple(noted)


def _outcome(
    transaction: CourseTransaction,
    kind: SessionKind,
    came: tuple[Participant, ...],
    command: RecordSession,
) -> SessionState:
    """Return the outcome; without any of those it is held with, a session is missed (C18)."""
    if command.attended is None or not kind.held_with:
        return command.outcome
    matter = {person for role in kind.held_with for person in holders_of(transaction, role)}
    there = any(
        one.attended and (one.role in kind.held_with or one.person_id in matter) for one in came
    )
    return command.outcome if there else SessionState.MISSED


def _recorded(
    transaction: CourseTransaction,
    session: Session,
    outcome: SessionState,
    command: RecordSession,
) -> Session:
    """Return the session as recorded; what is not said again stays as it was said before."""
    missed = outcome is SessionState.MISSED
    before = session.reason if session.state is SessionState.MISSED else None
    length = command.minutes or session.held_minutes or session.minutes
    return session.model_copy(
        update={
            "state": outcome,
            "reason": (command.why or before) if missed else None,
            "recorded_at": transaction.at,
            "recorded_by": command.actor,
            "held_minutes": None if missed else length,
            "record_due_at": None,
        }
    )


def _says_the_same(
    transaction: CourseTransaction,
    session: Session,
    recorded: Session,
    came: tuple[Participant, ...],
) -> bool:
    known = set(sessions.participants(transaction.rows, [session.id]))
    facts = ("state", "reason", "held_minutes")
    same = all(getattr(session, fact) == getattr(recorded, fact) for fact in facts)
    return same and known >= set(came)


def _save(transaction: CourseTransaction, one: Participant) -> None:
    if sessions.participant(transaction.rows, one.session_id, one.person_id) is None:
        sessions.add_participants(transaction.rows, [one])
    else:
        sessions.save_participant(transaction.rows, one)


def _settle_event(transaction: CourseTransaction, session: Session) -> None:
    """Close the stages of an event that have lost their sense, and open again what has it."""
    held = session.state is SessionState.HELD
    if held:
        reopen(transaction, session.id, NOT_HELD, *AFTER_THE_EVENT)
    lost = BEFORE_THE_EVENT if held else (*BEFORE_THE_EVENT, *AFTER_THE_EVENT)
    for stage in lost:
        close_all(
            transaction,
            ObligationState.CANCELLED,
            kind=stage,
            subject=session.id,
            reason="session_held" if held else NOT_HELD,
        )


def _take_back_missed(transaction: CourseTransaction, session: Session) -> None:
    """Undo what followed from a record that is corrected: offers, and what nobody was told yet."""
    for offer in OFFERS:
        close_all(
            transaction,
            ObligationState.CANCELLED,
            kind=offer,
            subject=session.id,
            reason="record_corrected",
        )
    take_back(transaction, session.id, *TOLD_OF_MISSED)


def _after_missed(transaction: CourseTransaction, session: Session, kind: SessionKind) -> None:
    """Offer a catch-up, and tell those whom the edition wants told; nobody is blamed (X02, X03)."""
    executive = transaction.course.kind is CourseKind.EXECUTIVE_COACHING
    past = [
        PastSession(transaction.calendar.day_of(one.starts_at), one.state, one.reason)
        for one in sessions.sessions_of(transaction.rows, transaction.course.id, kind.id)
        if one.starts_at is not None and one.state is not SessionState.TO_COME
    ]
    pattern = missed_pattern(past, kind, transaction.edition.missed)
    if _catch_up_proposals(transaction, session, kind):
        monthly = kind.cadence is Cadence.MONTHLY
        offer = ObligationKind.EXECUTIVE_SLOT if monthly else ObligationKind.CATCH_UP
        coach = next(iter(holders_of(transaction, kind.coach)), None)
        open_obligation(transaction, offer, subject=session.id, holder_id=coach)
    coordinators = holders_of(transaction, Role.COORDINATOR)
    if pattern.tell_coach_and_coordinator:
        topic = Topic.EXECUTIVE_MISSED_TWICE if executive else Topic.MISSED_TWICE
        told = (*holders_of(transaction, kind.coach), *coordinators)
        tell(transaction, topic, *told, subject=session.id)
    if pattern.coordinator_decides and not executive:
        tell(transaction, Topic.THREE_MISSED, *coordinators, subject=session.id)


def _catch_up_proposals(
    transaction: CourseTransaction, session: Session, kind: SessionKind
) -> tuple[date, ...]:
    if session.starts_at is None:
        return ()
    calendar = transaction.calendar
    days = catch_up_days(
        calendar.day_of(session.starts_at),
        calendar.day_of(transaction.at),
        kind,
        transaction.edition.missed,
        calendar,
    )
    taken = {
        calendar.day_of(one.starts_at)
        for one in sessions.sessions_of(transaction.rows, transaction.course.id)
        if one.starts_at is not None and one.state is SessionState.TO_COME
    }
    return free_days(days, taken, transaction.pauses(), calendar)
