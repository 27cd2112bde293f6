"""Read a script from the folder in which the sample keeps it."""

import csv
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from rehearsal.script import ANYBODY, AnswerLine, ConductLine, EventLine, ExpectationLine
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
        ValueError: A line cannot be read; scripts are made by programmes, not by people.

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
            form.model_validate({name: cell for name, cell in line.items() if cell})
            for line in csv.DictReader(sheet)
        ]
