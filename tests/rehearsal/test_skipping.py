"""Skipping time on a server that is seldom asked what time it is."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from temporalio.service import RPCError, RPCStatusCode

from rehearsal import skipping
from rehearsal.skipping import JUST_PAST, UNCERTAIN, Skipping
from rehearsal.turns import StageFault

NOON = datetime(2024, 9, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Server:
    """A server whose time goes on as real time does, and is skipped.

    Attributes:
        seconds: Real time.
        answers_after: Real seconds that an answer takes once time is skipped.
        asked: How often it was asked what time it is.

    """

    def __init__(self) -> None:
        self.seconds, self.answers_after, self.asked = 0.0, 0.0, 0
        self._skipped = timedelta(0)

    @property
    def now(self) -> datetime:
        return NOON + self._skipped + timedelta(seconds=self.seconds)

    async def get_current_time(self) -> datetime:
        self.asked += 1
        return self.now

    async def sleep(self, duration: timedelta) -> None:
        self._skipped += duration
        self.seconds += self.answers_after


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server()
    monkeypatch.setattr(skipping, "monotonic", lambda: found.seconds)
    return found


async def skipped(server: Server, *, times: int) -> None:
    """Skip a minute at a time, each of which takes a while in real time too."""
    skips = Skipping(cast(Any, server))
    for minutes in range(1, times + 1):
        real = NOON + minutes * MINUTE
        await skips.to(real)
        just_past = server.now - real
        assert JUST_PAST <= just_past <= JUST_PAST + UNCERTAIN + timedelta(milliseconds=20)
        server.seconds += 0.5


@pytest.mark.parametrize("answers_after", [0.0, 0.001, 0.02])
async def test_every_instant_is_passed_and_hardly_more(
    server: Server, answers_after: float
) -> None:
    server.answers_after = answers_after
    await skipped(server, times=200)


@pytest.mark.parametrize(("answers_after", "asked"), [(0.0, 1), (0.001, 2), (0.02, 34)])
async def test_the_server_is_asked_as_soon_as_its_time_is_not_known_well(
    server: Server, answers_after: float, asked: int
) -> None:
    server.answers_after = answers_after
    await skipped(server, times=100)
    assert server.asked == asked


async def test_an_instant_that_is_over_is_left_behind(server: Server) -> None:
    skips = Skipping(cast(Any, server))
    await skips.to(NOON + MINUTE)
    before = server.now
    await skips.to(NOON)
    assert server.now == before


async def test_a_server_that_does_not_go_on_is_told_in_a_sentence(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def sleep(_duration: timedelta) -> None:
        raise RPCError("Timeout expired", RPCStatusCode.CANCELLED, b"")

    monkeypatch.setattr(server, "sleep", sleep)
    with pytest.raises(StageFault, match="does not go on any more"):
        await Skipping(cast(Any, server)).to(NOON + MINUTE)
