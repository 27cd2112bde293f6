"""What the server wrote of a workflow: its runs, their events, their size."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory

REAL_SERVER_ADDS = 1.2
"""The real server's events are longer: each names a task, a request and a build."""

TRANSITIONS_OF_A_TASK = 3
"""At most: what calls for it, its start, its completion. An update's takes one."""


@dataclass(frozen=True)
class Run:
    """One run of a workflow."""

    run_id: str
    history: WorkflowHistory

    @property
    def events(self) -> list[str]:
        """The kinds of its events, in order, as the server names them."""
        return [
            EventType.Name(one.event_type).removeprefix("EVENT_TYPE_")
            for one in self.history.events
        ]

    @property
    def summary(self) -> str:
        """What the Temporal UI shows beside its name; only a first run has one."""
        return self.history.events[0].user_metadata.summary.data.decode().strip('"')

    @property
    def size(self) -> int:
        """Bytes of its events."""
        return sum(one.ByteSize() for one in self.history.events)


async def runs_of(client: Client, workflow_id: str) -> list[Run]:
    """Return every run of a workflow, the first one first."""
    found: list[Run] = []
    run_id: str | None = None
    while run_id != "":
        history = await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        started: Any = history.events[0].workflow_execution_started_event_attributes
        found.insert(0, Run(started.original_execution_run_id, history))
        run_id = started.continued_execution_run_id
    return found


def count_events(runs: list[Run]) -> Counter[str]:
    """Count the events of all runs by their kind."""
    return Counter(event for run in runs for event in run.events)


async def state_transitions(client: Client, workflow_id: str, runs: list[Run]) -> int:
    """Return what all runs cost the server; only the real one counts it."""
    total = 0
    for run in runs:
        described = await client.get_workflow_handle(workflow_id, run_id=run.run_id).describe()
        total += described.raw_description.workflow_execution_info.state_transition_count
    return total


def most_transitions(runs: list[Run]) -> int:
    """Return what runs cost the server at most, reckoned from their events."""
    counted = count_events(runs)
    tasks = counted["WORKFLOW_TASK_SCHEDULED"]
    return TRANSITIONS_OF_A_TASK * tasks + counted["ACTIVITY_TASK_STARTED"]
