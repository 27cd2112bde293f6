"""Onboarding: what must be settled between the signed commitments and the first session."""

from collections.abc import Mapping
from typing import ClassVar

from activities.leaving import LeavingActivities
from activities.onboarding import OnboardingActivities
from activities.sessions import SessionActivities
from schemas.courses import Stage, Step
from workflows.changes import CHANGES
from workflows.chapter import Chapter
from workflows.chase import CHASE
from workflows.course import Transaction


class Onboarding(Chapter):
    """Team, partner, coach, slot, the event's day and the sponsor's first session (R16).

    Each is an obligation of its own and is chased by its own policy; when the last is settled, the
    sessions are planned. Meanwhile the event may come near, or even pass.
    """

    STAGES: ClassVar = frozenset({Stage.ONBOARDING})
    STEPS: ClassVar[Mapping[Step, Transaction]] = {
        Step.PLAN_SESSIONS: OnboardingActivities.plan_sessions,
        Step.ASK_FOR_RECORD: SessionActivities.ask_for_record,
        Step.OPEN_STAGE: SessionActivities.open_stage,
        Step.REPLAN: SessionActivities.replan_sessions,
        Step.COMPLETE: LeavingActivities.complete,
        **CHANGES,
        **CHASE,
    }
