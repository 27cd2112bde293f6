"""The cast plays its script against the running programme, whatever is killed meanwhile."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from rehearsal.acts import Act, ask
from rehearsal.answering import answers
from rehearsal.conducting import conduct
from rehearsal.scene import Times, look
from rehearsal.script_files import Script
from rehearsal.scripted import events
from runtime.programme import EngineDown, Programme, Refused
from storage.database import Database

LOOKS = timedelta(seconds=0.2)
"""How often the cast looks up from its script, in real time."""
AT_ONCE = 24
"""How many people act at the same moment."""
PATIENCE = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Real seconds before somebody tries again whom the engine did not answer; the last repeats."""

log = structlog.get_logger()


@dataclass
class Played:
    """What became of the acts.

    Attributes:
        done: How many were carried out.
        refused: Those that the programme refused, with its sentence.
        tried_again: How often the engine did not answer and the same was asked again.

    """

    done: int = 0
    refused: list[tuple[Act, str]] = field(default_factory=list)
    tried_again: int = 0


@dataclass
class Cast:
    """Scripted people before a programme's door.

    Each act has a name of its own and is asked under it until it is answered, so that killing a
    worker, the server, the database or the cast itself neither loses an act nor does one twice.
    """

    script: Script
    door: Programme
    database: Database
    played: Played = field(default_factory=Played)
    _begun: set[str] = field(default_factory=set)
    _times: Times = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _broken: list[BaseException] = field(default_factory=list)
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)
    _crowd: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def due(self, now: datetime) -> list[Act]:
        """Return what is to be done by ``now`` and was not begun, earliest first."""
        scene = look(self.database, self.script.edition, now, self._times)
        found = [act for act in events(self.script) if act.at <= now]
        found += [*answers(self.script, scene), *conduct(self.script, scene)]
        fresh = {act.name: act for act in found if act.name not in self._begun}
        return sorted(fresh.values(), key=lambda act: (act.at, act.name))

    async def look_up(self, now: datetime) -> int:
        """Begin what is due, and return how many acts that is; they go on by themselves.

        What went wrong with an act before, and is neither a refusal nor an outage, is raised here.
        """
        if self._broken:
            raise self._broken[0]
        try:
            acts = await asyncio.to_thread(self.due, now)
        except DBAPIError:  # the database is away: look again
            self.played.tried_again += 1
            return 0
        for act in acts:
            self._begun.add(act.name)
            task = asyncio.create_task(self._carry_out(act))
            self._tasks.add(task)
            task.add_done_callback(self._end)
        return len(acts)

    async def rest(self) -> None:
        """Wait until every act that was begun has been answered."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._broken:
            raise self._broken[0]

    def leave(self) -> None:
        """Stop where the cast stands; what was asked and not answered can be asked again."""
        for task in self._tasks:
            task.cancel()

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._broken.append(error)

    async def _carry_out(self, act: Act) -> None:
        """Do an act in its turn: acts on one course follow each other."""
        async with self._turns.setdefault(act.course, asyncio.Lock()):
            step: Act | None = act
            while step is not None:
                step = await self._ask(step)

    async def _ask(self, act: Act) -> Act | None:
        """Ask until there is an answer; return what is done instead where it is a refusal."""
        tries = 0
        while True:
            try:
                async with self._crowd:
                    await ask(self.door, act, self.script.edition, self.database)
            except Refused as refusal:
                if act.otherwise is None:
                    self.played.refused.append((act, str(refusal)))
                    log.info("act.refused", act=act.name, verb=act.verb.value, why=str(refusal))
                return act.otherwise
            except (EngineDown, DBAPIError, OSError):
                self.played.tried_again += 1
                await asyncio.sleep(PATIENCE[min(tries, len(PATIENCE) - 1)])
                tries += 1
            else:
                self.played.done += 1
                return None


async def play(cast: Cast, now: Callable[[], datetime], until: datetime) -> Played:
    """Play until the programme time ``until``, and until every act begun by then is answered.

    Args:
        cast: The scripted people.
        now: The programme's present time, however fast it runs.
        until: Programme time at which nobody begins anything new.

    """
    try:
        while (moment := now()) < until:
            await cast.look_up(moment)
            await asyncio.sleep(LOOKS.total_seconds())
        await cast.look_up(until)
        await cast.rest()
    finally:
        cast.leave()
    return cast.played
