"""What the oracle predicts of a cast: where every service, session, obligation and message ends."""

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from rehearsal.script import AnswerLine, ConductLine, EventLine, Stretch, Verb
from schemas.base import Form
from schemas.edition import Edition
from schemas.imports import (
    AbsenceLine,
    CoachLine,
    EnrolmentLine,
    InterestLine,
    OrganisationLine,
    PersonLine,
    RoleLine,
    ServiceLine,
    SlotLine,
)
from schemas.people import Role
from tests.oracle.deed import Done
from tests.oracle.players import Played
from tests.oracle.running import begin, happen
from tests.oracle.world import People, World

F = TypeVar("F", bound=Form)
Row = dict[str, str]


@dataclass
class Rows:
    """What can be compared, by the name of each row: its facts.

    Attributes:
        messages: How each ends, and why where it did not go.

    """

    services: dict[str, Row] = field(default_factory=dict)
    sessions: dict[str, Row] = field(default_factory=dict)
    obligations: dict[str, Row] = field(default_factory=dict)
    messages: dict[str, Row] = field(default_factory=dict)


@dataclass(frozen=True)
class Prediction:
    """What is predicted, and what people did or were refused on the way.

    Attributes:
        down: When nobody worked.
        busy: When mail was put off.

    """

    rows: Rows
    done: tuple[tuple[datetime, Done], ...]
    down: tuple[Stretch, ...] = ()
    busy: tuple[Stretch, ...] = ()


def predict(folder: Path, edition: Edition, begins: datetime, ends: datetime) -> Prediction:
    """Play the cast of a folder before the oracle.

    Args:
        folder: Sheets, and the script below ``script``, as ``rehearsal.random_cast`` writes them.
        edition: That the cast plays.
        begins: Programme time at which the sheets were brought in; what was submitted before
            counts from then.
        ends: Programme time at which to look.

    """
    people, script = read_people(folder), read_played(folder)
    world = World(edition, people, begins)
    begin(world)
    script.join(world)
    happen(world, ends)
    busy = tuple(one.stretch for one in script.events if one.verb is Verb.MAIL_PUT_OFF)
    return Prediction(rows_of(world), tuple(script.done), world.down, busy)


def read_people(folder: Path) -> People:
    """Read everybody from the sheets."""
    held = [
        (line.person, line.role, line.scope, line.opted_in)
        for line in _lines(folder / "roles.csv", RoleLine)
    ]
    held += [
        (line.coach, Role(line.role.value), line.edition, False)
        for line in _lines(folder / "coaches.csv", CoachLine)
    ]
    took_part: defaultdict[str, set[str]] = defaultdict(set)
    for line in _lines(folder / "enrolments.csv", EnrolmentLine):
        took_part[line.service].add(line.edition)
    return People(
        persons={line.person: line for line in _lines(folder / "people.csv", PersonLine)},
        services={line.service: line for line in _lines(folder / "services.csv", ServiceLine)},
        organisations={
            line.organisation: line
            for line in _lines(folder / "organisations.csv", OrganisationLine)
        },
        held=held,
        absences=_lines(folder / "absences.csv", AbsenceLine),
        took_part=dict(took_part),
    )


def read_played(folder: Path) -> Played:
    """Read the script."""
    script = folder / "script"
    answers: defaultdict[tuple[str, str], list[AnswerLine]] = defaultdict(list)
    for line in _lines(script / "answers.csv", AnswerLine):
        answers[line.subject, line.obligation.value].append(line)
    roles = _lines(folder / "roles.csv", RoleLine)
    coordinator = next(line.person for line in roles if line.role is Role.COORDINATOR)
    imported = sorted(_lines(folder / "eois.csv", InterestLine), key=lambda one: one.submitted_at)
    return Played(
        coordinator=coordinator,
        events=_lines(script / "events.csv", EventLine),
        interests=[*imported, *_lines(script / "eois.csv", InterestLine)],
        slots={line.service: line for line in _lines(script / "slots.csv", SlotLine)},
        answers=dict(answers),
        conducts={
            (line.subject, line.kind, line.number): line
            for line in _lines(script / "conduct.csv", ConductLine)
        },
    )


def _lines(path: Path, form: type[F]) -> list[F]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as sheet:
        return [
            form.model_validate({name: cell for name, cell in line.items() if cell})
            for line in csv.DictReader(sheet)
        ]


def rows_of(world: World) -> Rows:
    """Return the world as rows."""
    rows = Rows()
    for service, ward in world.wards.items():
        place = "" if ward.place is None else ward.place.state
        rows.services[service] = {"stage": ward.stage, "ended": str(ward.ended), "place": place}
    for one in world.meetings.values():
        rows.sessions[one.id] = {
            "state": one.state,
            "starts": one.starts.isoformat() if one.starts else "",
            "sequence": str(one.sequence),
            "moves": str(one.moves),
            "reason": one.reason,
        }
    for task in world.tasks.values():
        rows.obligations[task.id] = {
            "state": task.state,
            "steps": str(task.steps),
            "generation": str(task.generation),
            "holder": task.holder or "",
        }
    for mail in world.mails.values():
        name = message_name(mail.kind.value, mail.topic, mail.subject, mail.sequence, mail.step)
        rows.messages[f"{name} to {mail.person}"] = {"state": mail.state, "reason": mail.reason}
    return rows


def message_name(kind: str, topic: str, subject: str, sequence: int, step: str) -> str:
    """Name a message by what it says, but for whom."""
    return f"{kind} {topic} {step or '-'} of {subject} #{sequence}"
