from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.places import Application, may_refill, proposed_order, to_offer
from tests.planning.builders import at, edition

FIRST = at("2024-05-01", "09:00")


def applications(count: int) -> list[Application]:
    return [
        Application(f"SVC-{n:02}", FIRST + timedelta(hours=n), earlier_interest=n % 3 == 0)
        for n in range(count)
    ]


def test_the_38th_is_waitlisted_and_nobody_before() -> None:
    """R01, E16: the wider edition has 37 places."""
    ranked = proposed_order(edition(), applications(61))
    assert edition().places == 37
    assert [one.has_place for one in ranked] == [True] * 37 + [False] * 24
    assert [one.position for one in ranked] == list(range(1, 62))


def test_earlier_interest_comes_first_then_who_was_first_then_the_id() -> None:
    """R07, E20: with the reason that put each behind the one before."""
    ranked = proposed_order(
        edition(),
        [
            Application("SVC-05", FIRST),
            Application("SVC-04", FIRST),
            Application("SVC-03", FIRST + timedelta(days=9), earlier_interest=True),
            Application("SVC-02", FIRST + timedelta(days=8), earlier_interest=True),
        ],
    )
    assert [(one.service_id, one.because) for one in ranked] == [
        ("SVC-02", None),
        ("SVC-03", "submitted_at"),
        ("SVC-04", "earlier_interest"),
        ("SVC-05", "service_id"),
    ]


def test_another_edition_orders_by_other_things() -> None:
    """R07: the order is data."""
    ranked = proposed_order(
        edition("example-other"),
        [Application("A", FIRST), Application("B", FIRST - timedelta(1), earlier_interest=False)],
    )
    assert [one.service_id for one in ranked] == ["B", "A"]
    late = Application("C", FIRST + timedelta(1), earlier_interest=True)
    assert proposed_order(edition("example-other"), [late, Application("A", FIRST)])[0].because is (
        None
    )
    assert proposed_order(edition(), [late, Application("A", FIRST)])[0].service_id == "C"


def test_an_order_that_leaves_a_tie_is_settled_by_the_id() -> None:
    """R07: deterministic, whatever an edition looks at."""
    by_time = edition().recruitment.model_copy(update={"order": ("submitted_at",)})
    changed = edition().model_copy(update={"recruitment": by_time})
    tied = [Application(service_id, FIRST) for service_id in ("C", "A", "B")]
    ranked = proposed_order(changed, tied)
    assert [(one.service_id, one.because) for one in ranked] == [
        ("A", None),
        ("B", "service_id"),
        ("C", "service_id"),
    ]


@given(st.permutations(applications(45)))
def test_the_order_does_not_depend_on_how_the_applications_came_in(
    shuffled: list[Application],
) -> None:
    """R07: deterministic."""
    assert proposed_order(edition(), shuffled) == proposed_order(edition(), applications(45))


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_places_taken_and_offered_never_exceed_the_capacity(
    capacity: int, taken: int, offered: int, waiting: int
) -> None:
    """R14, R01: nor are places left empty while somebody waits."""
    queue = [f"SVC-{n}" for n in range(waiting)]
    found = to_offer(capacity, taken, offered, queue)
    assert list(found) == queue[: len(found)]
    if taken + offered <= capacity:
        assert taken + offered + len(found) == min(capacity, taken + offered + waiting)
    else:
        assert found == ()


def test_an_expired_offer_keeps_its_place_until_it_is_lapsed() -> None:
    """R13: it counts as offered."""
    assert to_offer(37, 36, 1, ["WL-01"]) == ()
    assert to_offer(37, 36, 0, ["WL-01", "WL-02"]) == ("WL-01",)


@pytest.mark.parametrize(
    ("withdrawn_at", "refilled"),
    [
        (at("2024-10-11", "15:00"), True),
        (at("2024-10-13", "23:59:59"), True),
        (at("2024-10-14", "00:00"), False),
        (at("2025-01-20"), False),
        (at("2024-08-01"), True),
    ],
)
def test_a_place_freed_before_week_6_is_offered_again(
    withdrawn_at: datetime, refilled: bool
) -> None:
    """R13, E14, E15: judged by when the withdrawal took effect."""
    assert may_refill(withdrawn_at, edition()) is refilled
