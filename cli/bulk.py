"""Commands that do one thing to many services: shown first, done with ``--apply``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from cyclopts import Parameter
from sqlalchemy.orm import Session as Rows

from cli import naming, paper, words
from cli.desk import Desk
from cli.faults import ExitCode, FaultError, usage
from cli.local_time import day_words
from cli.operating import Apply, do, said
from cli.options import AtDesk, Day, EditionOption, Json, LaterAct
from runtime.bulk import EXECUTIVE, begin
from runtime.bulk_executive import (
    coaches_executives,
    coaches_services,
    moving_executives,
    replacing_executives,
)
from runtime.bulk_plans import BulkLine, BulkReader, Scope
from schemas.edition import Edition
from schemas.operations import Operation, OperationAct, OperationItem
from storage.people import organisation
from storage.reads.regions import regions

SUMMARY_LENGTH = 500


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Whom:
    """Whom it is for; where several are said, all must be true.

    Attributes:
        region: Services of a region.
        organisation: Services of an organisation, such as ORG-03.
        coach: Services of a delivery coach, or sponsors of an executive coach.
        dry_run: Only show it, which is what happens without --apply too.

    """

    region: Annotated[str | None, Parameter(metavar="REGION")] = None
    organisation: Annotated[str | None, Parameter(metavar="ID")] = None
    coach: Annotated[str | None, Parameter(metavar="PERSON")] = None
    dry_run: Annotated[bool, Parameter(name="--dry-run")] = False


Plan = Callable[[BulkReader], tuple[BulkLine, ...]]


async def pause(
    *,
    until: Annotated[
        Day | None, Parameter(help="Last day of the pause; else it lasts until it is resumed.")
    ] = None,
    whom: Whom | None = None,
    edition: EditionOption = None,
    apply: Apply = False,
    json: Json = False,
    act: LaterAct | None = None,
    desk: AtDesk,
) -> ExitCode | None:
    """Let many services rest; sessions that their sponsors share go on."""
    wish = {} if until is None else {"until": until.isoformat()}
    bulk = _Bulk(desk, OperationAct.PAUSE, whom, edition, wish)

    def plan(reader: BulkReader) -> tuple[BulkLine, ...]:
        _refuse_executive_coach(reader)
        return reader.pausing(until)

    return await bulk.run(plan, act, apply=apply, json=json)


async def resume(
    *,
    whom: Whom | None = None,
    edition: EditionOption = None,
    apply: Apply = False,
    json: Json = False,
    act: LaterAct | None = None,
    desk: AtDesk,
) -> ExitCode | None:
    """End the pauses of many services; nothing past is sent."""
    bulk = _Bulk(desk, OperationAct.RESUME, whom, edition, {})

    def plan(reader: BulkReader) -> tuple[BulkLine, ...]:
        _refuse_executive_coach(reader)
        return reader.resuming()

    return await bulk.run(plan, act, apply=apply, json=json)


async def move(
    *,
    on: Annotated[Day, Parameter(help="The day whose sessions move.")],
    to: Annotated[Day, Parameter(help="The day to which they move, each at its own hour.")],
    whom: Whom | None = None,
    edition: EditionOption = None,
    apply: Apply = False,
    json: Json = False,
    act: LaterAct | None = None,
    desk: AtDesk,
) -> ExitCode | None:
    """Move a day's sessions of many services, or of an executive coach, to another day."""
    wish = {"on": on.isoformat(), "to": to.isoformat()}
    bulk = _Bulk(desk, OperationAct.MOVE, whom, edition, wish)

    def plan(reader: BulkReader) -> tuple[BulkLine, ...]:
        _refuse_day(reader, to)
        return (*reader.moving(on, to), *moving_executives(reader, on, to))

    return await bulk.run(plan, act, apply=apply, json=json)


async def replace(
    *,
    by: Annotated[
        tuple[str, ...],
        Parameter(
            name="--with", help="Who takes over; may be repeated. Else whoever has the fewest."
        ),
    ] = (),
    whom: Whom | None = None,
    edition: EditionOption = None,
    apply: Apply = False,
    json: Json = False,
    act: LaterAct | None = None,
    desk: AtDesk,
) -> ExitCode | None:
    """Give the services, or sponsors, of a coach who leaves to others, with all to come."""
    if whom is None or whom.coach is None:
        raise usage("Say who leaves with --coach PERSON.")
    bulk = _Bulk(desk, OperationAct.REPLACE, whom, edition, {"with": " ".join(by)})

    def plan(reader: BulkReader) -> tuple[BulkLine, ...]:
        leaves, named = (
            reader.scope.coach or "",
            [naming.the_person(reader.rows, one) for one in by],
        )
        services = reader.replacing(leaves, named)
        return (*services, *replacing_executives(reader, leaves, named))

    return await bulk.run(plan, act, apply=apply, json=json)


@dataclass(frozen=True)
class _Bulk:
    """One act on many services, as it was asked for."""

    desk: Desk
    act: OperationAct
    whom: Whom | None
    edition: str | None
    wish: dict[str, str]

    async def run(
        self, plan: Plan, act: LaterAct | None, *, apply: bool, json: bool
    ) -> ExitCode | None:
        """Show what would happen, or do it."""
        whom = self.whom or Whom()
        if apply and whom.dry_run:
            raise usage("--apply does it and --dry-run only shows it: say one of them.")
        with self.desk.reading() as rows:
            edition = naming.the_edition(rows, self.edition)
            scope = self._scope(rows, whom)
            lines = plan(BulkReader.of(rows, edition, scope, self.desk.now(rows)))
        if not apply:
            self._show(edition, scope, lines, json=json)
            return None
        items = _items(lines)
        if not items:
            raise FaultError("There is nothing to do: without --apply it is shown why.")
        asked = act or LaterAct()
        with self.desk.reading() as rows:
            operation = said(self.desk, rows, edition, asked).model_copy(
                update={"act": self.act, "scope": scope.words, "wish": self.wish}
            )

        def write(rows: Rows) -> Operation:
            name, note = asked.request_id, asked.note
            return begin(rows, operation, items, request_id=name, note=note)

        return await do(self.desk, write)

    def _scope(self, rows: Rows, whom: Whom) -> Scope:
        if not (whom.region or whom.organisation or whom.coach or self.edition):
            raise usage(
                "Say for whom: --region, --organisation, --coach, or --edition for all of it."
            )
        named = whom.organisation.strip().upper() if whom.organisation else None
        if named and organisation(rows, named) is None:
            raise FaultError(f"There is no organisation {whom.organisation}.")
        known = {_plain(one): one for one in regions(rows)}
        region = known.get(_plain(whom.region)) if whom.region else None
        if whom.region and region is None:
            there_are = words.listed(sorted(known.values()))
            raise FaultError(f"There is no region {whom.region}: there are {there_are}.")
        coach = naming.the_person(rows, whom.coach) if whom.coach else None
        return Scope(region=region, organisation=named, coach=coach)

    def _show(
        self, edition: Edition, scope: Scope, lines: tuple[BulkLine, ...], *, json: bool
    ) -> None:
        desk = self.desk
        if json:
            desk.json({"edition": edition.id, "scope": scope.words, "lines": lines})
            return
        doing = [one for one in lines if one.wish is not None]
        sponsors = [one for one in lines if one.course_id.startswith(EXECUTIVE)]
        noun = "sponsor" if sponsors and len(sponsors) == len(lines) else "service"
        noun = "session" if self.act is OperationAct.MOVE else noun
        counted = f"{len(doing)} of {words.counted(len(lines), noun)}"
        desk.say(f"{edition.title} ({edition.id}), {_for(scope)}: {counted}")
        if lines:
            desk.say("")
            paper.table(
                desk,
                ("=whose", "name", "what would happen")
                if sponsors
                else ("=service", "ward", "what would happen"),
                ((one.service_id, one.service, one.happens) for one in lines),
            )
        looks = [f"- {one.service_id}: {said}." for one in lines for said in one.warnings]
        if looks:
            paper.heading(desk, "Worth a look")
            paper.block(desk, "\n".join(looks))
        if doing:
            desk.say("", "Nothing has been done. The same with --apply --as PERSON does it.")


def _items(lines: tuple[BulkLine, ...]) -> list[OperationItem]:
    doing = [one for one in lines if one.wish is not None]
    return [
        OperationItem(
            operation_id="",
            number=number,
            course_id=one.course_id,
            subject=one.subject,
            wish=one.wish or {},
            summary=_sentence(one)[:SUMMARY_LENGTH],
        )
        for number, one in enumerate(doing, start=1)
    ]


def _sentence(one: BulkLine) -> str:
    return "; ".join([one.happens, *one.warnings])


def _for(scope: Scope) -> str:
    named = [f"{name} {value}" for name, value in scope.model_dump().items() if value]
    return ", ".join(named) or "all services"


def _plain(region: str) -> str:
    """Return a region as it is compared: ``North West`` is ``north_west``."""
    return region.strip().casefold().replace(" ", "_").replace("-", "_")


def _refuse_executive_coach(reader: BulkReader) -> None:
    """Refuse a pause for whoever coaches only sponsors: their coaching rests with its services."""
    coach = reader.scope.coach
    if coaches_executives(reader, coach) and not coaches_services(reader, coach):
        raise FaultError(
            f"{coach} coaches executives, whose sessions go on while a service of theirs is "
            f"paused: drumbeat absence {coach} is for days on which a coach is away."
        )


def _refuse_day(reader: BulkReader, day: date) -> None:
    window = reader.edition.window
    if not reader.calendar.is_working_day(day):
        raise FaultError(f"{day_words(day)} is not a working day: choose another one for --to.")
    if not window.opens <= day <= window.closes:
        closes = f"{day_words(window.opens)} to {day_words(window.closes)}"
        raise FaultError(f"{day_words(day)} is outside the coaching window, {closes}.")
