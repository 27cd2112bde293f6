"""Another executive sponsor, inside the course transaction of one of the services (P01, E04, E05).

The count of sessions goes on: the new sponsor's coaching plans what is left of the months.
"""

from activities.casting import hand_over
from activities.chasing import VACANT, close_all, open_obligation, settle_attention
from activities.holders import assistant_of, enrolment_of
from activities.scheduling import Move, put, refuse_clash
from activities.transaction import CourseTransaction, Refusal
from planning.agenda import UNDATED
from planning.succession import PLACED
from schemas.courses import CommitmentState, Enrolment, Stage
from schemas.ids import executive_course_id
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Role
from schemas.sessions import Session, SessionReason, SessionState
from schemas.successions import CommitmentAgain, Succession
from storage import courses, obligations, people, sessions, successions

CHANGED = "sponsor_changed"


def change_sponsor(transaction: CourseTransaction, one: Succession) -> None:
    """Let a service's sponsor be followed by another one, or by nobody for the time being."""
    before = enrolment_of(transaction)
    successions.begin_sponsorship(transaction.rows, before, one.new_id, one.from_at)
    courses.save_enrolment(transaction.rows, _enrolled(transaction, before, one.new_id))
    event = "sponsor.left" if one.new_id is None else "sponsor.succeeded"
    transaction.note(event, one.id, old=one.old_id, new=one.new_id or "")
    _hand_sessions_over(transaction, one)
    _hand_chases_over(transaction, one)
    if one.new_id is None:
        if not transaction.course.attention:
            transaction.save(attention=VACANT)
    else:
        fill_vacancy(transaction)
        _ask_to_sign_again(transaction, one.new_id)
        transaction.wake(executive_course_id(one.edition_id, one.new_id))
    transaction.wake(executive_course_id(one.edition_id, one.old_id))


def fill_vacancy(transaction: CourseTransaction) -> None:
    """Let the course say no more that its sponsor's post is vacant."""
    if transaction.course.attention == VACANT:
        transaction.save(attention="")
        settle_attention(transaction)


def _enrolled(
    transaction: CourseTransaction, before: Enrolment, sponsor_id: str | None
) -> Enrolment:
    """Return the enrolment with its sponsor; one who is coached already keeps day and coach."""
    if sponsor_id is None:
        return before.model_copy(update={"sponsor_vacant": True})
    changed: dict[str, object] = {"sponsor_id": sponsor_id, "sponsor_vacant": False}
    theirs = courses.enrolments_sponsored(transaction.rows, before.edition_id, sponsor_id)
    for other in theirs:
        mine = other.course_id == before.course_id
        if not mine and other.sponsor_first_at is not None and other.withdrawn_at is None:
            changed["sponsor_first_at"] = other.sponsor_first_at
            changed["executive_coach_id"] = other.executive_coach_id
            break
    return before.model_copy(update=changed)


def _hand_sessions_over(transaction: CourseTransaction, one: Succession) -> None:
    """Put the new sponsor in the place of the old one in the service's own sessions to come.

    An assistant who keeps both diaries stays.
    """
    goes = {one.old_id, *assistant_of(transaction, one.old_id)}
    for session in sessions.sessions_of(transaction.rows, transaction.course.id):
        begun = session.starts_at is not None and session.starts_at <= transaction.at
        if session.state is not SessionState.TO_COME or begun:
            continue
        theirs = [
            part.person_id
            for part in sessions.participants(transaction.rows, [session.id])
            if part.person_id in goes and part.role in {Role.EXECUTIVE_SPONSOR, Role.ASSISTANT}
        ]
        comes = _coming(transaction, session, one.new_id)
        if comes:
            session = _with_room(transaction, session, comes[0][0])
        hand_over(transaction, session, theirs, comes)


def _coming(
    transaction: CourseTransaction, session: Session, sponsor_id: str | None
) -> list[tuple[str, Role]]:
    """Return who comes to a session with the new sponsor; nobody where no sponsor does."""
    kind = transaction.edition.session_kind(session.kind)
    if sponsor_id is None or Role.EXECUTIVE_SPONSOR not in kind.attends:
        return []
    assistants = assistant_of(transaction, sponsor_id) if Role.ASSISTANT in kind.attends else ()
    roles = dict.fromkeys(assistants, Role.ASSISTANT) | {sponsor_id: Role.EXECUTIVE_SPONSOR}
    return sorted(roles.items(), key=lambda pair: pair[0] != sponsor_id)


def _with_room(transaction: CourseTransaction, session: Session, sponsor_id: str) -> Session:
    """Return a session that the new sponsor can come to.

    One at whose time they are elsewhere waits for another day (C15).
    """
    kind = transaction.edition.session_kind(session.kind)
    people.lock_people(transaction.rows, [sponsor_id])
    try:
        refuse_clash(transaction, kind, session, [sponsor_id])
    except Refusal:
        session = put(transaction, session, Move(None, reason=SessionReason.CLASH))
        close_all(transaction, ObligationState.CANCELLED, subject=session.id, reason=UNDATED)
        open_obligation(transaction, ObligationKind.EVENT_DATED, subject=session.id)
    return session


def _hand_chases_over(transaction: CourseTransaction, one: Succession) -> None:
    """Let what the old sponsor had to do be the new one's; of a vacant post others are asked."""
    for open_one in obligations.obligations_of(transaction.rows, transaction.course.id):
        holder = transaction.edition.policy(open_one.kind).holder
        theirs = open_one.holder_id == one.old_id or (
            open_one.holder_id is None and holder is Role.EXECUTIVE_SPONSOR
        )
        if open_one.state.is_open and theirs:
            handed = open_one.model_copy(update={"holder_id": one.new_id})
            obligations.save_obligation(transaction.rows, handed)
            transaction.note("chase.handed_over", open_one.id)


def _ask_to_sign_again(transaction: CourseTransaction, sponsor_id: str) -> None:
    """Ask the successor for the signatures that were given before; nothing waits for them (P01)."""
    if transaction.course.stage not in PLACED:
        return
    known = courses.commitments_of(transaction.rows, transaction.course.id)
    waits = transaction.course.stage is Stage.COMMITTING
    again = [
        CommitmentAgain(
            course_id=transaction.course.id,
            sponsor_id=sponsor_id,
            commitment=one.commitment,
            asked_at=transaction.at,
        )
        for one in known
        if one.state is CommitmentState.SIGNED or not waits
    ]
    successions.ask_again(transaction.rows, again)
    # The successor is asked from the first step on, whatever the one before was asked.
    close_all(
        transaction, ObligationState.CANCELLED, kind=ObligationKind.COMMITMENTS, reason=CHANGED
    )
    if waits or unsigned_again(transaction):
        open_obligation(transaction, ObligationKind.COMMITMENTS)


def unsigned_again(transaction: CourseTransaction) -> tuple[CommitmentAgain, ...]:
    """Return what the present sponsor was asked to sign again and has not signed."""
    sponsor_id = enrolment_of(transaction).sponsor_id
    asked = successions.asked_again(transaction.rows, transaction.course.id, sponsor_id)
    return tuple(one for one in asked if one.state is not CommitmentState.SIGNED)
