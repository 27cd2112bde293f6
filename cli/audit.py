"""The command that asks whether anything has been forgotten."""

import asyncio
from typing import TYPE_CHECKING

from cli import paper, words
from cli.desk import Desk
from cli.faults import ExitCode
from cli.options import AtDesk, Json

if TYPE_CHECKING:
    from temporalio.client import Client

    from runtime.settings import Settings
    from schemas.audit import AuditReport

PATIENCE = 5.0
"""Seconds that the Temporal server has to answer."""


async def audit(*, json: Json = False, desk: AtDesk) -> int:
    """Check that nothing has been forgotten: obligations, sessions, messages, workflows.

    A clean audit gives a sign of life. Without Temporal all is looked at but the workflows, and
    no sign is given.
    """
    from runtime.auditing import audit_now
    from runtime.temporal import drain

    with desk.reading():  # a database that is not there is told of in its own words
        database = desk.database
    client = await _client(desk.settings)
    try:
        report = await audit_now(database, desk.settings, desk.real_now(), client)
    finally:
        await drain()
    if json:
        clean = {"clean": report.is_clean, "workflows": client is not None}
        desk.json({**clean, **report.model_dump()})
    else:
        _print(desk, report, engine=client is not None)
    return ExitCode.DONE if report.is_clean else ExitCode.TROUBLE


async def _client(settings: "Settings") -> "Client | None":
    from temporalio.service import RPCError

    from runtime.temporal import connect

    try:
        async with asyncio.timeout(PATIENCE):
            return await connect(settings.temporal_address, settings.temporal_namespace)
    except (TimeoutError, RuntimeError, RPCError):
        return None


def _print(desk: Desk, report: "AuditReport", *, engine: bool) -> None:
    if report.is_clean:
        desk.say("Everything is in order." if engine else "What can be seen is in order.")
    else:
        desk.say(f"{words.counted(report.total, 'thing')} to see to:")
        desk.say(*(f"- {one.sentence}" for one in report.findings))
        if report.total > len(report.findings):
            desk.say(f"and {report.total - len(report.findings)} more")
    if not engine:
        desk.say(
            "Temporal does not answer: whether every workflow runs was not looked at, and no sign"
            " of life is given."
        )
    if report.states:
        desk.say("")
        paper.table(
            desk,
            ("messages", "#"),
            ((words.plain(state), count) for state, count in report.states.items()),
        )
