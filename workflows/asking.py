"""What people ask of a course, as updates of its workflow."""

from collections.abc import Awaitable, Callable
from typing import Any

from temporalio import workflow


def person_asks(handler: Callable[[Any, Any], Awaitable[str]]) -> Any:
    """Make a handler an update whose validator refuses only what is for another course.

    A repeat is never refused: the server may apply an update twice when it races a new run, and the
    second time it must be answered as the first (architecture §3).
    """
    update = workflow.update(handler)

    def check(self: Any, command: Any) -> None:
        self._course.check(command)

    # A validator must declare the very command that its update takes.
    check.__annotations__ = {**handler.__annotations__, "return": None}
    update.validator(check)
    return update
