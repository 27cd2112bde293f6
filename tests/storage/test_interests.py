"""A second interest waits until it is merged, once (R12)."""

from schemas.courses import Interest
from storage import courses, interests
from storage.database import Database
from tests.storage.scene import EDITION, LEAD, NOON, SPONSOR, set_scene


def test_only_a_second_interest_is_marked_and_only_once(database: Database) -> None:
    """R12: one statement decides, so that two coordinators merge it once."""
    first = Interest(
        id="EOI-1",
        edition_id=EDITION,
        service_id="SVC-01",
        submitted_at=NOON,
        sponsor_id=SPONSOR,
        lead_id=LEAD,
    )
    second = first.model_copy(update={"id": "EOI-2", "state": interests.WAITS})
    with database.transaction() as rows:
        set_scene(rows)
        for one in (first, second):
            courses.add_interest(rows, one)
        waited = interests.waiting(rows, EDITION)
        marked = [interests.mark_merged(rows, one) for one in ("EOI-1", "EOI-2", "EOI-2", "X")]
        assert interests.waiting(rows, EDITION) == ()
    assert waited == ("EOI-2",)
    assert marked == [False, True, False, False]
