"""The auditor in this house: its activity, its schedule, and the account of the ledger."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)

from activities.audit import AuditActivities, Heartbeat
from activities.dispatching.handovers import Deadlines
from runtime.settings import Settings
from schemas.audit import AuditReport, AuditRequest
from schemas.ledger import LedgerReport
from storage.database import Database
from storage.ledger_report import ledger_report
from workflows.audit import AuditWorkflow

SCHEDULE = "audit"
EVERY = timedelta(minutes=15)


def auditor(
    database: Database, settings: Settings, client: Client | None = None
) -> AuditActivities:
    """Return the auditor; with a client it also sees whether every workflow runs.

    Without one it gives no sign of life: half of what the sign stands for was not looked at.
    """
    url = str(settings.heartbeat_url) if settings.heartbeat_url else None
    heartbeat = Heartbeat(settings.heartbeat_file, url) if client is not None else None
    return AuditActivities(database, heartbeat, lease=lease_of(settings), client=client)


def audit_activities(
    database: Database, settings: Settings, client: Client | None = None
) -> list[Callable[..., Any]]:
    """Return the activity of the audit."""
    return [auditor(database, settings, client).audit]


async def audit_now(
    database: Database, settings: Settings, real_now: datetime, client: Client | None = None
) -> AuditReport:
    """Audit at once; a clean and whole one gives its sign of life like any other."""
    return await auditor(database, settings, client).audit_now(real_now)


def account(
    database: Database, settings: Settings, real_now: datetime, copies: Mapping[str, int]
) -> LedgerReport:
    """Account for every message; ``copies`` is what the channel holds of each, by its key."""
    with database.reading() as rows:
        return ledger_report(rows, real_now, lease_of(settings), copies)


def lease_of(settings: Settings) -> timedelta:
    """Return for how long a message may be on its way."""
    return Deadlines(settings.smtp_deadline).lease


async def ensure_audits(client: Client, settings: Settings) -> None:
    """See to it that an audit is made every quarter of an hour; call it at each start."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            AuditWorkflow.run,
            AuditRequest(),
            id=SCHEDULE,
            task_queue=settings.task_queue,
            static_summary="Looks whether anything has been forgotten",
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=EVERY)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=EVERY),
    )
    try:
        await client.create_schedule(SCHEDULE, schedule, trigger_immediately=True)
    except ScheduleAlreadyRunningError:
        handle = client.get_schedule_handle(SCHEDULE)
        await handle.update(lambda _told: ScheduleUpdate(schedule=schedule))
