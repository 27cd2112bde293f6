"""A worker that dispatches over real SMTP; run as a process of its own, to be killed."""

import asyncio
import sys
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from activities.dispatch import DispatchActivities
from activities.dispatching.dispatcher import Dispatcher
from messaging.channel import Channel
from messaging.smtp import SmtpChannel
from messaging.smtp_server import SmtpServer
from runtime.temporal import build_worker, connect
from storage.database import Database
from tests.activities.ledger_scene import SENDER


def worker_of(client: Client, database: Database, channel: Channel, task_queue: str) -> Worker:
    """Return a worker whose only activity is to dispatch."""
    deadline = timedelta(seconds=1)
    dispatcher = Dispatcher(database, {"mail": channel}, SENDER, deadline=deadline)
    activities = [DispatchActivities(database, dispatcher, client).dispatch_due]
    return build_worker(client, task_queue, activities, graceful=timedelta(seconds=5))


async def run(address: str, namespace: str, task_queue: str, url: str, port: int) -> None:
    """Work until killed."""
    client = await connect(address, namespace)
    channel = SmtpChannel(SmtpServer("127.0.0.1", port), deadline=timedelta(seconds=1))
    await worker_of(client, Database(url), channel, task_queue).run()


if __name__ == "__main__":
    address, namespace, task_queue, url, port = sys.argv[1:]
    asyncio.run(run(address, namespace, task_queue, url, int(port)))
