"""A stage without Temporal: scenarios played on it take milliseconds.

The door is the real one but for its last step: where it would send an update, the course
transaction is carried out at once.
"""

from datetime import datetime
from typing import Any, cast

from temporalio.client import Client

from activities.dispatching.dispatcher import Dispatcher
from rehearsal.copies import CountingChannel
from rehearsal.scenarios.company import DELIVERY_COACHES, EXECUTIVE_COACHES
from runtime.programme import Programme, Refused
from schemas.commands import Command
from schemas.courses import CourseState
from schemas.edition import Edition
from schemas.forms import Answer
from schemas.messages import MailMode
from storage.database import Database
from storage.dispatching import anything_due
from storage.installation import prepare_installation
from storage.reads.next_due import next_due_at
from tests.activities.invariants import Invariants
from tests.activities.ledger_scene import SENDER
from tests.activities.scene import CLOCK, CourseScene
from tests.activities.transactions import TRANSACTIONS


class DirectProgramme(Programme):
    """The door of a scene, whose courses are walked by no workflow."""

    scene: CourseScene

    async def start(
        self, run: Any, course_id: str, edition_id: str, subject: str, summary: str
    ) -> None:
        """Let a course begin; one that was begun is left as it is (R15)."""
        if course_id not in self.scene.known:
            self.scene.look(course_id)

    async def update(self, update: Any, command: Command) -> Answer:
        """Carry a command out, as the workflow of its course does; see ``Door.update``."""
        course = self.scene.course(command.course_id)
        if course.ended_at is not None:
            return await self._answer_of_the_database(command)
        known = command.model_copy(update={"expected_version": course.version})
        state = self.scene._carry_out(TRANSACTIONS[type(command)], known)
        if state.refused:
            raise Refused(state.refused)
        return Answer(course_id=command.course_id, text=state.answer)


class Later(Invariants):
    """Compares the database with itself only when it is asked to."""

    in_one_place = frozenset({*DELIVERY_COACHES, *EXECUTIVE_COACHES, "EX-01", "EX-02", "EX-03"})

    def check(self, state: CourseState, before: int, command: Command) -> None:
        """Keep what the last command returned, for the end."""
        self._last = (state, before, command)

    def check_now(self) -> None:
        """Fail where what was done so far broke something."""
        super().check(*self._last)


class HastyScene(CourseScene):
    """A scene that does not look after every step whether somebody waits in vain."""

    def _nobody_waits_in_vain(self) -> None:
        """Leave that for the end."""

    def nobody_waits_in_vain(self) -> None:
        """Fail where a course has something due that its workflow was not told of."""
        super()._nobody_waits_in_vain()


class FastStage:
    """A scenario's stage on a ``CourseScene`` and its mail."""

    def __init__(self, database: Database, edition: Edition) -> None:
        """Set the stage in an empty database."""
        self.database = database
        self.scene = HastyScene(database, edition)
        self.scene.invariants = self._later = Later(database, edition)
        self._mail_at: datetime | None = None
        self._dispatcher = Dispatcher(database, {"mail": CountingChannel()}, SENDER)
        with database.transaction() as rows:
            prepare_installation(rows, CLOCK, MailMode.LIVE)
        door = DirectProgramme(
            cast("Client", None), database, CLOCK, "", lambda: CLOCK.real_time(self.scene.now)
        )
        door.scene = self.scene
        self.door: Programme = door

    @property
    def now(self) -> datetime:
        """Return the programme time that has been reached."""
        return self.scene.now

    async def go(self, when: datetime) -> None:
        """Take every step and hand over every message that falls due by then."""
        self._mail_at = self._next_mail()  # Somebody may have asked something.
        while (moment := self._next_at(when)) is not None:
            if self.scene._next(moment) is not None:
                self.scene.walk(moment)
                self._mail_at = self._next_mail()
            self.scene.now = now = max(moment, self.now)
            if self._mail_at is not None and self._mail_at <= now:
                await self._dispatcher.dispatch_once(now, CLOCK.real_time(now))
                self._mail_at = self._next_mail()
                assert self._mail_at is None or self._mail_at > now, f"mail is put aside at {now}"
        self.scene.now = max(when, self.now)

    async def outage(self, until: datetime) -> None:
        """Let time pass while nobody works."""
        self.scene.now = until

    def go_on(self, now: datetime) -> None:
        """Begin where a copied programme stopped: every course knows what it reads."""
        self.scene.resume(now)

    def check(self) -> None:
        """Fail where what must hold always does not hold at the end of the story."""
        self.scene.nobody_waits_in_vain()
        self._later.check_now()

    def _next_at(self, when: datetime) -> datetime | None:
        """Return the next instant at which something is due, if it is not after ``when``."""
        head = self.scene._next(when)
        found = [self._mail_at, head[1].at if head else None]
        due = min((one for one in found if one is not None and one <= when), default=None)
        return due and max(due, self.now)

    def _next_mail(self) -> datetime | None:
        """Return when the dispatcher next has something to do; the present where it has now."""
        now = self.now
        with self.database.reading() as rows:
            if anything_due(rows, now, CLOCK.real_time(now)):
                return now
            return next_due_at(rows, now, CLOCK)
