"""Commands about what is still to be done: list, promise, waive, done."""

from typing import Annotated

from cyclopts import Parameter

from cli import naming, paper, words
from cli.asking import ask, fill, of_obligation
from cli.desk import Desk
from cli.options import Act, AtDesk, Day, EditionOption, Json, ObligationId
from cli.sentences import Now, chase_state, chase_subject
from cli.sheets import SheetOption, write
from planning.calendar import calendar_of
from schemas.forms import CloseForm, PromiseForm
from schemas.obligations import ObligationState
from storage.editions import latest_edition
from storage.reads.chase_list import ChaseLine, chases_of


def chases(
    subject: Annotated[
        str | None, Parameter(help="Only of this service or executive sponsor.")
    ] = None,
    /,
    *,
    stuck: Annotated[bool, Parameter(help="Only those that a person must decide.")] = False,
    edition: EditionOption = None,
    json: Json = False,
    csv: SheetOption = None,
    desk: AtDesk,
) -> None:
    """List what is still to be done and who is asked next; the stuck come first."""
    with desk.reading() as rows:
        course = naming.the_course(rows, subject, edition) if subject else None
        found = (
            latest_edition(rows, course.edition_id) if course else naming.the_edition(rows, edition)
        )
        now = Now(desk.now(rows), found, calendar_of(found))
        lines = chases_of(rows, found.id, now.at, course.id if course else None)
    if stuck:
        lines = tuple(one for one in lines if one.state is ObligationState.STUCK)
    if csv is not None:
        write(desk, csv, lines)
    elif json:
        desk.json({"edition": found.id, "now": now.at, "chases": lines})
    else:
        _print(desk, now, lines)


async def promise(
    obligation: ObligationId,
    /,
    *,
    until: Annotated[Day, Parameter(help="By the end of which day.")],
    act: Act,
    desk: AtDesk,
) -> None:
    """Promise to have something done by the end of a day; a promise that is not kept lapses."""
    form = fill(PromiseForm, **of_obligation(desk, obligation, act), until=until)
    await ask(desk, lambda programme: programme.promise(form))


async def waive(obligation: ObligationId, /, *, act: Act, desk: AtDesk) -> None:
    """Let something go that was still to be done; nobody is asked for it any more."""
    form = fill(CloseForm, **of_obligation(desk, obligation, act), waived=True)
    await ask(desk, lambda programme: programme.close_obligation(form))


async def done(obligation: ObligationId, /, *, act: Act, desk: AtDesk) -> None:
    """Say that something has been done."""
    form = fill(CloseForm, **of_obligation(desk, obligation, act), waived=False)
    await ask(desk, lambda programme: programme.close_obligation(form))


def _print(desk: Desk, now: Now, lines: tuple[ChaseLine, ...]) -> None:
    stuck = sum(one.state is ObligationState.STUCK for one in lines)
    desk.say(
        f"{now.edition.title} ({now.edition.id}), {now.local.instant(now.at)}:"
        f" {words.counted(len(lines), 'chase')} open, {stuck} stuck"
    )
    if not lines:
        return
    desk.say("")
    paper.table(
        desk,
        ("=id", "whose", "what, and how it stands"),
        (
            (one.id, _whose(one), f"{chase_subject(one, now)}; {chase_state(one, now)}")
            for one in lines
        ),
    )


def _whose(one: ChaseLine) -> str:
    if one.holder_id is None:
        return f"nobody yet, {one.subject}".rstrip(", ")
    return f"{one.holder} ({one.holder_id}), {one.subject}".rstrip(", ")
