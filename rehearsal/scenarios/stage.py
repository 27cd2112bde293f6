"""What a scenario needs of the stage on which it is played."""

from datetime import datetime
from typing import Protocol

from runtime.programme import Programme
from storage.database import Database


class ScenarioStage(Protocol):
    """An edition's engine, with time that can be skipped."""

    @property
    def database(self) -> Database:
        """Return where everything is: at first nothing but the installation."""

    @property
    def door(self) -> Programme:
        """Return the one door in; its present is ``now``."""

    @property
    def now(self) -> datetime:
        """Return the programme time that has been reached."""

    async def go(self, when: datetime) -> None:
        """Let every step and every hand-over happen that falls due by then; it is then so late."""

    async def outage(self, until: datetime) -> None:
        """Let time pass while no worker runs; what fell due waits for the next ``go``."""
