from datetime import UTC, datetime, timedelta

from messaging.channel import Cause, Parcel, Result
from rehearsal.copies import CountingChannel
from rehearsal.script import Stretch

PARCEL = Parcel("0" * 32, "0" * 32 + ".1", "from@x.example", "to@x.example", b"")
FIVE_PAST_NINE = datetime(2024, 10, 7, 8, 5, tzinfo=UTC)


async def test_a_rehearsed_server_that_is_busy_puts_mail_off_and_counts_no_copy() -> None:
    """M11: for four minutes it answers 421."""
    busy = Stretch(FIVE_PAST_NINE, FIVE_PAST_NINE + timedelta(minutes=4))
    channel = CountingChannel([busy], lambda: FIVE_PAST_NINE)
    outcome = await channel.hand_over(PARCEL)
    assert (outcome.result, outcome.code, outcome.cause) == (
        Result.NOT_SENT,
        421,
        Cause.SLOW_DOWN,
    )
    assert not channel.copies
    channel.now = lambda: busy.ends
    assert (await channel.hand_over(PARCEL)).result is Result.ACCEPTED
    assert channel.copies.total() == 1
