"""Commands that change a service's whole way: pause, resume, withdraw, undo."""

from typing import Annotated

from cyclopts import Parameter

from cli.asking import ask, fill, of_edition, of_service, of_session
from cli.desk import Desk
from cli.faults import FaultError, usage
from cli.naming import the_enrolled
from cli.options import Act, AtDesk, Day, EditionOption, ServiceId
from schemas.forms import PauseForm, ResumeForm, ServiceForm, UndoForm
from storage.successions import succession

Everyone = Annotated[bool, Parameter(name="--all", help="The whole edition, and no one service.")]

Until = Annotated[
    Day | None, Parameter(help="Last day of the pause; without it, it lasts until it is resumed.")
]
What = Annotated[str, Parameter(help="The service, or the session.")]


async def pause(
    service: ServiceId | None = None,
    /,
    *,
    everyone: Everyone = False,
    until: Until = None,
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Let a service, or with --all the whole edition, rest: its clocks stand still."""
    fields = _whose(desk, service, everyone, edition, act)
    await ask(desk, lambda programme: programme.pause(fill(PauseForm, **fields, until=until)))


async def resume(
    service: ServiceId | None = None,
    /,
    *,
    everyone: Everyone = False,
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """End the pause of a service, or with --all of the whole edition; nothing past is sent."""
    fields = _whose(desk, service, everyone, edition, act)
    await ask(desk, lambda programme: programme.resume(fill(ResumeForm, **fields)))


async def withdraw(
    service: ServiceId, /, *, edition: EditionOption = None, act: Act, desk: AtDesk
) -> None:
    """Take a service out of the programme; for a while it can be undone."""
    fields = of_service(desk, service, edition, act)
    await ask(desk, lambda programme: programme.withdraw(fill(ServiceForm, **fields)))


async def undo(what: str, /, *, edition: EditionOption = None, act: Act, desk: AtDesk) -> None:
    """Take back a withdrawal, a session's cancellation, or a succession before its day."""
    with desk.reading() as rows:
        said = succession(rows, what.strip())
    if said is not None:
        named = {**of_edition(desk, said.edition_id, act), "succession": said.id}
        return await ask(desk, lambda programme: programme.undo(fill(UndoForm, **named)))
    try:
        with desk.reading() as rows:
            the_enrolled(rows, what, edition)
        fields = of_service(desk, what, edition, act)
    except FaultError:
        fields = of_session(desk, what, act)
    return await ask(desk, lambda programme: programme.undo(fill(UndoForm, **fields)))


def _whose(
    desk: Desk, service: str | None, everyone: bool, edition: str | None, act: Act
) -> dict[str, object]:
    if (service is None) != everyone:
        raise usage("Name one service, or say --all for the whole edition.")
    if service is None:
        return of_edition(desk, edition, act)
    return of_service(desk, service, edition, act)
