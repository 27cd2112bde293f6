"""What a scenario asks of many courses at once, or of a whole edition, as the commands ask it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session as Rows

from planning.calendar import calendar_of
from rehearsal.arranging import Wish, begin_arranged
from rehearsal.scenarios.scenario import Happening
from runtime.bulk import begin, carry_on
from runtime.bulk_arranging import begin_undo
from runtime.bulk_plans import BulkLine, BulkReader, Scope
from runtime.programme import Programme
from schemas.absences import Away
from schemas.edition import Edition
from schemas.operations import ItemState, Operation, OperationAct, OperationItem
from storage import operations
from storage.database import Database
from storage.editions import latest_edition

BULK: Mapping[str, tuple[OperationAct, Callable[[BulkReader, dict[str, Any]], Any]]] = {
    "bulk_pause": (OperationAct.PAUSE, lambda reader, said: reader.pausing(said.get("until"))),
    "bulk_resume": (OperationAct.RESUME, lambda reader, _said: reader.resuming()),
    "bulk_move": (OperationAct.MOVE, lambda reader, said: reader.moving(said["on"], said["to"])),
    "bulk_replace": (
        OperationAct.REPLACE,
        lambda reader, said: reader.replacing(said["coach"], said.get("by", ())),
    ),
}
ABSENCE, UNDO_ABSENCE = "absence", "undo_absence"
OPERATIONS = {*BULK, ABSENCE, UNDO_ABSENCE}
"""What a scenario may do besides the methods of the door."""


@dataclass(frozen=True)
class Operating:
    """Operations on one edition."""

    edition: str
    door: Programme
    database: Database

    async def ask(self, one: Happening, at: datetime) -> tuple[bool, str]:
        """Write an operation down and carry it out; tell whether all of it was done, and how."""
        with self.database.transaction() as rows:
            operation = self._begun(rows, one, latest_edition(rows, self.edition), at)
        heard: list[OperationItem] = []
        await carry_on(self.door, self.database, operation, lambda: at, heard.append)
        refused = [item.answer for item in heard if item.state is not ItemState.DONE]
        return not refused, "; ".join(refused or [item.answer for item in heard])

    def _begun(self, rows: Rows, one: Happening, edition: Edition, at: datetime) -> Operation:
        said = Operation(
            id="",
            edition_id=self.edition,
            act=OperationAct.PAUSE,
            scope="",
            actor=one.who,
            at=at,
            recorded_at=at,
            reason=one.why,
        )
        if one.does == UNDO_ABSENCE:
            known = operations.operations_of(rows, self.edition)
            (undone,) = [each for each in known if each.act is OperationAct.ABSENCE]
            return begin_undo(rows, undone, said, calendar_of(edition).day_of(at))
        if one.does == ABSENCE:
            away = Away(
                person_id=one.saying["coach"],
                from_day=one.saying["from_day"],
                until_day=one.saying["until_day"],
            )
            wish = Wish(one.saying.get("cover", ()), one.saying.get("move", False))
            return begin_arranged(rows, away, said, wish)
        act, plans = BULK[one.does]
        named = {name: one.saying.get(name) for name in Scope.model_fields}
        scope = Scope.model_validate(named)
        lines = plans(BulkReader.of(rows, edition, scope, at), one.saying)
        told = said.model_copy(update={"act": act, "scope": scope.words})
        return begin(rows, told, _items(lines))


def _items(lines: tuple[BulkLine, ...]) -> list[OperationItem]:
    wanted = [(one, one.wish) for one in lines if one.wish is not None]
    return [
        OperationItem(
            operation_id="", number=number, course_id=one.course_id, subject=one.subject, wish=wish
        )
        for number, (one, wish) in enumerate(wanted, 1)
    ]
