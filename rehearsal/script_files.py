"""Read a script from the folder in which the sample keeps it."""

import csv
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from rehearsal.script import (
    ANYBODY,
    AnswerLine,
    ConductLine,
    EventLine,
    ExpectationLine,
    Stretch,
    Verb,
)
from schemas.base import Form
from schemas.imports import InterestLine, SlotLine
from schemas.obligations import ObligationKind

F = TypeVar("F", bound=Form)


@dataclass(frozen=True)
class Script:
    """What everybody does in one edition.

    Attributes:
        edition: Id of the edition that is played.
        coordinator: Who acts where no one else is named.

    """

    edition: str
    coordinator: str
    events: tuple[EventLine, ...] = ()
    interests: tuple[InterestLine, ...] = ()
    slots: dict[str, SlotLine] = field(default_factory=dict)
    answers: tuple[AnswerLine, ...] = ()
    conducts: dict[tuple[str, str, int], ConductLine] = field(default_factory=dict)

    def answers_to(self, subject: str, obligation: ObligationKind) -> tuple[AnswerLine, ...]:
        """Return what is done about an obligation: the subject's own lines, or everybody's."""
        own = self._answers_by.get((subject, obligation))
        return own or self._answers_by.get((ANYBODY, obligation), ())

    def troubles(self, verb: Verb) -> tuple[Stretch, ...]:
        """Return when a kind of trouble is there, earliest first."""
        found = [line.stretch for line in self.events if line.verb is verb]
        return tuple(sorted(found, key=lambda one: one.begins))

    @cached_property
    def _answers_by(self) -> dict[tuple[str, ObligationKind], tuple[AnswerLine, ...]]:
        found: dict[tuple[str, ObligationKind], tuple[AnswerLine, ...]] = {}
        for line in self.answers:
            key = (line.subject, line.obligation)
            found[key] = (*found.get(key, ()), line)
        return found

    def conduct_of(self, subject: str, kind: str, number: int) -> ConductLine | None:
        """Return how a session goes; none where the script says nothing of its kind."""
        own = self.conducts.get((subject, kind, number))
        return own or self.conducts.get((ANYBODY, kind, 0))


def read_script(folder: Path, edition: str, coordinator: str) -> Script:
    """Read the script of an edition.

    Raises:
        OSError: A file is missing.
        ValueError: A line cannot be read; the text says which and why.

    """
    return Script(
        edition=edition,
        coordinator=coordinator,
        events=tuple(_lines(folder / "events.csv", EventLine)),
        interests=tuple(_lines(folder / "eois.csv", InterestLine)),
        slots={line.service: line for line in _lines(folder / "slots.csv", SlotLine)},
        answers=tuple(_lines(folder / "answers.csv", AnswerLine)),
        conducts={
            (line.subject, line.kind, line.number): line
            for line in _lines(folder / "conduct.csv", ConductLine)
        },
    )


def read_answer_key(folder: Path) -> tuple[ExpectationLine, ...]:
    """Read what must be true when the script has been played."""
    return tuple(_lines(folder / "cases.csv", ExpectationLine))


def _lines(path: Path, form: type[F]) -> list[F]:
    with path.open(encoding="utf-8", newline="") as sheet:
        return [
            _line(path, row, form, {name: cell for name, cell in line.items() if cell})
            for row, line in enumerate(csv.DictReader(sheet), start=2)
        ]


def _line(path: Path, row: int, form: type[F], cells: dict[str, str]) -> F:
    try:
        return form.model_validate(cells)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        column = str(first["loc"][0]) if first["loc"] else ""
        where = f", column {column}, {cells[column]!r}" if column in cells else f", column {column}"
        problem = first["msg"].removeprefix("Value error, ")
        place = f"{path.name}, row {row}{where if column else ''}"
        raise ValueError(f"{place}: {problem[:1].lower()}{problem[1:]}") from error
