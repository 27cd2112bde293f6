"""A participant says that they will be there: a fact beside every course (M03)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.courses import JournalEntry
from schemas.forms import ConfirmForm
from schemas.people import Role
from schemas.sessions import Participant, Session, SessionState
from storage import courses, editions, journal, sessions
from storage.confirmations import Confirmed, confirm_participant
from storage.database import Database
from tests.planning.builders import edition
from tests.storage.scene import (
    COACH,
    COURSE,
    DAY,
    EDITION,
    LEAD,
    NOON,
    SPONSOR,
    a_part,
    a_session,
    set_scene,
)

AHEAD = a_session(1, NOON + DAY)


@pytest.fixture
def scene(database: Database) -> Database:
    """Give a ward with a session tomorrow at noon, to which its lead and its coach come."""
    with database.transaction() as rows:
        set_scene(rows)
        editions.store_edition(rows, edition().model_copy(update={"id": EDITION}), NOON)
        sessions.add_sessions(rows, [AHEAD])
        parts = [a_part(AHEAD, LEAD, Role.SERVICE_LEAD), a_part(AHEAD, COACH, Role.DELIVERY_COACH)]
        sessions.add_participants(rows, parts)
    return database


def confirm(
    scene: Database, person: str = LEAD, at: datetime = NOON, session: str = AHEAD.id, **said: Any
) -> Confirmed:
    form = ConfirmForm(actor=said.pop("actor", person), person=person, session=session, **said)
    with scene.transaction() as rows:
        return confirm_participant(rows, form, at, at + timedelta(minutes=1))


def part(scene: Database, person: str = LEAD) -> Participant:
    with scene.reading() as rows:
        found = sessions.participant(rows, AHEAD.id, person)
    assert found is not None
    return found


def told(scene: Database) -> list[JournalEntry]:
    with scene.reading() as rows:
        return [
            one for one in journal.entries_about(rows, AHEAD.id) if one.event == "session.confirmed"
        ]


def change(scene: Database, **changes: object) -> Session:
    changed = AHEAD.model_copy(update=changes)
    with scene.transaction() as rows:
        sessions.save_session(rows, changed)
    return changed


def test_a_confirmation_is_a_fact_of_one_person_and_changes_no_course(scene: Database) -> None:
    """M03: the others still have to say so, and the course keeps its version."""
    said = confirm(scene)

    assert said == Confirmed(COURSE, f"{LEAD} will be at session {AHEAD.id}.")
    assert part(scene).confirmed_at == NOON
    assert part(scene, COACH).confirmed_at is None
    with scene.reading() as rows:
        course = courses.course(rows, COURSE)
    assert course is not None
    assert course.version == 0


def test_the_journal_says_who_confirmed_for_whom_and_when(scene: Database) -> None:
    """M03, R18: ids and codes, in the same commit."""
    confirm(scene, actor=COACH, reason="by_phone", request_id="a-call")

    (entry,) = told(scene)
    assert (entry.actor, entry.facts) == (COACH, {"person": LEAD, "sequence": 0})
    assert (entry.at, entry.recorded_at) == (NOON, NOON + timedelta(minutes=1))
    assert (entry.reason, entry.request_id, entry.note_id) == ("by_phone", "a-call", None)


def test_saying_it_twice_is_one_confirmation(scene: Database) -> None:
    """M03, M16, E23: the second answer says so, and the first instant stays."""
    confirm(scene)
    again = confirm(scene, at=NOON + timedelta(hours=3))

    assert again == Confirmed(COURSE, f"{LEAD} had confirmed session {AHEAD.id} already.")
    assert part(scene).confirmed_at == NOON
    assert len(told(scene)) == 1


def test_a_moved_session_is_confirmed_anew(scene: Database) -> None:
    """M03, M05: each version of the occurrence once, each told in the journal."""
    confirm(scene)
    change(scene, sequence=1, starts_at=NOON + 2 * DAY)
    with scene.transaction() as rows:
        one = sessions.participant(rows, AHEAD.id, LEAD)
        assert one is not None
        sessions.save_participant(rows, one.model_copy(update={"confirmed_at": None}))

    confirm(scene, at=NOON + DAY)

    assert part(scene).confirmed_at == NOON + DAY
    assert [one.facts["sequence"] for one in told(scene)] == [0, 1]
    assert len({one.request_id for one in told(scene)}) == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"state": SessionState.CANCELLED}, "is cancelled"),
        ({"state": SessionState.HELD}, "is held"),
        ({"starts_at": None, "ends_at": None}, "has no day yet"),
        ({"starts_at": NOON}, "has begun already"),
    ],
)
def test_what_cannot_be_confirmed_any_more_is_said_and_leaves_nothing(
    scene: Database, changes: dict[str, object], sentence: str
) -> None:
    """M03, E23: after a cancellation, after the session, while it waits for another day."""
    change(scene, **changes)
    said = confirm(scene)
    assert sentence in said.refused
    assert (part(scene).confirmed_at, told(scene)) == (None, [])


def test_who_does_not_take_part_cannot_confirm(scene: Database) -> None:
    """M03."""
    assert confirm(scene, SPONSOR).refused == (
        f"{SPONSOR} does not take part in session {AHEAD.id}."
    )
    assert confirm(scene, session="nothing").refused == "There is no session nothing."
    assert told(scene) == []
