"""Starts a sponsor's coaching, or lets it look again where it runs already."""

from temporalio import activity
from temporalio.client import Client
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.agendas import taking_part
from schemas.courses import Course, CourseKind, Stage
from schemas.inputs import CourseInput, WakeExecutiveCoaching
from storage import courses
from storage.database import Database

EDITION = SearchAttributeKey.for_keyword("Edition")
SERVICE = SearchAttributeKey.for_keyword("Service")


class StartActivities:
    """Needs the database and a Temporal client."""

    def __init__(self, database: Database, client: Client, task_queue: str) -> None:
        """Start workflows on ``task_queue``."""
        self._database = database
        self._client = client
        self._task_queue = task_queue

    @activity.defn
    async def wake_executive_coaching(self, request: WakeExecutiveCoaching) -> None:
        """Open the course once and signal its workflow, starting it where it does not run (C07).

        A repeat signals again, which does no harm; coaching that has ended stays ended. A sponsor
        none of whose services has come so far yet has no coaching to begin.
        """
        sponsor_id = request.course_id.rsplit("/", 1)[-1]
        if not self._open_course(request, sponsor_id):
            return
        try:
            await self._client.start_workflow(
                "ExecutiveCoachingWorkflow",
                CourseInput(
                    course_id=request.course_id,
                    edition_id=request.edition_id,
                    service_id=sponsor_id,
                    clock=request.clock,
                ),
                id=request.course_id,
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                search_attributes=TypedSearchAttributes(
                    [
                        SearchAttributePair(EDITION, request.edition_id),
                        SearchAttributePair(SERVICE, sponsor_id),
                    ]
                ),
                static_summary=f"Executive coaching of {sponsor_id}",
                start_signal="look_again",
            )
        except WorkflowAlreadyStartedError:
            activity.logger.info("course.ended", extra={"course": request.course_id})

    def _open_course(self, request: WakeExecutiveCoaching, sponsor_id: str) -> bool:
        """Open the course where a service of the sponsor takes part; tell whether there is one."""
        with self._database.transaction() as rows:
            if courses.course(rows, request.course_id) is not None:
                return True
            if not taking_part(rows, request.edition_id, sponsor_id):
                return False
            courses.open_course(
                rows,
                Course(
                    id=request.course_id,
                    kind=CourseKind.EXECUTIVE_COACHING,
                    edition_id=request.edition_id,
                    subject_id=sponsor_id,
                    stage=Stage.IDLE,
                    opened_at=request.at,
                ),
            )
            return True
