"""The command that confirms the order of places (R07)."""

import csv as sheets
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli import naming, paper, words
from cli.asking import ask, fill, of_edition
from cli.desk import Desk
from cli.faults import FaultError
from cli.local_time import LocalTime
from cli.options import Act, AtDesk, EditionOption, Json
from cli.sheets import SheetOption, write
from schemas.edition import Edition
from schemas.forms import SelectForm
from storage.reads.place_order import PlaceOrder, place_order

BECAUSE = {
    "earlier_interest": "no earlier interest",
    "submitted_at": "submitted later",
    "service_id": "by its id",
}


async def select(
    *services: Annotated[
        str, Parameter(help="All services in their order; as proposed, if left out.")
    ],
    order: Annotated[
        Path | None, Parameter(help="Read the order from a sheet that --csv wrote.")
    ] = None,
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Confirm the order in which places are offered; offers go out then.

    drumbeat order shows what is proposed. An order of one's own wants a --reason.
    """
    fields = of_edition(desk, edition, act)
    chosen = _read(order) if order is not None else services
    form = fill(SelectForm, **fields, order=tuple(one.upper() for one in chosen))
    await ask(desk, lambda programme: programme.select(form))


def order(
    *,
    edition: EditionOption = None,
    json: Json = False,
    csv: SheetOption = None,
    desk: AtDesk,
) -> None:
    """Show the order of places, proposed or confirmed, and why each stands where it does."""
    with desk.reading() as rows:
        found = naming.the_edition(rows, edition)
        proposed = place_order(rows, found, desk.now(rows))
    if csv is not None:
        write(desk, csv, proposed.lines)
    elif json:
        desk.json({"edition": found.id, **proposed.model_dump()})
    else:
        _print(desk, found, proposed)


def _read(path: Path) -> tuple[str, ...]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(sheets.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise FaultError(f"{path} cannot be read: {error}.") from None
    if not lines or "service_id" not in lines[0]:
        raise FaultError(f"{path} has no column service_id: write one with drumbeat order --csv.")
    return tuple(line["service_id"] for line in lines if line["service_id"])


def _print(desk: Desk, edition: Edition, found: PlaceOrder) -> None:
    state = "confirmed" if found.confirmed else "proposed"
    desk.say(
        f"{edition.title} ({edition.id}): {state} order of"
        f" {words.counted(len(found.lines), 'service')} for {edition.places} places"
    )
    if not found.lines:
        return
    desk.say("")
    local = LocalTime(edition.zone)
    paper.table(
        desk,
        ("#", "=service", "ward", "=submitted", "place", "behind the one before"),
        (
            (
                one.rank,
                one.service_id,
                f"{one.service}, {one.organisation}",
                local.instant(one.submitted_at),
                "place" if one.has_place else "waitlist",
                BECAUSE.get(one.because, words.plain(one.because)),
            )
            for one in found.lines
        ),
    )
