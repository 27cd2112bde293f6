"""Who takes part in a session to come, inside a course transaction: brought in, taken out.

Each person hears of it once, and whoever stays hears nothing. A calendar that took a person's entry
out takes up another one only with a higher SEQUENCE, so whoever comes back comes back to a new
version of the session (M17).
"""

from collections.abc import Iterable, Sequence

from activities.diaries import corrections, diaries_of
from activities.scheduling import Move, join, put
from activities.transaction import CourseTransaction
from schemas.messages import MessageKind
from schemas.people import Role
from schemas.sessions import Participant, Session
from storage import ledger, sessions

INVITED_AGAIN = "session.invited_again"


def hand_over(
    transaction: CourseTransaction,
    session: Session,
    goes: Iterable[str],
    comes: Iterable[tuple[str, Role]],
) -> Session:
    """Let some people take the place of others in a session; who is among both stays.

    Returns:
        The session: a new version of it where somebody's calendar needs one.

    """
    known = {one.person_id: one for one in sessions.participants(transaction.rows, [session.id])}
    wanted = dict(comes)
    for person_id in dict.fromkeys(goes):
        if person_id not in wanted:
            take_out(transaction, session, person_id)
    for person_id, role in wanted.items():
        if person_id in known and known[person_id].role is not role:
            other = known[person_id].model_copy(update={"role": role})
            sessions.save_participant(transaction.rows, other)
    new = [
        Participant(session_id=session.id, person_id=person_id, role=role)
        for person_id, role in wanted.items()
        if person_id not in known
    ]
    return _bring_in(transaction, session, new) if new else session


def take_out(transaction: CourseTransaction, session: Session, person_id: str) -> None:
    """Take somebody out of a session; an entry in their diary gets one cancellation.

    Its SEQUENCE is above all that they were ever sent of it; nobody else's changes.
    """
    part = sessions.participant(transaction.rows, session.id, person_id)
    if part is None:
        return
    shown = diaries_of(transaction, session).get(person_id)
    sessions.remove_participant(transaction.rows, part)
    ledger.take_out(transaction.rows, session.id, person_id, transaction.at)
    transaction.note("participant.left", session.id, role=part.role.value)
    if shown is not None:
        above = ledger.highest_sequence(transaction.rows, session.id, person_id) + 1
        transaction.plan(
            [
                transaction.messages.calendar_message(
                    MessageKind.CANCELLATION,
                    session.model_copy(update={"sequence": max(above, session.sequence)}),
                    person_id,
                    was=shown,
                )
            ]
        )


def _bring_in(
    transaction: CourseTransaction, session: Session, new: Sequence[Participant]
) -> Session:
    """Let people take part in a session, again or for the first time, and invite them.

    A new version of it is for all: whoever took it out of their diary takes it up again with that.
    """
    diaries = diaries_of(transaction, session)
    if any(one.person_id in diaries and diaries[one.person_id] is None for one in new):
        sessions.add_participants(transaction.rows, new)
        for one in new:
            transaction.note("participant.joined", session.id, role=one.role.value)
        again = Move(session.starts_at, reason=session.reason, event=INVITED_AGAIN)
        return put(transaction, session, again)
    for one in new:
        # What would have taken an entry out that is still there does not go.
        ledger.spare(transaction.rows, session.id, one.person_id, transaction.at)
        ledger.bring_back(transaction.rows, session.id, one.person_id)
        shown = {one.person_id: diaries[one.person_id]} if one.person_id in diaries else {}
        join(transaction, session, one.person_id, one.role, invites=not shown)
        transaction.plan(corrections(transaction, shown, session, [one.person_id]))
    return session
