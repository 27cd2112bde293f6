"""The audit's schedule, on the real server."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from temporalio.client import Client

from runtime.auditing import EVERY, SCHEDULE, audit_activities, audit_now, ensure_audits
from runtime.settings import Settings
from runtime.temporal import build_worker
from schemas.audit import Check
from schemas.courses import Stage
from tests.activities.ledger_scene import COURSE, EDITION_COURSE, EXECUTIVE, Scene
from tests.databases import on_sqlite

pytestmark = on_sqlite


def settings_for(scene: Scene, folder: Path) -> Settings:
    return Settings(
        var=folder,
        database_url=scene.database.url,
        heartbeat_file=folder / "heartbeat",
        task_queue=uuid4().hex,
    )


AUDITED = "WorkflowType = 'AuditWorkflow' AND ExecutionStatus = 'Completed'"


async def test_an_audit_is_made_at_each_start_and_every_quarter_of_an_hour(
    client: Client, scene: Scene, tmp_path: Path
) -> None:
    """And starting again, as each worker does, leaves one schedule."""
    settings = settings_for(scene, tmp_path)
    activities = audit_activities(scene.database, settings)
    async with build_worker(client, settings.task_queue, activities):
        await ensure_audits(client, settings)
        while (await client.count_workflows(AUDITED)).count == 0:
            await asyncio.sleep(0.02)
        await ensure_audits(client, settings)

    schedule = (await client.get_schedule_handle(SCHEDULE).describe()).schedule
    assert [interval.every for interval in schedule.spec.intervals] == [EVERY]
    assert len([one async for one in await client.list_schedules()]) == 1
    await client.get_schedule_handle(SCHEDULE).delete()


async def test_a_course_that_no_workflow_walks_is_found(
    client: Client, scene: Scene, tmp_path: Path
) -> None:
    """Where Temporal can be asked; one that has ended needs none."""
    scene.course(EXECUTIVE, stage=Stage.COMPLETED, ended_at=datetime.now(UTC))
    settings = settings_for(scene, tmp_path)
    report = await audit_now(scene.database, settings, datetime.now(UTC), client)
    assert [(one.check, one.about) for one in report.findings] == [
        (Check.WORKFLOW_MISSING, EDITION_COURSE),
        (Check.WORKFLOW_MISSING, COURSE),
    ]


async def test_half_an_audit_gives_no_sign_of_life(scene: Scene, tmp_path: Path) -> None:
    """Without Temporal nobody saw whether the workflows run, however good the rest is."""
    settings = settings_for(scene, tmp_path)
    report = await audit_now(scene.database, settings, datetime.now(UTC))
    assert report.is_clean
    assert not settings.heartbeat_file.exists()
