"""The channel that writes to a folder."""

from pathlib import Path

import pytest

from messaging.channel import Cause, Outcome, Parcel, Result
from messaging.null import NullChannel
from messaging.outbox import OutboxChannel

KEY = "0123456789abcdef0123456789abcdef"
ACCEPTED = Outcome(Result.ACCEPTED)


def a_parcel(number: int = 1, content: bytes = b"Subject: x\r\n\r\nhi\r\n") -> Parcel:
    return Parcel(KEY, f"{KEY}.{number}", "office@drumbeat.example", "lead@x.example", content)


async def test_a_parcel_becomes_one_file(tmp_path: Path) -> None:
    channel = OutboxChannel(tmp_path / "out")
    assert await channel.hand_over(a_parcel()) == ACCEPTED
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == f"{KEY}.1.eml"
    assert path.read_bytes() == a_parcel().content


async def test_handing_over_twice_leaves_one_file(tmp_path: Path) -> None:
    channel = OutboxChannel(tmp_path)
    await channel.hand_over(a_parcel())
    assert await channel.hand_over(a_parcel(content=b"changed")) == ACCEPTED
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [a_parcel().content]


async def test_a_probe_knows_what_became_of_a_hand_over(tmp_path: Path) -> None:
    """M09: after an ambiguous hand-over the channel is asked by reference before anything else."""
    channel = OutboxChannel(tmp_path)
    await channel.hand_over(a_parcel(1))
    again = OutboxChannel(tmp_path)
    assert await again.probe(f"{KEY}.1") == ACCEPTED
    assert await again.probe(f"{KEY}.2") == Outcome(Result.NOT_SENT)


async def test_a_file_that_was_taken_away_is_still_known(tmp_path: Path) -> None:
    """M09: an emptied folder must not look like a hand-over that never was."""
    channel = OutboxChannel(tmp_path)
    await channel.hand_over(a_parcel())
    (tmp_path / "taken").mkdir()
    (tmp_path / f"{KEY}.1.eml").rename(tmp_path / "taken" / f"{KEY}.1.eml")
    assert await channel.probe(f"{KEY}.1") == ACCEPTED
    assert await channel.hand_over(a_parcel()) == ACCEPTED
    assert list(tmp_path.glob("*.eml")) == []


async def test_a_half_written_file_was_not_sent(tmp_path: Path) -> None:
    channel = OutboxChannel(tmp_path)
    (tmp_path / f"{KEY}.1.part").write_bytes(b"Subj")
    assert await channel.probe(f"{KEY}.1") == Outcome(Result.NOT_SENT)
    assert await channel.hand_over(a_parcel()) == ACCEPTED
    assert (tmp_path / f"{KEY}.1.eml").read_bytes() == a_parcel().content


async def test_a_folder_that_takes_nothing_is_a_passing_fault(tmp_path: Path) -> None:
    channel = OutboxChannel(tmp_path / "out")
    (tmp_path / "out").rmdir()
    assert await channel.hand_over(a_parcel()) == Outcome(Result.NOT_SENT, None, Cause.TEMPORARY)


@pytest.mark.parametrize("reference", ["../../etc/passwd", f"{KEY}.0", f"{KEY}", f"{KEY}.1.eml"])
async def test_a_reference_cannot_lead_out_of_the_folder(tmp_path: Path, reference: str) -> None:
    with pytest.raises(ValueError, match="a reference is a message key"):
        await OutboxChannel(tmp_path).probe(reference)


async def test_the_null_channel_takes_everything() -> None:
    channel = NullChannel()
    assert (await channel.hand_over(a_parcel())).result is Result.ACCEPTED
    assert await channel.probe(f"{KEY}.1") is None
    await channel.close()
    assert channel.taken == 1
