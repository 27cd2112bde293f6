"""When the line stops, and when it goes on."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.breaker import CLOSED, STUMBLES, Breaker, after, allowance, retry_delay
from messaging.channel import Cause, Outcome, Result

NOW = datetime(2024, 9, 2, 8, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ACCEPTED = Outcome(Result.ACCEPTED, 250)
SENDER_FAULT = Outcome(Result.NOT_SENT, 535, Cause.SENDER_FAULT)
LOST = Outcome(Result.NOT_SENT, None, Cause.DISCONNECTED)
SLOW_DOWN = Outcome(Result.NOT_SENT, 421, Cause.SLOW_DOWN)
BAD_ADDRESS = Outcome(Result.REFUSED, 550, Cause.BAD_ADDRESS)


def test_a_closed_breaker_lets_everything_through() -> None:
    assert allowance(CLOSED, 200, NOW) == 200


def test_a_fault_of_the_sender_stops_the_line_at_once() -> None:
    """M11: a wrong password would otherwise burn every message that is due."""
    breaker = after(CLOSED, SENDER_FAULT, NOW)
    assert breaker.cause is Cause.SENDER_FAULT
    assert breaker.reopens_at == NOW + MINUTE
    assert allowance(breaker, 200, NOW + MINUTE / 2) == 0


def test_after_its_rest_one_message_tests_the_line() -> None:
    breaker = after(CLOSED, SENDER_FAULT, NOW)
    assert allowance(breaker, 200, NOW + MINUTE) == 1
    assert allowance(breaker, 0, NOW + MINUTE) == 0
    assert after(breaker, ACCEPTED, NOW + MINUTE) == CLOSED


def test_each_rest_is_longer_until_a_message_goes() -> None:
    breaker, at, rests = CLOSED, NOW, []
    for _ in range(6):
        breaker = after(breaker, SENDER_FAULT, at)
        assert breaker.reopens_at is not None
        rests.append(breaker.reopens_at - at)
        at = breaker.reopens_at
    assert rests == [MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 60 * MINUTE, 60 * MINUTE]


def test_a_few_lost_connections_in_a_row_stop_the_line() -> None:
    breaker = CLOSED
    for _ in range(STUMBLES - 1):
        breaker = after(breaker, LOST, NOW)
        assert allowance(breaker, 9, NOW) == 9
    breaker = after(breaker, LOST, NOW)
    assert allowance(breaker, 9, NOW) == 0


@pytest.mark.parametrize("outcome", [ACCEPTED, BAD_ADDRESS])
def test_a_server_that_answers_ends_a_row_of_lost_connections(outcome: Outcome) -> None:
    breaker = CLOSED
    for _ in range(STUMBLES - 1):
        breaker = after(breaker, LOST, NOW)
    assert after(breaker, outcome, NOW) == CLOSED


def test_one_lost_connection_while_testing_the_line_stops_it_again() -> None:
    breaker = Breaker(stumbles=STUMBLES, openings=1, reopens_at=NOW, cause=Cause.DISCONNECTED)
    again = after(breaker, LOST, NOW)
    assert again.reopens_at == NOW + 5 * MINUTE


def test_a_server_that_asks_for_it_gets_a_breath() -> None:
    breaker = after(CLOSED, SLOW_DOWN, NOW)
    assert breaker.reopens_at == NOW + timedelta(seconds=5)
    assert after(breaker, SLOW_DOWN, NOW + timedelta(seconds=5)).reopens_at == NOW + timedelta(
        seconds=20
    )


@pytest.mark.parametrize("outcome", [ACCEPTED, SENDER_FAULT, LOST, SLOW_DOWN, BAD_ADDRESS])
def test_what_was_under_way_when_it_opened_changes_nothing(outcome: Outcome) -> None:
    breaker = after(CLOSED, SENDER_FAULT, NOW)
    assert after(breaker, outcome, NOW + timedelta(seconds=1)) == breaker


def test_a_message_is_tried_again_after_1_5_15_and_60_minutes() -> None:
    """M11: temporary failures wait longer each time, and then an hour each."""
    assert [retry_delay(tries) / MINUTE for tries in range(1, 7)] == [1, 5, 15, 60, 60, 60]
