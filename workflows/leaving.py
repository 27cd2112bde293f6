"""Leaving: a service has withdrawn, and for a day may change its mind."""

from collections.abc import Mapping
from typing import ClassVar

from activities.leaving import LeavingActivities
from schemas.courses import Stage, Step
from workflows.chapter import Chapter
from workflows.course import Transaction


class Leaving(Chapter):
    """The course stays open until the undo period ends; then its place is free (R13, X13)."""

    STAGES: ClassVar = frozenset({Stage.WITHDRAWN})
    STEPS: ClassVar[Mapping[Step, Transaction]] = {
        Step.CLOSE_WITHDRAWAL: LeavingActivities.close_withdrawal
    }
