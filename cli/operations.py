"""The command that lists operations on many courses, shows one, and goes on with it."""

from datetime import datetime
from typing import Annotated

from cyclopts import Parameter

from cli import naming, paper, words
from cli.desk import Desk
from cli.faults import ExitCode, FaultError, usage
from cli.local_time import LocalTime
from cli.operating import again, tally
from cli.options import AtDesk, EditionOption, Json
from schemas.base import Record
from schemas.edition import Edition
from schemas.operations import ItemState, Operation, OperationAct, OperationItem
from storage import operations
from storage.editions import latest_edition

ACTS = {
    OperationAct.PAUSE: "pause",
    OperationAct.RESUME: "resume",
    OperationAct.MOVE: "move",
    OperationAct.REPLACE: "replace",
    OperationAct.ABSENCE: "absence",
    OperationAct.UNDO_ABSENCE: "absence undone",
}
STATES = {
    ItemState.WAITING: "to do",
    ItemState.DONE: "done",
    ItemState.REFUSED: "left",
}


class OperationLine(Record):
    """One line of the list of operations."""

    id: str
    act: OperationAct
    scope: str
    actor: str
    recorded_at: datetime
    ended_at: datetime | None
    undoes: str | None
    done: int
    refused: int
    waiting: int


async def list_operations(
    operation: Annotated[str | None, Parameter(help="One of them, such as OP-3.")] = None,
    /,
    *,
    resume: Annotated[bool, Parameter(help="Go on with what is left of it.")] = False,
    edition: EditionOption = None,
    json: Json = False,
    desk: AtDesk,
) -> ExitCode | None:
    """List acts on many services, the latest first, with how far each is; or show one."""
    if operation is None:
        if resume:
            raise usage("Say which one goes on: drumbeat operations OP-3 --resume.")
        _list(desk, edition, as_json=json)
        return None
    with desk.reading() as rows:
        known = operations.operation(rows, operation.strip())
        if known is None:
            raise FaultError(f"There is no operation {operation}: drumbeat operations lists them.")
        items = operations.items_of(rows, known.id)
        zone = latest_edition(rows, known.edition_id)
    if resume:
        return await again(desk, known)
    if json:
        desk.json({"operation": known, "items": items})
    else:
        _show(desk, known, items, zone)
    return None


def _list(desk: Desk, edition: str | None, *, as_json: bool) -> None:
    with desk.reading() as rows:
        found = naming.the_edition(rows, edition)
        known = operations.operations_of(rows, found.id)
        counts = operations.progress(rows, [one.id for one in known])
    lines = [
        OperationLine(
            **one.model_dump(include=set(OperationLine.model_fields)),
            done=counts[one.id][ItemState.DONE],
            refused=counts[one.id][ItemState.REFUSED],
            waiting=counts[one.id][ItemState.WAITING],
        )
        for one in known
    ]
    if as_json:
        desk.json({"edition": found.id, "operations": lines})
        return
    desk.say(f"{found.title} ({found.id}): {words.counted(len(lines), 'operation')}")
    if lines:
        desk.say("")
        columns = ("=id", "=when", "=what", "for whom", "=who", "how far")
        local = LocalTime(found.zone)
        paper.table(desk, columns, (_cells(one, dict(counts[one.id]), local) for one in lines))


def _cells(one: OperationLine, count: dict[ItemState, int], local: LocalTime) -> tuple[object, ...]:
    when = local.instant(one.recorded_at)
    undoes = f", takes back {one.undoes}" if one.undoes else ""
    return one.id, when, ACTS[one.act], f"{scope(one.scope)}{undoes}", one.actor, tally(count)


def scope(code: str) -> str:
    """Return for whom an operation is, in words."""
    if code == "edition":
        return "the whole edition"
    return ", ".join(one.replace(":", " ", 1) for one in code.split())


def _show(desk: Desk, known: Operation, items: tuple[OperationItem, ...], edition: Edition) -> None:
    local = LocalTime(edition.zone)
    when = local.instant(known.recorded_at)
    desk.say(f"{known.id}: {ACTS[known.act]} for {scope(known.scope)}, {known.actor}, {when}")
    if not items:
        desk.say("Nothing was to be done.")
        return
    desk.say("")
    columns = ("#", "=about", "=state", "what")
    own = f"{known.edition_id}/"
    paper.table(
        desk,
        columns,
        (
            (
                one.number,
                one.subject.partition(own)[2] or one.subject,
                STATES[one.state],
                one.answer or one.summary,
            )
            for one in items
        ),
    )
    if any(one.state is ItemState.WAITING for one in items):
        desk.say("", f"It goes on with: drumbeat operations {known.id} --resume")
