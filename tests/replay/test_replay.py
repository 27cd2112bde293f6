"""Histories that earlier versions wrote still replay: a workflow under way survives a deploy."""

import asyncio
import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

from runtime.temporal import DATA_CONVERTER, WORKFLOWS, workflow_runner
from schemas.inputs import CourseEnd, CourseInput
from tests.replay.record import HISTORIES

RECORDED = sorted(HISTORIES.rglob("*.json.gz"))


def name_of(path: Path) -> str:
    return str(path.relative_to(HISTORIES)).removesuffix(".json.gz")


def text_of(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode()


def history_of(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(path.name, text_of(path))


def types_and_events(path: Path) -> tuple[str, set[str]]:
    events = json.loads(text_of(path))["events"]
    started = events[0]["workflowExecutionStartedEventAttributes"]
    return started["workflowType"]["name"], {one["eventType"] for one in events}


@workflow.defn(name="ServiceJourneyWorkflow")
class HurriedJourney:
    """A journey that somebody changed without a thought for those under way."""

    @workflow.run
    async def run(self, start: CourseInput) -> CourseEnd:
        await asyncio.sleep(timedelta(minutes=1).total_seconds())
        return CourseEnd(course_id=start.course_id, stage="", version=0)


@pytest.mark.parametrize("path", RECORDED, ids=name_of)
async def test_a_recorded_history_replays(path: Path) -> None:
    replayer = Replayer(
        workflows=WORKFLOWS, workflow_runner=workflow_runner(), data_converter=DATA_CONVERTER
    )
    await replayer.replay_workflow(history_of(path))


async def test_a_change_that_would_break_what_is_under_way_is_seen() -> None:
    replayer = Replayer(
        workflows=[HurriedJourney],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=DATA_CONVERTER,
    )
    path = next(one for one in RECORDED if one.name.startswith("service-year-SVC-16"))

    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(history_of(path))


def test_every_workflow_and_every_way_it_goes_is_recorded() -> None:
    """A new workflow needs histories too: python -m tests.replay.record."""
    seen = [types_and_events(path) for path in RECORDED]
    events = set().union(*(kinds for _, kinds in seen))

    assert {name for name, _ in seen} == {one.__name__ for one in WORKFLOWS}
    assert events >= {
        f"EVENT_TYPE_{kind}"
        for kind in (
            "ACTIVITY_TASK_COMPLETED",
            "EXTERNAL_WORKFLOW_EXECUTION_SIGNALED",
            "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED",
            "TIMER_CANCELED",
            "TIMER_FIRED",
            "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
            "WORKFLOW_EXECUTION_COMPLETED",
            "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
            "WORKFLOW_EXECUTION_SIGNALED",
            "WORKFLOW_EXECUTION_UPDATE_COMPLETED",
        )
    }
