"""What the tests of the activities stand on."""

import pytest

from storage.database import Database
from tests.activities.ledger_scene import FakeChannel, Scene


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def scene(database: Database, channel: FakeChannel) -> Scene:
    """Give a ward with a ledger, on SQLite and on PostgreSQL unless told otherwise."""
    return Scene(database, channel).prepared()
