import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest

from storage.turns import Turns

LONG, NO_TIME = timedelta(minutes=1), timedelta()
THREADS, TIMES = 16, 60


def test_whoever_asks_again_at_once_comes_after_those_who_wait() -> None:
    turns, had = Turns(), count()

    def take_many(_: int) -> list[int]:
        overtaken = []
        for _ in range(TIMES):
            before = next(had)
            with turns.turn(LONG):
                overtaken.append(next(had) - before)
                sum(range(20_000))  # long enough for others to get into the line
                time.sleep(0.0005)
        return overtaken

    with ThreadPoolExecutor(THREADS) as threads:
        overtaken = [one for each in threads.map(take_many, range(THREADS)) for one in each]

    # Each of the others counts when it asks and when it comes. A few are stopped before they ask.
    assert sum(one > 2 * THREADS for one in overtaken) < TIMES * THREADS / 100


def test_whoever_gives_up_is_not_waited_for() -> None:
    turns = Turns()
    with turns.turn(LONG), ThreadPoolExecutor(1) as other:
        asked = other.submit(take, turns, NO_TIME)
        with pytest.raises(TimeoutError):
            asked.result()
    take(turns, NO_TIME)


def test_a_turn_ends_with_its_block_however_it_ends() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.turn(LONG):
        raise ZeroDivisionError
    take(turns, NO_TIME)


def take(turns: Turns, timeout: timedelta) -> None:
    with turns.turn(timeout):
        pass
