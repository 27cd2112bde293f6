"""Commands that change a session: confirm, record, move, catch up, cancel."""

from enum import StrEnum
from typing import Annotated, Any

from cyclopts import Parameter

from cli.asking import ask, fill, of_session, people_named
from cli.desk import Desk
from cli.faults import usage
from cli.options import Act, AtDesk, SessionId, When
from cli.words import listed
from schemas.forms import CancelForm, CatchUpForm, ConfirmForm, MoveForm, RecordForm
from schemas.sessions import SessionReason, SessionState

Starts = Annotated[When, Parameter(help='Local time, such as "2024-09-03 10:00".')]


class Outcome(StrEnum):
    """How a session went."""

    HELD = "held"
    MISSED = "missed"


async def confirm(
    session: SessionId,
    /,
    *,
    person: Annotated[
        str | None, Parameter(name="--for", help="Who will be there; who asks, if left out.")
    ] = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Say that somebody will be there; reminders that ask them to confirm stop."""
    fields = of_session(desk, session, act)
    named = people_named(desk, person or act.actor)[0]
    form = fill(ConfirmForm, **fields, person=named)
    await ask(desk, lambda programme: programme.confirm(form))


async def record(
    session: SessionId,
    outcome: Annotated[Outcome, Parameter(help="How it went.")],
    /,
    *,
    minutes: Annotated[
        int | None, Parameter(help="How long it took, where that was not as planned.")
    ] = None,
    attended: Annotated[
        tuple[str, ...], Parameter(help="A person who came; may be repeated.")
    ] = (),
    act: Act,
    desk: AtDesk,
) -> None:
    """Say how a session went; recording it again corrects the record."""
    fields = _with_why(desk, session, act)
    form = fill(
        RecordForm,
        **fields,
        outcome=SessionState(outcome.value),
        minutes=minutes,
        attended=people_named(desk, *attended) or None,
    )
    await ask(desk, lambda programme: programme.record(form))


async def move(
    session: SessionId,
    starts: Starts | None = None,
    /,
    *,
    place: Annotated[
        str, Parameter(help="A room, or the link of a meeting, for this session.")
    ] = "",
    act: Act,
    desk: AtDesk,
) -> None:
    """Put a session on another day or time, or in another place; those who take part are told."""
    if starts is None and not place.strip():
        raise usage("Say when it begins, where it is, or both: TIME and --place are missing.")
    form = fill(
        MoveForm,
        **_with_why(desk, session, act, SessionReason.OTHER),
        starts=None if starts is None else starts.written,
        place=place,
    )
    await ask(desk, lambda programme: programme.move(form))


async def catch_up(session: SessionId, starts: Starts, /, *, act: Act, desk: AtDesk) -> None:
    """Add a session that makes up for a missed one."""
    form = fill(CatchUpForm, **of_session(desk, session, act), starts=starts.written)
    await ask(desk, lambda programme: programme.catch_up(form))


async def cancel(session: SessionId, /, *, act: Act, desk: AtDesk) -> None:
    """Cancel a session; it can be undone until it would have begun."""
    form = fill(CancelForm, **_with_why(desk, session, act, SessionReason.OTHER))
    await ask(desk, lambda programme: programme.cancel(form))


def _with_why(
    desk: Desk, session: str, act: Act, otherwise: SessionReason | None = None
) -> dict[str, Any]:
    """Return the fields of a form whose ``--reason`` is one of the reasons of sessions."""
    known = [reason.value for reason in SessionReason if reason.is_a_persons]
    if act.reason and act.reason not in known:
        raise usage(f"--reason of a session is {listed(known, 'or')}; not {act.reason}.")
    why = SessionReason(act.reason) if act.reason else otherwise
    return {**of_session(desk, session, act), "why": why}
