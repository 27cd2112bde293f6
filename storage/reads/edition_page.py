"""One edition's page: where it stands, its places, its services and sessions in numbers."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from schemas.base import Record
from schemas.courses import Course, CourseKind, Pause, PlaceState, Stage
from schemas.edition import Edition
from schemas.ids import edition_course_id
from schemas.obligations import ObligationState
from schemas.sessions import SessionState
from storage import courses, interests, pauses
from storage.editions import latest_edition
from storage.tables.courses import CourseRow, PlaceRow
from storage.tables.sessions import ObligationRow, SessionRow


class EditionPage(Record):
    """What is to be said of an edition.

    Attributes:
        now: Programme time of the page.
        places: How many places are in each state.
        services: How many services are at each stage.
        duplicates: Second expressions of interest that wait for a coordinator (R12).
        sessions: By kind, how many are in each state.
        chases: Obligations that are open.
        stuck: Those of them that a person must decide.

    """

    now: datetime
    course: Course
    edition: Edition
    places: dict[PlaceState, int]
    services: dict[Stage, int]
    duplicates: int
    sessions: dict[str, dict[SessionState, int]]
    chases: int
    stuck: int
    pauses: tuple[Pause, ...]


def edition_page(rows: Rows, edition_id: str, now: datetime) -> EditionPage:
    """Return the page of an edition.

    Raises:
        LookupError: No edition of that id was opened.

    """
    course_id = edition_course_id(edition_id)
    course = courses.course(rows, course_id)
    if course is None:
        raise LookupError(f"no edition {edition_id} has been opened")
    chases = _chases(rows, edition_id)
    return EditionPage(
        now=now,
        course=course,
        edition=latest_edition(rows, edition_id),
        places=_places(rows, edition_id),
        services=_services(rows, edition_id),
        duplicates=len(interests.waiting(rows, edition_id)),
        sessions=_sessions(rows, edition_id),
        chases=sum(count for state, count in chases.items() if state.is_open),
        stuck=chases.get(ObligationState.STUCK, 0),
        pauses=pauses.pauses_of(rows, [course_id]),
    )


def _places(rows: Rows, edition_id: str) -> dict[PlaceState, int]:
    query = (
        select(col(PlaceRow.state), func.count())
        .where(col(PlaceRow.edition_id) == edition_id)
        .group_by(col(PlaceRow.state))
    )
    found = dict(rows.execute(query).all())
    return {state: found.get(state, 0) for state in PlaceState}


def _services(rows: Rows, edition_id: str) -> dict[Stage, int]:
    query = (
        select(col(CourseRow.stage), func.count())
        .where(col(CourseRow.edition_id) == edition_id, col(CourseRow.kind) == CourseKind.SERVICE)
        .group_by(col(CourseRow.stage))
    )
    found = dict(rows.execute(query).all())
    return {stage: found[stage] for stage in Stage if stage in found}


def _sessions(rows: Rows, edition_id: str) -> dict[str, dict[SessionState, int]]:
    query = (
        select(col(SessionRow.kind), col(SessionRow.state), func.count())
        .where(col(SessionRow.edition_id) == edition_id)
        .group_by(col(SessionRow.kind), col(SessionRow.state))
        .order_by(col(SessionRow.kind))
    )
    found: dict[str, dict[SessionState, int]] = {}
    for kind, state, count in rows.execute(query):
        found.setdefault(kind, dict.fromkeys(SessionState, 0))[state] = count
    return found


def _chases(rows: Rows, edition_id: str) -> dict[ObligationState, int]:
    query = (
        select(col(ObligationRow.state), func.count())
        .where(col(ObligationRow.edition_id) == edition_id)
        .group_by(col(ObligationRow.state))
    )
    return dict(rows.execute(query).all())
