"""What the dispatcher is asked for, and what it says that it did."""

from datetime import timedelta

from pydantic import Field

from schemas.base import Payload


class DispatchRequest(Payload):
    """Dispatch for a while.

    Attributes:
        lasts: Real time after which the dispatcher stops taking up messages.

    """

    lasts: timedelta = timedelta(minutes=5)


class DispatchResult(Payload):
    """What became of the messages that were taken up.

    Attributes:
        states: How many came into each state; ``waiting`` are those that go later.

    """

    states: dict[str, int] = Field(default_factory=dict)


class DispatchInput(Payload):
    """Start the dispatcher's workflow, or go on with it in a new run.

    Attributes:
        lasts: Real time that one activity dispatches for.
        activities_per_run: Activities after which the workflow continues as new.

    """

    lasts: timedelta = timedelta(minutes=5)
    activities_per_run: int = 100
