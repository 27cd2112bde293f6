"""Whose turn it is: courses that fall due at one instant take their steps one after the other.

Temporal fires what is due at the same instant in no order, and the order of commits decides who
gets the last hour of a coach. So that the same cast always lives through the same course, a step
waits until those of the courses before it, by id, are done with all that came of them.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas.clock import TAKEN_UP_IN_TIME
from schemas.commands import TakeStep
from schemas.courses import AgendaItem, CourseState

PATIENCE, TELLINGS = 10.0, 6
"""Real seconds of silence after which a workflow is told to look again, and how often it is."""
SOON = timedelta(seconds=5)
"""What falls due so soon is taken with the present instant: real time goes on during the work."""
AGAIN_AFTER = timedelta(minutes=1, seconds=1)
"""When a workflow looks again whose step did not help."""


class StageFault(Exception):  # noqa: N818 - said to a person as it is
    """The rehearsal cannot go on; the text is a sentence."""


async def nobody_told(_courses: list[str]) -> None:
    """Tell nobody."""


@dataclass
class Turns:
    """What is known of every course, from what its transactions returned.

    Attributes:
        now: Programme time that the rehearsal has reached.
        acting: Course of which somebody is asking something; what its workflow does at once on
            that belongs to it, and the answer comes after it.
        heads: What each course does next; none where nothing is due before something happens.
        ended: Courses that nothing can follow.
        changed: Courses that changed since somebody last asked.
        tell: Tells workflows to look again.
        counts: Transactions by what they carried out.

    """

    now: datetime
    acting: str = ""
    tell: Callable[[list[str]], Awaitable[object]] = nobody_told
    heads: dict[str, AgendaItem | None] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    _versions: dict[str, int] = field(default_factory=dict)
    _started: set[str] = field(default_factory=set)
    _expected: set[str] = field(default_factory=set)
    _waiting: set[str] = field(default_factory=set)
    _missing: set[str] = field(default_factory=set)
    _queue: list[str] = field(default_factory=list)
    _resting: dict[str, datetime] = field(default_factory=dict)
    _next_at: datetime | None = None
    _next_is_known: bool = False
    _over: bool = False
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    def next_at(self) -> datetime | None:
        """Return when the next course has something to do; past instants come at once."""
        if not self._next_is_known:
            self._next_at = min((self.at(one) for one, _ in self._open_heads()), default=None)
            self._next_is_known = True
        return self._next_at

    def at(self, course: str) -> datetime:
        """Return when a course has something to do, which it must have."""
        head = self.heads[course]
        assert head is not None
        return self._resting.get(course, head.at)

    def due(self, until: datetime) -> list[str]:
        """Return the courses that have something to do by an instant, in their order."""
        first = self.next_at()  # known as a rule, and mostly nothing is due
        if first is None or first > until:
            return []
        return sorted(one for one, _ in self._open_heads() if self.at(one) <= until)

    async def line_up(self, courses: Iterable[str]) -> None:
        """Let courses take their steps in this order as soon as they come."""
        async with self._moved:
            self._queue = list(courses)
            self._missing = set(self._queue) - set(self._waiting)
            self._moved.notify_all()

    async def quiet(self) -> None:
        """Wait until all who are lined up have taken their steps and all who were told looked.

        Whoever is silent for a while is told to look again: under load that server loses signals
        and tasks, as any may, and one more look is the engine's remedy for it.

        Raises:
            StageFault: Somebody was not heard of for too long.

        """
        for _ in range(TELLINGS):
            if await self._is_quiet():
                return
            late = self._late()
            self.counts["told again"] += len(late)
            await self.tell(late)
        raise StageFault(
            f"On {self.now:%d %B %Y at %H:%M} UTC nothing more was heard of"
            f" {', '.join(self._late())} for {TELLINGS * PATIENCE:.0f} seconds: the machine is"
            " overloaded, or its workflow has failed."
        )

    async def _is_quiet(self) -> bool:
        async with self._moved:
            self._advance()
            try:
                async with asyncio.timeout(PATIENCE):
                    # Whoever waits for a turn cannot look before it is over.
                    await self._moved.wait_for(
                        lambda: not self._queue and not self._expected - self._waiting
                    )
            except TimeoutError:
                return False
        return True

    def _late(self) -> list[str]:
        return sorted({*self._queue[:1], *self._missing, *self._expected})

    async def begin(self, step: TakeStep) -> TakeStep:
        """Wait for the turn of a step, and return it as of its own instant.

        Nobody begins before all who are lined up are there: whoever is told to look by somebody
        before them must not sometimes look before their step and sometimes after it. A step of a
        version that is over needs no turn, since it changes nothing: a workflow's task was given
        up and comes again.
        """
        course = step.course_id
        async with self._moved:
            self._waiting.add(course)
            self._missing.discard(course)
            self._advance()
            try:
                await self._moved.wait_for(
                    lambda: self._over or self._is_past(step) or self._is_turn_of(course)
                )
            finally:
                self._waiting.discard(course)
        head = self.heads.get(course)
        in_time = head is not None and self.now - head.at < TAKEN_UP_IN_TIME
        at = head.at if head is not None and in_time else self.now
        return step.model_copy(update={"at": at, "recorded_at": max(at, self.now)})

    async def end(self) -> None:
        """Hold nobody back any more: nothing of what they do matters."""
        async with self._moved:
            self._over = True
            self._moved.notify_all()

    async def started(self, course: str) -> None:
        """Expect a course to look for the first time; one that has ended is not started again."""
        async with self._moved:
            if course not in self._versions:
                self._started.add(course)
                self._expected.add(course)

    async def woken(self, courses: Iterable[str]) -> None:
        """Expect courses to look again that were told to."""
        async with self._moved:
            self._expected.update(one for one in courses if one in self._versions)
            self._expected -= self.ended

    async def told_to_start(self, course: str) -> None:
        """Wait no longer for a course that was to be started and had no reason to be."""
        async with self._moved:
            if course not in self._started:
                self._expected.discard(course)
            self._advance()

    async def looked(self, course: str, state: CourseState) -> None:
        """Note what a look at a course found."""
        async with self._moved:
            self._expected.discard(course)
            self._resting.pop(course, None)
            self._note(course, state)
            self._advance()

    async def changed_by(self, course: str, state: CourseState, step: TakeStep | None) -> None:
        """Note what a transaction made of a course."""
        async with self._moved:
            before = self.heads.get(course)
            is_new = step is not None and not self._is_past(step)
            self._note(course, state)
            self._expected.update(set(state.wake) - self.ended)
            self._resting.pop(course, None)
            if is_new and not state.stale and self.heads.get(course) == before:
                self._resting[course] = self.now + AGAIN_AFTER
                self._next_is_known = False
            self._advance()

    def take_changed(self) -> set[str]:
        """Return the courses that changed since this was asked last."""
        found, self.changed = self.changed, set()
        return found

    def _is_past(self, step: TakeStep) -> bool:
        return step.expected_version < self._versions.get(step.course_id, -1)

    def _is_turn_of(self, course: str) -> bool:
        lined_up = not self._missing and self._queue[:1] == [course]
        return lined_up or course == self.acting

    def _open_heads(self) -> list[tuple[str, AgendaItem]]:
        return [(one, head) for one, head in self.heads.items() if head is not None]

    def _note(self, course: str, state: CourseState) -> None:
        self._next_is_known = False
        if state.version < self._versions.get(course, -1):
            return
        if state.version > self._versions.get(course, -1):
            self.changed.add(course)
        self._versions[course] = state.version
        if state.ended:
            self.ended.add(course)
            self._expected.discard(course)
        self.heads[course] = state.agenda[0] if state.agenda and not state.ended else None

    def _advance(self) -> None:
        """Let the next one have its turn where the one before has no more to do."""
        while (
            self._queue and not self._expected - self._waiting and not self._goes_on(self._queue[0])
        ):
            self._queue.pop(0)
        self._moved.notify_all()

    def _goes_on(self, course: str) -> bool:
        return self.heads.get(course) is not None and self.at(course) <= self.now + SOON
