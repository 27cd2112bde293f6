"""Commands that do one thing to many services: shown first, done with ``--apply``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter
from sqlalchemy.orm import Session as Rows

from cli import naming, paper, words
from cli.bulk_refusals import (
    refuse_day,
    refuse_ended,
    refuse_executive_coach,
    refuse_past,
    refuse_stand_in,
    refuse_stranger,
)
from cli.desk import Desk
from cli.faults import ExitCode, FaultError, usage
from cli.operating import Apply, again, do, said
from cli.options import AtDesk, Day, EditionOption, Json, LaterAct
from runtime.asking import Refused
from runtime.bulk import EXECUTIVE, begin, begun
from runtime.bulk_executive import moving_executives, replacing_executives
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
        refuse_executive_coach(reader)
        refuse_past(reader, until, "--until")
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
        refuse_executive_coach(reader)
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
        refuse_stranger(reader)
        refuse_past(reader, on, "--on")
        refuse_past(reader, to, "--to")
        refuse_day(reader, to)
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
        refuse_stranger(reader)
        refuse_stand_in(reader, leaves, named)
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
            scope, asked = self._scope(rows, whom), act or LaterAct()
            known = self._begun(rows, edition, scope, asked) if apply else None
            if known is None:
                reader = BulkReader.of(rows, edition, scope, self.desk.now(rows))
                lines = plan(reader)
                refuse_ended(reader)
        if known is not None:
            return await again(self.desk, known)
        if not apply:
            self._show(edition, scope, lines, json=json)
            return None
        items = _items(lines)
        if not items:
            raise FaultError("There is nothing to do: without --apply it is shown why.")
        with self.desk.reading() as rows:
            operation = self._said(rows, edition, scope, asked)

        def write(rows: Rows) -> Operation:
            name, note = asked.request_id, asked.note
            return begin(rows, operation, items, request_id=name, note=note)

        return await do(self.desk, write)

    def _begun(
        self, rows: Rows, edition: Edition, scope: Scope, asked: LaterAct
    ) -> Operation | None:
        """Return what the same request began before: it goes on, whatever is to be done by now."""
        if asked.request_id is None:
            return None
        try:
            return begun(rows, self._said(rows, edition, scope, asked), asked.request_id)
        except Refused as error:
            raise FaultError(str(error)) from None

    def _said(self, rows: Rows, edition: Edition, scope: Scope, asked: LaterAct) -> Operation:
        """Return the operation as it is asked for."""
        asking = {"act": self.act, "scope": scope.words, "wish": self.wish}
        return said(self.desk, rows, edition, asked).model_copy(update=asking)

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
