"""Examine an installation part by part: what works, what does not, and what to do about it."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session as Rows
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from runtime.settings import Settings, variable_for
from runtime.temporal import connect
from schemas.base import Record
from schemas.ids import DISPATCH
from schemas.messages import MailMode
from storage import schema
from storage.commands import unacknowledged
from storage.database import Database
from storage.installation import Installation, installation
from storage.restoring import stopped

PATIENCE = timedelta(seconds=5)
"""How long a part has to answer."""

HEARTBEAT_AGE = timedelta(minutes=31)
"""The audit runs every 15 minutes: two missed in a row are noticed."""

SWEPT = timedelta(minutes=2)
"""A committed change that its workflow does not know of is looked at again within a minute."""


class Finding(Record):
    """What was found of one part.

    Attributes:
        part: What was examined.
        good: Whether it works.
        said: How it is.
        remedy: What to do, where it does not work.

    """

    part: str
    good: bool
    said: str
    remedy: str = ""


async def examine(settings: Settings, real_now: datetime) -> tuple[Finding, ...]:
    """Examine every part; none that fails keeps the others from being examined."""
    stored = await asyncio.to_thread(lambda: tuple(_database(settings, real_now)))
    mail = await asyncio.to_thread(_mail_server, settings)
    return (*stored, mail, *await _engine(settings, real_now), _heartbeat(settings, real_now))


def _database(settings: Settings, real_now: datetime) -> Iterator[Finding]:
    database = Database(settings.database_url)
    try:
        differences = schema.check(database)
        if differences:
            yield Finding(
                part="database",
                good=False,
                said=differences[0],
                remedy="drumbeat database upgrade",
            )
            return
        said = f"reached, at revision {schema.head_revision()}"
        yield Finding(part="database", good=True, said=said)
        with database.reading() as rows:
            yield from _installed(installation(rows), real_now)
            yield from _copy(rows)
            waiting = unacknowledged(rows, real_now - SWEPT)
        yield Finding(
            part="commits",
            good=not waiting,
            said=f"{len(waiting)} courses changed of which their workflows may not know"
            if waiting
            else "every workflow knows of every change",
            remedy="see that a worker runs: it looks again by itself" if waiting else "",
        )
    finally:
        database.close()


def _installed(installed: Installation, real_now: datetime) -> Iterator[Finding]:
    clock = installed.clock
    rate = "the real clock" if clock.rate == 1 else f"a clock {clock.rate:g} times as fast"
    at = clock.programme_time(real_now)
    yield Finding(part="clock", good=True, said=f"{rate}: {at:%Y-%m-%d %H:%M} UTC")
    mode = {MailMode.REDIRECT: f"redirected to {installed.redirect_to}"}.get(
        installed.mail_mode, installed.mail_mode.value
    )
    yield Finding(part="mail", good=True, said=mode)
    reopens = installed.breaker.get("reopens_at")
    if isinstance(reopens, str) and datetime.fromisoformat(reopens) > real_now:
        yield Finding(
            part="hand-over",
            good=False,
            said=f"rests until {reopens}: {installed.breaker.get('cause', 'a fault')}",
            remedy="see that the mail server takes our mail; it is tried again by itself",
        )


def _copy(rows: Rows) -> Iterator[Finding]:
    entry = stopped(rows)
    if entry is not None:
        yield Finding(
            part="dispatch",
            good=False,
            said=f"has stopped: the database is older than {entry.facts['known_at']}, when it was"
            " last dispatched from",
            remedy="put a newer copy back, or use drumbeat restore",
        )


def _mail_server(settings: Settings) -> Finding:
    if settings.outbox_dir is not None:
        return Finding(
            part="mail server", good=True, said=f"none: written to {settings.outbox_dir}"
        )
    url = urlsplit(settings.smtp_url.get_secret_value())
    host, port = url.hostname or "", url.port or {"smtps": 465}.get(url.scheme, 25)
    try:
        with socket.create_connection((host, port), timeout=PATIENCE.total_seconds()):
            return Finding(part="mail server", good=True, said=f"listens at {host}:{port}")
    except OSError:
        return Finding(
            part="mail server",
            good=False,
            said=f"does not answer at {host}:{port}",
            remedy=f"start it, or set {variable_for('smtp_url')}",
        )


async def _engine(settings: Settings, real_now: datetime) -> tuple[Finding, ...]:
    address = settings.temporal_address
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            client = await connect(address, settings.temporal_namespace)
            worker = await _worker(client, settings, real_now)
            dispatcher = await _dispatcher(client)
    except (TimeoutError, RuntimeError, RPCError):
        return (
            Finding(
                part="Temporal",
                good=False,
                said=f"does not answer at {address}, namespace {settings.temporal_namespace}",
                remedy=f"start it with make up, or set {variable_for('temporal_address')}",
            ),
        )
    said = f"answers at {address}, namespace {settings.temporal_namespace}"
    return (Finding(part="Temporal", good=True, said=said), worker, dispatcher)


async def _worker(client: Client, settings: Settings, real_now: datetime) -> Finding:
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=settings.temporal_namespace,
            task_queue=TaskQueue(name=settings.task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    seen = [poller.last_access_time.ToDatetime(tzinfo=UTC) for poller in described.pollers]
    if not seen:
        return Finding(
            part="worker",
            good=False,
            said=f"none looks for work on the task queue {settings.task_queue}",
            remedy="start one with make up",
        )
    ago = max(int((real_now - max(seen)).total_seconds()), 0)
    count = "1 looks" if len(seen) == 1 else f"{len(seen)} look"
    return Finding(part="worker", good=True, said=f"{count} for work, last {ago} s ago")


async def _dispatcher(client: Client) -> Finding:
    try:
        described = await client.get_workflow_handle(DISPATCH).describe()
        good = described.status is WorkflowExecutionStatus.RUNNING
        said = "runs" if good else "has ended"
    except RPCError:
        good, said = False, "has never been started"
    remedy = "" if good else "start a worker with make up: it starts the dispatcher"
    return Finding(part="dispatcher", good=good, said=said, remedy=remedy)


def _heartbeat(settings: Settings, real_now: datetime) -> Finding:
    path = settings.heartbeat_file
    if not path.exists():
        return Finding(
            part="audit",
            good=False,
            said="has never found everything in order",
            remedy="drumbeat audit tells what is amiss; it runs every 15 minutes with the worker",
        )
    age = real_now - datetime.fromtimestamp(path.stat().st_mtime, UTC)
    minutes = max(int(age.total_seconds() // 60), 0)
    good = age < HEARTBEAT_AGE
    return Finding(
        part="audit",
        good=good,
        said=f"found everything in order {minutes} min ago",
        remedy="" if good else "drumbeat audit tells what is amiss",
    )
