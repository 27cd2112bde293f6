"""Another coach leads a session, and its own coach leads it again (E01, X05)."""

from activities.coaches import refuse_unknown_coach, wake_wards_of
from activities.holders import holders_of
from activities.leading import leaders_of, stand_ins
from activities.scheduling import Move, put, refuse_clash
from activities.transaction import CourseTransaction, Refusal
from schemas.sessions import Participant, Session
from storage import people, sessions


def cover(transaction: CourseTransaction, session: Session, coach_id: str) -> bool:
    """Let another coach lead one session; return false where they do already.

    Its time and everybody else's calendar stay as they are; it is a new version of it.

    Raises:
        Refusal: They do not coach in this edition, are away on that day, or are elsewhere (C15).

    """
    kind = transaction.edition.session_kind(session.kind)
    if coach_id in leaders_of(transaction, session):
        return False
    refuse_unknown_coach(transaction, kind.coach, coach_id)
    if session.starts_at is not None:
        day = transaction.calendar.day_of(session.starts_at)
        if people.absent(transaction.rows, [coach_id], day):
            raise Refusal(f"{coach_id} is away on {day}: let somebody else cover {session.id}.")
    _lead_instead(transaction, session, (coach_id,), "session.covered")
    return True


def give_back(transaction: CourseTransaction, session: Session) -> bool:
    """Let its own coach lead a session again that was covered; return false where nobody covers it.

    Raises:
        Refusal: Its coach is elsewhere at that time by now (C15).

    """
    kind = transaction.edition.session_kind(session.kind)
    regular = holders_of(transaction, kind.coach)
    if not regular or not stand_ins(transaction, session, *regular):
        return False
    _lead_instead(transaction, session, regular, "session.given_back")
    return True


def end_cover(transaction: CourseTransaction, session: Session) -> None:
    """Let its own coach lead a session that planning has put on a day on which they are there."""
    kind = transaction.edition.session_kind(session.kind)
    if session.starts_at is None:
        return
    day = transaction.calendar.day_of(session.starts_at)
    regular = holders_of(transaction, kind.coach)
    if not people.absent(transaction.rows, regular, day):
        give_back(transaction, session)


def _lead_instead(
    transaction: CourseTransaction, session: Session, coaches: tuple[str, ...], event: str
) -> None:
    """Let others lead a session: a new version of it at its time (M17).

    Nobody's diary changes but theirs: whoever leads it no longer gets one cancellation for an entry
    that they may have, whoever leads it now is invited.
    """
    kind = transaction.edition.session_kind(session.kind)
    before = leaders_of(transaction, session)
    people.lock_people(transaction.rows, [*before, *coaches])
    for part in sessions.participants(transaction.rows, [session.id]):
        if part.person_id in before:
            sessions.remove_participant(transaction.rows, part)
    known = {one.person_id for one in sessions.participants(transaction.rows, [session.id])}
    new = [
        Participant(session_id=session.id, person_id=one, role=kind.coach)
        for one in coaches
        if one not in known
    ]
    sessions.add_participants(transaction.rows, new)
    led = put(transaction, session, Move(session.starts_at, reason=session.reason, event=event))
    refuse_clash(transaction, kind, led, coaches)
    if kind.blocks_day:
        wake_wards_of(transaction, *before, *coaches)
