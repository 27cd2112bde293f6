"""The engine without Temporal, driven by what the oracle says that people did.

``CourseScene`` stands in for the workflows; transactions, dispatcher, forms and door are the real
ones. Each deed is asked at the moment at which it was done before the oracle.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import func, select
from sqlmodel import col
from temporalio.client import Client

from activities.dispatching.dispatcher import Dispatcher
from activities.dispatching.letters import Sender
from rehearsal.acts import Act, ask
from rehearsal.copies import CountingChannel
from rehearsal.script import Stretch
from runtime.importing import Import, import_sheets
from runtime.programme import Programme, Refused
from schemas.clock import ProgrammeClock
from schemas.commands import Command
from schemas.courses import CourseState
from schemas.edition import Edition
from schemas.forms import Answer, EditionForm
from schemas.messages import MailMode, MessageState
from storage import installation
from storage.database import Database
from storage.imports import Importer
from storage.reads.next_due import next_due_at
from storage.tables.columns import Instant
from storage.tables.ledger import MessageRow
from tests.activities.scene import CLOCK, CourseScene
from tests.activities.transactions import TRANSACTIONS, carried_out
from tests.oracle.deed import Deed, Done
from workflows.course import Transaction

COORDINATOR = "CO-01"


RESTS = timedelta(minutes=1)
"""When mail is looked at again that was put off."""
NEXT_MAIL = select(func.min(col(MessageRow.due_at), type_=Instant())).where(
    col(MessageRow.state) == MessageState.WAITING
)


class Scene(CourseScene):
    """A scene that checks no invariants after each command: they have tests of their own."""

    def __init__(self, database: Database, edition: Edition, begins: datetime) -> None:
        """Begin at an instant with nothing."""
        super().__init__(database, edition)
        self.now = begins

    def carry_out(self, command: Command) -> CourseState:
        """Carry out a person's command as the workflow of its course would."""
        version = self.known[command.course_id].version
        command = command.model_copy(update={"expected_version": version})
        state = self._carry_out(TRANSACTIONS[type(command)], command)
        self._go_on(command.course_id)
        return state

    def _go_on(self, course_id: str) -> None:
        """Let a course do at once what has come of it: its workflow is awake."""
        while True:
            state = self.known[course_id]
            head = state.agenda[0] if state.agenda and not state.ended else None
            if head is None or head.at > self.now:
                return
            self.take(course_id, head)

    def _carry_out(self, transaction: Transaction, command: Command) -> CourseState:
        state = carried_out(transaction, self.database, command)
        assert not state.stale, f"{command.course_id} has gone on without its workflow"
        self.known[command.course_id] = state
        for one in state.wake:
            self._wake(one)
        return state


class SceneDoor(Programme):
    """The real door, behind which a scene stands in for the workflows."""

    def __init__(self, scene: Scene) -> None:
        """Ask of ``scene``."""
        super().__init__(cast("Client", None), scene.database, CLOCK, "")
        self._scene = scene

    def now(self) -> datetime:
        """Return the scene's time."""
        return self._scene.now

    async def start(self, run: Any, course_id: str, *_: Any) -> None:
        """Let the course be known."""
        self._scene.look(course_id)

    async def update(self, update: Any, command: Command) -> Answer:
        """Carry a command out."""
        state = self._scene.carry_out(command)
        if state.refused:
            raise Refused(state.refused)
        return Answer(course_id=command.course_id, text=state.answer)


class Engine:
    """A programme in which time passes as the oracle's does."""

    def __init__(
        self, database: Database, edition: Edition, begins: datetime, busy: Sequence[Stretch] = ()
    ) -> None:
        """Begin with nothing; the mail server puts off what comes while it is busy."""
        self.scene = Scene(database, edition, begins)
        self.door = SceneDoor(self.scene)
        self._down: tuple[Stretch, ...] = ()
        with database.transaction() as rows:
            installation.prepare_installation(rows, ProgrammeClock(), MailMode.LIVE)
            installation.set_mail_mode(rows, MailMode.LIVE, None)
        sender = Sender("programme@drumbeat.example", "drumbeat.example")
        channel = CountingChannel(busy, lambda: self.scene.now)
        self._dispatcher = Dispatcher(database, {"mail": channel}, sender)

    async def bring_in(self, folder: Path) -> None:
        """Open the edition and bring in the sheets."""
        scene = self.scene
        form = EditionForm(actor=COORDINATOR, edition=scene.edition.id, at=scene.now)
        await self.door.open_edition(scene.edition, form)
        importer = Importer(actor=COORDINATOR, at=scene.now, request_id="cast")
        report = await import_sheets([folder], Import(scene.database, importer, self.door))
        faults = [one for one in report.faults if not one.warning]
        assert not faults, faults

    async def play(
        self,
        done: Iterable[tuple[datetime, Done]],
        ends: datetime,
        down: Sequence[Stretch] = (),
    ) -> list[str]:
        """Let people do what they did, and return where they were answered otherwise.

        Args:
            done: What, and when.
            ends: When it is over.
            down: When nothing is done.

        """
        self._down = tuple(down)
        differ = []
        for at, one in done:
            await self.until(at)
            refused = await self._ask(one.deed)
            if bool(refused) != bool(one.refused):
                said = f"{refused or 'done'}; the oracle: {one.refused or 'done'}"
                differ.append(f"{at:%d %b %H:%M} {one.deed.name}: {said}")
        await self.until(ends)
        return differ

    async def until(self, when: datetime) -> None:
        """Let everything happen that falls due."""
        scene = self.scene
        while True:
            while (due := scene._next(scene.now)) is not None:
                scene.take(*due)
            await self._deliver()
            if scene._next(scene.now) is not None:
                continue
            moment = self._next(when)
            if moment is None or moment <= scene.now:
                break
            missed = next((one for one in self._down if one.covers(moment)), None)
            if missed is not None and missed.ends > when:
                break
            scene.now = missed.ends if missed else moment
        scene.now = max(scene.now, when)

    async def _deliver(self) -> None:
        scene = self.scene
        if self._mail_is_due():
            counts = await self._dispatcher.dispatch_once(scene.now, CLOCK.real_time(scene.now))
            for course_id in counts.wake:
                scene.look(course_id)

    def _next(self, when: datetime) -> datetime | None:
        head, mail = self.scene._next(when), self._next_mail()
        moments = [mail, head[1].at if head else None]
        return min((one for one in moments if one is not None and one <= when), default=None)

    def _next_mail(self) -> datetime | None:
        """Return when mail is next due, or is looked at again that was put off."""
        with self.scene.database.reading() as rows:
            found: datetime | None = rows.execute(NEXT_MAIL).scalar()
            if found is None or found > self.scene.now:
                return found
            later = next_due_at(rows, self.scene.now, CLOCK)
        again = self.scene.now + RESTS
        return min(later, again) if later else again

    def _mail_is_due(self) -> bool:
        with self.scene.database.reading() as rows:
            found: datetime | None = rows.execute(NEXT_MAIL).scalar()
        return found is not None and found <= self.scene.now

    async def _ask(self, deed: Deed) -> str:
        act = Act(
            name=deed.name,
            at=deed.at,
            actor=deed.actor,
            verb=deed.verb,
            course=deed.course,
            target=deed.target,
            details=deed.details,
            reason=deed.reason,
        )
        try:
            await ask(self.door, act, self.scene.edition.id, self.scene.database)
        except Refused as refusal:
            return str(refusal)
        return ""
