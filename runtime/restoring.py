"""Deal with a database that was put back to an older copy (docs/operations.md).

What may have gone out since the copy does not go again, each workflow takes over what the database
says, and then dispatch goes on. All of it can be done again at will.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from temporalio.client import Client
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError, RPCStatusCode

from runtime.asking import EDITION, SERVICE, Refused
from schemas.clock import ProgrammeClock
from schemas.courses import Course, CourseKind
from schemas.dispatch import DispatchRequest
from schemas.forms import RestoreForm
from schemas.inputs import CourseInput
from storage import courses, restoring
from storage.audit import open_courses
from storage.database import Database
from storage.installation import installation
from storage.restoring import Restored
from workflows.edition import EditionWorkflow
from workflows.executive_coaching import ExecutiveCoachingWorkflow
from workflows.service_journey import ServiceJourneyWorkflow

RUNS = {
    CourseKind.EDITION: EditionWorkflow.run,
    CourseKind.SERVICE: ServiceJourneyWorkflow.run,
    CourseKind.EXECUTIVE_COACHING: ExecutiveCoachingWorkflow.run,
}
PATIENCE = 15.0
"""Seconds in which the workflows that wait for this have taken over what the database says."""

LOOK_EVERY = 0.2

OUT_OF_SIGHT = DispatchRequest().lasts + timedelta(minutes=1)
"""Real time for which a dispatcher goes on at most without its workflow, and ends what it holds."""


@dataclass(frozen=True)
class Gap:
    """What lies between a copy of the database and its loss.

    Attributes:
        messages: How many are open, of each kind and state, that were due by then.
        last_change_at: Programme time of the last change that the copy knows.
        known_at: Programme time at which more than the copy was last dispatched, where that shows.
        over_at: Programme time after which surely nothing went from the lost database, likewise.
        dealt_with: The restore of the same name that has been dealt with before.

    """

    messages: Counter[tuple[str, str]]
    last_change_at: datetime | None = None
    known_at: datetime | None = None
    dealt_with: Restored | None = None
    over_at: datetime | None = None


@dataclass
class Reconciled:
    """What became of the workflows.

    Attributes:
        told: Ids of courses whose workflows looked again.
        started: Ids of courses whose workflows had ended, and were started anew.
        strangers: Ids of workflows whose courses the database does not know.
        lost: By course, the version that its workflow knew and the one that there is.
        waiting: Ids of courses whose workflows have not taken the version over yet.

    """

    told: list[str] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    lost: dict[str, tuple[int, int]] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)


def gap_of(database: Database, form: RestoreForm, now: datetime) -> Gap:
    """Return what a restore would deal with, and change nothing.

    Raises:
        Refused: The instants make no sense; the text is a sentence.

    """
    if form.from_at > form.to_at:
        raise Refused("--from lies after --to: give the copy's instant first, then the loss.")
    if form.to_at > now:
        raise Refused("--to lies ahead: it is when the lost database was last at work.")
    with database.reading() as rows:
        stopped = restoring.stopped(rows)
        known_at = None
        if stopped is not None:
            known_at = datetime.fromisoformat(str(stopped.facts["known_at"]))
        newest = restoring.newest_entry(rows, None if stopped is None else stopped.id)
        clock = installation(rows).clock
        dealt_with = restoring.restored_as(rows, name_of(form))
        if dealt_with is None and known_at is not None and form.to_at < known_at:
            raise Refused(
                f"The lost database was still dispatched from at {known_at:%Y-%m-%d %H:%M:%S} UTC, "
                "which is after --to: give a later --to, such as now."
            )
        return Gap(
            Counter() if dealt_with else restoring.open_until(rows, form.to_at),
            None if newest is None else newest.recorded_at,
            known_at,
            dealt_with,
            None if known_at is None else _over_at(clock, known_at, now),
        )


def _over_at(clock: ProgrammeClock, known_at: datetime, now: datetime) -> datetime:
    """Return when a dispatcher of the lost database that nobody heard of any more was over, too."""
    return min(clock.programme_time(clock.real_time(known_at) + OUT_OF_SIGHT), now)


def close_gap(database: Database, form: RestoreForm, now: datetime) -> Restored:
    """End what may have gone out already as unknown, and let dispatch go on; once for a name."""
    with database.transaction() as rows:
        before = restoring.restored_as(rows, name_of(form))
        if before is not None:
            return before
        unknown = restoring.end_open_until(rows, form.to_at, now)
        restored = Restored(form.from_at, form.to_at, now, name_of(form), unknown)
        restoring.note_restored(rows, restored, form.actor, form.reason)
        return restored


def name_of(form: RestoreForm) -> str:
    """Return what names a restore: to deal with the same one again changes nothing."""
    return form.request_id or f"restore/{form.from_at.isoformat()}/{form.to_at.isoformat()}"


class Reconciliation:
    """Brings the workflows back to what the database says."""

    def __init__(self, client: Client, database: Database, task_queue: str) -> None:
        """Reconcile with ``database``."""
        self._client = client
        self._database = database
        self._task_queue = task_queue

    async def run(self, restored: Restored, now: datetime) -> Reconciled:
        """Let every workflow look again, start those that are missing, and say what was lost.

        Raises:
            RPCError: The Temporal server does not answer; what was done stays done.

        """
        clock, found = await asyncio.to_thread(self._open, now)
        said = Reconciled()
        for course in found:
            if await self._told(course.id):
                said.told.append(course.id)
            else:
                await self._start(course, clock)
                said.started.append(course.id)
        said.strangers = await self._strangers()
        said.waiting = await self._waited()
        said.lost = await asyncio.to_thread(self._lost, restored.at)
        return said

    async def _told(self, course_id: str) -> bool:
        try:
            await self._client.get_workflow_handle(course_id).signal("look_again")
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    async def _start(self, course: Course, clock: ProgrammeClock) -> None:
        """Start a workflow that has ended, as far as it knew, or was never started."""
        subject = "" if course.kind is CourseKind.EDITION else course.subject_id
        attributes = [SearchAttributePair(EDITION, course.edition_id)]
        if subject:
            attributes.append(SearchAttributePair(SERVICE, subject))
        start = CourseInput(
            course_id=course.id, edition_id=course.edition_id, service_id=subject, clock=clock
        )
        await self._client.start_workflow(
            RUNS[course.kind],  # type: ignore[arg-type]
            start,
            id=course.id,
            task_queue=self._task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=TypedSearchAttributes(attributes),
            static_summary=f"{course.kind.replace('-', ' ').capitalize()} of {course.subject_id}",
        )

    async def _strangers(self) -> list[str]:
        listed = self._client.list_workflows("ExecutionStatus = 'Running'")
        kinds = tuple(f"{kind}/" for kind in CourseKind)
        running = [one.id async for one in listed if one.id.startswith(kinds)]
        return sorted(await asyncio.to_thread(self._unknown, running))

    async def _waited(self) -> list[str]:
        end = monotonic() + PATIENCE
        while waiting := await asyncio.to_thread(self._outrun):
            if monotonic() > end:
                break
            await asyncio.sleep(LOOK_EVERY)
        return waiting

    def _open(self, now: datetime) -> tuple[ProgrammeClock, tuple[Course, ...]]:
        with self._database.reading() as rows:
            known = (courses.course(rows, one) for one in open_courses(rows, now))
            return installation(rows).clock, tuple(one for one in known if one is not None)

    def _unknown(self, running: Sequence[str]) -> list[str]:
        with self._database.reading() as rows:
            return [one for one in running if courses.course(rows, one) is None]

    def _outrun(self) -> list[str]:
        with self._database.reading() as rows:
            return sorted(restoring.outrun(rows))

    def _lost(self, since: datetime) -> dict[str, tuple[int, int]]:
        with self._database.reading() as rows:
            return {
                course_id: (int(entry.facts["known"]), int(entry.facts["version"]))
                for course_id, entry in sorted(restoring.reconciled_since(rows, since).items())
            }
