"""The stage of a rehearsal as a scenario needs it."""

from datetime import datetime

from rehearsal.passing import Passing
from rehearsal.stage import Stage
from runtime.programme import Programme
from storage.database import Database


class SkippedStage:
    """Plays scenarios on the real engine, on skipped time.

    Attributes:
        database: Prepared, and empty but for the installation.
        door: The one door in.

    """

    database: Database
    door: Programme

    def __init__(self, stage: Stage) -> None:
        """Play on a stage that was just set."""
        self.database = stage.database
        self.door = stage.door
        self._stage = stage
        self._passing = Passing(stage)

    @property
    def now(self) -> datetime:
        """Return the programme time that has been reached."""
        return self._stage.turns.now

    async def go(self, when: datetime) -> None:
        """Let every step and every hand-over happen that falls due by then; it is then so late."""
        await self._passing.until(when)

    async def outage(self, until: datetime) -> None:
        """Let time pass while no worker runs; what fell due waits for the next ``go``."""
        await self._stage.pass_without_work(until)
