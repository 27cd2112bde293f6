"""The worker: settings, database, channels, activities, and then it works until it is stopped."""

import asyncio
import signal

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.runtime import Runtime, TelemetryConfig

from activities.dispatching.dispatcher import Dispatcher
from activities.dispatching.letters import Sender
from runtime.activities import channels_of, course_activities, dispatch_activities
from runtime.auditing import audit_activities, ensure_audits
from runtime.logs import configure_logs, core_logging
from runtime.settings import Settings, load_settings
from runtime.temporal import build_worker, connect, drain
from schemas.dispatch import DispatchInput
from schemas.ids import DISPATCH
from storage.database import Database
from workflows.dispatch import DispatchWorkflow


async def run(settings: Settings) -> None:
    """Run one worker with everything it needs, until SIGTERM or SIGINT.

    A hand-over that is under way is finished first; see ``graceful_shutdown``.
    """
    database = Database(settings.database_url, full_sync=settings.full_sync)
    client = await connect(settings.temporal_address, settings.temporal_namespace)
    channels = channels_of(settings)
    dispatcher = Dispatcher(
        database,
        channels,
        Sender(address=settings.mail_from, domain=settings.mail_domain),
        connections=settings.smtp_connections,
        deadline=settings.smtp_deadline,
    )
    activities = [
        *course_activities(database, client, settings.task_queue),
        *dispatch_activities(database, dispatcher, client),
        *audit_activities(database, settings, client),
    ]
    worker = build_worker(
        client, settings.task_queue, activities, graceful=settings.graceful_shutdown
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with worker:
        await start_what_always_runs(client, settings)
        await stop.wait()
    for channel in channels.values():
        await channel.close()
    database.close()
    await drain()


async def start_what_always_runs(client: Client, settings: Settings) -> None:
    """Start the dispatcher and the audits, or find them running."""
    await client.start_workflow(
        DispatchWorkflow.run,
        DispatchInput(),
        id=DISPATCH,
        task_queue=settings.task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary="Hands over what is due",
    )
    await ensure_audits(client, settings)


if __name__ == "__main__":
    loaded = load_settings()
    configure_logs(loaded.log_level, loaded.log_format)
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=core_logging())))
    asyncio.run(run(loaded))
