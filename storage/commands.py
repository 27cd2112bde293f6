"""Stored answers: what makes a command safe to repeat."""

from datetime import datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.courses import StoredAnswer
from storage.records import add, find
from storage.statements import Statement
from storage.tables.ledger import CommandRow


def stored_answer(rows: Session, request_id: str) -> StoredAnswer | None:
    """Return what a request was answered when it was carried out."""
    return find(rows, StoredAnswer, CommandRow, {"request_id": request_id})


def version_of(rows: Session, request_id: str) -> int | None:
    """Return the version that a command led to, or the last of its parts ``{request_id}/…``."""
    own = col(CommandRow.request_id) == request_id
    parts = col(CommandRow.request_id).startswith(f"{request_id}/", autoescape=True)
    return rows.execute(select(func.max(CommandRow.course_version)).where(own | parts)).scalar()


def store_answer(rows: Session, answer: StoredAnswer) -> None:
    """Keep the answer of a command in the commit that carried it out."""
    add(rows, CommandRow, [answer])


def acknowledge(rows: Session, course_id: str, up_to_version: int) -> None:
    """Note that the workflow knows the course up to a version."""
    _ACKNOWLEDGE.order(rows, {"course": course_id, "up_to": up_to_version})


def unacknowledged(rows: Session, committed_before: datetime) -> tuple[str, ...]:
    """Return courses whose workflow may not know of a commit, and those that it had to wake."""
    query = select(CommandRow).where(
        col(CommandRow.acknowledged).is_(False), col(CommandRow.committed_at) < committed_before
    )
    courses: set[str] = set()
    for row in rows.execute(query).scalars():
        courses |= {row.course_id, *row.wake}
    return tuple(sorted(courses))


def acknowledge_request(rows: Session, request_id: str) -> None:
    """Note that the workflow has answered a command, and so knows of it."""
    _ACKNOWLEDGE_REQUEST.order(rows, {"request": request_id})


# Written once: every course transaction ends with it.
_COMMANDS = CommandRow.__table__  # type: ignore[attr-defined]
_ACKNOWLEDGE = Statement(
    update(_COMMANDS)
    .where(
        _COMMANDS.c.course_id == bindparam("course"),
        _COMMANDS.c.acknowledged.is_(False),
        _COMMANDS.c.course_version <= bindparam("up_to"),
    )
    .values(acknowledged=True)
)
_ACKNOWLEDGE_REQUEST = Statement(
    update(_COMMANDS)
    .where(_COMMANDS.c.request_id == bindparam("request"))
    .values(acknowledged=True)
)
