"""Commands of successions and mergers: who or what takes the place of another, from a day on."""

from typing import Annotated

from cyclopts import Parameter

from cli import naming
from cli.asking import ask, fill, of_edition
from cli.desk import Desk
from cli.faults import FaultError, usage
from cli.options import Act, AtDesk, Day, EditionOption
from schemas.forms import MergeInterestForm, SuccessionForm
from schemas.successions import SuccessionKind

DryRun = Annotated[bool, Parameter(name="--dry-run", help="Say what it would do, and do nothing.")]
From = Annotated[Day, Parameter(name="--from", help="The first day of it, such as 2025-01-15.")]


async def successor(
    old: Annotated[str, Parameter(help="The executive sponsor who leaves.")],
    new: Annotated[str | None, Parameter(help="Who follows.")] = None,
    /,
    *,
    from_day: From,
    vacant: Annotated[bool, Parameter(help="Nobody follows yet.")] = False,
    dry_run: DryRun = False,
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Say who follows an executive sponsor from a day on, or that the post is vacant."""
    if (new is None) is not vacant:
        raise usage("Name who follows, or say --vacant: one of the two.")
    with desk.reading() as rows:
        named = [naming.the_person(rows, one) for one in (old, new) if one is not None]
    form = fill(
        SuccessionForm,
        **of_edition(desk, edition, act),
        kind=SuccessionKind.SPONSOR,
        old=named[0],
        new=None if vacant else named[1],
        from_day=from_day,
    )
    await _say(desk, form, dry_run=dry_run)


async def organisation(
    old: Annotated[str, Parameter(help="The organisation that goes up in another.")],
    new: Annotated[str, Parameter(help="The organisation as which it goes on.")],
    /,
    *,
    from_day: From,
    dry_run: DryRun = False,
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Let an organisation go on as another from a day on; its services keep all but its name."""
    form = fill(
        SuccessionForm,
        **of_edition(desk, edition, act),
        kind=SuccessionKind.ORGANISATION,
        old=old.strip().upper(),
        new=new.strip().upper(),
        from_day=from_day,
    )
    await _say(desk, form, dry_run=dry_run)


async def service(
    old: Annotated[str, Parameter(help="The service that goes up in the other.")],
    new: Annotated[str, Parameter(help="The service that goes on.")],
    /,
    *,
    from_day: From,
    dry_run: DryRun = False,
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Let two services of one organisation become one from a day on; no place comes free."""
    with desk.reading() as rows:
        edition_id, old_id = naming.the_enrolled(rows, old, edition)
        new_id = naming.the_enrolled(rows, new, edition_id)[1]
    form = fill(
        SuccessionForm,
        **of_edition(desk, edition_id, act),
        kind=SuccessionKind.SERVICE,
        old=old_id,
        new=new_id,
        from_day=from_day,
    )
    await _say(desk, form, dry_run=dry_run)


async def interest(
    interest: Annotated[str, Parameter(help="Id of the second expression of interest.")],
    /,
    *,
    contacts: Annotated[
        bool, Parameter(help="Its lead and sponsor take the place of the first one's.")
    ] = False,
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Merge a second expression of interest into the first, whose time stays."""
    fields = of_edition(desk, edition, act)
    fields.pop("edition")
    form = fill(MergeInterestForm, **fields, interest=interest.strip(), contacts=contacts)
    await ask(desk, lambda programme: programme.merge_interest(form))


async def _say(desk: Desk, form: SuccessionForm, *, dry_run: bool) -> None:
    """Hand a succession in, or tell in sentences what it would do."""
    if not dry_run:
        await ask(desk, lambda programme: programme.succeed(form))
        return
    from runtime.merging import told_of

    with desk.reading() as rows:
        refused, told = told_of(rows, form, desk.now(rows))
    if refused:
        raise FaultError(refused)
    desk.say(*told, "Nothing is changed: say it again without --dry-run.")
