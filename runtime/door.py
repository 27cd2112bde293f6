"""Opens the one door in, for a command that asks something of the programme and ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.service import RPCError

from runtime.programme import DOWN, EngineDown, Programme
from runtime.settings import Settings
from runtime.temporal import connect, drain
from storage.database import Database
from storage.installation import installation


@asynccontextmanager
async def open_programme(settings: Settings) -> AsyncIterator[Programme]:
    """Give the programme's door for as long as the block lasts.

    Raises:
        EngineDown: The Temporal server cannot be reached.
        LookupError: The database has not been prepared.

    """
    database = Database(settings.database_url, full_sync=settings.full_sync)
    try:
        with database.reading() as rows:
            clock = installation(rows).clock
        try:
            client = await connect(settings.temporal_address, settings.temporal_namespace)
        except (RPCError, RuntimeError) as error:
            raise EngineDown(DOWN) from error
        yield Programme(client, database, clock, settings.task_queue)
    finally:
        await drain()  # also after a refusal, or a server that is not there
        database.close()
