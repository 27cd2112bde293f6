"""Who comes to sessions to come under another version of a running edition (M06, E31)."""

from activities.casting import hand_over
from activities.scheduling import cast_of, refuse_clash
from activities.transaction import CourseTransaction, Refusal
from planning.followed import recast
from schemas.edition import Edition, SessionKind
from schemas.people import Role
from schemas.sessions import Session, SessionState
from storage import sessions

IN_ONE_PLACE = {
    Role.SERVICE_LEAD,
    Role.EXECUTIVE_SPONSOR,
    Role.DELIVERY_COACH,
    Role.EXECUTIVE_COACH,
}
"""Who cannot be in two places (C15)."""


def let_people_follow(transaction: CourseTransaction, old: Edition) -> int:
    """Let whoever comes by the new version only join, and whoever comes no longer leave.

    Invitations go to who is new, one cancellation to who is gone, nothing to who stays. No session
    changes its day for it: somebody new who is elsewhere at that time is left out of it, and the
    journal says so.

    Returns:
        How many people's parts in how many sessions changed.

    """
    changed = 0
    for session in sessions.sessions_of(transaction.rows, transaction.course.id):
        begun = session.starts_at is not None and session.starts_at <= transaction.at
        was = old.session_kind(session.kind)
        now = transaction.edition.session_kind(session.kind)
        if session.state is not SessionState.TO_COME or begun:
            continue
        if set(was.attends) != set(now.attends):
            changed += _recast(transaction, session, was, now)
    return changed


def _recast(
    transaction: CourseTransaction, session: Session, was: SessionKind, now: SessionKind
) -> int:
    part = sessions.participants(transaction.rows, [session.id])
    said = recast(was, now, part, dict(cast_of(transaction, now)))
    there = {one.person_id for one in part}
    comes = [
        (person_id, role)
        for person_id, role in said.comes
        if person_id in there or _is_free(transaction, session, now, person_id, role)
    ]
    hand_over(transaction, session, said.goes, comes)
    return len(said.goes) + len(comes)


def _is_free(
    transaction: CourseTransaction,
    session: Session,
    kind: SessionKind,
    person_id: str,
    role: Role,
) -> bool:
    if role not in IN_ONE_PLACE:
        return True
    try:
        refuse_clash(transaction, kind, session, [person_id])
    except Refusal:
        transaction.note("participant.left_out", session.id, role=role.value)
        return False
    return True
