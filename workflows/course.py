"""A course as its workflow walks it: the agenda, the lock, and one more look when in doubt.

The database holds the course and says what is next; the workflow waits for it and says what that
calls for. So a run that starts anew knows all it needs after one look, and nothing is carried over.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from activities.looking import AgendaActivities
from activities.options import START, transaction_options
from activities.starting import StartActivities
from schemas.commands import Command, TakeStep
from schemas.courses import AgendaItem, CourseState, Stage, Step
from schemas.inputs import CourseEnd, CourseInput, ReadAgenda, WakeExecutiveCoaching
from workflows.details import details_of, summary_of

STAGE = SearchAttributeKey.for_keyword("Stage")
ATTENTION = SearchAttributeKey.for_keyword("Attention")
NOTHING = "none"
UNREACHABLE = "database"
"""Attention of a course whose database did not answer; gone as soon as it does."""

GIVEN_UP = (ActivityError, ApplicationError)
"""A transaction that was given up: one that timed out, or the last error of one that failed."""

OLDER = "older_copy"
"""Attention of a course whose database was put back to an older copy, until that is dealt with."""

KNOWS_OF_OLDER_COPIES = "2026-11-older-copies"
"""Runs that began before it went on asking; only they are replayed without it."""

WALKS_FIRST = "2026-11-walks-first"
"""Runs that began before it let a command begin ahead of a walk that had been woken."""

SAID_OF_OLDER_COPIES = (
    "The database is an older copy than the programme has worked with, so nothing was changed. "
    "Ops deal with it with drumbeat restore; please ask again after that."
)

LOOK_AGAIN_AFTER = timedelta(minutes=1)
PUT_RIGHT_AFTER = timedelta(minutes=15)
"""How often a course looks whether its database is itself again; who puts it right says so."""

EXECUTIVE = "executive-coaching/"

Change = Callable[[], bool]
"""Tells whether something has happened that is waited for."""

Transaction = Any
"""A course transaction: a method of one of the activity classes, from a command to the course.

The SDK tells methods with and without ``self`` apart by overloads that no callable type satisfies.
"""


class CourseWalk:
    """Walks the agenda of one course, and lets people's commands in between its steps."""

    def __init__(self, start: CourseInput) -> None:
        """Know nothing yet; the first look tells."""
        self._start = start
        self._state = CourseState(version=-1)
        self._known_at = self._now
        self._outrun = False
        self._lock = asyncio.Lock()
        self._look_again = True
        self._walks_first = workflow.patched(WALKS_FIRST)
        self._sleep: tuple[Change, datetime | None] | None = None
        self._steps = 0
        self._errands: set[asyncio.Task[None]] = set()
        shown = workflow.info().typed_search_attributes
        self._shown = (shown.get(STAGE), shown.get(ATTENTION))

    @property
    def stage(self) -> Stage:
        """Where the course stands, as far as the workflow knows."""
        return self._state.stage

    @property
    def ended(self) -> bool:
        """Whether nothing can follow."""
        return self._state.ended

    @property
    def end(self) -> CourseEnd:
        """What the workflow returns."""
        return CourseEnd(
            course_id=self._start.course_id,
            stage=self._state.stage.value,
            version=self._state.version,
        )

    def look_again(self) -> None:
        """Read the course once more before anything else: somebody says that it has changed."""
        self._look_again = True

    async def answer(self, transaction: Transaction, command: Command) -> str:
        """Carry out a person's command and return what the person is told.

        Raises:
            ApplicationError: ``Refused`` with a sentence, where it makes no sense now;
                ``Unavailable`` where the database did not answer in time, or is an older copy.
                Nothing happens twice when the same request is sent again.

        """
        if self._walks_first:
            await workflow.wait_condition(lambda: not self._is_woken)
        try:
            state = await self._carry_out(transaction, command)
        except GIVEN_UP as error:
            self.look_again()
            raise ApplicationError(
                "The database did not answer in time. Please try again: nothing happens twice.",
                type="Unavailable",
                non_retryable=True,
            ) from error
        if state.stale:
            raise ApplicationError(SAID_OF_OLDER_COPIES, type="Unavailable", non_retryable=True)
        if state.refused:
            raise ApplicationError(state.refused, type="Refused", non_retryable=True)
        return state.answer

    def check(self, command: Command) -> None:
        """Refuse a command that is for another course; a repeat is never refused."""
        if command.course_id != self._start.course_id:
            raise ApplicationError(
                f"this is {self._start.course_id}, not {command.course_id}",
                type="Refused",
                non_retryable=True,
            )

    async def walk(self, steps: Mapping[Step, Transaction], stages: frozenset[Stage]) -> None:
        """Carry out what falls due while the course is in one of ``stages``."""
        await self._settle()
        while self._walks(stages):
            if await self._look():
                continue
            if self._outrun:
                await self._rest()
                continue
            item = self._head
            if item is not None and self._is_due(item):
                await self._take(item, steps)
            elif self._may_begin_anew:
                # For deploys and short replays; nothing needs carrying over.
                workflow.continue_as_new(self._start)
            else:
                await self._wait_for_a_change(item, stages)

    async def leave(self) -> None:
        """Wait until every errand and every handler has finished; then the run may end."""
        await workflow.wait_condition(lambda: self._is_quiet)

    @property
    def _now(self) -> datetime:
        """Programme time."""
        return self._start.clock.programme_time(workflow.now())

    @property
    def _head(self) -> AgendaItem | None:
        return self._state.agenda[0] if self._state.agenda else None

    @property
    def _is_woken(self) -> bool:
        """Whether the walk goes on as soon as it is its turn; a command then comes after it.

        A task that lasts so long that it is taken up again may bring, in one go, what woke the walk
        and a command that came later; its replay brings them one after the other. Were the command
        to begin first, the two would differ.
        """
        if self._sleep is None:
            return self._state.version < 0
        changed, until = self._sleep
        return changed() or (until is not None and workflow.now() >= until)

    @property
    def _is_quiet(self) -> bool:
        return not self._errands and workflow.all_handlers_finished()

    @property
    def _may_begin_anew(self) -> bool:
        """Whether the run is long, and nothing is under way that a new one would not know of."""
        long = self._steps >= self._start.steps_per_run
        return (long or workflow.info().is_continue_as_new_suggested()) and self._is_quiet

    def _walks(self, stages: frozenset[Stage]) -> bool:
        return self.stage in stages and not self.ended

    def _is_due(self, item: AgendaItem) -> bool:
        # In real time, as the timer counts: rounded the other way it might never be due.
        return workflow.now() >= self._start.clock.real_time(item.at)

    async def _settle(self) -> None:
        while not await self._look():
            if self._state.version >= 0:
                return

    async def _look(self) -> bool:
        """Read the course where somebody asked for it; return whether it was read."""
        if not self._look_again:
            return False
        self._look_again = False
        try:
            async with self._lock:
                question = ReadAgenda(
                    course_id=self._start.course_id, at=self._now, known_version=self._state.version
                )
                seen = await self._read(question, "look again")
                if self._is_older(seen):
                    await self._ask_whom_to_believe()
        except GIVEN_UP:
            workflow.logger.warning("course.missed")
            self._show(self._shown[0], UNREACHABLE)
            again = workflow.now() + LOOK_AGAIN_AFTER
            await self._until(lambda: False, again, "the database did not answer")
            self._look_again = True
        return True

    async def _read(self, question: ReadAgenda, summary: str) -> CourseState:
        seen: CourseState = await workflow.execute_local_activity_method(
            AgendaActivities.read_agenda, question, **transaction_options(summary)
        )
        self._take_over(seen)
        return seen

    def _is_older(self, seen: CourseState) -> bool:
        """Tell whether the database has lost what this run has seen in it."""
        lower = seen.version < self._state.version
        return lower and workflow.patched(KNOWS_OF_OLDER_COPIES)

    async def _ask_whom_to_believe(self) -> None:
        """Take over a lower version where a person has dealt with a restore; hold the lock.

        Until then the run carries nothing out: it may all have happened before.
        """
        question = ReadAgenda(
            course_id=self._start.course_id,
            at=self._now,
            known_version=self._state.version,
            known_at=self._known_at,
        )
        seen = await self._read(question, "is the older database to be believed?")
        before, self._outrun = self._outrun, seen.version < self._state.version
        if self._outrun and not before:
            workflow.logger.warning("version.lost", extra={"known": self._state.version})
            self._show(self._shown[0], OLDER)

    async def _rest(self) -> None:
        """Leave everything alone until the database is itself again, or to be believed."""
        again, summary = workflow.now() + PUT_RIGHT_AFTER, "the database is an older copy"
        await self._until(lambda: self._look_again or not self._outrun, again, summary)
        self._look_again = self._look_again or self._outrun

    async def _take(self, item: AgendaItem, steps: Mapping[Step, Transaction]) -> None:
        """Carry out a step that is due; one that changes nothing is left alone for a minute."""
        transaction = steps.get(item.step)
        before = self._state.version
        if transaction is not None:
            at = self._start.clock.effective(item.at, workflow.now())
            late: dict[str, Any] = {} if at == item.at else {"due_at": item.at}
            command = TakeStep(
                # Never a run id: a repeat in another run must be recognised.
                request_id=f"{self._start.course_id}@{before}/{item.step}/{item.subject}",
                course_id=self._start.course_id,
                actor="programme",
                at=at,
                recorded_at=self._now,
                step=item.step,
                subject=item.subject,
                **late,
            )
            try:
                state = await self._carry_out(
                    transaction, command, summary=summary_of(item, self._start)
                )
            except GIVEN_UP:
                workflow.logger.warning("step.failed", extra={"step": item.step})
                self._show(self._shown[0], UNREACHABLE)
            else:
                if state.stale:
                    return
        if self._head == item:
            again = workflow.now() + LOOK_AGAIN_AFTER
            await self._until(lambda: self._head != item, again, f"{item.step} did not help")
            self._look_again = True

    async def _carry_out(
        self, transaction: Transaction, command: Command, summary: str | None = None
    ) -> CourseState:
        """Carry out one course transaction under the lock, and take over what it returns.

        A commit that this workflow never heard of makes the version stale: a person's command is
        then sent again with the present one, a step is left to the next look at the agenda. Of a
        database that is an older copy the answer stays stale, for a person's command too.
        """
        async with self._lock:
            while True:
                state: CourseState = await workflow.execute_local_activity_method(
                    transaction,
                    command.model_copy(update={"expected_version": self._state.version}),
                    **transaction_options(summary),
                )
                self._take_over(state)
                self._steps += 1
                if state.stale and self._is_older(state):
                    await self._ask_whom_to_believe()
                if not state.stale or isinstance(command, TakeStep) or self._outrun:
                    break
        for course_id in state.wake:
            self._run_errand(course_id)
        return state

    def _take_over(self, state: CourseState) -> None:
        """Take over a course with a higher version, or the same one seen later.

        A lower one is believed only where a person has dealt with a restore of the database.
        """
        if state.version < self._state.version and not state.restored:
            return
        self._state = state
        self._known_at, self._outrun = self._now, False
        self._show(state.stage.value, state.attention or NOTHING)
        workflow.set_current_details(details_of(state, self._start))

    def _show(self, stage: str | None, attention: str) -> None:
        """Let the Temporal UI find the course by where it stands; only a change costs anything."""
        updates: list[SearchAttributeUpdate[Any]] = []
        if stage is not None and stage != self._shown[0]:
            updates.append(STAGE.value_set(stage))
        if attention != (self._shown[1] or NOTHING):
            updates.append(ATTENTION.value_set(attention))
        if updates:
            workflow.upsert_search_attributes(updates)
        self._shown = (stage, attention)

    def _run_errand(self, course_id: str) -> None:
        """Let another course look again; the facts are in the database."""
        task = asyncio.create_task(self._wake(course_id))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _wake(self, course_id: str) -> None:
        try:
            if course_id.startswith(EXECUTIVE):
                await workflow.execute_activity_method(
                    StartActivities.wake_executive_coaching,
                    WakeExecutiveCoaching(
                        course_id=course_id,
                        edition_id=self._start.edition_id,
                        at=self._now,
                        clock=self._start.clock,
                    ),
                    **START,
                )
            else:
                await workflow.get_external_workflow_handle(course_id).signal("look_again")
        except FailureError:
            # It has ended, or will look for itself: the sweeper asks whoever was missed.
            workflow.logger.info("course.not_woken", extra={"course": course_id})

    async def _wait_for_a_change(self, item: AgendaItem | None, stages: frozenset[Stage]) -> None:
        """Sleep until the head of the agenda is due, or there is something else to do."""

        def changed() -> bool:
            other = self._head != item or not self._walks(stages)
            return other or self._look_again or self._may_begin_anew

        if item is None:
            await self._until(changed, None)
        else:
            due = self._start.clock.real_time(item.at)
            await self._until(changed, due, f"until {summary_of(item, self._start)}")

    async def _until(self, changed: Change, real: datetime | None, summary: str = "") -> None:
        left = None if real is None else real - workflow.now()
        if left is not None and left <= timedelta(0):
            return
        self._sleep = (changed, real)
        try:
            with suppress(TimeoutError):
                await workflow.wait_condition(changed, timeout=left, timeout_summary=summary)
        finally:
            self._sleep = None
