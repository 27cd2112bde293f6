import pytest
from sqlalchemy.exc import IntegrityError

from schemas.obligations import ObligationKind, ObligationState
from storage import obligations
from storage.database import Database
from tests.storage.scene import COURSE, DAY, EDITION, NOON, an_obligation, course_id, set_scene


def test_an_obligation_comes_back_as_it_was_written(database: Database) -> None:
    obligation = an_obligation(next_at=NOON + DAY, promises=1, promised_until=NOON + 3 * DAY)
    done = obligation.model_copy(
        update={"state": ObligationState.DONE, "next_at": None, "closed_at": NOON + DAY}
    )
    with database.transaction() as rows:
        set_scene(rows)
        obligations.add_obligation(rows, obligation)
        assert obligations.obligation(rows, obligation.id) == obligation
        obligations.save_obligation(rows, done)

    with database.reading() as rows:
        assert obligations.obligation(rows, obligation.id) == done
        assert obligations.obligation(rows, "no/such/thing/1") is None


def test_an_obligation_is_opened_once(database: Database) -> None:
    with database.transaction() as rows:
        set_scene(rows)
        obligations.add_obligation(rows, an_obligation())
    with pytest.raises(IntegrityError), database.transaction() as rows:
        obligations.add_obligation(rows, an_obligation())


def test_obligations_of_a_course_come_in_the_order_in_which_they_were_opened(
    database: Database,
) -> None:
    with database.transaction() as rows:
        set_scene(rows)
        for one in (
            an_obligation(1, opened_at=NOON + DAY),
            an_obligation(2, state=ObligationState.DONE),
            an_obligation(3, kind=ObligationKind.CATCH_UP),
            an_obligation(4, course_id=course_id(2)),
        ):
            obligations.add_obligation(rows, one)

        all_of = obligations.obligations_of(rows, COURSE)
        records = obligations.obligations_of(rows, COURSE, ObligationKind.SESSION_RECORD)

    assert [one.ordinal for one in all_of] == [2, 3, 1]
    assert [one.ordinal for one in records] == [2, 1]


def test_what_is_open_comes_with_the_stuck_first_then_by_the_next_step(
    database: Database,
) -> None:
    """X04: done, waived and cancelled are closed; open, promised and stuck are not."""
    with database.transaction() as rows:
        set_scene(rows)
        for one in (
            an_obligation(1, next_at=NOON + 2 * DAY),
            an_obligation(2, next_at=NOON + DAY, state=ObligationState.PROMISED),
            an_obligation(3, next_at=None, state=ObligationState.STUCK),
            an_obligation(4, state=ObligationState.DONE),
            an_obligation(5, state=ObligationState.WAIVED),
            an_obligation(6, state=ObligationState.CANCELLED),
            an_obligation(7, next_at=NOON, edition_id="other-2024"),
        ):
            obligations.add_obligation(rows, one)

        everywhere = obligations.open_obligations(rows)
        here = obligations.open_obligations(rows, EDITION)

    assert [one.ordinal for one in everywhere] == [3, 7, 2, 1]
    assert [one.ordinal for one in here] == [3, 2, 1]
