"""Records that contradict each other, inside a course transaction: kept, shown, settled (E37).

The first record stands meanwhile and nothing follows from the other one. A coordinator is asked to
settle it, and chased like anybody; a coordinator's record settles, and so does whoever comes round
to what the other says. Waived, it stays as it was recorded first.
"""

from collections.abc import Sequence

from activities.chasing import CONFLICT, close_all, open_obligation, settle_attention
from activities.holders import holders_of
from activities.transaction import CourseTransaction
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Role
from schemas.sessions import Contradiction, Session, SessionState
from storage import contradictions

OUTCOMES = {SessionState.HELD, SessionState.MISSED}


def contradicts(transaction: CourseTransaction, known: Session, said: Session) -> bool:
    """Tell whether one person says otherwise than another did, and neither is a coordinator's word.

    Other minutes, who came, or a reason where there was none say more and contradict nothing.
    """
    if known.state not in OUTCOMES or known.recorded_at is None:
        return False
    actor = transaction.command.actor
    if actor == known.recorded_by or _coordinates(transaction, actor):
        return False
    return _differ(known, said)


def keep_apart(transaction: CourseTransaction, known: Session, said: Session) -> str:
    """Keep what is said beside the record; a person must look at it."""
    new = Contradiction(
        session_id=known.id,
        person_id=transaction.command.actor,
        course_id=known.course_id,
        outcome=said.state,
        reason=said.reason,
        minutes=said.held_minutes,
        said_at=transaction.at,
    )
    if contradictions.keep_contradiction(transaction.rows, new):
        why = {"why": said.reason.value} if said.reason else {}
        transaction.note(
            "session.contradicted",
            known.id,
            outcome=said.state.value,
            stands=known.state.value,
            **why,
        )
    if not transaction.course.attention:
        transaction.save(attention=CONFLICT)
    _ask_for_settlement(transaction, known.id)
    return (
        f"Session {known.id} was recorded as {known.state.value} by {known.recorded_by}. "
        "That stands until a coordinator settles it; what you say is kept beside it."
    )


def _ask_for_settlement(transaction: CourseTransaction, session_id: str) -> None:
    """Ask a coordinator once for each session; an older edition may not say how (X04)."""
    known = {one.obligation for one in transaction.edition.chases}
    if ObligationKind.RECORD_CONFLICT in known:
        open_obligation(transaction, ObligationKind.RECORD_CONFLICT, subject=session_id)


def settle(transaction: CourseTransaction, said: Session) -> bool:
    """Close what no longer contradicts the record; return whether that settled the session."""
    left = contradictions.unsettled(transaction.rows, said.id)
    actor = transaction.command.actor
    coordinates = bool(left) and _coordinates(transaction, actor)
    closed = [
        one
        for one in left
        if coordinates or one.person_id == actor or not _differ(said, _as_session(said, one))
    ]
    settled = _close(transaction, closed) and len(closed) == len(left)
    if settled:
        close_all(
            transaction,
            ObligationState.DONE,
            kind=ObligationKind.RECORD_CONFLICT,
            subject=said.id,
        )
    return settled


def let_stand(transaction: CourseTransaction, session_id: str) -> None:
    """Let a session stay as it was recorded first: somebody waives that it is settled."""
    if _close(transaction, contradictions.unsettled(transaction.rows, session_id)):
        transaction.note("session.settled", session_id)


def _close(transaction: CourseTransaction, closed: Sequence[Contradiction]) -> bool:
    """Close what contradicts no longer; return whether there was anything to close."""
    now = {"settled_at": transaction.at, "settled_by": transaction.command.actor}
    for one in closed:
        contradictions.save_contradiction(transaction.rows, one.model_copy(update=now))
    if closed and not contradictions.any_unsettled(transaction.rows, transaction.course.id):
        if transaction.course.attention == CONFLICT:
            transaction.save(attention="")
        settle_attention(transaction)
    return bool(closed)


def is_missed_by_the_service(session: Session) -> bool:
    """Tell whether it counts as missed; what the programme caused never does (X06)."""
    by_the_programme = session.reason is not None and session.reason.of_the_programme
    return session.state is SessionState.MISSED and not by_the_programme


def _differ(known: Session, said: Session) -> bool:
    if known.state is not said.state:
        return True
    both = known.reason is not None and said.reason is not None
    return both and is_missed_by_the_service(known) != is_missed_by_the_service(said)


def _as_session(known: Session, one: Contradiction) -> Session:
    return known.model_copy(update={"state": one.outcome, "reason": one.reason})


def _coordinates(transaction: CourseTransaction, person_id: str) -> bool:
    return person_id in holders_of(transaction, Role.COORDINATOR)
