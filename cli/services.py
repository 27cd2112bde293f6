"""Commands that look at services: the list, and one service's page."""

from typing import Annotated

from cyclopts import Parameter

from cli import naming, paper, words
from cli.desk import Desk
from cli.options import AtDesk, EditionOption, Json, ServiceId
from cli.sentences import Now
from cli.service_page import print_page
from cli.sheets import SheetOption, write
from planning.calendar import calendar_of
from schemas.courses import PlaceState, Stage
from storage.editions import latest_edition
from storage.reads.edition_page import EditionPage, edition_page
from storage.reads.service_list import ServiceSummary, services_of
from storage.reads.service_page import service_page


def services(
    *,
    stage: Annotated[
        tuple[Stage, ...], Parameter(help="Only services at this stage; may be repeated.")
    ] = (),
    edition: EditionOption = None,
    json: Json = False,
    csv: SheetOption = None,
    desk: AtDesk,
) -> None:
    """List services: stuck chases first, then what needs a look, then open chases."""
    with desk.reading() as rows:
        found = naming.the_edition(rows, edition)
        now = Now(desk.now(rows), found, calendar_of(found))
        page = edition_page(rows, found.id, now.at)
        listed = services_of(rows, found.id, now.at)
    chosen = tuple(one for one in listed if not stage or one.stage in stage)
    if csv is not None:
        write(desk, csv, chosen)
    elif json:
        desk.json({"edition": found.id, "now": now.at, "services": chosen})
    else:
        _print(desk, now, page, chosen)


def show(
    service: ServiceId,
    /,
    *,
    edition: EditionOption = None,
    json: Json = False,
    desk: AtDesk,
) -> None:
    """Show who a service is, where it stands, what is next, and what happened lately."""
    with desk.reading() as rows:
        edition_id, service_id = naming.the_enrolled(rows, service, edition)
        found = latest_edition(rows, edition_id)
        now = Now(desk.now(rows), found, calendar_of(found))
        page = service_page(rows, edition_id, service_id, now.at)
    if json:
        desk.json({"edition": edition_id, "now": now.at, **page.model_dump(mode="json")})
    else:
        print_page(desk, now, page)


def _print(desk: Desk, now: Now, page: EditionPage, listed: tuple[ServiceSummary, ...]) -> None:
    desk.say(
        f"{now.edition.title} ({now.edition.id}), {now.local.instant(now.at)}:"
        f" {words.counted(len(listed), 'service')}"
    )
    paper.pairs(desk, _counts(page, listed))
    if not listed:
        return
    desk.say("")
    columns = (
        "=service",
        "ward",
        "=stage",
        "#held",
        "#missed",
        "#to come",
        "=next",
        "worth a look",
    )
    paper.table(desk, columns, ([*_cells(one, now)] for one in listed))


def _counts(page: EditionPage, listed: tuple[ServiceSummary, ...]) -> list[tuple[str, str]]:
    places = page.places
    stages = ", ".join(
        f"{count} {words.STAGES[stage]}"
        for stage in Stage
        if (count := sum(one.stage is stage for one in listed))
    )
    stuck = sum(one.stuck for one in listed)
    looks = sum(bool(one.attention or one.stuck) for one in listed if not one.stage.is_end)
    return [
        (
            "places",
            f"{places[PlaceState.TAKEN]} of {page.edition.places} taken,"
            f" {words.counted(places[PlaceState.OFFERED], 'offer')} open",
        ),
        ("stages", stages or "nobody has applied yet"),
        (
            "to do",
            f"{words.counted(sum(one.chases for one in listed), 'chase')} open, {stuck} stuck;"
            f" {words.counted(looks, 'service')} to look at",
        ),
    ]


def _cells(one: ServiceSummary, now: Now) -> tuple[object, ...]:
    looks = [words.attention(one.attention)] if one.attention not in {"", "stuck"} else []
    if one.stuck:
        looks.append(f"{one.stuck} stuck")
    if one.chases - one.stuck:
        looks.append(words.counted(one.chases - one.stuck, "chase"))
    if one.unrecorded:
        looks.append(f"{one.unrecorded} without a record")
    return (
        one.service_id,
        one.service,
        words.STAGES[one.stage],
        one.held,
        one.missed,
        one.to_come,
        now.local.instant(one.next_at) if one.next_at else "",
        "; ".join(looks),
    )
