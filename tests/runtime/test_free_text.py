"""What is said in an executive session stays there: its record holds codes and numbers only."""

from typing import cast

import pytest
from sqlalchemy import String, Table, func, select
from sqlmodel import SQLModel
from temporalio.client import Client

from runtime.programme import Programme, Refused
from schemas.clock import ProgrammeClock
from schemas.courses import CourseKind
from schemas.forms import RecordForm
from schemas.sessions import SessionState
from storage import courses, sessions
from storage.database import Database
from storage.tables.ledger import NoteRow
from storage.tables.sessions import ParticipantRow, SessionRow
from tests.databases import on_sqlite
from tests.storage.scene import NOON, a_course, a_session, set_scene

IDS_AND_CODES = {
    "catch_up_for", "course_id", "edition_id", "id", "kind", "person_id", "place", "recorded_by",
    "session_id",
}  # fmt: skip
"""Texts of a session's tables: none of them is for what somebody thinks of it."""


@pytest.mark.parametrize("row", [SessionRow, ParticipantRow])
def test_no_column_of_a_session_is_for_free_text(row: type[SQLModel]) -> None:
    """P07."""
    table = cast(Table, row.__table__)  # type: ignore[attr-defined]
    texts = {column.name for column in table.columns if isinstance(column.type, String)}
    assert texts <= IDS_AND_CODES


@on_sqlite
async def test_a_note_about_an_executive_session_is_refused_and_not_kept(
    database: Database,
) -> None:
    """P07."""
    course = a_course("executive-coaching/wider/EX-02", CourseKind.EXECUTIVE_COACHING)
    session = a_session(1, NOON, course.id, kind="executive")
    with database.transaction() as rows:
        set_scene(rows)
        courses.open_course(rows, course)
        sessions.add_sessions(rows, [session])
    nobody = cast(Client, None)  # it is refused before the engine is asked
    programme = Programme(nobody, database, ProgrammeClock(), "none", lambda: NOON)
    form = RecordForm(
        actor="PER-0001", session=session.id, outcome=SessionState.HELD, note="She was unsure."
    )

    with pytest.raises(Refused, match="Executive sessions carry no notes"):
        await programme.record(form)

    with database.reading() as rows:
        assert rows.execute(select(func.count()).select_from(NoteRow)).scalar_one() == 0
