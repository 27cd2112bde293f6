"""Fixtures: an edition whose time is skipped, and a real server that journeys share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.journeys.children import running_server
from tests.journeys.servers import SkippedWorld, database_in, time_skipping


@pytest.fixture
async def skipped(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[SkippedWorld]:
    """Give an edition in which nothing has happened, on a time-skipping server of its own."""
    database = database_in(tmp_path, sqlite_template)
    async with time_skipping(database) as world:
        yield world
    database.close()


@pytest.fixture(scope="session")
async def real_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """Give a client of a real server; each test has an edition, and so workflow ids, of its own."""
    async with running_server(tmp_path_factory.mktemp("temporal")) as server:
        yield await server.client()
