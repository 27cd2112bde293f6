"""The workflow of one audit; a schedule starts it every quarter of an hour."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.audit import AuditActivities
from schemas.audit import AuditReport, AuditRequest


@workflow.defn
class AuditWorkflow:
    """Looks once whether anything has been forgotten."""

    @workflow.run
    async def run(self, request: AuditRequest) -> AuditReport:
        """Audit; one that cannot be done fails, and its sign of life is missed."""
        return await workflow.execute_activity_method(
            AuditActivities.audit,
            request,
            start_to_close_timeout=timedelta(minutes=2),
            schedule_to_close_timeout=timedelta(minutes=10),
            retry_policy=RetryPolicy(maximum_attempts=3),
            summary="Audit",
        )
