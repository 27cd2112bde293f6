"""One act on many courses: written down first, then handed in at the door item by item.

An operation and its items are rows before the first of them is carried out, and each item is a
request with a name of its own. So a process that is killed loses nothing: whoever goes on hands in
what waits, and what was committed without our hearing of it is answered and not done again.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session as Rows

from runtime.asking import Refused
from schemas import forms
from schemas.courses import JournalEntry
from schemas.forms import ActForm, Answer
from schemas.ids import edition_course_id
from schemas.operations import ItemState, Operation, OperationAct, OperationItem
from storage import journal, operations
from storage.database import Database
from storage.editions import latest_edition
from storage.notes import keep_note, note_text

if TYPE_CHECKING:
    from runtime.programme import Programme

ANSWER_LENGTH = 500
AT_ONCE = timedelta(hours=1)
"""Programme time within which all items of an operation count from the same instant."""

EXECUTIVE = "executive-coaching/"

FORMS: dict[OperationAct, tuple[str, type[ActForm]]] = {
    OperationAct.PAUSE: ("pause", forms.PauseForm),
    OperationAct.RESUME: ("resume", forms.ResumeForm),
    OperationAct.MOVE: ("move", forms.MoveForm),
    OperationAct.REPLACE: ("assign_coach", forms.CoachForm),
    OperationAct.ABSENCE: ("arrange", forms.ArrangeForm),
    OperationAct.UNDO_ABSENCE: ("arrange", forms.ArrangeForm),
}
"""The door's method that takes the items of an operation, and the form that it takes."""

EXECUTIVE_FORMS: dict[OperationAct, tuple[str, type[ActForm]]] = {
    OperationAct.REPLACE: ("assign_executive_coach", forms.ExecutiveCoachForm),
}
"""The same, where a sponsor's coaching is taken otherwise than a service's."""


def begin(
    rows: Rows,
    said: Operation,
    items: Sequence[OperationItem],
    *,
    request_id: str | None = None,
    note: str = "",
) -> Operation:
    """Write an operation down under an id of its own; one asked for by its name is found again.

    Args:
        rows: The transaction that writes it.
        said: What is asked, without an id.
        items: What it does, without the operation's id.
        request_id: The asker's name of the act; with it a repeat finds the first one.
        note: What the asker wrote.

    Raises:
        Refused: Another act has that name, or somebody else took the id at the same moment.

    """
    known = begun(rows, said, request_id)
    if known is not None:
        return known
    operation_id = _id_of(request_id) if request_id else _next_id(rows)
    note_id = keep_note(rows, operation_id, note, said.actor, said.at) if note else None
    new = said.model_copy(update={"id": operation_id, "note_id": note_id})
    mine = [one.model_copy(update={"operation_id": operation_id}) for one in items]
    if not operations.add_operation(rows, new, mine):
        raise Refused("Somebody else began an operation at this moment: ask for yours again.")
    _note(rows, new, "operation.began", new.recorded_at, items=len(mine))
    return new


def begun(rows: Rows, said: Operation, request_id: str | None) -> Operation | None:
    """Return the operation that was begun for the same request, if any was.

    Raises:
        Refused: Another act has that name.

    """
    known = named(rows, request_id)
    if known is not None and _is_other(known, said):
        words = known.act.value.replace("_", " ")
        raise Refused(
            f"Request {request_id} is {known.id} already: {words} for {known.scope}. "
            "Give this one another name."
        )
    return known


def named(rows: Rows, request_id: str | None) -> Operation | None:
    """Return the operation that was asked for by a name, if any was."""
    return operations.operation(rows, _id_of(request_id)) if request_id else None


def _is_other(known: Operation, said: Operation) -> bool:
    return (known.edition_id, known.act, known.scope) != (said.edition_id, said.act, said.scope)


async def carry_on(
    programme: "Programme",
    database: Database,
    operation: Operation,
    now: Callable[[], datetime],
    tell: Callable[[OperationItem], None],
) -> None:
    """Hand in whatever waits of an operation, in its order; what is refused is left behind.

    Args:
        programme: The door.
        database: Where the operation is.
        operation: Which; one that has ended is left alone.
        now: Programme time.
        tell: Hears of each item as soon as something has become of it.

    Raises:
        EngineDown: The engine did not answer; go on later.

    """
    with database.reading() as rows:
        items = operations.items_of(rows, operation.id)
        note = note_text(rows, operation.note_id) if operation.note_id else ""
    for item in items:
        if item.state is not ItemState.WAITING:
            continue
        at = _counts_from(operation, now())
        settled = await _hand_in(programme, operation.model_copy(update={"at": at}), item, note)
        settled = settled.model_copy(update={"ended_at": now()})
        tell(await asyncio.to_thread(_keep, database, settled))
    await asyncio.to_thread(_close, database, operation.id, now())


def close(rows: Rows, operation: Operation, at: datetime) -> None:
    """Note that nothing of an operation waits any more; noting it twice changes nothing."""
    known = operations.operation(rows, operation.id)
    items = operations.items_of(rows, operation.id)
    if known is None or known.ended_at is not None:
        return
    if any(one.state is ItemState.WAITING for one in items):
        return
    operations.save_operation(rows, known.model_copy(update={"ended_at": at}))
    refused = sum(one.state is ItemState.REFUSED for one in items)
    _note(rows, known, "operation.ended", at, items=len(items), refused=refused)


def _counts_from(operation: Operation, now: datetime) -> datetime:
    """Return from when an item counts: what goes on long after it was asked counts from then.

    What happened meanwhile has happened, unless whoever asked gave a time of their own.
    """
    own_time = operation.at != operation.recorded_at
    return operation.at if own_time or now - operation.at <= AT_ONCE else now


async def _hand_in(
    programme: "Programme", operation: Operation, item: OperationItem, note: str
) -> OperationItem:
    executive = item.course_id.startswith(EXECUTIVE)
    own = EXECUTIVE_FORMS.get(operation.act) if executive else None
    method, form = own or FORMS[operation.act]
    act: Callable[[Any], Awaitable[Answer]] = getattr(programme, method)
    said: dict[str, Any] = {
        "actor": operation.actor,
        "at": operation.at,
        "request_id": item.request_id,
        "reason": operation.reason,
        # Nothing about executive coaching carries a note (P07).
        "note": "" if executive else note,
    }
    if operation.act in {OperationAct.ABSENCE, OperationAct.UNDO_ABSENCE}:
        said["operation"] = operation.id
    try:
        answer = await act(form.model_validate({**item.wish, **said}))
    except Refused as refused:
        state, text = ItemState.REFUSED, str(refused)
    else:
        state, text = ItemState.DONE, answer.text
    return item.model_copy(update={"state": state, "answer": text[:ANSWER_LENGTH]})


def _keep(database: Database, item: OperationItem) -> OperationItem:
    """Write down what came of an item, unless somebody else has; return what did."""
    with database.transaction() as rows:
        known = next(
            one for one in operations.items_of(rows, item.operation_id) if one.number == item.number
        )
        if known.state is not ItemState.WAITING:
            return known
        operations.save_item(rows, item)
        return item


def _close(database: Database, operation_id: str, at: datetime) -> None:
    with database.transaction() as rows:
        known = operations.operation(rows, operation_id)
        if known is not None:
            close(rows, known, at)


def _id_of(request_id: str) -> str:
    return f"OP-{hashlib.sha256(request_id.encode()).hexdigest()[:8]}"


def _next_id(rows: Rows) -> str:
    known = operations.operation_ids(rows)
    number = len(known) + 1
    while f"OP-{number}" in known:
        number += 1
    return f"OP-{number}"


def _note(rows: Rows, operation: Operation, event: str, at: datetime, **facts: int) -> None:
    """Write down in the journal that an operation began or ended; its items carry its id."""
    edition = latest_edition(rows, operation.edition_id)
    entry = JournalEntry(
        course_id=edition_course_id(operation.edition_id),
        edition_id=operation.edition_id,
        event=event,
        subject=operation.id,
        actor=operation.actor,
        at=max(operation.at, at),
        recorded_at=at,
        reason=operation.reason or None,
        note_id=operation.note_id,
        request_id=operation.id,
        policy_version=edition.version,
        facts={"act": operation.act.value, **facts},
    )
    journal.write(rows, [entry])
