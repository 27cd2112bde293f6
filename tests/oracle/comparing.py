"""Hold what is in a database against what the oracle predicts, row by row."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.courses import CourseKind
from schemas.messages import Message
from storage import courses, obligations, operations, places, sessions
from storage.database import Database
from storage.records import every
from storage.tables.ledger import MessageRow
from tests.oracle.prediction import Row, Rows, message_name

_VERSION = re.compile(r"@\d+$")
"""Ends a step that may be taken again: the engine's own count, which nobody predicts."""


@dataclass(frozen=True)
class Difference:
    """One row that differs; an empty side has no such row."""

    kind: str
    name: str
    found: Row
    predicted: Row

    def __str__(self) -> str:
        """Return a line that a person can read."""
        if not self.found or not self.predicted:
            whose = "only the oracle has" if not self.found else "only the engine has"
            return f"{self.kind}: {whose} {self.name}: {_said(self.found or self.predicted)}"
        facts = [fact for fact in self.predicted if self.found.get(fact) != self.predicted[fact]]
        told = "; ".join(
            f"{fact} is {self.found.get(fact) or '-'}, the oracle: {self.predicted[fact] or '-'}"
            for fact in facts
        )
        return f"{self.kind}: {self.name}: {told}"


@dataclass(frozen=True)
class Comparison:
    """How many rows were compared, and those that differ."""

    compared: int
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        """Return the count, and below it a line for each row that differs."""
        count = len(self.differences)
        head = f"rows compared: {self.compared:,}; rows that differ: {count}"
        return "\n".join([head, *(f"  {one}" for one in self.differences)])


def _said(row: Row) -> str:
    return ", ".join(f"{fact} {value}" for fact, value in row.items() if value)


def compare(found: Rows, predicted: Rows) -> Comparison:
    """Compare all rows."""
    compared = 0
    differences: list[Difference] = []
    for kind in ("services", "sessions", "obligations", "messages"):
        mine, theirs = getattr(found, kind), getattr(predicted, kind)
        compared += len({*mine, *theirs})
        differences += _differences(kind, mine, theirs)
    return Comparison(compared, tuple(differences))


def _differences(
    kind: str, found: Mapping[str, Row], predicted: Mapping[str, Row]
) -> Iterator[Difference]:
    for name in sorted({*found, *predicted}):
        mine, theirs = found.get(name, {}), predicted.get(name, {})
        if mine != theirs:
            yield Difference(kind, name, mine, theirs)


def rows_in(database: Database, edition_id: str) -> Rows:
    """Read an edition as rows."""
    rows = Rows()
    with database.reading() as reading:
        at = {one.course_id: one for one in places.places_of(reading, edition_id) if one.course_id}
        known = courses.courses_of(reading, edition_id)
        for course in known:
            if course.kind is CourseKind.SERVICE:
                place = at.get(course.id)
                rows.services[course.subject_id] = {
                    "stage": course.stage.value,
                    "ended": str(course.ended_at is not None),
                    "place": place.state.value if place else "",
                }
            for one in sessions.sessions_of(reading, course.id):
                rows.sessions[one.id] = {
                    "state": one.state.value,
                    "starts": one.starts_at.isoformat() if one.starts_at else "",
                    "sequence": str(one.sequence),
                    "moves": str(one.moves),
                    "reason": one.reason.value if one.reason else "",
                }
            for task in obligations.obligations_of(reading, course.id):
                rows.obligations[task.id] = {
                    "state": task.state.value,
                    "steps": str(task.steps_done),
                    "generation": str(task.generation),
                    "holder": task.holder_id or "",
                }
        numbers = _operations(reading, edition_id)
        for mail in every(reading, Message, MessageRow, col(MessageRow.edition_id) == edition_id):
            about = numbers.get(mail.subject, mail.subject)
            step = _VERSION.sub("", mail.step)
            name = message_name(mail.kind, mail.topic, about, mail.sequence, step)
            reason = mail.reason.value if mail.reason else ""
            rows.messages[f"{name} to {mail.person_id}"] = {
                "state": mail.state.value,
                "reason": reason,
            }
    return rows


def _operations(reading: Session, edition_id: str) -> dict[str, str]:
    """Return the operations of an edition by their ids, numbered in their order."""
    known = sorted(operations.operations_of(reading, edition_id), key=lambda one: one.at)
    return {one.id: f"OP-{number}" for number, one in enumerate(known, 1)}
