"""Skipping the time of the time-skipping server, which between two skips goes on as real time."""

from datetime import datetime, timedelta
from time import monotonic

from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from rehearsal.turns import StageFault

JUST_PAST = timedelta(milliseconds=2)
"""How far beyond a due instant time is skipped; real time passes until what is due is done."""
UNCERTAIN = timedelta(milliseconds=50)
"""How far that server's time may be ahead of what is known of it before it is asked."""


class Skipping:
    """Skips to one instant after the other, and seldom needs to ask what time it is there."""

    def __init__(self, environment: WorkflowEnvironment) -> None:
        """Skip the time of a server."""
        self._environment = environment
        self._known: tuple[datetime, float] | None = None
        self._ahead = timedelta(0)

    async def to(self, real: datetime) -> None:
        """Skip to just past an instant of the server's time; one that is over is left behind.

        Raises:
            StageFault: The server did not come there: whoever has a task holds its time.

        """
        try:
            await self._skip_to(real)
        except RPCError as error:
            raise StageFault(
                "The time-skipping server does not go on any more: the machine is overloaded, or a"
                " workflow waits for something that does not come."
            ) from error

    async def _skip_to(self, real: datetime) -> None:
        at_least = await self._at_least()
        wanted = real + JUST_PAST
        if wanted <= at_least:
            return
        asked_at = monotonic()
        await self._environment.sleep(wanted - at_least)
        # When in the meantime it was there is not known.
        self._ahead += timedelta(seconds=monotonic() - asked_at)
        self._known = (wanted, monotonic())

    async def _at_least(self) -> datetime:
        """Return what time it is on the server, or a little less."""
        if self._known is None or self._ahead > UNCERTAIN:
            self._known = (await self._environment.get_current_time(), monotonic())
            self._ahead = timedelta(0)
        then, at = self._known
        return then + timedelta(seconds=monotonic() - at)
