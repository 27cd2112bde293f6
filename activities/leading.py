"""Who leads a session, inside a course transaction: its course's coach, or whoever covers it."""

from activities.holders import holders_of
from activities.transaction import CourseTransaction
from schemas.sessions import Session
from storage import sessions


def leaders_of(transaction: CourseTransaction, session: Session) -> tuple[str, ...]:
    """Return who leads a session; before it has a cast, who holds the role in its course."""
    return _in_the_cast(transaction, session) or holders_of(
        transaction, transaction.edition.session_kind(session.kind).coach
    )


def stand_ins(transaction: CourseTransaction, session: Session, *regular: str) -> tuple[str, ...]:
    """Return who leads a session instead of its regular coaches; nobody where one of them does."""
    leading = _in_the_cast(transaction, session)
    return () if set(regular) & set(leading) else leading


def _in_the_cast(transaction: CourseTransaction, session: Session) -> tuple[str, ...]:
    role = transaction.edition.session_kind(session.kind).coach
    cast = sessions.participants(transaction.rows, [session.id])
    return tuple(one.person_id for one in cast if one.role is role)
