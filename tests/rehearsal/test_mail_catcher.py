"""The mail catcher as a real server, in this process and in one of its own."""

import asyncio
import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from messaging.channel import Cause, Outcome, Parcel, Result
from messaging.mail import compose
from messaging.smtp import SmtpChannel
from messaging.smtp_server import SmtpServer
from rehearsal.mail_catcher import MailCatcher, Maildir, copies
from rehearsal.script import Stretch
from tests.messaging.letters import a_letter

ROOT = Path(__file__).parents[2]
ACCEPTED = Outcome(Result.ACCEPTED, 250)


def a_key(number: int) -> str:
    return f"{number:032x}"


def a_parcel(number: int) -> Parcel:
    letter = a_letter(key=a_key(number))
    return Parcel(
        letter.key,
        letter.reference,
        letter.sender.address,
        letter.recipient.address,
        compose(letter),
    )


@asynccontextmanager
async def caught(maildir: Path, *busy: Stretch) -> AsyncIterator[SmtpChannel]:
    """Yield a channel to a catcher that keeps its mail there."""
    catcher = MailCatcher(maildir, busy)
    port = await catcher.start("127.0.0.1", 0)
    channel = SmtpChannel(SmtpServer("127.0.0.1", port))
    try:
        yield channel
    finally:
        await channel.close()
        await catcher.stop()


async def test_what_is_handed_over_lies_in_the_maildir(tmp_path: Path) -> None:
    async with caught(tmp_path) as channel:
        assert await channel.hand_over(a_parcel(1)) == ACCEPTED
    (path,) = (tmp_path / "new").iterdir()
    assert path.read_bytes() == a_parcel(1).content
    assert list((tmp_path / "tmp").iterdir()) == []


async def test_an_address_that_nobody_has_is_refused(tmp_path: Path) -> None:
    """M11: the sample has a ward with bad addresses only, and the refusal is for good."""
    parcel = replace(a_parcel(1), recipient="bad-address-sl-35@kestrel-coast.nhs.example")
    async with caught(tmp_path) as channel:
        refused = await channel.hand_over(parcel)

    assert (refused.result, refused.cause, refused.code) == (Result.REFUSED, Cause.BAD_ADDRESS, 550)
    assert not copies(tmp_path)


async def test_a_catcher_that_is_busy_puts_mail_off(tmp_path: Path) -> None:
    """M11: 421 is no refusal, and nothing is kept."""
    now = datetime.now(UTC)
    busy = Stretch(now - timedelta(minutes=1), now + timedelta(hours=1))
    async with caught(tmp_path, busy) as channel:
        outcome = await channel.hand_over(a_parcel(1))
    assert (outcome.result, outcome.code) == (Result.NOT_SENT, 421)
    assert outcome.cause is Cause.SLOW_DOWN
    assert not copies(tmp_path)


async def test_copies_are_counted_by_message(tmp_path: Path) -> None:
    async with caught(tmp_path) as channel:
        for number in (1, 2, 1, 1):
            await channel.hand_over(a_parcel(number))
    assert copies(tmp_path) == Counter({a_key(1): 3, a_key(2): 1})


async def test_a_catcher_that_starts_again_goes_on_with_its_maildir(tmp_path: Path) -> None:
    for _ in range(2):
        async with caught(tmp_path) as channel:
            await channel.hand_over(a_parcel(1))
    assert copies(tmp_path) == Counter({a_key(1): 2})


async def test_many_connections_at_once_lose_nothing(tmp_path: Path) -> None:
    async with caught(tmp_path) as channel:
        outcomes = await asyncio.gather(*(channel.hand_over(a_parcel(n)) for n in range(200)))
    assert outcomes == [ACCEPTED] * 200
    assert set(copies(tmp_path).values()) == {1}
    assert len(copies(tmp_path)) == 200


async def test_a_full_disk_is_a_passing_fault(tmp_path: Path) -> None:
    async with caught(tmp_path) as channel:
        (tmp_path / "tmp").rmdir()
        outcome = await channel.hand_over(a_parcel(1))
        assert (outcome.result, outcome.code) == (Result.NOT_SENT, 452)
        (tmp_path / "tmp").mkdir()
        assert await channel.hand_over(a_parcel(1)) == ACCEPTED


def test_a_maildir_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert copies(tmp_path / "mail") == Counter()


def test_mail_that_something_else_put_there_is_counted_by_its_header(tmp_path: Path) -> None:
    Maildir(tmp_path)
    read = tmp_path / "cur" / "1725350700.12345_1.host:2,S"
    read.write_bytes(compose(a_letter(key=a_key(7))))
    plain = b"Subject: x\r\n\r\nX-Drumbeat-Key: " + a_key(8).encode() + b"\r\n"
    (tmp_path / "new" / "1725350701.12345_2.host").write_bytes(plain)
    assert copies(tmp_path) == Counter({a_key(7): 1})


def test_a_mail_that_a_reader_has_moved_keeps_its_key(tmp_path: Path) -> None:
    Maildir(tmp_path).keep(a_parcel(7).content)
    (path,) = (tmp_path / "new").iterdir()
    path.rename(tmp_path / "cur" / f"{path.name}:2,RS")
    assert copies(tmp_path) == Counter({a_key(7): 1})


def test_a_body_that_shows_a_key_does_not_become_one(tmp_path: Path) -> None:
    Maildir(tmp_path).keep(b"Subject: x\r\n\r\nX-Drumbeat-Key: " + a_key(1).encode() + b"\r\n")
    assert copies(tmp_path) == Counter()


def test_ten_thousand_mails_are_counted_in_two_seconds(tmp_path: Path) -> None:
    maildir = Maildir(tmp_path)
    for number in range(10_000):
        maildir.keep(f"X-Drumbeat-Key: {a_key(number % 9_000)}\r\n\r\nhi\r\n".encode())
    began = time.monotonic()
    counted = copies(tmp_path)
    assert time.monotonic() - began < 2
    assert counted.total() == 10_000
    assert sum(number > 1 for number in counted.values()) == 1_000


async def started(maildir: Path) -> tuple[asyncio.subprocess.Process, int]:
    """Start the catcher as a process and return it with its port, which it logs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rehearsal.mail_catcher", "--maildir", str(maildir), "--port", "0"),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    line = await asyncio.wait_for(process.stderr.readline(), 30)
    found = re.search(rb'"port":\s*(\d+)', line)
    assert found is not None, line
    return process, int(found[1])


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
async def test_a_catcher_told_to_stop_lets_the_mail_under_way_come_in(
    tmp_path: Path, sign: signal.Signals
) -> None:
    process, port = await started(tmp_path)
    idle_reader, idle_writer = await asyncio.open_connection("127.0.0.1", port)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await idle_reader.readline()
    await reader.readline()
    for command in ("EHLO me", "MAIL FROM:<o@d.example>", "RCPT TO:<l@n.example>", "DATA"):
        writer.write(command.encode() + b"\r\n")
        while (await reader.readline())[3:4] == b"-":
            pass
    process.send_signal(sign)
    assert await idle_reader.read() == b""
    writer.write(a_parcel(5).content + b".\r\n")
    assert (await reader.readline()).startswith(b"250")
    assert await asyncio.wait_for(process.wait(), 10) == 0
    for each in (writer, idle_writer):
        each.close()
    assert copies(tmp_path) == Counter({a_key(5): 1})


async def test_a_killed_catcher_has_what_it_accepted(tmp_path: Path) -> None:
    process, port = await started(tmp_path)
    channel = SmtpChannel(SmtpServer("127.0.0.1", port))
    for number in range(20):
        assert await channel.hand_over(a_parcel(number)) == ACCEPTED
    process.kill()
    await process.wait()
    await channel.close()
    assert len(copies(tmp_path)) == 20
