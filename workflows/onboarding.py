"""Onboarding: what must be settled between the signed commitments and the first session."""

from activities.onboarding import OnboardingActivities
from schemas.courses import Stage, Step
from workflows.chase import CHASE
from workflows.course import CourseWalk, Transaction


class Onboarding:
    """Team, partner, coach, slot, the event's day and the sponsor's first session (R16).

    Each is an obligation of its own and is chased by its own policy; when the last is settled, the
    sessions are planned.
    """

    STAGES = frozenset({Stage.ONBOARDING})
    STEPS: dict[Step, Transaction] = {
        Step.PLAN_SESSIONS: OnboardingActivities.plan_sessions,
        **CHASE,
    }

    def __init__(self, course: CourseWalk) -> None:
        """Walk ``course``."""
        self._course = course

    async def run(self) -> None:
        """Wait until everything is settled, then plan the sessions."""
        await self._course.walk(self.STEPS, self.STAGES)
