"""What the dispatcher is asked for, and what it says that it did."""

from datetime import timedelta

from pydantic import AwareDatetime, Field

from schemas.base import Payload


class DispatchMark(Payload):
    """How far the database had come when the dispatcher last looked; kept outside of it.

    A database that does not bear it out is an older copy, and nothing is handed over from it.

    Attributes:
        at: Programme time of that look.
        entry: Number of the journal's newest entry.
        seal: Hash of that entry, so that another one with its number is not taken for it.
        message: Key of the last message that went or may have; empty before the first.
        unheard: Its hand-overs of which no outcome is known, where it may go again.

    """

    at: AwareDatetime
    entry: int = 0
    seal: str = ""
    message: str = ""
    unheard: int = 0


class DispatchRequest(Payload):
    """Dispatch for a while.

    Attributes:
        lasts: Real time after which the dispatcher stops taking up messages.
        mark: How far the database had come when the activity before this one ended.

    """

    lasts: timedelta = timedelta(minutes=5)
    mark: DispatchMark | None = None


class DispatchResult(Payload):
    """What became of the messages that were taken up.

    Attributes:
        states: How many came into each state; ``waiting`` are those that go later.
        mark: How far the database had come.

    """

    states: dict[str, int] = Field(default_factory=dict)
    mark: DispatchMark | None = None


class DispatchInput(Payload):
    """Start the dispatcher's workflow, or go on with it in a new run.

    Attributes:
        lasts: Real time that one activity dispatches for.
        activities_per_run: Activities after which the workflow continues as new.
        mark: How far the database had come when the run before this one ended.

    """

    lasts: timedelta = timedelta(minutes=5)
    activities_per_run: int = 100
    mark: DispatchMark | None = None
