"""Rows that follow another version of an edition: reminders, places, the version itself."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache

from sqlalchemy import ColumnElement, Date, bindparam, delete, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from planning.calendar import calendar_of
from planning.edition_change import Running
from schemas.courses import PlaceState
from schemas.edition import Edition
from schemas.ids import edition_course_id
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from schemas.sessions import SessionState
from storage import courses, places
from storage.editions import latest_edition
from storage.obligations import open_obligations
from storage.records import every
from storage.statements import Statement
from storage.tables.columns import Instant
from storage.tables.courses import CommitmentRow, CourseRow, PlaceRow
from storage.tables.ledger import MessageRow
from storage.tables.sessions import SessionRow
from storage.tables.successions import EditionProposalRow

_LEDGER = MessageRow.__table__  # type: ignore[attr-defined]
USED = {PlaceState.TAKEN, PlaceState.OFFERED}


def propose(rows: Session, proposal_id: str, edition: Edition, at: datetime) -> None:
    """Keep a version of an edition that somebody asks for; the same one is kept once."""
    if rows.get(EditionProposalRow, proposal_id) is None:
        row = EditionProposalRow(
            id=proposal_id,
            edition_id=edition.id,
            version=edition.version,
            document=edition.model_dump(mode="json"),
            proposed_at=at,
        )
        rows.add(row)
        rows.flush()


def proposal(rows: Session, proposal_id: str) -> Edition | None:
    """Return a version of an edition that somebody has asked for."""
    row = rows.get(EditionProposalRow, proposal_id)
    return None if row is None else Edition.model_validate(row.document)


def running(rows: Session, edition_id: str) -> Running:
    """Return how far an edition has come.

    Raises:
        LookupError: It was never opened.

    """
    course = courses.course(rows, edition_course_id(edition_id))
    if course is None:
        raise LookupError(f"no edition {edition_id} has been opened")
    to_come = col(SessionRow.state) == SessionState.TO_COME
    return Running(
        stage=course.stage,
        used_places=sum(one.state in USED for one in places.places_of(rows, edition_id)),
        sessions=_sessions(rows, edition_id),
        first_day=_first_day(rows, edition_id),
        last_day=_last_day(rows, edition_id),
        promised=_promised(rows, edition_id),
        to_come=_count(rows, SessionRow, col(SessionRow.edition_id) == edition_id, to_come),
        reminders=_count(
            rows,
            MessageRow,
            col(MessageRow.edition_id) == edition_id,
            col(MessageRow.kind) == MessageKind.REMINDER,
            col(MessageRow.state) == MessageState.WAITING,
        ),
        chases=len(open_obligations(rows, edition_id)),
    )


def messages_ruled(rows: Session, course_id: str) -> tuple[Message, ...]:
    """Return a course's reminders and invitations, sent or not, by session."""
    ruled = [MessageKind.REMINDER, MessageKind.INVITATION]
    where = (col(MessageRow.course_id) == course_id, col(MessageRow.kind).in_(ruled))
    return every(rows, Message, MessageRow, *where, order=[col(MessageRow.key)])


def change(rows: Session, changed: Iterable[Message]) -> int:
    """Write messages that follow another policy; return how many: what is on its way stays."""
    names = ("due_at", "useful_until", "asks", "state", "reason", "ended_at", "policy_version")
    return sum(
        _if_untried(rows, one.key, {name: getattr(one, name) for name in names}) for one in changed
    )


def retire(rows: Session, keys: Iterable[str], at: datetime) -> int:
    """End messages that another policy no longer plans; return how many."""
    ended = {
        "state": MessageState.SUPERSEDED,
        "reason": MessageReason.POLICY_CHANGED,
        "ended_at": at,
    }
    return sum(_if_untried(rows, key, ended) for key in keys)


def _if_untried(rows: Session, key: str, values: dict[str, object]) -> int:
    """Write a row unless it was handed over, or is just being so: one statement decides."""
    asked = {f"new_{name}": value for name, value in values.items()}
    return _untried(tuple(values)).order(rows, {"this": key, **asked})


@cache
def _untried(names: tuple[str, ...]) -> Statement:
    columns = _LEDGER.columns
    untried = (
        columns.key == bindparam("this"),
        columns.attempt == 0,
        columns.unheard == 0,
        columns.state != MessageState.HANDING_OVER,
    )
    values = {name: bindparam(f"new_{name}", type_=columns[name].type) for name in names}
    return Statement(update(_LEDGER).where(*untried).values(**values))


def fit_places(rows: Session, edition: Edition) -> None:
    """Let an edition have as many places as its version says; only free ones that nobody has go."""
    places.create_places(rows, edition.id, edition.places)
    known = places.places_of(rows, edition.id)
    free = [one.id for one in reversed(known) if one.state is PlaceState.FREE]
    surplus = free[: max(len(known) - edition.places, 0)]
    if surplus:
        nobodys = (col(PlaceRow.id).in_(surplus), col(PlaceRow.state) == PlaceState.FREE)
        rows.execute(delete(PlaceRow).where(*nobodys))


def _sessions(rows: Session, edition_id: str) -> dict[str, int]:
    query = (
        select(col(SessionRow.kind), func.count())
        .where(col(SessionRow.edition_id) == edition_id)
        .group_by(col(SessionRow.kind))
    )
    return dict(rows.execute(query).all())


def _first_day(rows: Session, edition_id: str) -> date | None:
    query = select(func.min(col(SessionRow.planned_day), type_=Date()))
    return rows.execute(query.where(col(SessionRow.edition_id) == edition_id)).scalar()


def _last_day(rows: Session, edition_id: str) -> date | None:
    query = select(func.max(col(SessionRow.starts_at), type_=Instant())).where(
        col(SessionRow.edition_id) == edition_id, col(SessionRow.state) == SessionState.TO_COME
    )
    last = rows.execute(query).scalar()
    return None if last is None else calendar_of(latest_edition(rows, edition_id)).day_of(last)


def _promised(rows: Session, edition_id: str) -> bool:
    query = (
        select(col(CommitmentRow.course_id))
        .join(CourseRow, col(CourseRow.id) == col(CommitmentRow.course_id))
        .where(col(CourseRow.edition_id) == edition_id)
    )
    return rows.execute(query.limit(1)).first() is not None


def _count(rows: Session, table: type[SQLModel], *where: ColumnElement[bool]) -> int:
    return rows.execute(select(func.count()).select_from(table).where(*where)).scalar() or 0
