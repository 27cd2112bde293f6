"""Recruitment: a service applies, is found eligible, is offered a place, accepts, and commits."""

from activities.onboarding import OnboardingActivities
from activities.recruitment import RecruitmentActivities
from schemas.courses import Stage, Step
from workflows.chase import CHASE
from workflows.course import CourseWalk, Transaction


class Recruitment:
    """From the expression of interest to the executive sponsor's three signatures (R01-R15).

    The edition's workflow gives the places: here the service only takes up what it was given.
    """

    STAGES = frozenset(
        {Stage.APPLIED, Stage.ELIGIBLE, Stage.WAITLISTED, Stage.OFFERED, Stage.COMMITTING}
    )
    STEPS: dict[Step, Transaction] = {
        Step.CHECK_ELIGIBILITY: RecruitmentActivities.check_eligibility,
        Step.TAKE_UP_WAITLIST: RecruitmentActivities.take_up_waitlist,
        Step.TAKE_UP_OFFER: RecruitmentActivities.take_up_offer,
        Step.TAKE_UP_LAPSE: RecruitmentActivities.take_up_lapse,
        Step.BEGIN_ONBOARDING: OnboardingActivities.begin_onboarding,
        **CHASE,
    }

    def __init__(self, course: CourseWalk) -> None:
        """Walk ``course``."""
        self._course = course

    async def run(self) -> None:
        """Wait for the offer, the acceptance and the signatures; end early where one fails."""
        await self._course.walk(self.STEPS, self.STAGES)
