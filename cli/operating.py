"""What commands about many courses share: who asks, doing it with progress, what is left."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from sqlalchemy.orm import Session as Rows

from cli import naming, words
from cli.desk import Desk
from cli.faults import ExitCode, FaultError, usage
from cli.options import LaterAct
from runtime.bulk import carry_on
from schemas.edition import Edition
from schemas.forms import ActForm
from schemas.operations import ItemState, Operation, OperationAct, OperationItem
from storage import operations

if TYPE_CHECKING:
    from runtime.programme import Programme

Apply = Annotated[bool, Parameter(name="--apply", help="Do it; without it, it is only shown.")]


def said(desk: Desk, rows: Rows, edition: Edition, act: LaterAct) -> Operation:
    """Return what an operation says of who asks; its act and scope are filled in by others."""
    if not act.actor:
        raise usage("Say who asks with --as PERSON, such as --as PER-0001.")
    now = desk.now(rows)
    fields = act.fields(edition.zone) | {"actor": naming.the_actor(rows, act.actor)}
    try:
        ActForm(**fields)
    except ValueError:
        why = "--reason takes a code of small letters and underscores, such as annual_leave."
        raise usage(why) from None
    return Operation(
        id="",
        edition_id=edition.id,
        act=OperationAct.PAUSE,
        scope="",
        actor=fields["actor"],
        at=fields["at"] or now,
        recorded_at=now,
        reason=act.reason,
    )


async def do(desk: Desk, write: Callable[[Rows], Operation]) -> ExitCode:
    """Open the door, write an operation down, and carry it out with a line for each item."""
    async with desk.programme() as programme:
        with desk.writing() as rows:
            operation = write(rows)
        await go_on(desk, programme, operation)
    return _ended(desk, operation)


async def again(desk: Desk, operation: Operation) -> ExitCode:
    """Carry out what is left of an operation."""
    async with desk.programme() as programme:
        await go_on(desk, programme, operation)
    return _ended(desk, operation)


async def go_on(desk: Desk, programme: "Programme", operation: Operation) -> None:
    """Hand in what waits, and say of each item what became of it."""
    from runtime.asking import EngineDown

    with desk.reading() as rows:
        items = operations.items_of(rows, operation.id)
    left = [one for one in items if one.state is ItemState.WAITING]
    numbers = iter(range(len(items) - len(left) + 1, len(items) + 1))
    width = 1 + int(math.log10(max(len(items), 1)))

    def tell(item: OperationItem) -> None:
        mark = "" if item.state is ItemState.DONE else "left: "
        desk.say(f"{next(numbers):>{width}}/{len(items)}  {mark}{item.answer}")

    try:
        await carry_on(programme, desk.database, operation, lambda: _now(desk), tell)
    except EngineDown as error:
        how = f"What is left goes on with: drumbeat operations {operation.id} --resume"
        raise FaultError(f"{error}\n{how}", ExitCode.UNREACHABLE) from None


def _now(desk: Desk) -> datetime:
    with desk.reading() as rows:
        return desk.now(rows)


def _ended(desk: Desk, operation: Operation) -> ExitCode:
    with desk.reading() as rows:
        count = operations.progress(rows, [operation.id])[operation.id]
    desk.say(f"{operation.id}: {tally(count)}.")
    if operation.act is OperationAct.ABSENCE:
        how = f"drumbeat absence --undo {operation.id} --as {operation.actor}"
        desk.say(f"What has not happened yet is taken back with: {how}")
    return ExitCode.REFUSED if count[ItemState.REFUSED] else ExitCode.DONE


def tally(count: dict[ItemState, int]) -> str:
    """Return how far an operation is, in words."""
    total = sum(count.values())
    if not total:
        return "nothing was to be done"
    parts = [f"{count.get(ItemState.DONE, 0)} of {words.counted(total, 'item')} done"]
    if count.get(ItemState.REFUSED):
        parts.append(f"{count[ItemState.REFUSED]} left as they were")
    if count.get(ItemState.WAITING):
        parts.append(f"{count[ItemState.WAITING]} still to do")
    return ", ".join(parts)
