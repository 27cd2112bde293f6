"""The command that deals with a database put back to an older copy."""

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from cli import naming, words
from cli.asking import fill
from cli.desk import Desk
from cli.faults import ExitCode, FaultError
from cli.local_time import LocalTime
from cli.options import Act, AtDesk, Json, When
from schemas.forms import RestoreForm

if TYPE_CHECKING:
    from runtime.restoring import Gap, Reconciled
    from storage.restoring import Restored

ZONE = "Europe/London"
PATIENCE = 5.0
"""Seconds that the Temporal server has to answer."""


async def restore(
    *,
    from_: Annotated[When, Parameter(name="--from", help="When the copy was made.")],
    to: Annotated[When, Parameter(help="When the lost database was last at work.")],
    dry_run: Annotated[bool, Parameter(help="Change nothing; tell what would be.")] = False,
    act: Act,
    json: Json = False,
    desk: AtDesk,
) -> int:
    """Deal with a database that was put back to an older copy.

    What may have gone out since the copy was made does not go again, every workflow takes over what
    the database says, and dispatch goes on. Repeat it at will.
    """
    from runtime.asking import Refused
    from runtime.restoring import close_gap, gap_of

    with desk.reading() as rows:
        fields = {**act.fields(ZONE), "actor": naming.the_actor(rows, act.actor)}
        now = desk.now(rows)
    form = fill(RestoreForm, **fields, from_at=from_.instant(ZONE), to_at=to.instant(ZONE))
    try:
        gap = gap_of(desk.database, form, now)
    except Refused as refused:
        raise FaultError(str(refused)) from None
    if dry_run:
        _print(desk, form, gap, None, None) if not json else desk.json(_said(gap, None, None))
        return ExitCode.DONE
    restored = close_gap(desk.database, form, now)
    found = await _reconciled(desk, restored)
    _print(desk, form, gap, restored, found) if not json else desk.json(_said(gap, restored, found))
    return ExitCode.UNREACHABLE if found is None else ExitCode.DONE


async def _reconciled(desk: Desk, restored: "Restored") -> "Reconciled | None":
    from temporalio.service import RPCError

    from runtime.restoring import Reconciliation
    from runtime.temporal import connect, drain

    settings = desk.settings
    try:
        async with asyncio.timeout(PATIENCE):
            client = await connect(settings.temporal_address, settings.temporal_namespace)
        with desk.reading() as rows:
            now = desk.now(rows)
        return await Reconciliation(client, desk.database, settings.task_queue).run(restored, now)
    except (TimeoutError, RuntimeError, RPCError):
        return None
    finally:
        await drain()


def _print(
    desk: Desk,
    form: RestoreForm,
    gap: "Gap",
    restored: "Restored | None",
    found: "Reconciled | None",
) -> None:
    local = LocalTime(ZONE)
    if gap.last_change_at is not None and gap.dealt_with is None:
        desk.say(f"The last change in this copy is of {local.instant(gap.last_change_at)}.")
    if gap.known_at is not None:
        desk.say(f"The lost database was last dispatched from at {local.instant(gap.known_at)}.")
    if gap.dealt_with is not None:
        desk.say("This was dealt with before; no message is touched again.")
    else:
        _print_messages(desk, gap, until=local.instant(form.to_at))
    if restored is None:
        _print_a_better_end(desk, form, gap)
        desk.say("Nothing was changed.")
        return
    if gap.messages:
        desk.say("They are unknown now, and do not go again: drumbeat mail list --state unknown.")
    if found is None:
        desk.say("Temporal does not answer: start it, and repeat this for the workflows.")
        return
    _print_workflows(desk, found)


def _print_a_better_end(desk: Desk, form: RestoreForm, gap: "Gap") -> None:
    """Tell of an earlier --to that is late enough: what fell due after it still goes."""
    if gap.over_at is None or gap.dealt_with is not None:
        return
    written = gap.over_at.astimezone(ZoneInfo(ZONE)).replace(second=0, microsecond=0)
    if gap.messages and written < form.to_at:
        desk.say(
            f"Nothing can have gone from it after {written:%Y-%m-%d %H:%M}: give that as --to, "
            "and what fell due since then still goes."
        )


def _print_messages(desk: Desk, gap: "Gap", until: str) -> None:
    count = words.counted(gap.messages.total(), "message")
    kinds: Counter[str] = Counter()
    for (kind, _), number in gap.messages.items():
        kinds[kind] += number
    named = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    desk.say(
        f"{count} due by {until} may have gone from the lost database"
        + (f": {named}." if named else ".")
    )


def _print_workflows(desk: Desk, found: "Reconciled") -> None:
    desk.say(f"{words.counted(len(found.told), 'workflow')} looked again.")
    if found.started:
        desk.say(f"Started anew: {', '.join(found.started)}.")
    for course_id, (known, version) in found.lost.items():
        lost = words.counted(known - version, "change")
        desk.say(f"{course_id} is at version {version} again: {lost} lost.")
    if found.lost:
        desk.say("What people did in that time has to be done again.")
    if found.strangers:
        desk.say(f"The database does not know these: {', '.join(found.strangers)}.")
        desk.say("Services among them have to apply again.")
    if found.waiting:
        desk.say(f"Still waiting: {', '.join(found.waiting)}. See that a worker runs.")


def _said(gap: "Gap", restored: "Restored | None", found: "Reconciled | None") -> dict[str, Any]:
    """Return what there is to say, for machines."""
    messages: dict[str, int] = {}
    for (kind, _), number in gap.messages.items():
        messages[kind] = messages.get(kind, 0) + number
    return {
        "dry_run": restored is None,
        "last_change_at": gap.last_change_at,
        "known_at": gap.known_at,
        "over_at": gap.over_at,
        "messages": messages,
        "workflows": None if found is None else vars(found),
    }
