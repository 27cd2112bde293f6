"""A real Temporal server for the workflows whose life cannot be skipped through."""

import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from runtime.temporal import DATA_CONVERTER
from schemas.clock import ProgrammeClock
from storage.database import Database
from tests.activities.ledger_scene import TUESDAY, FakeChannel, Scene
from tests.journeys.conftest import skipped as skipped

SERVER = Path(sys.executable).with_name("temporal")


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    async with await WorkflowEnvironment.start_local(
        data_converter=DATA_CONVERTER,
        dev_server_existing_path=str(SERVER),
        dev_server_extra_args=[
            "--dynamic-config-value",
            'history.timerProcessorMaxTimeShift="1ms"',
        ],
    ) as environment:
        yield environment.client


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def scene(database: Database, channel: FakeChannel) -> Scene:
    """Give a ledger on the real clock, on which it is Tuesday morning now."""
    clock = ProgrammeClock(real_anchor=datetime.now(UTC), programme_anchor=TUESDAY)
    return Scene(database, channel).prepared(clock=clock)
