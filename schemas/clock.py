"""The programme's clock: real time in production, faster in a demo."""

from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime

from schemas.base import Payload


class ProgrammeClock(Payload):
    """Maps real time to programme time by an anchor and a rate; fixed for a database.

    Attributes:
        real_anchor: A real instant, UTC.
        programme_anchor: The programme's instant at ``real_anchor``, UTC.
        rate: Programme seconds that pass in a real second; 1 in production.

    """

    real_anchor: AwareDatetime = datetime(2024, 1, 1, tzinfo=UTC)
    programme_anchor: AwareDatetime = datetime(2024, 1, 1, tzinfo=UTC)
    rate: float = 1.0

    def programme_time(self, real: datetime) -> datetime:
        """Return the programme's instant at a real one."""
        return self.programme_anchor + (real - self.real_anchor) * self.rate

    def real_time(self, programme: datetime) -> datetime:
        """Return the real instant at which the programme reaches ``programme``."""
        return self.real_anchor + (programme - self.programme_anchor) / self.rate

    def effective(self, due: datetime, real_now: datetime) -> datetime:
        """Return the instant that a step counts from (architecture §6).

        A step taken up within five real seconds counts from when it was due, so that a fast clock
        does not turn milliseconds of work into hours of lateness; a later one counts from when it
        is taken up, so that after an outage a chase goes on from there and does not burst.
        """
        if real_now - self.real_time(due) < TAKEN_UP_IN_TIME:
            return due
        return self.programme_time(real_now)


TAKEN_UP_IN_TIME = timedelta(seconds=5)
