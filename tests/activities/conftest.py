"""What the tests of the activities stand on."""

import pytest

from storage.database import Database
from tests.activities.coached import coached as coached
from tests.activities.coached import empty as empty
from tests.activities.coached import lasting as lasting
from tests.activities.coached import lasting_database as lasting_database
from tests.activities.coached import play as play
from tests.activities.coached import prepared as prepared
from tests.activities.coached import prepared_files as prepared_files
from tests.activities.ledger_scene import FakeChannel, Scene
from tests.activities.posting import autumn as autumn
from tests.activities.posting import autumn_template as autumn_template


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def scene(database: Database, channel: FakeChannel) -> Scene:
    """Give a ward with a ledger, on SQLite and on PostgreSQL unless told otherwise."""
    return Scene(database, channel).prepared()
