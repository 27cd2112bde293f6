"""The auditor: asks whether anything has been forgotten, and gives a sign of life if nothing has.

The sign is given only when everything is in order. So an auditor that finds something, that raises
or that nobody starts any more is noticed all the same: the sign grows old.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import structlog
from temporalio import activity
from temporalio.client import Client

from schemas.audit import AuditFinding, AuditReport, AuditRequest, Check
from storage import ledger
from storage.audit import findings, open_courses
from storage.database import Database
from storage.installation import installation

log = structlog.get_logger(__name__)

PATIENCE = timedelta(minutes=5)
"""How long a due step or a lost answer may take; the sweeper comes after one minute."""

TOLD = 50
"""Findings that a report holds; the rest are counted."""

PING_TIMEOUT = 10  # seconds


@dataclass(frozen=True)
class Heartbeat:
    """Where a clean audit gives its sign of life.

    Attributes:
        file: Touched by it.
        url: Called by it, so that silence is noticed elsewhere; none where not given.

    """

    file: Path
    url: str | None = None

    def give(self) -> None:
        """Give the sign; an address that does not answer is no fault of the programme's."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(f"{datetime.now(UTC).isoformat()}\n", encoding="utf-8")
        if self.url is None:
            return
        try:
            with urlopen(self.url, timeout=PING_TIMEOUT):
                pass
        except (URLError, TimeoutError, OSError) as error:
            log.warning("heartbeat.not_taken", fault=type(error).__name__)


class AuditActivities:
    """Audits the installation; needs Temporal only to see whether workflows are running."""

    def __init__(
        self,
        database: Database,
        heartbeat: Heartbeat | None,
        *,
        lease: timedelta,
        client: Client | None = None,
    ) -> None:
        """Audit ``database``.

        Args:
            database: What is audited.
            heartbeat: Where the sign of life is given; none: by somebody else.
            lease: How long a message may take past its next instant.
            client: Sees which workflows run; without it that question is left out.

        """
        self._database = database
        self._heartbeat = heartbeat
        self._lease = lease
        self._client = client

    @activity.defn
    async def audit(self, _request: AuditRequest) -> AuditReport:
        """Look at everything, and give the sign of life if all is in order; safe to repeat."""
        return await self.audit_now(datetime.now(UTC))

    async def audit_now(self, real_now: datetime) -> AuditReport:
        """Audit as of a real instant, the present; what the activity and the command do."""
        found, states = await asyncio.to_thread(self._look, real_now)
        if self._client is not None:
            found = (*found, *await self._missing(self._client, real_now))
        for finding in found:
            log.warning("fault.found", check=finding.check.value, about=finding.about)
        if not found and self._heartbeat is not None:
            await asyncio.to_thread(self._heartbeat.give)
        return AuditReport(findings=found[:TOLD], total=len(found), states=states)

    def _look(self, real_now: datetime) -> tuple[tuple[AuditFinding, ...], dict[str, int]]:
        with self._database.reading() as rows:
            states: Counter[str] = Counter()
            for (_, state), count in ledger.counts(rows).items():
                states[state] += count
            return findings(rows, real_now, PATIENCE, self._lease), dict(states)

    async def _missing(self, client: Client, real_now: datetime) -> tuple[AuditFinding, ...]:
        """Return the open courses that no workflow walks."""
        wanted = await asyncio.to_thread(self._open_courses, real_now)
        listed = client.list_workflows("ExecutionStatus = 'Running'")
        running = {workflow.id async for workflow in listed}
        return tuple(_without_workflow(wanted, running))

    def _open_courses(self, real_now: datetime) -> tuple[str, ...]:
        with self._database.reading() as rows:
            clock = installation(rows).clock
            return open_courses(rows, clock.programme_time(real_now - PATIENCE))


def _without_workflow(wanted: Iterable[str], running: set[str]) -> Iterable[AuditFinding]:
    for course_id in wanted:
        if course_id not in running:
            yield AuditFinding(
                check=Check.WORKFLOW_MISSING,
                about=course_id,
                sentence=f"No workflow walks {course_id}, which has not ended.",
            )
