from schemas.courses import Pause
from storage import pauses
from storage.database import Database
from tests.storage.scene import COURSE, DAY, EDITION_COURSE, NOON, course_id


def test_pauses_of_a_service_and_its_edition_come_earliest_first(database: Database) -> None:
    """X07, X08: those of another service are left out."""
    own = Pause(id="p-1", scope=COURSE, from_at=NOON + DAY, reason="acuity")
    shared = Pause(id="p-2", scope=EDITION_COURSE, from_at=NOON, reason="winter")
    others = Pause(id="p-3", scope=course_id(2), from_at=NOON, reason="staffing")
    ended = own.model_copy(update={"until_at": NOON + 2 * DAY, "taken_up": True})
    with database.transaction() as rows:
        for one in (own, shared, others):
            pauses.add_pause(rows, one)
        pauses.save_pause(rows, ended)

        found = pauses.pauses_of(rows, [COURSE, EDITION_COURSE])
        of_nobody = pauses.pauses_of(rows, [])

    assert found == (shared, ended)
    assert of_nobody == ()
