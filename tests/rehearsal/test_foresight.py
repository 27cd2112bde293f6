"""What people will do next is known ahead, and known anew where a course has changed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from rehearsal.foresight import Foresight
from rehearsal.script import AnswerLine, Conduct, ConductLine, EventLine, Verb
from rehearsal.script_files import Script
from schemas.delays import DelayValue, Unit
from schemas.obligations import ObligationKind
from schemas.sessions import SessionState
from storage.database import Database
from storage.sessions import save_session, session
from tests.databases import on_sqlite
from tests.rehearsal.stage import LEAD, add_session, add_task, open_service

pytestmark = on_sqlite

AT = datetime(2024, 9, 3, 9, tzinfo=UTC)
HOUR = DelayValue(amount=1, unit=Unit.HOURS)
COURSE = "service/wider/SVC-16"


def a_script(**parts: Any) -> Script:
    held = ConductLine(
        subject="*", kind="delivery", number=0, conduct=Conduct.HELD, after=HOUR, confirms=0
    )
    conducts = {("*", "delivery", 0): held}
    return Script(edition="wider", coordinator="CO-01", conducts=conducts, **parts)


def test_a_session_is_foreseen_when_it_comes_near(database: Database) -> None:
    open_service(database)
    add_session(database, 1, AT + timedelta(days=1))
    add_session(database, 2, AT + timedelta(days=22))
    foresight = Foresight(a_script(), database)
    foresight.look([COURSE], AT)
    assert foresight.next_at() == AT + timedelta(days=1, hours=2)
    (act,) = foresight.due(AT + timedelta(days=2))
    assert (act.verb, act.target) == (Verb.RECORD, "wider/SVC-16/delivery/1")
    assert foresight.next_at() == AT + timedelta(days=14)
    foresight.look([], AT + timedelta(days=14))
    assert foresight.next_at() == AT + timedelta(days=22, hours=2)


def test_what_changed_is_foreseen_anew_and_nothing_is_done_twice(database: Database) -> None:
    open_service(database)
    moved = add_session(database, 1, AT + timedelta(days=1))
    foresight = Foresight(a_script(), database)
    foresight.look([COURSE], AT)
    with database.transaction() as rows:
        known = session(rows, moved)
        assert known is not None
        starts_at = AT + timedelta(days=3)
        later = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1), "sequence": 1}
        save_session(rows, known.model_copy(update=later))
    foresight.look([COURSE], AT)
    assert list(foresight.due(AT + timedelta(days=2))) == []
    assert len(list(foresight.due(AT + timedelta(days=4)))) == 1
    foresight.look([COURSE], AT + timedelta(days=4))
    assert list(foresight.due(AT + timedelta(days=9))) == []


def test_what_was_recorded_is_not_foreseen(database: Database) -> None:
    open_service(database)
    held = add_session(database, 1, AT + timedelta(days=1))
    foresight = Foresight(a_script(), database)
    foresight.look([COURSE], AT)
    with database.transaction() as rows:
        known = session(rows, held)
        assert known is not None
        save_session(rows, known.model_copy(update={"state": SessionState.HELD}))
    foresight.look([COURSE], AT)
    assert foresight.next_at() is None


def test_acts_of_one_instant_come_by_name_and_late_ones_come_now(database: Database) -> None:
    open_service(database)
    add_task(database, ObligationKind.TEAM_NAMED, AT - timedelta(days=5))
    team = AnswerLine(subject="*", obligation=ObligationKind.TEAM_NAMED, after=HOUR, verb=Verb.TEAM)
    leaves = EventLine(at=AT, actor=LEAD, verb=Verb.WITHDRAW, target="SVC-16")
    pauses = EventLine(at=AT, actor=LEAD, verb=Verb.PAUSE, target="SVC-16")
    foresight = Foresight(a_script(events=(leaves, pauses), answers=(team,)), database)
    foresight.look([COURSE], AT)
    assert foresight.next_at() == AT
    assert [act.verb for act in foresight.due(AT)] == [Verb.TEAM, Verb.PAUSE, Verb.WITHDRAW]
