"""Timeouts and retries of every activity, one named set for each kind of work."""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig, LocalActivityConfig

# A course transaction: longer than the database's busy timeout (2 s), shorter than a workflow task
# (10 s), and given up after a while, so that an update fails with a sentence instead of hanging.
# The tries are counted, because the SDK overlooks a local activity's last deadline while it waits
# between two of them: 5 tries are 8 s where they fail at once, 23 s where each waits for a lock.
TRANSACTION = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=4),
    schedule_to_close_timeout=timedelta(seconds=25),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        backoff_coefficient=3,
        maximum_interval=timedelta(seconds=5),
        maximum_attempts=5,
        non_retryable_error_types=["UnknownCourse"],
    ),
)

# Starting the workflow of a sponsor's coaching: a call to the server, safe to repeat. It waits out
# a database that is away for an hour: nobody else would start it.
START = ActivityConfig(
    summary="let executive coaching look again",
    start_to_close_timeout=timedelta(seconds=10),
    schedule_to_close_timeout=timedelta(hours=1),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=30)
    ),
)


def transaction_options(summary: str | None) -> LocalActivityConfig:
    """Return the options of a course transaction that the Temporal UI shows as ``summary``."""
    return TRANSACTION if summary is None else LocalActivityConfig(**TRANSACTION, summary=summary)
