"""Sessions inside a course transaction: made, put on an instant, taken off it, cancelled.

Each of these writes the session, who takes part, and the ledger rows that follow from it, so that
the calendar in people's diaries and the programme's never disagree for longer than a mail takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from activities.diaries import corrections, diaries_of
from activities.holders import enrolment_of, holders_of, opted_in
from activities.leading import leaders_of
from activities.transaction import CourseTransaction, Refusal
from planning.working_time import after
from schemas.courses import CourseKind
from schemas.edition import SessionKind
from schemas.ids import session_id
from schemas.messages import Message, MessageKind, MessageReason
from schemas.obligations import ObligationKind
from schemas.people import Role
from schemas.sessions import Cadence, Participant, Session, SessionReason, SessionState
from storage import courses, ledger, people, sessions

CANCELLED = "session_cancelled"
"""Why what hung on a session was closed, so that it can be opened again with it."""


def cast_of(transaction: CourseTransaction, kind: SessionKind) -> tuple[tuple[str, Role], ...]:
    """Return who takes part in a kind of session of this course, each person once."""
    found: dict[str, Role] = {}
    for role in (kind.coach, *kind.attends):
        for person_id in holders_of(transaction, role):
            found.setdefault(person_id, role)
    if kind.cadence is Cadence.WEEKLY and transaction.course.kind is CourseKind.SERVICE:
        for person_id in opted_in(transaction, enrolment_of(transaction).service_id):
            found.setdefault(person_id, Role.TEAM_MEMBER)
    return tuple(found.items())


def new_session(
    transaction: CourseTransaction,
    kind: SessionKind,
    number: int,
    starts_at: datetime | None,
    planned_day: date,
) -> Session:
    """Return a session to come; ``add`` writes it."""
    return on(
        transaction,
        Session(
            id=session_id(
                transaction.course.edition_id, transaction.course.subject_id, kind.id, number
            ),
            course_id=transaction.course.id,
            edition_id=transaction.course.edition_id,
            kind=kind.id,
            number=number,
            planned_day=planned_day,
            minutes=kind.minutes,
            place=kind.place,
        ),
        starts_at,
    )


def on(transaction: CourseTransaction, session: Session, starts_at: datetime | None) -> Session:
    """Return the session on an instant, with its end and the moment its record is asked for."""
    if starts_at is None:
        nowhere = {"starts_at": None, "ends_at": None, "record_due_at": None}
        return session.model_copy(update=nowhere)
    ends_at = starts_at + timedelta(minutes=session.minutes)
    first = transaction.edition.policy(ObligationKind.SESSION_RECORD).steps[0]
    record_due_at = after(
        ends_at,
        first.after,
        transaction.calendar,
        transaction.edition.mail,
        transaction.pauses(),
    )
    when = {"starts_at": starts_at, "ends_at": ends_at, "record_due_at": record_due_at}
    return session.model_copy(update=when)


def add(
    transaction: CourseTransaction, kind: SessionKind, new: Sequence[Session]
) -> tuple[Participant, ...]:
    """Write new sessions of a kind, who takes part in them, their reminders and invitations."""
    sessions.add_sessions(transaction.rows, new)
    cast = cast_of(transaction, kind)
    part = tuple(
        Participant(session_id=one.id, person_id=person_id, role=role)
        for one in new
        if one.state is SessionState.TO_COME
        for person_id, role in cast
    )
    sessions.add_participants(transaction.rows, part)
    planned: list[Message] = []
    for one in new:
        if one.state is SessionState.TO_COME:
            theirs = [who for who in part if who.session_id == one.id]
            planned += transaction.messages.reminders(one, kind, theirs)
            planned += transaction.messages.invitations(one, kind, theirs)
    transaction.plan(planned)
    return part


def join(
    transaction: CourseTransaction,
    session: Session,
    person_id: str,
    role: Role,
    *,
    invites: bool = True,
) -> bool:
    """Add a person to a session to come; return false where they take part already."""
    if sessions.participant(transaction.rows, session.id, person_id) is not None:
        return False
    one = Participant(session_id=session.id, person_id=person_id, role=role)
    sessions.add_participants(transaction.rows, [one])
    kind = transaction.edition.session_kind(session.kind)
    if invites:
        transaction.plan(transaction.messages.invitations(session, kind, [one]))
    transaction.plan(transaction.messages.reminders(session, kind, [one]))
    transaction.note("participant.joined", session.id, role=role.value)
    return True


@dataclass(frozen=True)
class Move:
    """Where a session goes.

    Attributes:
        starts_at: None while it waits for a spare week.
        by_a_person: Whether somebody asked; what planning moves counts as no move (X11).
        reason: Why, for those who are told.
        place: None: where it was.
        event: What the journal calls it, where it is neither another time nor another place.

    """

    starts_at: datetime | None
    by_a_person: bool = False
    reason: SessionReason | None = None
    place: str | None = None
    event: str = "session.relocated"


def put(transaction: CourseTransaction, session: Session, move: Move) -> Session:
    """Put a session on another instant, or on none while it waits for a spare week (C17, M05).

    Where only its place changes, who confirmed has confirmed, and it counts as no move (C19).

    The occurrence's version rises; what waits for the old one is superseded, and whoever may have
    the old one in their diary is told of the new one.
    """
    kind = transaction.edition.session_kind(session.kind)
    starts_at, elsewhen = move.starts_at, move.starts_at != session.starts_at
    moved = on(transaction, session, starts_at).model_copy(
        update={
            "sequence": _next_version(transaction, session),
            "moves": session.moves + int(move.by_a_person and elsewhen),
            "reason": move.reason,
            "place": move.place or session.place,
        }
    )
    everybody = sessions.participants(transaction.rows, [session.id])
    no_answer = {"confirmed_at": None} if elsewhen else {}
    asked_again = [one.model_copy(update=no_answer) for one in everybody]
    for before, now in zip(everybody, asked_again, strict=True):
        if before != now:
            sessions.save_participant(transaction.rows, now)
    diaries = diaries_of(transaction, session)
    ledger.supersede(transaction.rows, session.id, MessageReason.SESSION_MOVED, transaction.at)
    sessions.save_session(transaction.rows, moved)
    cast = [one.person_id for one in everybody]
    transaction.plan(corrections(transaction, diaries, moved, cast))
    if starts_at is not None:
        others = [one for one in asked_again if diaries.get(one.person_id) is None]
        transaction.plan(transaction.messages.invitations(moved, kind, others))
        transaction.plan(transaction.messages.reminders(moved, kind, asked_again))
    _wake_wards(transaction, session)
    event = "session.moved" if starts_at is not None else "session.displaced"
    changed = event if elsewhen else move.event
    facts: dict[str, str | int] = {"moves": moved.moves, **day_fact(transaction, starts_at)}
    transaction.note(changed, session.id, sequence=moved.sequence, **facts)
    return moved


def day_fact(transaction: CourseTransaction, starts_at: datetime | None) -> dict[str, str]:
    """Return the day of a session as a fact of the journal; nothing where it has none."""
    return {} if starts_at is None else {"day": transaction.calendar.day_of(starts_at).isoformat()}


def cancel(
    transaction: CourseTransaction,
    session: Session,
    reason: SessionReason,
) -> Session:
    """Cancel a session; whoever may have it in their diary gets one cancellation (M05, M17)."""
    diaries = diaries_of(transaction, session)
    cancelled = session.model_copy(
        update={
            "state": SessionState.CANCELLED,
            "reason": reason,
            "sequence": _next_version(transaction, session),
            "record_due_at": None,
        }
    )
    ledger.supersede(transaction.rows, session.id, MessageReason.SESSION_CANCELLED, transaction.at)
    sessions.save_session(transaction.rows, cancelled)
    transaction.plan(corrections(transaction, diaries, cancelled, ()))
    _wake_wards(transaction, session)
    transaction.note("session.cancelled", session.id, because=reason.value)
    return cancelled


def add_back(transaction: CourseTransaction, session: Session) -> Session:
    """Put a cancelled session back where it was; whoever was told of the end is told again.

    It is a new version of the occurrence: a calendar that took the cancellation takes it up again.
    Whoever the cancellation never reached hears nothing: their diary is right.
    """
    kind = transaction.edition.session_kind(session.kind)
    diaries = diaries_of(transaction, session)
    again = on(
        transaction,
        session.model_copy(
            update={
                "state": SessionState.TO_COME,
                "reason": None,
                "sequence": _next_version(transaction, session),
            }
        ),
        session.starts_at,
    )
    ledger.supersede(transaction.rows, session.id, MessageReason.SESSION_MOVED, transaction.at)
    sessions.save_session(transaction.rows, again)
    everybody = sessions.participants(transaction.rows, [session.id])
    cast = [one.person_id for one in everybody]
    transaction.plan(corrections(transaction, diaries, again, cast))
    transaction.plan(
        transaction.messages.calendar_message(MessageKind.INVITATION, again, one.person_id)
        for one in everybody
        if diaries.get(one.person_id, again) is None
    )
    never_told = [one for one in everybody if one.person_id not in diaries]
    transaction.plan(transaction.messages.invitations(again, kind, never_told))
    transaction.plan(transaction.messages.reminders(again, kind, everybody))
    _wake_wards(transaction, session)
    day = day_fact(transaction, again.starts_at)
    transaction.note("session.restored", session.id, sequence=again.sequence, **day)
    return again


def _next_version(transaction: CourseTransaction, session: Session) -> int:
    """Return a version above all that anybody was sent of a session (M17).

    Whoever was taken out of it may have been sent a higher one than the others.
    """
    return max(session.sequence, ledger.highest_sequence(transaction.rows, session.id)) + 1


def _wake_wards(transaction: CourseTransaction, session: Session) -> None:
    """Let the wards of a coach look again whose day an event takes, or gives back (C15, E11).

    Of an event that is covered also those of whoever covers it.
    """
    kind = transaction.edition.session_kind(session.kind)
    if not kind.blocks_day:
        return
    coaches = {*holders_of(transaction, kind.coach), *leaders_of(transaction, session)}
    for one in courses.enrolments_of(transaction.rows, transaction.course.edition_id):
        if one.delivery_coach_id in coaches:
            transaction.wake(one.course_id)


def cancel_what_is_ahead(transaction: CourseTransaction, reason: SessionReason) -> None:
    """Cancel what has not begun; what has, and was never recorded, stays as nobody said it was."""
    for one in sessions.sessions_of(transaction.rows, transaction.course.id):
        if one.state is SessionState.TO_COME:
            if one.starts_at is None or one.starts_at > transaction.at:
                cancel(transaction, one, reason)
            else:
                transaction.note("session.left_open", one.id)


def bound_by(
    transaction: CourseTransaction, kind: SessionKind, session: Session | None = None
) -> tuple[str, ...]:
    """Return who cannot be in two places: the coach, and the lead and sponsor if they attend.

    The coach of a session that is covered is whoever covers it.
    """
    roles = sorted({Role.SERVICE_LEAD, Role.EXECUTIVE_SPONSOR} & {*kind.attends} - {kind.coach})
    if session is None:
        coaches = holders_of(transaction, kind.coach)
    else:
        coaches = leaders_of(transaction, session)
    return (*coaches, *(person for role in roles for person in holders_of(transaction, role)))


def refuse_clash(
    transaction: CourseTransaction,
    kind: SessionKind,
    session: Session,
    people_ids: Sequence[str],
) -> None:
    """Hold the people's rows and refuse an instant at which one of them is elsewhere (C15).

    A full-day event needs the whole day of its coach; weekly sessions give way to it.

    Raises:
        Refusal: Names the session that stands in the way.

    """
    if session.starts_at is None or session.ends_at is None:
        return
    people.lock_people(transaction.rows, people_ids)
    day = transaction.calendar.day_of(session.starts_at)
    midnight = transaction.calendar.instant(day, datetime.min.time())
    next_midnight = transaction.calendar.instant(day + timedelta(days=1), datetime.min.time())
    coaches: set[str] = set()
    if kind.blocks_day:
        coaches = {*holders_of(transaction, kind.coach), *leaders_of(transaction, session)}
    for person_id, other in sessions.booked(transaction.rows, people_ids, midnight, next_midnight):
        if other.id == session.id or other.starts_at is None or other.ends_at is None:
            continue
        other_kind = transaction.edition.session_kind(other.kind)
        whole_day = other_kind.blocks_day or person_id in coaches
        overlaps = other.starts_at < session.ends_at and session.starts_at < other.ends_at
        weekly_gives_way = kind.blocks_day and other_kind.cadence is Cadence.WEEKLY
        if weekly_gives_way or not (overlaps or whole_day):
            continue
        raise Refusal(
            f"{person_id} has session {other.id} at that time. "
            "Choose another time, or move that session first."
        )
