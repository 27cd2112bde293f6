"""Which messages follow another version of a policy: each step once overall (M06)."""

from datetime import timedelta
from typing import Any

import pytest

from planning.followed import followed
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from tests.planning.builders import a_message, at

NOW = at("2024-11-18", "09:00")
TOMORROW, YESTERDAY = NOW + timedelta(days=1), NOW - timedelta(days=1)


def reminder(**said: Any) -> Message:
    base: dict[str, Any] = {"kind": MessageKind.REMINDER, "due_at": TOMORROW}
    return a_message(**{**base, **said})


def test_what_waits_gets_its_new_moment() -> None:
    """M06: under the new policy."""
    later = TOMORROW + timedelta(days=1)
    found = followed([reminder()], [reminder(due_at=later, policy_version=2)], NOW)

    (changed,) = found.changed
    assert (changed.due_at, changed.policy_version) == (later, 2)
    assert (found.new, found.retired) == ((), ())


@pytest.mark.parametrize(
    "state",
    [MessageState.ACCEPTED, MessageState.BUNDLED, MessageState.UNKNOWN, MessageState.HANDING_OVER],
)
def test_what_was_sent_stays_sent(state: MessageState) -> None:
    """M06: whatever the new policy says of its moment, or of the step itself."""
    sent = reminder(state=state, attempt=1)
    assert followed([sent], [reminder(due_at=NOW + timedelta(days=3))], NOW).changed == ()
    assert followed([sent], [], NOW).retired == ()


def test_a_step_whose_new_moment_has_passed_goes_at_its_old_one() -> None:
    """M06: once, under the old policy, and not never."""
    found = followed([reminder()], [reminder(due_at=YESTERDAY)], NOW)
    assert (found.new, found.changed, found.retired) == ((), (), ())


def test_a_step_that_is_planned_no_longer_is_retired_unless_it_is_under_way() -> None:
    """M06: one that may have gone is left to the dispatcher."""
    waits, tried = reminder(key="1" * 32), reminder(key="2" * 32, attempt=1)
    assert followed([waits, tried], [], NOW).retired == (waits,)


def test_a_step_that_only_the_new_policy_has_is_planned() -> None:
    """M06: as a new row, which the journal counts."""
    new = reminder(key="3" * 32)
    assert followed([reminder()], [reminder(), new], NOW).new == (new,)


@pytest.mark.parametrize(
    "ended",
    [
        {"state": MessageState.SUPERSEDED, "reason": MessageReason.POLICY_CHANGED},
        {"state": MessageState.TOO_LATE, "reason": MessageReason.INSIDE_LEAD},
    ],
)
def test_a_step_that_comes_back_waits_again(ended: dict[str, object]) -> None:
    """M06: a version that is taken back, or a moment that is put off, loses no step."""
    (again,) = followed([reminder(**ended)], [reminder()], NOW).changed
    assert (again.state, again.reason, again.ended_at) == (MessageState.WAITING, None, None)


def test_an_invitation_is_never_taken_back_by_a_policy() -> None:
    """M06, M18: whoever is invited comes."""
    invitation = reminder(kind=MessageKind.INVITATION)
    assert followed([invitation], [], NOW).retired == ()
