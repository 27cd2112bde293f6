"""The workflow of the dispatcher: one for the installation, for as long as it stands."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.dispatch import DispatchActivities
from schemas.dispatch import DispatchInput, DispatchRequest

HEARTBEAT = timedelta(seconds=3)
TO_FINISH = timedelta(minutes=2)
"""What an activity may need, past its time, for the hand-overs that are under way."""

FOR_EVER = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=10),
)
"""The one activity that is retried without end: without it nothing leaves the house."""


@workflow.defn
class DispatchWorkflow:
    """Sends one activity after another to empty the ledger of what is due."""

    @workflow.run
    async def run(self, plan: DispatchInput) -> None:
        """Dispatch for ever, in a new run now and then.

        What an activity saw of the database is handed on to the next one, so that it notices when
        the database was put back to an older copy.
        """
        workflow.set_current_details("Hands over the messages that are due, one batch at a time.")
        for _ in range(plan.activities_per_run):
            done = await workflow.execute_activity_method(
                DispatchActivities.dispatch_due,
                _request(plan),
                start_to_close_timeout=plan.lasts + TO_FINISH,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=FOR_EVER,
                summary="Dispatch what is due",
            )
            if done.mark is not None:
                plan = plan.model_copy(update={"mark": done.mark})
        workflow.continue_as_new(plan)


def _request(plan: DispatchInput) -> DispatchRequest:
    if plan.mark is None:
        return DispatchRequest(lasts=plan.lasts)
    return DispatchRequest(lasts=plan.lasts, mark=plan.mark)
