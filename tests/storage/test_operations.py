"""Operations on many courses, and days on which people are away, on both databases."""

from collections import Counter
from datetime import date, timedelta

import pytest

from schemas.absences import Away, ChangeAct, SessionChange
from schemas.operations import ItemState, Operation, OperationAct, OperationItem
from storage import operations
from storage.absences import absences_of, end_absence, write_absence
from storage.database import Database
from tests.storage.scene import COACH, COORDINATOR, EDITION, LEAD, NOON, course_id, set_scene

MONDAY, FRIDAY = date(2024, 9, 2), date(2024, 9, 6)
AWAY = Away(person_id=COACH, from_day=MONDAY, until_day=FRIDAY)


@pytest.fixture
def scene(database: Database) -> Database:
    with database.transaction() as rows:
        set_scene(rows)
    return database


def an_operation(name: str = "OP-1", **changes: object) -> Operation:
    operation = Operation(
        id=name,
        edition_id=EDITION,
        act=OperationAct.PAUSE,
        scope="region:north_west",
        wish={"until": "2024-10-11"},
        actor=COORDINATOR,
        at=NOON,
        recorded_at=NOON,
    )
    return operation.model_copy(update=changes)


def an_item(number: int, **changes: object) -> OperationItem:
    item = OperationItem(
        operation_id="OP-1", number=number, course_id=course_id(number), subject=course_id(number)
    )
    return item.model_copy(update=changes)


def test_an_operation_is_kept_with_its_items_and_once(scene: Database) -> None:
    change = SessionChange(session_id="wider/SVC-01/delivery/3", act=ChangeAct.COVER, coach=COACH)
    arranged = an_item(1, wish={"changes": [change.model_dump(mode="json")]})
    with scene.transaction() as rows:
        assert operations.add_operation(rows, an_operation(), [arranged, an_item(2)])
        assert not operations.add_operation(rows, an_operation(actor=LEAD), [])
    with scene.reading() as rows:
        assert operations.operation(rows, "OP-1") == an_operation()
        first, second = operations.items_of(rows, "OP-1")
        assert operations.changes_of(first) == (change,)
        assert operations.changes_of(second) == ()
        assert [one.request_id for one in (first, second)] == ["OP-1/1", "OP-1/2"]
        assert operations.operation(rows, "OP-2") is None


def test_progress_is_counted_by_state(scene: Database) -> None:
    with scene.transaction() as rows:
        operations.add_operation(rows, an_operation(), [an_item(1), an_item(2)])
        done = an_item(1, state=ItemState.DONE, answer="It is paused.", ended_at=NOON)
        operations.save_item(rows, done)
        operations.save_operation(rows, an_operation(ended_at=NOON))
    with scene.reading() as rows:
        count = operations.progress(rows, ["OP-1", "OP-2"])
        assert count["OP-1"] == Counter({ItemState.DONE: 1, ItemState.WAITING: 1})
        assert operations.items_of(rows, "OP-1")[0] == done
        assert operations.operation(rows, "OP-1") == an_operation(ended_at=NOON)


def test_the_latest_comes_first_and_what_takes_one_back_is_found(scene: Database) -> None:
    later = an_operation("OP-2", recorded_at=NOON + timedelta(hours=1), undoes="OP-1")
    elsewhere = an_operation("OP-3", edition_id="pilot-2023")
    with scene.transaction() as rows:
        for one in (an_operation(), later, elsewhere):
            operations.add_operation(rows, one, [])
    with scene.reading() as rows:
        assert [one.id for one in operations.operations_of(rows, EDITION)] == ["OP-2", "OP-1"]
        assert operations.undone_by(rows, "OP-1") == (later,)
        assert operations.undone_by(rows, "OP-2") == ()
        assert operations.operation_ids(rows) == ("OP-1", "OP-2", "OP-3")


def test_an_absence_is_noted_once_and_can_become_longer(scene: Database) -> None:
    """X05, E01."""
    longer = AWAY.model_copy(update={"until_day": date(2024, 9, 13)})
    inside = AWAY.model_copy(update={"from_day": date(2024, 9, 4)})
    with scene.transaction() as rows:
        assert write_absence(rows, AWAY)
        assert not write_absence(rows, AWAY)
        assert not write_absence(rows, inside)
        assert write_absence(rows, longer)
        assert absences_of(rows, [COACH, LEAD]) == (longer,)


@pytest.mark.parametrize(
    ("last_day", "left"),
    [
        (date(2024, 9, 1), ()),
        (date(2024, 9, 3), (AWAY.model_copy(update={"until_day": date(2024, 9, 3)}),)),
        (date(2024, 9, 30), (AWAY,)),
    ],
)
def test_an_absence_ends_early_or_never_was(
    scene: Database, last_day: date, left: tuple[Away, ...]
) -> None:
    """E01."""
    with scene.transaction() as rows:
        write_absence(rows, AWAY)
        end_absence(rows, AWAY, last_day)
        assert absences_of(rows, [COACH]) == left
