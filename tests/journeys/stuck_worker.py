"""A worker whose first course transaction comes to no end; a process of its own, to be killed.

python -m tests.journeys.stuck_worker URL ADDRESS QUEUE
"""

import asyncio
import sys

from runtime.activities import course_activities
from runtime.temporal import build_worker, connect
from tests.journeys.gated_database import GatedDatabase


async def work(url: str, address: str, task_queue: str) -> None:
    """Work until it is killed."""
    client = await connect(address, "drumbeat")
    database = GatedDatabase(url)
    database.hold()
    await build_worker(client, task_queue, course_activities(database, client, task_queue)).run()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
