from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.escalation import (
    ChaseProgress,
    NextStep,
    asked,
    lapses_at,
    may_promise,
    next_step,
    promise_lapsed,
    promise_limit,
)
from planning.working_time import Interval
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Role
from tests.planning.builders import (
    CHRISTMAS,
    an_obligation,
    at,
    calendar,
    edition,
    mail,
    policy,
    rest,
    shown,
)

ENGLAND, MAIL = calendar(), mail()


def chase(
    kind: ObligationKind, opened_at: datetime, *pauses: Interval, lapsed: bool = False
) -> list[tuple[str, str, str]]:
    """Walk a chase that nobody answers, each step taken when it is due."""
    told: list[tuple[str, str, str]] = []
    progress = ChaseProgress(opened_at, lapsed=lapsed)
    while True:
        found = next_step(policy(kind), progress, ENGLAND, MAIL, pauses)
        if found.step is None:
            return [*told, ("stuck", "", shown(found.due_at))]
        told.append((found.step.id, found.step.to.value, shown(found.due_at)))
        assert found.due_at is not None
        progress = ChaseProgress(found.due_at, progress.steps_done + 1)


def test_unsigned_commitments_are_chased_after_3_and_7_and_10_days_and_stuck_after_15() -> None:
    """R10."""
    assert chase(ObligationKind.COMMITMENTS, at("2024-07-01", "11:00")) == [
        ("first", "executive_sponsor", "Thu 2024-07-04 11:00"),
        ("second", "executive_sponsor", "Wed 2024-07-10 11:00"),
        ("coordinator", "coordinator", "Mon 2024-07-15 11:00"),
        ("stuck", "", "Mon 2024-07-22 11:00"),
    ]


def test_an_unrecorded_session_is_asked_for_after_1_and_2_days_and_passed_on_after_3() -> None:
    """X01."""
    assert chase(ObligationKind.SESSION_RECORD, at("2024-09-05", "11:00"))[:3] == [
        ("first", "delivery_coach", "Fri 2024-09-06 11:00"),
        ("second", "delivery_coach", "Mon 2024-09-09 11:00"),
        ("coordinator", "coordinator", "Tue 2024-09-10 11:00"),
    ]


def test_a_chase_rests_with_the_programme_and_does_not_make_up_for_it() -> None:
    """X04, X07, X09: nobody is asked in the break, and the clock goes on where it stopped."""
    told = chase(ObligationKind.SESSION_RECORD, at("2024-12-20", "11:00"), CHRISTMAS)
    assert told[:3] == [
        ("first", "delivery_coach", "Mon 2025-01-06 11:00"),
        ("second", "delivery_coach", "Tue 2025-01-07 11:00"),
        ("coordinator", "coordinator", "Wed 2025-01-08 11:00"),
    ]


def test_a_chase_walks_over_both_clock_changes_at_the_same_time_of_day() -> None:
    for opened_at in (at("2024-10-24", "16:30"), at("2025-03-27", "16:30")):
        told = chase(ObligationKind.COMMITMENTS, opened_at)
        assert {when[-5:] for _, _, when in told} == {"16:30"}


def test_after_an_outage_a_chase_goes_on_from_the_step_that_was_really_taken() -> None:
    """E28: no burst."""
    late = at("2024-09-13", "10:20")
    found = next_step(policy(ObligationKind.SESSION_RECORD), ChaseProgress(late, 1), ENGLAND, MAIL)
    assert shown(found.due_at) == "Mon 2024-09-16 10:20"


def test_an_endless_pause_leaves_the_next_step_without_an_instant() -> None:
    """X04."""
    endless = Interval(at("2024-09-05", "12:00"), None)
    progress = ChaseProgress(at("2024-09-05", "11:00"))
    found = next_step(policy(ObligationKind.SESSION_RECORD), progress, ENGLAND, MAIL, [endless])
    assert found.due_at is None
    assert found.step is not None


def test_every_policy_ends_in_stuck_and_never_in_silence() -> None:
    """R10, X04."""
    for one in edition().chases:
        told = chase(one.obligation, at("2024-09-02", "09:00"))
        assert [step_id for step_id, _, _ in told] == [*(step.id for step in one.steps), "stuck"]


@given(
    st.sampled_from(list(ObligationKind)),
    st.integers(0, 300 * 24 * 60),
    st.integers(0, 30),
)
def test_steps_come_in_order_in_working_time_whenever_a_chase_begins(
    kind: ObligationKind, minutes: int, days_paused: int
) -> None:
    """X04, X07."""
    opened_at = datetime(2024, 7, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    pause = Interval(opened_at + timedelta(days=1), opened_at + timedelta(days=1 + days_paused))
    progress, due = ChaseProgress(opened_at), []
    while True:
        found = next_step(policy(kind), progress, ENGLAND, MAIL, [pause])
        assert found.due_at is not None
        due.append(found.due_at)
        if found.step is None:
            break
        progress = ChaseProgress(found.due_at, progress.steps_done + 1)
    assert due == sorted(due)
    assert due[0] >= opened_at
    assert len(set(due[1:])) == len(due) - 1
    assert not any(pause.covers(one) for one in due)


def test_a_promise_lapses_on_the_working_morning_after_its_day() -> None:
    """X04."""
    friday = ENGLAND.day_of(at("2024-09-06"))
    assert shown(lapses_at(friday, ENGLAND, MAIL)) == "Mon 2024-09-09 08:00"
    assert shown(lapses_at(friday, ENGLAND, MAIL, [rest("2024-09-09", "2024-09-10")])) == (
        "Wed 2024-09-11 08:00"
    )
    assert lapses_at(friday, ENGLAND, MAIL, [Interval(at("2024-09-07"), None)]) is None


def test_a_lapsed_promise_is_chased_again_at_once_and_from_the_start() -> None:
    """X04: a new generation, so that old links and rows do not count for it."""
    promised = an_obligation(
        state=ObligationState.PROMISED, steps_done=2, generation=1, promised_until=at("2024-09-06")
    )
    lapsed = promise_lapsed(promised)
    assert (lapsed.state, lapsed.generation, lapsed.steps_done) == (ObligationState.OPEN, 2, 0)
    assert lapsed.promised_until is None
    told = chase(ObligationKind.COMMITMENTS, at("2024-09-09", "08:00"), lapsed=True)
    assert told[0] == ("first", "executive_sponsor", "Mon 2024-09-09 08:00")
    assert told[1] == ("second", "executive_sponsor", "Fri 2024-09-13 08:00")


def test_a_promise_reaches_no_further_than_the_policy_says() -> None:
    """X04."""
    record = policy(ObligationKind.SESSION_RECORD)
    day = promise_limit(record, at("2024-12-19", "11:00"), ENGLAND, MAIL, [CHRISTMAS])
    assert day is not None
    assert day.isoformat() == "2025-01-09"
    endless = Interval(at("2024-12-20"), None)
    assert promise_limit(record, at("2024-12-19"), ENGLAND, MAIL, [endless]) is None


def test_promises_follow_one_another_only_so_often() -> None:
    """X04."""
    record = policy(ObligationKind.SESSION_RECORD)
    allowed = [may_promise(record, an_obligation(promises=n)) for n in range(4)]
    assert allowed == [True, True, False, False]


@pytest.mark.parametrize(
    ("step", "absent", "expected"),
    [
        (0, set(), ("DC-1",)),
        (0, {"DC-1"}, ("DC-2",)),
        (0, {"DC-1", "DC-2"}, ("CO-1",)),
        (2, set(), ("CO-1",)),
        (2, {"CO-1"}, ("CO-1",)),
    ],
)
def test_a_step_asks_the_holder_or_who_stands_in_and_is_never_lost(
    step: int, absent: set[str], expected: tuple[str, ...]
) -> None:
    """X05."""
    holders = {Role.DELIVERY_COACH: ("DC-1", "DC-2"), Role.COORDINATOR: ("CO-1",)}
    record = policy(ObligationKind.SESSION_RECORD)
    mine = an_obligation(holder_id="DC-1")
    assert asked(record, record.steps[step], mine, holders, absent) == expected


def test_a_step_to_the_holder_asks_the_holder_even_where_the_policy_names_another_role() -> None:
    """X01: an executive session's record is asked of its executive coach."""
    record = policy(ObligationKind.SESSION_RECORD)
    theirs = an_obligation(holder_id="EC-1")
    holders = {Role.DELIVERY_COACH: ("DC-1",), Role.EXECUTIVE_COACH: ("EC-1",)}
    assert asked(record, record.steps[0], theirs, holders) == ("EC-1",)


def test_the_walk_of_a_chase_is_a_value() -> None:
    progress = ChaseProgress(at("2024-09-05", "11:00"))
    record = policy(ObligationKind.SESSION_RECORD)
    expected = NextStep(record.steps[0], at("2024-09-06", "11:00"))
    assert next_step(record, progress, ENGLAND, MAIL) == expected
