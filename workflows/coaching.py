"""Coaching: sessions of every kind are held, asked after, moved, caught up on."""

from collections.abc import Mapping
from typing import ClassVar

from activities.executive import ExecutiveActivities
from activities.leaving import LeavingActivities
from activities.sessions import SessionActivities
from schemas.courses import Stage, Step
from workflows.changes import CHANGES
from workflows.chapter import Chapter
from workflows.chase import CHASE
from workflows.course import Transaction


class Coaching(Chapter):
    """A service's weekly sessions and full-day events, or a sponsor's monthly sessions.

    Nobody is reminded from here: the reminders lie in the ledger from the day the sessions are
    planned. What falls due here is what has not happened: a session that nobody recorded, a stage
    of an event, a pause that takes a day.
    """

    STAGES: ClassVar = frozenset({Stage.COACHING, Stage.IDLE})
    STEPS: ClassVar[Mapping[Step, Transaction]] = {
        Step.TAKE_UP_PARTICIPATION: ExecutiveActivities.take_up_participation,
        Step.ASK_FOR_RECORD: SessionActivities.ask_for_record,
        Step.OPEN_STAGE: SessionActivities.open_stage,
        Step.REPLAN: SessionActivities.replan_sessions,
        Step.COMPLETE: LeavingActivities.complete,
        **CHANGES,
        **CHASE,
    }
