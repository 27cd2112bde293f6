"""The activity that dispatches for a while, on the real clock."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.exc import OperationalError
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.dispatching.desk import Counts
from activities.dispatching.dispatcher import TRY_AGAIN, Dispatcher
from activities.dispatching.guard import Guard
from activities.dispatching.moments import Moment
from schemas.clock import ProgrammeClock
from schemas.dispatch import DispatchMark, DispatchRequest, DispatchResult
from storage import commands, courses
from storage.database import Database
from storage.installation import installation

log = structlog.get_logger(__name__)

HEARTBEAT = 0.5  # seconds; the server gives a dispatcher up that is silent for three
PATIENCE = 10.0  # seconds for which a database may be busy before the activity gives up
IDLE = (0.1, 0.15, 0.2)  # seconds between looks while nothing is due
SWEEP_EVERY = timedelta(seconds=10)
SWEEP_AFTER = timedelta(minutes=1)
"""A commit that its workflow does not know of by then: the workflow is told to look again."""

LOOK_AGAIN = "look_again"
"""The one signal between workflows; it carries no facts."""


class DispatchActivities:
    """Runs the dispatcher under Temporal, which starts it again wherever it is killed."""

    def __init__(self, database: Database, dispatcher: Dispatcher, client: Client) -> None:
        """Dispatch from ``database``; ``client`` reaches the workflows that must look again."""
        self._database = database
        self._dispatcher = dispatcher
        self._client = client

    @activity.defn
    async def dispatch_due(self, request: DispatchRequest) -> DispatchResult:
        """Hand over what falls due, for ``request.lasts`` of real time; safe to repeat.

        A retry beside an attempt that still lives does no harm: each message is one lease's. When
        the worker stops, what is under way is finished.
        """
        ends_at = asyncio.get_running_loop().time() + request.lasts.total_seconds()
        guard = self._dispatcher.guard
        for mark in (request.mark, _last_heartbeat()):
            guard.remember(mark)

        def stopping() -> bool:
            late = asyncio.get_running_loop().time() >= ends_at
            return late or activity.is_worker_shutdown()

        beside = [asyncio.create_task(_heartbeat(guard)), asyncio.create_task(self._sweep())]
        try:
            states = await self._dispatch(stopping)
            known = {} if guard.mark is None else {"mark": guard.mark}
            return DispatchResult(states=dict(states), **known)
        finally:
            for task in beside:
                task.cancel()

    async def look_again(self, course_ids: Iterable[str]) -> tuple[str, ...]:
        """Tell workflows to read their agendas, and return those of which there are none."""
        gone = []
        for course_id in sorted(set(course_ids)):
            try:
                await self._client.get_workflow_handle(course_id).signal(LOOK_AGAIN)
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    gone.append(course_id)
                else:
                    # The sweeper, or the next message, comes back to it.
                    log.warning("course.wake_failed", course=course_id, status=error.status.name)
        return tuple(gone)

    async def sweep(self) -> tuple[str, ...]:
        """Wake the workflows that seem not to know of a commit, and return their ids."""
        before = datetime.now(UTC) - SWEEP_AFTER
        forgotten = await asyncio.to_thread(self._unacknowledged, before)
        if forgotten:
            log.info("courses.swept", courses=len(forgotten))
            gone = await self.look_again(forgotten)
            await asyncio.to_thread(self._let_go, gone)
        return forgotten

    async def _dispatch(self, stopping: Callable[[], bool]) -> Counter[str]:
        clock = await asyncio.to_thread(self._clock)
        states: Counter[str] = Counter()
        idle = 0

        def now() -> Moment:
            return Moment.of(datetime.now(UTC), clock)

        await self._dispatcher.examine(now())
        while not stopping():
            counts = await self._emptied(now, stopping)
            await self.look_again(counts.wake)
            states.update(counts.states)
            idle = 0 if counts.states else min(idle + 1, len(IDLE) - 1)
            await asyncio.sleep(IDLE[idle])
        return states

    async def _emptied(self, now: Callable[[], Moment], stopping: Callable[[], bool]) -> Counts:
        """Empty the ledger of what is due, patient with a database that is busy for a moment.

        Were the activity to fail each time, the server would start it ever more rarely.
        """
        give_up_at = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                return await self._dispatcher.empty(now, stopping)
            except OperationalError:
                if stopping() or asyncio.get_running_loop().time() > give_up_at:
                    raise
                log.warning("dispatch.delayed")
                await asyncio.sleep(TRY_AGAIN)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY.total_seconds())
            await self.sweep()

    def _clock(self) -> ProgrammeClock:
        with self._database.reading() as rows:
            return installation(rows).clock

    def _unacknowledged(self, before: datetime) -> tuple[str, ...]:
        with self._database.reading() as rows:
            return commands.unacknowledged(rows, before)

    def _let_go(self, course_ids: Iterable[str]) -> None:
        """Sweep no more for courses that have ended: no workflow will ever read them again."""
        with self._database.transaction() as rows:
            for course_id in course_ids:
                course = courses.course(rows, course_id)
                if course is not None and course.ended_at is not None:
                    commands.acknowledge(rows, course.id, course.version)


def _last_heartbeat() -> DispatchMark | None:
    """Return what the attempt before this one knew when it was last heard of."""
    told = activity.info().heartbeat_details
    return DispatchMark.model_validate(told[0]) if told else None


async def _heartbeat(guard: Guard) -> None:
    """Show that this attempt lives, and what it knows, so that the next one knows it too."""
    while True:
        activity.heartbeat(*([] if guard.mark is None else [guard.mark]))
        await asyncio.sleep(HEARTBEAT)
