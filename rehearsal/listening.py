"""Listens in on the worker and its client: who was started, what each transaction returned."""

from typing import Any

from temporalio.client import (
    Interceptor as ClientInterceptor,
)
from temporalio.client import (
    OutboundInterceptor,
    StartWorkflowInput,
    WorkflowHandle,
)
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
)
from temporalio.worker import (
    Interceptor as WorkerInterceptor,
)

from rehearsal.turns import Turns
from schemas.commands import Command, TakeStep
from schemas.courses import CourseState
from schemas.inputs import ReadAgenda, WakeExecutiveCoaching


class Listener(ClientInterceptor, WorkerInterceptor):
    """Tells ``turns`` of everything, and lets the steps of the programme wait for theirs."""

    def __init__(self, turns: Turns) -> None:
        """Listen for ``turns``."""
        self._turns = turns

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - the SDK names it
        """Listen to what is started."""
        return _Starts(next, self._turns)

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK names it
        """Listen to what is carried out."""
        return _Transactions(next, self._turns)


class _Starts(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, turns: Turns) -> None:  # noqa: A002 - the SDK names it
        super().__init__(next)
        self._turns = turns

    async def start_workflow(
        self,
        input: StartWorkflowInput,  # noqa: A002 - the SDK names it
    ) -> WorkflowHandle[Any, Any]:
        await self._turns.started(input.id)
        return await super().start_workflow(input)


class _Transactions(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, turns: Turns) -> None:  # noqa: A002 - the SDK names it
        super().__init__(next)
        self._turns = turns

    async def execute_activity(
        self,
        input: ExecuteActivityInput,  # noqa: A002 - the SDK names it
    ) -> Any:
        """Carry an activity out as of the instant that the rehearsal has reached."""
        turns, asked = self._turns, input.args[0]
        if isinstance(asked, TakeStep):
            asked = await turns.begin(asked)
            turns.counts[f"step:{asked.step}"] += 1
        elif isinstance(asked, Command):
            asked = asked.model_copy(update={"recorded_at": turns.now})
            turns.counts[f"command:{type(asked).__name__}"] += 1
        elif isinstance(asked, ReadAgenda | WakeExecutiveCoaching):
            asked = asked.model_copy(update={"at": turns.now})
            turns.counts[type(asked).__name__] += 1
        input.args = [asked]
        result = await super().execute_activity(input)
        await self._tell(asked, result)
        return result

    async def _tell(self, asked: Any, result: Any) -> None:
        turns = self._turns
        if isinstance(asked, WakeExecutiveCoaching):
            await turns.told_to_start(asked.course_id)
        elif isinstance(asked, ReadAgenda) and isinstance(result, CourseState):
            await turns.looked(asked.course_id, result)
        elif isinstance(asked, Command) and isinstance(result, CourseState):
            step = asked if isinstance(asked, TakeStep) else None
            await turns.changed_by(asked.course_id, result, step)
