"""The engine without Temporal, driven by what the oracle says that people did.

``CourseScene`` stands in for the workflows; transactions, dispatcher, forms and door are the real
ones. Each deed is asked at the moment at which it was done before the oracle.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import func, select
from sqlmodel import col
from temporalio.client import Client

from activities.dispatching.dispatcher import Dispatcher
from activities.dispatching.letters import Sender
from messaging.channel import Cause, Channel, Outcome, Parcel, Result
from rehearsal.acts import Act, ask
from rehearsal.mail_catcher import NOBODY
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
from storage.tables.columns import Instant
from storage.tables.ledger import MessageRow
from tests.activities.scene import CLOCK, CourseScene
from tests.activities.transactions import TRANSACTIONS, carried_out
from tests.oracle.deed import Deed, Done
from workflows.course import Transaction

COORDINATOR = "CO-01"


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
        return self._carry_out(TRANSACTIONS[type(command)], command)

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


class Letterbox(Channel):
    """Takes every mail but those to addresses that do not work."""

    name = "mail"

    async def hand_over(self, parcel: Parcel) -> Outcome:
        """Take a mail."""
        if parcel.recipient.startswith(NOBODY):
            return Outcome(Result.REFUSED, 550, Cause.BAD_ADDRESS)
        return Outcome(Result.ACCEPTED, 250)

    async def probe(self, reference: str) -> Outcome | None:
        """Know of nothing."""
        return None

    async def close(self) -> None:
        """Leave."""


class Engine:
    """A programme in which time passes as the oracle's does."""

    def __init__(self, database: Database, edition: Edition, begins: datetime) -> None:
        """Begin with nothing."""
        self.scene = Scene(database, edition, begins)
        self.door = SceneDoor(self.scene)
        self._down: tuple[Stretch, ...] = ()
        with database.transaction() as rows:
            installation.prepare_installation(rows, ProgrammeClock(), MailMode.LIVE)
            installation.set_mail_mode(rows, MailMode.LIVE, None)
        sender = Sender("programme@drumbeat.example", "drumbeat.example")
        self._dispatcher = Dispatcher(database, {"mail": Letterbox()}, sender)

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
        if (at := self._next_mail()) is not None and at <= scene.now:
            counts = await self._dispatcher.dispatch_once(scene.now, CLOCK.real_time(scene.now))
            for course_id in counts.wake:
                scene.look(course_id)

    def _next(self, when: datetime) -> datetime | None:
        head, mail = self.scene._next(when), self._next_mail()
        moments = [mail, head[1].at if head else None]
        return min((one for one in moments if one is not None and one <= when), default=None)

    def _next_mail(self) -> datetime | None:
        with self.scene.database.reading() as rows:
            found: datetime | None = rows.execute(NEXT_MAIL).scalar()
        return found

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
