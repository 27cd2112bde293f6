"""What all writing commands have in common: fill a form, hand it in, tell what became of it."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError
from sqlalchemy.orm import Session as Rows

from cli import naming
from cli.desk import Desk
from cli.faults import usage
from cli.options import Act
from planning.phrases import TO_DO
from schemas.base import Form
from schemas.forms import Answer
from storage.courses import course
from storage.editions import latest_edition
from storage.reads.chase_list import chases_of

if TYPE_CHECKING:
    from runtime.programme import Programme

F = TypeVar("F", bound=Form)

NEXT_SHOWN = 3
"""Open obligations that an answer names, as what to go on with."""


def of_edition(desk: Desk, edition: str | None, act: Act) -> dict[str, Any]:
    """Return the fields of a form about an edition."""
    with desk.reading() as rows:
        found = naming.the_edition(rows, edition)
        return {**_act(rows, act, found.zone), "edition": found.id}


def of_service(desk: Desk, service: str, edition: str | None, act: Act) -> dict[str, Any]:
    """Return the fields of a form about a service that has applied."""
    with desk.reading() as rows:
        edition_id, service_id = naming.the_enrolled(rows, service, edition)
        zone = latest_edition(rows, edition_id).zone
        return {**_act(rows, act, zone), "edition": edition_id, "service": service_id}


def of_session(desk: Desk, session: str, act: Act) -> dict[str, Any]:
    """Return the fields of a form about a session."""
    with desk.reading() as rows:
        session_id = naming.the_session(rows, session)
        zone = latest_edition(rows, session_id.partition("/")[0]).zone
        return {**_act(rows, act, zone), "session": session_id}


def of_obligation(desk: Desk, obligation: str, act: Act) -> dict[str, Any]:
    """Return the fields of a form about an obligation."""
    with desk.reading() as rows:
        obligation_id = naming.the_obligation(rows, obligation)
        zone = latest_edition(rows, obligation_id.partition("/")[0]).zone
        return {**_act(rows, act, zone), "obligation": obligation_id}


def people_named(desk: Desk, *written: str) -> tuple[str, ...]:
    """Return the ids of people; an unknown one is a fault."""
    with desk.reading() as rows:
        return tuple(naming.the_person(rows, one) for one in written)


def fill(form: type[F], **fields: Any) -> F:
    """Fill a form; what it does not take is a fault that names the option."""
    try:
        return form(**fields)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False)[0]
        raise usage(_about(str(fault["loc"][0]) if fault["loc"] else "", fault["msg"])) from None


async def ask(desk: Desk, act: "Callable[[Programme], Awaitable[Answer]]") -> None:
    """Hand something in at the programme's door, and print its answer and what comes next."""
    async with desk.programme() as programme:
        answer = await act(programme)
    desk.say(answer.text)
    with desk.reading() as rows:
        desk.say(*_next(rows, desk, answer.course_id))


def _act(rows: Rows, act: Act, zone: str) -> dict[str, Any]:
    return {**act.fields(zone), "actor": naming.the_actor(rows, act.actor)}


def _next(rows: Rows, desk: Desk, course_id: str) -> list[str]:
    """Return what is still to be done in a course, with the ids to go on with."""
    found = course(rows, course_id)
    if found is None or found.stage.is_end:
        return []
    chases = chases_of(rows, found.edition_id, desk.now(rows), course_id)
    lines = [f"Next: {TO_DO[one.kind]}: {one.id}" for one in chases[:NEXT_SHOWN]]
    if len(chases) > NEXT_SHOWN:
        lines.append(f"and {len(chases) - NEXT_SHOWN} more: drumbeat chases {found.subject_id}")
    return lines


def _about(field: str, said: str) -> str:
    option = {"actor": "--as"}.get(field, f"--{field.replace('_', '-')}")
    if field == "reason":
        return "--reason takes a code of small letters and underscores, such as annual_leave."
    said = said.removeprefix("Value error, ").rstrip(".")
    return f"{option}: {said[:1].lower()}{said[1:]}." if field else f"{said}."
