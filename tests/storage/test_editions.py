from pathlib import Path

import pytest

from planning.edition_file import read_edition
from schemas.edition import Edition
from storage import editions
from storage.database import Database
from storage.schema import upgrade
from tests.storage.scene import DAY, NOON

FILE = Path(__file__).parents[2] / "editions" / "mha-qi-wider.toml"


@pytest.fixture(scope="module")
def edition() -> Edition:
    return read_edition(FILE.read_text(encoding="utf-8"), FILE.name)


def test_an_edition_comes_back_as_its_file_says(database: Database, edition: Edition) -> None:
    with database.transaction() as rows:
        assert editions.store_edition(rows, edition, NOON)

    with database.reading() as rows:
        assert editions.latest_edition(rows, edition.id) == edition
        assert editions.edition_ids(rows) == (edition.id,)


def test_a_version_is_kept_once_and_the_latest_one_counts(
    database: Database, edition: Edition
) -> None:
    later = edition.model_copy(update={"version": edition.version + 9, "title": "Later"})
    with database.transaction() as rows:
        assert editions.store_edition(rows, later, NOON)
        assert editions.store_edition(rows, edition, NOON + DAY)
        changed = edition.model_copy(update={"title": "Changed in place"})
        assert not editions.store_edition(rows, changed, NOON)

        assert editions.latest_edition(rows, edition.id).title == "Later"
        assert editions.edition_ids(rows) == (edition.id,)


def test_an_edition_that_was_never_opened_is_told(database: Database) -> None:
    with database.reading() as rows, pytest.raises(LookupError, match="pilot-2099"):
        editions.latest_edition(rows, "pilot-2099")


def test_two_databases_may_hold_the_same_version_with_different_words(
    database: Database, edition: Edition, tmp_path: Path
) -> None:
    """What was read once is remembered, but never of another database."""
    url = f"sqlite:///{tmp_path / 'other.db'}"
    upgrade(url)
    other = Database(url)
    for one, title in ((database, "One"), (other, "Other")):
        with one.transaction() as rows:
            editions.store_edition(rows, edition.model_copy(update={"title": title}), NOON)
            assert editions.latest_edition(rows, edition.id).title == title
    other.close()
