"""Where the journal tells otherwise than the rows: a report as at now is made of the journal."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session as Rows

from planning.calendar import WorkingCalendar, calendar_of
from planning.report import Known, known_at
from schemas.courses import Course, CourseKind, PlaceState, Stage
from schemas.sessions import Session, SessionState
from storage import courses, obligations, pauses, places, sessions
from storage.editions import latest_edition
from storage.reads.report_as_at import journal_until, planned_sessions

GONE = {Stage.WITHDRAWN, Stage.MERGED}


def told_otherwise(rows: Rows, edition_id: str, now: datetime) -> list[str]:
    """Return a line for each thing that stands otherwise in the journal than in its row."""
    entries = journal_until(rows, edition_id, now)
    known = known_at(entries, planned_sessions(rows, edition_id), now)
    calendar = calendar_of(latest_edition(rows, edition_id))
    found = list(_about_places(rows, known, edition_id))
    for course in courses.courses_of(rows, edition_id):
        found += _about_course(rows, known, course)
        for session in sessions.sessions_of(rows, course.id):
            found += _about_session(known, session, calendar)
    return found


def _about_places(rows: Rows, known: Known, edition_id: str) -> Iterator[str]:
    taken = {
        one.id: one.course_id
        for one in places.places_of(rows, edition_id)
        if one.state is PlaceState.TAKEN
    }
    told = {place_id: place.course_id for place_id, place in known.places.items()}
    if told != taken:
        yield f"places: {told}, and not {taken}"


def _about_course(rows: Rows, known: Known, course: Course) -> Iterator[str]:
    is_open = {one.id for one in obligations.open_obligations_of(rows, course.id)}
    told = {one.id for one in known.chases.values() if one.course_id == course.id}
    if told != is_open:
        yield f"{course.id} chases: {sorted(told ^ is_open)}"
    stored = {one.id: (one.from_at, one.until_at) for one in pauses.pauses_of(rows, [course.id])}
    paused = {
        name: (one.from_at, one.until_at) for name, one in known.pauses.get(course.id, {}).items()
    }
    if paused != stored:
        yield f"{course.id} pauses: {paused}, and not {stored}"
    if course.kind is CourseKind.SERVICE and (course.id in known.gone) != (course.stage in GONE):
        yield f"{course.id} is {course.stage.value}"


def _about_session(known: Known, session: Session, calendar: WorkingCalendar) -> Iterator[str]:
    told = known.sessions.get(session.id)
    if told is None:
        yield f"{session.id} is not known"
        return
    held_before = told.planned.held_before
    day = session.planned_day if held_before else _day(session, calendar)
    ended = session.state in {SessionState.MISSED, SessionState.CANCELLED}
    reason = session.reason.value if ended and session.reason else ""
    moves = told.moves if told.planned.catch_up else session.moves
    expected = (session.state, day, moves, reason)
    if (told.state, told.day, told.moves, told.reason if ended else "") != expected:
        yield f"{session.id}: {told}, and not {expected}"


def _day(session: Session, calendar: WorkingCalendar) -> date | None:
    return None if session.starts_at is None else calendar.day_of(session.starts_at)
