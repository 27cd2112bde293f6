"""Recruitment: a service applies, is found eligible, is offered a place, accepts, and commits."""

from collections.abc import Mapping
from typing import ClassVar

from activities.onboarding import OnboardingActivities
from activities.recruitment import RecruitmentActivities
from schemas.courses import Stage, Step
from workflows.changes import CHANGES
from workflows.chapter import Chapter
from workflows.chase import CHASE
from workflows.course import Transaction


class Recruitment(Chapter):
    """From the expression of interest to the executive sponsor's three signatures (R01-R15).

    The edition's workflow gives the places: here the service only takes up what it was given.
    """

    STAGES: ClassVar = frozenset(
        {Stage.APPLIED, Stage.ELIGIBLE, Stage.WAITLISTED, Stage.OFFERED, Stage.COMMITTING}
    )
    STEPS: ClassVar[Mapping[Step, Transaction]] = {
        Step.CHECK_ELIGIBILITY: RecruitmentActivities.check_eligibility,
        Step.TAKE_UP_WAITLIST: RecruitmentActivities.take_up_waitlist,
        Step.TAKE_UP_OFFER: RecruitmentActivities.take_up_offer,
        Step.TAKE_UP_LAPSE: RecruitmentActivities.take_up_lapse,
        Step.BEGIN_ONBOARDING: OnboardingActivities.begin_onboarding,
        **CHANGES,
        **CHASE,
    }
