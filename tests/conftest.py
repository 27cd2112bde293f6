"""What every test stands on."""

import os
from collections.abc import Iterator

import pytest

from tests.databases import bare_url as bare_url
from tests.databases import database as database
from tests.databases import database_url as database_url
from tests.databases import nothing_is_left_open as nothing_is_left_open
from tests.databases import postgres_programmes as postgres_programmes
from tests.databases import postgres_server as postgres_server
from tests.databases import postgres_url as postgres_url
from tests.databases import sqlite_template as sqlite_template


@pytest.fixture(autouse=True, scope="session")
def _own_environment() -> Iterator[None]:
    """Hide the settings of the machine that runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("DRUMBEAT_")]:
            patch.delenv(name)
        yield
