"""The Temporal client, the one sandbox and the one worker builder: production, tests and replay."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib.metadata import version
from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import PydanticPayloadConverter, ToJsonOptions
from temporalio.converter import CompositePayloadConverter, DataConverter
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy

from workflows.audit import AuditWorkflow
from workflows.dispatch import DispatchWorkflow
from workflows.edition import EditionWorkflow
from workflows.executive_coaching import ExecutiveCoachingWorkflow
from workflows.service_journey import ServiceJourneyWorkflow

WORKFLOWS: tuple[type[Any], ...] = (
    EditionWorkflow,
    ServiceJourneyWorkflow,
    ExecutiveCoachingWorkflow,
    DispatchWorkflow,
    AuditWorkflow,
)

# Our rooms below the workflows are pure or only named by them; what they import in turn is passed
# through with them. A module that is not listed here stops the worker from starting.
PASSED_THROUGH = (
    "schemas",
    "planning",
    "storage",
    "messaging",
    "activities",
    "workflows.course",
    "workflows.chapter",
    "workflows.chase",
    "workflows.recruitment",
    "workflows.onboarding",
    "workflows.coaching",
    "workflows.leaving",
)

STICKY = timedelta(seconds=1)
"""How long a task waits for a worker that has died before any other may take it."""

ACTIVITY_THREADS = 20

TRANSACTIONS_AT_ONCE = 6
"""Course transactions under way in one worker; more would only wait for each other's locks."""


def workflow_runner() -> SandboxedWorkflowRunner:
    """Return the sandbox that every workflow runs in, in production, tests and replay alike."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return SandboxedWorkflowRunner(
        restrictions=restrictions.with_import_notification_policy(
            SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
        )
    )


class _ShortPayloads(CompositePayloadConverter):
    """Leaves out what a payload did not set: a default is for ever, like the field itself.

    The SDK makes one for each workflow task; so that none has to learn our types anew, they share
    their parts.
    """

    def __init__(self) -> None:
        super().__init__(*_SHORT.converters.values())


_SHORT = PydanticPayloadConverter(ToJsonOptions(exclude_unset=True))


DATA_CONVERTER = DataConverter(payload_converter_class=_ShortPayloads)


async def connect(address: str, namespace: str) -> Client:
    """Connect to a Temporal server; payloads are pydantic's JSON."""
    return await Client.connect(address, namespace=namespace, data_converter=DATA_CONVERTER)


def build_worker(
    client: Client,
    task_queue: str,
    activities: Sequence[Callable[..., Any]],
    *,
    graceful: timedelta = timedelta(seconds=45),
    fail_on_bug: bool = False,
    **differently: Any,
) -> Worker:
    """Return a worker that runs every workflow and the given activities.

    Args:
        client: Connected client.
        task_queue: Where it looks for work.
        activities: Methods of the activity classes.
        graceful: How long running activities may go on when it is stopped.
        fail_on_bug: Whether an unexpected error fails a workflow at once; not in production.
        differently: Options of the SDK's worker that are not as in production.

    """
    options: dict[str, Any] = {
        "max_concurrent_local_activities": TRANSACTIONS_AT_ONCE,
        "activity_executor": ThreadPoolExecutor(ACTIVITY_THREADS, thread_name_prefix="activity"),
        "workflow_runner": workflow_runner(),
        # In every task of a history; unset, the SDK hashes all code for a second to make a longer.
        "build_id": version("drumbeat"),
        "graceful_shutdown_timeout": graceful,
        "sticky_queue_schedule_to_start_timeout": STICKY,
        "workflow_failure_exception_types": [Exception] if fail_on_bug else [],
    }
    return Worker(
        client,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        activities=activities,
        **(options | differently),
    )


async def drain() -> None:
    """Give the SDK's threads a moment before a short process ends; without it some die at exit."""
    await asyncio.sleep(0.1)
