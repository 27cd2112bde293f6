"""Leaving: a service has withdrawn, and for a day may change its mind."""

from activities.leaving import LeavingActivities
from schemas.courses import Stage, Step
from workflows.course import CourseWalk, Transaction


class Leaving:
    """The course stays open until the undo period ends; then its place is free (R13, X13)."""

    STAGES = frozenset({Stage.WITHDRAWN})
    STEPS: dict[Step, Transaction] = {Step.CLOSE_WITHDRAWAL: LeavingActivities.close_withdrawal}

    def __init__(self, course: CourseWalk) -> None:
        """Walk ``course``."""
        self._course = course

    async def run(self) -> None:
        """Wait for the undo, or for its end."""
        await self._course.walk(self.STEPS, self.STAGES)
