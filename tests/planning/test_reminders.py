from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.reminders import asks_to_confirm, planned_step, reminder_instants
from planning.working_time import in_window
from schemas.messages import MessageReason, MessageState
from schemas.people import Role
from schemas.policies import ReminderStep
from tests.planning.builders import at, calendar, delay, edition, kind, mail, shown

ENGLAND, MAIL = calendar(), mail()
KINDS = [one.id for one in edition().sessions]


def due(session_kind: str, starts_at: datetime) -> dict[str, str]:
    steps = kind(session_kind).reminders
    found = reminder_instants(starts_at, steps, ENGLAND, MAIL)
    return {step_id: shown(due_at) for step_id, due_at in found}


def a_step(before: str, clock: str = "09:05") -> ReminderStep:
    return ReminderStep.model_validate(
        {"id": "one", "before": before, "at": clock, "to": ["partner"], "asks": "information"}
    )


def test_the_weekly_session_is_remembered_on_the_working_day_before() -> None:
    """M01: a Monday's on Friday, a Tuesday's after the August holiday on Friday too."""
    assert due("delivery", at("2024-09-09")) == {"day-before": "Fri 2024-09-06 09:05"}
    assert due("delivery", at("2025-08-26")) == {"day-before": "Fri 2025-08-22 09:05"}


def test_the_event_is_remembered_five_times_on_the_wall_clock() -> None:
    """M01, C11: the clocks change between the third step and the fourth."""
    assert due("improvement_event", at("2024-11-12", "09:00")) == {
        "d42": "Tue 2024-10-01 09:05",
        "d28": "Tue 2024-10-15 09:05",
        "d14": "Tue 2024-10-29 09:05",
        "d7": "Tue 2024-11-05 09:05",
        "day-before": "Mon 2024-11-11 09:05",
    }


def test_a_step_that_falls_on_a_day_off_goes_on_an_earlier_working_day() -> None:
    """M02: seven days before the first is Easter Monday, before the second Christmas Day."""
    assert due("executive", at("2025-04-28"))["d7"] == "Thu 2025-04-17 09:05"
    assert due("executive", at("2025-01-01"))["d7"] == "Tue 2024-12-24 09:05"


def test_a_step_late_in_the_evening_goes_before_the_window_closes() -> None:
    """M02: an earlier working moment, never a later one."""
    found = reminder_instants(at("2024-09-10"), [a_step("1d", "20:00")], ENGLAND, MAIL)
    assert shown(found[0].due_at) == "Mon 2024-09-09 17:59"


def test_hours_are_no_way_to_write_a_reminder() -> None:
    for text in ("2h", "4wh", "90min"):
        with pytest.raises(ValueError, match="write it in wd, w or d"):
            reminder_instants(at("2024-09-10"), [a_step(text)], ENGLAND, MAIL)


@given(st.sampled_from(KINDS), st.integers(0, 300), st.integers(8, 17), st.integers(0, 59))
def test_every_reminder_is_due_in_order_in_the_window_and_before_its_session(
    session_kind: str, days: int, hour: int, minute: int
) -> None:
    """M01, M02."""
    moment = datetime(2024, 7, 1, hour, minute, tzinfo=UTC) + timedelta(days=days)
    steps = kind(session_kind).reminders
    found = reminder_instants(moment, steps, ENGLAND, MAIL)
    assert [step_id for step_id, _ in found] == [step.id for step in steps]
    assert [due_at for _, due_at in found] == sorted(due_at for _, due_at in found)
    assert all(in_window(due_at, ENGLAND, MAIL) for _, due_at in found)
    assert all(due_at < moment for _, due_at in found)


def test_a_session_made_or_moved_inside_a_lead_does_not_send_that_step_at_once() -> None:
    """M04, E25."""
    due_at = at("2024-09-06", "09:05")
    too_late = (MessageState.TOO_LATE, MessageReason.INSIDE_LEAD)
    assert planned_step(due_at, at("2024-09-06", "09:04")) == (MessageState.WAITING, None)
    assert planned_step(due_at, due_at) == too_late
    assert planned_step(due_at, at("2024-09-06", "15:00")) == too_late


def test_a_confirmation_stops_what_asks_but_never_the_last_step() -> None:
    """M03, M01: a single step counts as the last."""
    steps = kind("improvement_event").reminders
    asking = [step.id for step in steps if asks_to_confirm(step, steps)]
    assert asking == ["d42", "d28", "d14"]
    single = a_step("1wd").model_copy(update={"asks": "confirm"})
    assert not asks_to_confirm(single, [single])


def test_everybody_whom_the_rules_name_is_remembered() -> None:
    """M01: who gets what."""
    to = {
        one.id: {role for step in one.reminders for role in step.to} for one in edition().sessions
    }
    assert to["delivery"] == {Role.SERVICE_LEAD}
    assert to["executive"] == {Role.EXECUTIVE_SPONSOR, Role.ASSISTANT, Role.EXECUTIVE_COACH}
    assert to["improvement_event"] == {
        Role.DELIVERY_COACH,
        Role.SERVICE_LEAD,
        Role.TEAM_MEMBER,
        Role.PARTNER,
    }
    assert {str(step.before) for step in kind("executive").reminders} == {"7d", "1wd"}
    assert delay("1wd") == kind("delivery").reminders[0].before
