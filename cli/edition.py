"""Commands about editions: check a file, open it, show it, end it."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli import naming, paper, words
from cli.asking import ask, fill, of_edition
from cli.desk import Desk
from cli.faults import ExitCode, FaultError
from cli.local_time import LocalTime, day_words
from cli.options import Act, AtDesk, EditionOption, Json
from cli.sentences import titles
from planning.edition_file import EditionFileError, faults, read_edition
from schemas.courses import PlaceState
from schemas.edition import Edition
from schemas.forms import EditionForm
from schemas.sessions import SessionState
from storage.reads.edition_page import EditionPage, edition_page

File = Annotated[Path, Parameter(help="The edition file, TOML.")]


def check(file: File, /, *, json: Json = False, desk: AtDesk) -> int:
    """Name every fault of an edition file: where it is, what is wrong, what to do."""
    text = _text(file)
    found = faults(text)
    if json:
        desk.json({"file": str(file), "faults": [vars(fault) for fault in found]})
    elif found:
        desk.say(f"{file} has {words.counted(len(found), 'fault')}:")
        desk.say(*(f"  {fault}" for fault in found))
    else:
        edition = read_edition(text, file.name)
        desk.say(f"{file} is in order: {edition.title} ({edition.id}), version {edition.version}.")
    return ExitCode.REFUSED if found else ExitCode.DONE


async def open_edition(file: File, /, *, act: Act, desk: AtDesk) -> None:
    """Start an edition; one that is open goes on as it is."""
    edition = _read(file)
    form = _form(desk, edition, act)
    await ask(desk, lambda programme: programme.open_edition(edition, form))


async def change(
    file: File,
    /,
    *,
    dry_run: Annotated[
        bool, Parameter(name="--dry-run", help="Say what it would change, and do nothing.")
    ] = False,
    act: Act,
    desk: AtDesk,
) -> None:
    """Let a running edition go on under another version of its file."""
    edition = _read(file)
    form = _form(desk, edition, act)
    if not dry_run:
        await ask(desk, lambda programme: programme.change_edition(edition, form))
        return
    from runtime.edition_change import told_of

    with desk.reading() as rows:
        running = naming.the_edition(rows, edition.id)
        refused, told = told_of(rows, edition)
    if not told:
        desk.say(
            f"Nothing differs: {file.name} says what version {running.version} says, by which the "
            f"edition {edition.id} goes. There is nothing to change."
        )
        return
    desk.say(*told)
    if refused:
        raise FaultError("\n".join(("This cannot be:", *(f"  {one}" for one in refused))))
    desk.say("Nothing is changed: say it again without --dry-run.")


async def end(*, edition: EditionOption = None, act: Act, desk: AtDesk) -> None:
    """End an edition before its time; what still waits ends with it."""
    fields = of_edition(desk, edition, act)
    await ask(desk, lambda programme: programme.end_edition(fill(EditionForm, **fields)))


def show(
    edition: Annotated[
        str | None, Parameter(help="The edition; the only one, if left out.")
    ] = None,
    /,
    *,
    json: Json = False,
    desk: AtDesk,
) -> None:
    """Show where an edition stands: its places, services, sessions and chases in numbers."""
    with desk.reading() as rows:
        found = naming.the_edition(rows, edition)
        page = edition_page(rows, found.id, desk.now(rows))
    if json:
        desk.json(page)
    else:
        _print(desk, page)


def _read(file: Path) -> Edition:
    try:
        return read_edition(_text(file), file.name)
    except EditionFileError as error:
        raise FaultError(str(error)) from None


def _form(desk: Desk, edition: Edition, act: Act) -> EditionForm:
    with desk.reading() as rows:
        fields = {**act.fields(edition.zone), "actor": naming.the_actor(rows, act.actor)}
    return fill(EditionForm, **fields, edition=edition.id)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise FaultError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise FaultError(f"{file} is not text: save it as UTF-8.") from None


def _print(desk: Desk, page: EditionPage) -> None:
    edition = page.edition
    local = LocalTime(edition.zone)
    desk.say(f"{edition.id}  {edition.title}, version {edition.version}; {edition.programme}")
    paper.pairs(desk, _standing(page, local))
    if page.sessions:
        desk.say("")
        names = titles(edition)
        columns = ("sessions", *(f"#{words.SESSION_STATES[state]}" for state in SessionState))
        paper.table(
            desk,
            columns,
            (
                (names.get(kind, kind), *(counts[state] for state in SessionState))
                for kind, counts in page.sessions.items()
            ),
        )


def _standing(page: EditionPage, local: LocalTime) -> list[tuple[str, str]]:
    edition, recruitment = page.edition, page.edition.recruitment
    stage = words.STAGES[page.course.stage]
    if page.course.attention:
        stage += f"; {words.attention(page.course.attention)}"
    services = ", ".join(f"{count} {words.STAGES[one]}" for one, count in page.services.items())
    lines = [
        ("now", f"{local.instant(page.now)}, {stage}"),
        ("phases", ", ".join(_phases(page, local)) or "none now"),
        ("interest", f"{day_words(recruitment.opens)} to {day_words(recruitment.deadline)}"),
        ("coaching", f"{day_words(edition.window.opens)} to {day_words(edition.window.closes)}"),
        ("places", _places(page)),
        ("services", services or "nobody has applied yet"),
        ("to do", f"{words.counted(page.chases, 'chase')} open, {page.stuck} stuck"),
    ]
    if page.duplicates:
        second = words.counted(page.duplicates, "second expression", "second expressions")
        lines.append(("to merge", f"{second} of interest"))
    for rest in edition.pauses:
        lines.append(("rests", f"{day_words(rest.opens)} to {day_words(rest.closes)}"))
    for pause in page.pauses:
        until = f"until {local.last_day(pause.until_at)}" if pause.until_at else "until resumed"
        lines.append(("pause", f"{local.day(pause.from_at)} {until}"))
    return lines


def _phases(page: EditionPage, local: LocalTime) -> list[str]:
    today = local.date(page.now)
    return [
        f"{phase.title} (to {day_words(phase.closes)})"
        for phase in page.edition.phases
        if phase.opens <= today <= phase.closes
    ]


def _places(page: EditionPage) -> str:
    counts = [f"{count} {words.PLACES[state]}" for state, count in page.places.items() if count]
    if not counts:
        return f"{page.edition.places}, none offered yet"
    taken = page.places[PlaceState.TAKEN]
    others = [text for text in counts if not text.endswith(" taken")]
    return ", ".join([f"{taken} of {page.edition.places} taken", *others])
