"""What is kept of executive sessions: whether they were held, and never what was said in them."""

from collections.abc import Callable, Coroutine
from datetime import date
from typing import Any, cast

import pytest
from sqlalchemy import func, select
from temporalio.client import Client

from runtime.programme import Programme, Refused
from schemas.forms import (
    ActForm,
    CancelForm,
    CatchUpForm,
    CloseForm,
    MoveForm,
    PromiseForm,
    RecordForm,
    UndoForm,
)
from schemas.sessions import SessionReason
from storage.tables.ledger import NoteRow
from tests.activities.autumn_days import HELD, MISSED, monthly, record
from tests.activities.posting import Posted
from tests.activities.scene import CLOCK
from tests.journeys import cast as people
from tests.planning.builders import at

Ask = Callable[[Programme, Any], Coroutine[Any, Any, object]]
SESSION, SLOT = "wider/PER-SP/executive/2", "wider/PER-SP/executive_slot/1"
NOVEMBER = at("2024-11-12", "09:30")
NOTED: list[tuple[Ask, type[ActForm], dict[str, object]]] = [
    (Programme.record, RecordForm, {"session": SESSION, "outcome": HELD}),
    (Programme.move, MoveForm, {"session": SESSION, "starts": NOVEMBER}),
    (Programme.cancel, CancelForm, {"session": SESSION}),
    (Programme.catch_up, CatchUpForm, {"session": SESSION, "starts": NOVEMBER}),
    (Programme.undo, UndoForm, {"session": SESSION}),
    (Programme.promise, PromiseForm, {"obligation": SLOT, "until": date(2024, 11, 15)}),
    (Programme.close_obligation, CloseForm, {"obligation": SLOT, "waived": True}),
]


@pytest.mark.parametrize(
    ("ask", "form", "said"), NOTED, ids=[form.__name__ for _, form, _ in NOTED]
)
async def test_no_act_on_an_executive_session_keeps_a_note(
    autumn: Posted, ask: Ask, form: type[ActForm], said: dict[str, object]
) -> None:
    """P07: it is refused at the door, before anything is written down."""
    play = autumn.play
    record(play, play.session(SESSION), MISSED, why=SessionReason.EXECUTIVE_UNAVAILABLE)
    programme = Programme(cast("Client", None), play.database, CLOCK, "nowhere")
    noted = form.model_validate({"actor": people.COORDINATOR, "note": "She was unsure.", **said})

    with pytest.raises(Refused, match="Executive sessions carry no notes"):
        await ask(programme, noted)

    with play.reading() as rows:
        assert rows.execute(select(func.count()).select_from(NoteRow)).scalar_one() == 0


def test_what_is_kept_of_an_executive_session_is_codes_and_instants(autumn: Posted) -> None:
    """P07: nothing that a person could have written is in its rows or in its journal."""
    play, session = autumn.play, monthly(autumn.play)[0]
    record(play, session, HELD, attended=(people.SPONSOR,))
    record(play, session, MISSED, why=SessionReason.EXECUTIVE_UNAVAILABLE)
    kind = play.edition.session_kind("executive")
    for one in play.sessions(play.executive):
        texts = one.model_dump(include={"place", "recorded_by", "kind"}).values()
        assert {text for text in texts if text} <= {kind.place, kind.id, people.COORDINATOR}
    entries = [*play.journal(play.executive), *play.journal(session.id)]
    assert len(entries) > 3
    for entry in entries:
        assert entry.note_id is None
        assert all(isinstance(fact, int) or " " not in fact for fact in entry.facts.values())
