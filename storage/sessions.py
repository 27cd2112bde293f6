"""Sessions and who takes part in them."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from schemas.sessions import Participant, Session, SessionState
from storage.records import add, every, find, find_all, record, save
from storage.statements import Statement
from storage.tables.sessions import ParticipantRow, SessionRow

READ = "sessions"
"""Where a transaction keeps the sessions that it read, until it writes one: it asks often."""


def session(rows: Rows, session_id: str) -> Session | None:
    """Return a session."""
    return find(rows, Session, SessionRow, {"id": session_id})


def sessions_of(rows: Rows, course_id: str, kind: str | None = None) -> tuple[Session, ...]:
    """Return a course's sessions by kind and number."""
    known: dict[str, tuple[Session, ...]] = rows.info.setdefault(READ, {})
    if course_id not in known:
        about = {"course_id": course_id}
        known[course_id] = find_all(rows, Session, SessionRow, ("kind", "number"), about)
    found = known[course_id]
    return found if kind is None else tuple(one for one in found if one.kind == kind)


def sessions_to_come(rows: Rows, course_id: str) -> tuple[Session, ...]:
    """Return a course's sessions to come by kind and number."""
    about = {"course_id": course_id, "state": SessionState.TO_COME}
    return find_all(rows, Session, SessionRow, ("kind", "number"), about)


def sessions_between(
    rows: Rows, edition_id: str, from_at: datetime, until_at: datetime
) -> tuple[Session, ...]:
    """Return an edition's sessions that start in the interval, earliest first."""
    return every(
        rows,
        Session,
        SessionRow,
        col(SessionRow.edition_id) == edition_id,
        col(SessionRow.starts_at) >= from_at,
        col(SessionRow.starts_at) < until_at,
        order=[col(SessionRow.starts_at), col(SessionRow.id)],
    )


def add_sessions(rows: Rows, new: Iterable[Session]) -> None:
    """Write new sessions."""
    rows.info.pop(READ, None)
    add(rows, SessionRow, new)


def save_session(rows: Rows, changed: Session) -> None:
    """Write a changed session."""
    rows.info.pop(READ, None)
    save(rows, SessionRow, changed)


def participants(rows: Rows, session_ids: Iterable[str]) -> tuple[Participant, ...]:
    """Return who takes part in the sessions, by session and person."""
    order = ("session_id", "person_id")
    return find_all(rows, Participant, ParticipantRow, order, {"session_id": list(session_ids)})


def participant(rows: Rows, session_id: str, person_id: str) -> Participant | None:
    """Return one person's part in a session."""
    about = {"session_id": session_id, "person_id": person_id}
    return find(rows, Participant, ParticipantRow, about)


def add_participants(rows: Rows, new: Iterable[Participant]) -> None:
    """Write who takes part."""
    add(rows, ParticipantRow, new)


def save_participant(rows: Rows, changed: Participant) -> None:
    """Write a changed part."""
    save(rows, ParticipantRow, changed)


def remove_participant(rows: Rows, gone: Participant) -> None:
    """Take a person out of a session."""
    rows.execute(
        delete(ParticipantRow).where(
            col(ParticipantRow.session_id) == gone.session_id,
            col(ParticipantRow.person_id) == gone.person_id,
        )
    )


def booked(
    rows: Rows, person_ids: Iterable[str], from_at: datetime, until_at: datetime
) -> tuple[tuple[str, Session], ...]:
    """Return each person's sessions to come that overlap the interval (C15).

    Call ``people.lock_people`` first where a booking is to follow.
    """
    asked = {"people": list(person_ids), "from_at": from_at, "until_at": until_at}
    names = _BOOKED.names[1:]
    return tuple([(row[0], record(Session, names, row[1:])) for row in _BOOKED.ask(rows, asked)])


class Hour(NamedTuple):
    """When somebody has a session to come, and of which course and kind it is."""

    course_id: str
    kind: str
    starts_at: datetime
    ends_at: datetime


def hours_of(rows: Rows, person_id: str, from_at: datetime, until_at: datetime) -> tuple[Hour, ...]:
    """Return when one person is booked in the interval, earliest first (C15).

    A coach has hundreds of sessions to come, and each agenda asks for them: so no more is read.
    """
    asked = {"people": [person_id], "from_at": from_at, "until_at": until_at}
    return tuple([Hour(*row) for row in _HOURS.ask(rows, asked)])


_OVERLAPS = (
    col(ParticipantRow.person_id).in_(bindparam("people", expanding=True)),
    col(SessionRow.state) == SessionState.TO_COME,
    col(SessionRow.starts_at) < bindparam("until_at"),
    col(SessionRow.ends_at) > bindparam("from_at"),
)
_SESSION = SessionRow.__table__.columns  # type: ignore[attr-defined]
_HOURS = Statement(
    select(_SESSION.course_id, _SESSION.kind, _SESSION.starts_at, _SESSION.ends_at)
    .join(ParticipantRow, col(SessionRow.id) == col(ParticipantRow.session_id))
    .where(*_OVERLAPS)
    .order_by(col(SessionRow.starts_at), col(SessionRow.id))
)
_BOOKED = Statement(
    select(col(ParticipantRow.person_id), *_SESSION)
    .join(SessionRow, col(SessionRow.id) == col(ParticipantRow.session_id))
    .where(*_OVERLAPS)
    .order_by(col(SessionRow.starts_at), col(SessionRow.id))
)


def counts_of(rows: Rows, edition_id: str) -> Counter[tuple[str, str]]:
    """Return how many sessions of an edition there are of each kind and state."""
    query = (
        select(col(SessionRow.kind), col(SessionRow.state), func.count())
        .where(col(SessionRow.edition_id) == edition_id)
        .group_by(col(SessionRow.kind), col(SessionRow.state))
    )
    return Counter({(kind, state.value): n for kind, state, n in rows.execute(query)})
