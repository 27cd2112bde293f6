"""The one moment at which the dispatcher judges a batch: in programme time and in real time."""

from dataclasses import dataclass
from datetime import datetime

from schemas.clock import ProgrammeClock


@dataclass(frozen=True)
class Moment:
    """An instant, read once for a batch.

    Attributes:
        at: Programme time; decides what is due and whether it may go.
        real_now: Real time; leases, retries and the breaker run in it.
        clock: How the one passes against the other.

    """

    at: datetime
    real_now: datetime
    clock: ProgrammeClock

    @classmethod
    def of(cls, real_now: datetime, clock: ProgrammeClock) -> "Moment":
        """Return the moment at a real instant."""
        return cls(clock.programme_time(real_now), real_now, clock)

    def counts_from(self, due_at: datetime) -> datetime:
        """Return the instant at which a message that was due is judged (architecture §6).

        One that is less than five real seconds late is judged at its own instant, so that a fast
        clock does not turn milliseconds of work into hours of lateness.
        """
        effective = self.clock.effective(due_at, self.clock.real_time(self.at))
        return due_at if effective == due_at else self.at
