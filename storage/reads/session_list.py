"""Sessions: a list of them, and how many of each kind there are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from schemas.base import Record
from schemas.courses import CourseKind
from schemas.people import Role
from schemas.sessions import SessionReason, SessionState
from storage import contradictions
from storage.tables.courses import CourseRow
from storage.tables.people import PersonRow, ServiceRow
from storage.tables.sessions import ParticipantRow, SessionRow


class SessionLine(Record):
    """One session, with whose it is.

    Attributes:
        subject_id: The service or sponsor.
        subject: That service's or person's name.
        starts_at: None while it waits for a spare week.
        held_minutes: Its length where it was held: as recorded, else as planned (C12).
        confirmed: How many of those who take part have said that they will be there.
        conflict: What others say against the record, until a coordinator settles it (E37): outcome
            and person, such as ``missed PER-0005``.

    """

    id: str
    course_id: str
    edition_id: str
    subject_id: str
    subject: str
    kind: str
    number: int
    state: SessionState
    starts_at: datetime | None
    ends_at: datetime | None
    place: str
    moves: int
    reason: SessionReason | None
    held_minutes: int | None
    catch_up_for: str | None
    participants: int
    confirmed: int
    conflict: str = ""


class SessionCount(Record):
    """The sessions of one kind: held + missed + cancelled + to come = planned + catch-up (C17).

    Attributes:
        held_minutes: Their lengths as recorded, else as planned, added up (C12).

    """

    course_id: str
    kind: str
    planned: int = 0
    catch_up: int = 0
    held: int = 0
    missed: int = 0
    cancelled: int = 0
    to_come: int = 0
    held_minutes: int = 0


@dataclass(frozen=True)
class Wanted:
    """Which sessions are listed; what is empty or none leaves nothing out.

    Attributes:
        course_ids: Of these courses.
        from_at: That start then or later; one without an instant is left out.
        until_at: That start earlier.

    """

    edition_id: str
    course_ids: Collection[str] = ()
    kind: str | None = None
    states: Collection[SessionState] = ()
    from_at: datetime | None = None
    until_at: datetime | None = None


def sessions_listed(rows: Rows, wanted: Wanted) -> tuple[SessionLine, ...]:
    """Return sessions, earliest first; those that wait for a week come last."""
    name = func.coalesce(col(ServiceRow.name), col(PersonRow.name), "").label("subject")
    parts = (
        select(
            col(ParticipantRow.session_id),
            func.count().label("participants"),
            func.count(col(ParticipantRow.confirmed_at)).label("confirmed"),
        )
        .group_by(col(ParticipantRow.session_id))
        .subquery()
    )
    query = (
        select(SessionRow, col(CourseRow.subject_id), name, parts.c.participants, parts.c.confirmed)
        .join(CourseRow, col(CourseRow.id) == col(SessionRow.course_id))
        .outerjoin(
            ServiceRow,
            (col(ServiceRow.id) == col(CourseRow.subject_id))
            & (col(CourseRow.kind) == CourseKind.SERVICE),
        )
        .outerjoin(
            PersonRow,
            (col(PersonRow.id) == col(CourseRow.subject_id))
            & (col(CourseRow.kind) == CourseKind.EXECUTIVE_COACHING),
        )
        .outerjoin(parts, parts.c.session_id == col(SessionRow.id))
        .where(*_conditions(wanted))
        .order_by(
            col(SessionRow.starts_at).is_(None), col(SessionRow.starts_at), col(SessionRow.id)
        )
    )
    found = tuple(
        _line(row, subject_id, subject, participants or 0, confirmed or 0)
        for row, subject_id, subject, participants, confirmed in rows.execute(query)
    )
    conflicts = _conflicts(rows, {one.course_id for one in found})
    return tuple(
        one.model_copy(update={"conflict": conflicts[one.id]}) if one.id in conflicts else one
        for one in found
    )


def conflicting(
    rows: Rows, edition_id: str, course_ids: Collection[str]
) -> tuple[SessionLine, ...]:
    """Return the sessions of which two people say different things, earliest first (E37)."""
    recorded = (SessionState.HELD, SessionState.MISSED)
    listed = sessions_listed(rows, Wanted(edition_id, course_ids, states=recorded))
    return tuple(one for one in listed if one.conflict)


def _conflicts(rows: Rows, course_ids: Collection[str]) -> dict[str, str]:
    said: dict[str, list[str]] = {}
    for one in contradictions.unsettled_of(rows, course_ids):
        said.setdefault(one.session_id, []).append(f"{one.outcome.value} {one.person_id}")
    return {session_id: ", ".join(words) for session_id, words in said.items()}


def session_counts(rows: Rows, course_ids: Collection[str]) -> tuple[SessionCount, ...]:
    """Return how many sessions of each kind the courses have, by course and kind."""
    query = select(
        col(SessionRow.course_id),
        col(SessionRow.kind),
        col(SessionRow.state),
        col(SessionRow.catch_up_for).is_not(None),
        func.count(),
        func.sum(func.coalesce(col(SessionRow.held_minutes), col(SessionRow.minutes))),
    ).where(col(SessionRow.course_id).in_(list(course_ids)))
    grouped = query.group_by(
        col(SessionRow.course_id),
        col(SessionRow.kind),
        col(SessionRow.state),
        col(SessionRow.catch_up_for).is_not(None),
    )
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for course_id, kind, state, catch_up, count, minutes in rows.execute(grouped):
        found = counts.setdefault((course_id, kind), {})
        added = {"catch_up" if catch_up else "planned": count, state.value: count}
        if state is SessionState.HELD:
            added["held_minutes"] = int(minutes)
        for key, value in added.items():
            found[key] = found.get(key, 0) + value
    return tuple(
        SessionCount(course_id=course_id, kind=kind, **found)
        for (course_id, kind), found in sorted(counts.items())
    )


def takes_part(rows: Rows, session_id: str) -> tuple[tuple[str, Role], ...]:
    """Return who takes part in a session, by role and person."""
    query = (
        select(col(ParticipantRow.person_id), col(ParticipantRow.role))
        .where(col(ParticipantRow.session_id) == session_id)
        .order_by(col(ParticipantRow.role), col(ParticipantRow.person_id))
    )
    return tuple((person_id, role) for person_id, role in rows.execute(query))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [col(SessionRow.edition_id) == wanted.edition_id]
    if wanted.course_ids:
        conditions.append(col(SessionRow.course_id).in_(list(wanted.course_ids)))
    if wanted.kind is not None:
        conditions.append(col(SessionRow.kind) == wanted.kind)
    if wanted.states:
        conditions.append(col(SessionRow.state).in_(list(wanted.states)))
    if wanted.from_at is not None:
        conditions.append(col(SessionRow.starts_at) >= wanted.from_at)
    if wanted.until_at is not None:
        conditions.append(col(SessionRow.starts_at) < wanted.until_at)
    return conditions


def _line(
    row: SessionRow, subject_id: str, subject: str, participants: int, confirmed: int
) -> SessionLine:
    held = row.state is SessionState.HELD
    return SessionLine(
        **row.model_dump(include=set(SessionLine.model_fields) - {"held_minutes"}),
        subject_id=subject_id,
        subject=subject,
        held_minutes=(row.held_minutes or row.minutes) if held else None,
        participants=participants,
        confirmed=confirmed,
    )
