import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from schemas.courses import JournalEntry
from storage import journal
from storage.database import Database
from tests.databases import on_postgresql
from tests.storage.scene import COURSE, DAY, EDITION_COURSE, NOON, an_entry


def test_an_entry_comes_back_as_it_was_written(database: Database) -> None:
    entry = an_entry(
        at=NOON - DAY, reason="staffing", note_id="note-1", planned={"reminder": 2}, facts={"n": 1}
    )
    with database.transaction() as rows:
        journal.write(rows, [entry])

    with database.reading() as rows:
        (back,) = journal.entries_about(rows, COURSE)
    assert back.id is not None
    assert back == entry.model_copy(update={"id": back.id})


def test_entries_come_oldest_first_of_a_subject_or_a_course(database: Database) -> None:
    with database.transaction() as rows:
        journal.write(
            rows,
            [
                an_entry("first.noted"),
                an_entry("other.noted", course_id=EDITION_COURSE, subject="SVC-99"),
                an_entry("second.noted", subject="SVC-01/delivery/1", at=NOON - DAY),
                an_entry("third.noted", course_id=EDITION_COURSE),
            ],
        )

        about = [entry.event for entry in journal.entries_about(rows, COURSE)]
        of_session = [entry.event for entry in journal.entries_about(rows, "SVC-01/delivery/1")]

    assert about == ["first.noted", "second.noted", "third.noted"]
    assert of_session == ["second.noted"]


def test_a_follower_takes_entries_up_where_it_stopped(database: Database) -> None:
    with database.transaction() as rows:
        journal.write(rows, [an_entry(f"change.n{n}") for n in range(5)])

    with database.reading() as rows:
        begun = journal.entries_after(rows, 0, limit=2)
        rest = journal.entries_after(rows, begun[-1].id or 0)
    assert [entry.event for entry in (*begun, *rest)] == [f"change.n{n}" for n in range(5)]


@on_postgresql  # on SQLite there is one writer at a time
def test_a_follower_passes_no_entry_over_that_is_committed_later(database: Database) -> None:
    """Ids are given when entries are written, and transactions need not end in that order."""
    seen: list[JournalEntry] = []
    with database.transaction() as slow:
        journal.write(slow, [an_entry("slow.noted")])
        with database.transaction() as quick:
            journal.write(quick, [an_entry("quick.noted")])
        with database.reading() as rows:
            seen += journal.entries_after(rows, 0)
    last = max((entry.id or 0 for entry in seen), default=0)
    with database.reading() as rows:
        seen += journal.entries_after(rows, last)

    assert [entry.event for entry in seen] == ["slow.noted", "quick.noted"]


@pytest.mark.parametrize("act", ["UPDATE journal SET actor = 'x'", "DELETE FROM journal"])
def test_an_entry_is_neither_changed_nor_removed(database: Database, act: str) -> None:
    with database.transaction() as rows:
        journal.write(rows, [an_entry()])

    with pytest.raises(DBAPIError, match="only ever added to"), database.transaction() as rows:
        rows.execute(text(act))

    with database.reading() as rows:
        assert len(journal.entries_about(rows, COURSE)) == 1


def test_an_entry_goes_with_the_change_that_it_tells_of(database: Database) -> None:
    with pytest.raises(KeyError), database.transaction() as rows:
        journal.write(rows, [an_entry()])
        raise KeyError

    with database.reading() as rows:
        assert journal.entries_after(rows, 0) == ()


def test_what_was_called_for_is_the_sum_over_all_entries(database: Database) -> None:
    with database.transaction() as rows:
        for planned in ({"reminder": 2, "chase": 1}, {}, {"reminder": 3}):
            journal.write(rows, [an_entry(planned=planned)])

        assert journal.planned_messages(rows) == {"reminder": 5, "chase": 1}
