"""Reminders: the instants of a session's reminder policy.

A reminder is anchored to the start of its session and useless when late. Steps are planned ahead;
whether one is really sent is judged when it is due (M07, ``planning.judgement``).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from planning.calendar import WorkingCalendar
from planning.working_time import day_before, into_window_earlier
from schemas.edition import MailRules
from schemas.messages import MessageReason, MessageState
from schemas.policies import ReminderStep


class ReminderInstant(NamedTuple):
    """When one step of a policy is due.

    Attributes:
        step_id: Id of the step.
        due_at: UTC, in the mail window (M02).

    """

    step_id: str
    due_at: datetime


class PlannedState(NamedTuple):
    """The state in which the row of a reminder is written, and why if it has ended at once."""

    state: MessageState
    reason: MessageReason | None = None


def reminder_instants(
    starts_at: datetime,
    steps: Sequence[ReminderStep],
    calendar: WorkingCalendar,
    mail: MailRules,
) -> tuple[ReminderInstant, ...]:
    """Return when each step of a session is due, earliest first (M01).

    Working days are counted back over days off, days and weeks over the calendar; then the step's
    local time is taken on that day. Where that is outside the mail window, an earlier working
    moment is used (M02). Pauses change nothing here: a step due in one is suppressed (X07).

    Raises:
        ValueError: A step is written in hours or minutes.
        CalendarHorizonError: A step lies in a year whose holidays are not known.

    """
    day = calendar.day_of(starts_at)
    return tuple(
        sorted(
            (
                ReminderInstant(
                    step.id,
                    into_window_earlier(
                        calendar.instant(day_before(day, step.before, calendar), step.at),
                        calendar,
                        mail,
                    ),
                )
                for step in steps
            ),
            key=lambda instant: instant.due_at,
        )
    )


def asks_to_confirm(step: ReminderStep, steps: Sequence[ReminderStep]) -> bool:
    """Tell whether a confirmation stops ``step`` for whoever confirmed (M03).

    The last step is information and goes to everybody; a single step counts as the last (M01).
    """
    return step.asks == "confirm" and step.id != steps[-1].id


def planned_step(due_at: datetime, planned_at: datetime) -> PlannedState:
    """Return the state in which a reminder is written when its session is made or moved (M04).

    A step whose instant has passed by then is too late: the invitation has told people, and nothing
    is sent at once to make up for it.
    """
    if due_at <= planned_at:
        return PlannedState(MessageState.TOO_LATE, MessageReason.INSIDE_LEAD)
    return PlannedState(MessageState.WAITING)
