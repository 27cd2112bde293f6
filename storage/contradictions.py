"""What people say of a session against its record, kept until a person settles it (E37)."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from schemas.sessions import Contradiction
from storage.records import add, every, find, find_all, save
from storage.tables.sessions import ContradictionRow


def unsettled(rows: Rows, session_id: str) -> tuple[Contradiction, ...]:
    """Return what is said against a session's record and not settled, by person."""
    about = {"session_id": session_id}
    known = find_all(rows, Contradiction, ContradictionRow, ("person_id",), about)
    return tuple(one for one in known if one.settled_at is None)


def unsettled_of(rows: Rows, course_ids: Iterable[str]) -> tuple[Contradiction, ...]:
    """Return what is said against the records of courses and not settled, by session."""
    return every(
        rows,
        Contradiction,
        ContradictionRow,
        col(ContradictionRow.course_id).in_(list(course_ids)),
        col(ContradictionRow.settled_at).is_(None),
        order=[col(ContradictionRow.session_id), col(ContradictionRow.person_id)],
    )


def any_unsettled(rows: Rows, course_id: str) -> bool:
    """Tell whether somebody must settle the record of a session of a course."""
    query = select(col(ContradictionRow.session_id)).where(
        col(ContradictionRow.course_id) == course_id, col(ContradictionRow.settled_at).is_(None)
    )
    return rows.execute(query.limit(1)).first() is not None


def keep_contradiction(rows: Rows, said: Contradiction) -> bool:
    """Write what somebody says, in place of what they said before; false where it is the same."""
    key = {"session_id": said.session_id, "person_id": said.person_id}
    known = find(rows, Contradiction, ContradictionRow, key)
    if known is None:
        add(rows, ContradictionRow, [said])
        return True
    if known == said.model_copy(update={"said_at": known.said_at}):
        return False
    save(rows, ContradictionRow, said)
    return True


def save_contradiction(rows: Rows, changed: Contradiction) -> None:
    """Write a changed one."""
    save(rows, ContradictionRow, changed)
