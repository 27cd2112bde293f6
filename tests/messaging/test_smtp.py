"""SMTP hand-overs in real dialogue with a server that does wrong on request."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest

from messaging.channel import Cause, Outcome, Parcel, Result
from messaging.mail import compose
from messaging.smtp import SmtpChannel
from messaging.smtp_server import smtp_server
from tests.messaging.letters import a_letter
from tests.smtp_fault_server import (
    CERTIFICATE,
    DROP,
    KEPT_THEN_DROP,
    STALL,
    STORE_AND_DROP,
    STORE_AND_STALL,
    Answer,
    FaultServer,
    Phase,
)

KEY = "0123456789abcdef0123456789abcdef"
ACCEPTED = Outcome(Result.ACCEPTED, 250)
DEADLINE = timedelta(seconds=5)
SOON = timedelta(seconds=0.3)


def a_parcel(number: int = 1, recipient: str = "lead@northmoor.nhs.example") -> Parcel:
    return Parcel(
        KEY,
        f"{KEY}.{number}",
        "office@drumbeat.example",
        recipient,
        b"Subject: x\r\n\r\n.\r\nhi\r\n",
    )


def a_channel(
    server: FaultServer, deadline: timedelta = DEADLINE, connections: int = 1
) -> SmtpChannel:
    there = smtp_server(f"smtp://127.0.0.1:{server.port}")
    return SmtpChannel(there, deadline=deadline, connections=connections)


async def handed_over(
    server: FaultServer, parcels: Sequence[Parcel] = (a_parcel(),), deadline: timedelta = DEADLINE
) -> list[Outcome]:
    """Hand parcels over one after the other on one channel."""
    channel = a_channel(server, deadline)
    try:
        return [await channel.hand_over(parcel) for parcel in parcels]
    finally:
        await channel.close()


def not_sent(code: int | None, cause: Cause) -> Outcome:
    return Outcome(Result.NOT_SENT, code, cause)


async def test_a_mail_arrives_as_it_was_given() -> None:
    async with FaultServer() as server:
        assert await handed_over(server) == [ACCEPTED]
    (mail,) = server.mails
    assert (mail.sender, mail.recipient) == (
        "office@drumbeat.example",
        "lead@northmoor.nhs.example",
    )
    assert mail.content == a_parcel().content


@pytest.mark.parametrize(
    ("phase", "reply", "outcome"),
    [
        ("greeting", "421 4.3.2 busy", not_sent(421, Cause.SLOW_DOWN)),
        ("greeting", "450 4.3.2 not now", not_sent(450, Cause.TEMPORARY)),
        ("greeting", "554 5.7.1 you are blocked", not_sent(554, Cause.SENDER_FAULT)),
        ("ehlo", "421 4.3.2 busy", not_sent(421, Cause.SLOW_DOWN)),
        ("mail", "421 4.3.2 busy", not_sent(421, Cause.SLOW_DOWN)),
        ("mail", "450 4.2.0 later", not_sent(450, Cause.TEMPORARY)),
        ("mail", "451 4.7.0 too fast", not_sent(451, Cause.SLOW_DOWN)),
        ("mail", "530 5.7.0 log in first", not_sent(530, Cause.SENDER_FAULT)),
        ("mail", "550 5.1.8 who are you", not_sent(550, Cause.SENDER_FAULT)),
        ("rcpt", "421 4.3.2 busy", not_sent(421, Cause.SLOW_DOWN)),
        ("rcpt", "450 4.2.1 later", not_sent(450, Cause.TEMPORARY)),
        ("rcpt", "451 4.3.0 slower please", not_sent(451, Cause.SLOW_DOWN)),
        ("rcpt", "550 5.1.1 nobody here", Outcome(Result.REFUSED, 550, Cause.BAD_ADDRESS)),
        ("rcpt", "550 nobody here", Outcome(Result.REFUSED, 550, Cause.BAD_ADDRESS)),
        ("rcpt", "550 5.4.4 no route", not_sent(550, Cause.TEMPORARY)),
        ("rcpt", "550 5.7.1 policy", not_sent(550, Cause.SENDER_FAULT)),
        ("data", "451 4.3.0 slower please", not_sent(451, Cause.SLOW_DOWN)),
        ("data", "554 5.5.1 no", Outcome(Result.REFUSED, 554)),
        ("body", "421 4.3.2 busy", not_sent(421, Cause.SLOW_DOWN)),
        ("body", "452 4.3.1 disk full", not_sent(452, Cause.TEMPORARY)),
        ("body", "550 5.7.1 policy", not_sent(550, Cause.SENDER_FAULT)),
        ("body", "554 5.6.0 I do not like it", Outcome(Result.REFUSED, 554)),
    ],
)
async def test_each_reply_has_its_meaning(phase: Phase, reply: str, outcome: Outcome) -> None:
    """M11: bad address, temporary, sender's fault and too fast are told apart, phase by phase."""
    async with FaultServer({phase: [Answer(reply)]}) as server:
        assert await handed_over(server) == [outcome]
    assert server.mails == []


@pytest.mark.parametrize("phase", ["greeting", "ehlo", "mail", "rcpt"])
async def test_a_connection_lost_before_data_surely_sent_nothing(phase: Phase) -> None:
    """M11: the next try is free, whatever the kind of message."""
    async with FaultServer({phase: [DROP]}) as server:
        assert await handed_over(server) == [not_sent(None, Cause.DISCONNECTED)]
    assert server.mails == []


@pytest.mark.parametrize(("fault", "arrived"), [(DROP, 0), (STORE_AND_DROP, 1)])
async def test_a_connection_lost_after_data_is_unknown(fault: Answer, arrived: int) -> None:
    """M11: whether the server had stored it makes no difference that we could see."""
    async with FaultServer({"body": [fault]}) as server:
        assert await handed_over(server) == [Outcome(Result.UNKNOWN, None, Cause.DISCONNECTED)]
    assert len(server.mails) == arrived


@pytest.mark.parametrize("phase", ["greeting", "ehlo", "mail", "rcpt"])
async def test_a_stalled_server_is_left_at_the_deadline(phase: Phase) -> None:
    async with FaultServer({phase: [STALL]}) as server:
        began = time.monotonic()
        assert await handed_over(server, deadline=SOON) == [not_sent(None, Cause.DEADLINE)]
        assert time.monotonic() - began < 2


async def test_an_answer_slower_than_the_deadline_is_unknown() -> None:
    async with FaultServer({"body": [STORE_AND_STALL]}) as server:
        (outcome,) = await handed_over(server, deadline=SOON)
    assert outcome == Outcome(Result.UNKNOWN, None, Cause.DEADLINE)
    assert len(server.mails) == 1


async def test_an_answer_that_is_no_smtp_is_unknown_after_data_and_harmless_before() -> None:
    async with FaultServer({"body": [Answer("what?")], "rcpt": [Answer("eh?")]}) as server:
        before, after = await handed_over(server, [a_parcel(1), a_parcel(2)])
    assert before == not_sent(None, Cause.TEMPORARY)
    assert after == Outcome(Result.UNKNOWN, None, Cause.DISCONNECTED)


async def test_a_connection_dropped_after_the_250_was_accepted() -> None:
    async with FaultServer({"body": [KEPT_THEN_DROP]}) as server:
        assert await handed_over(server, [a_parcel(1), a_parcel(2)]) == [ACCEPTED, ACCEPTED]
    assert [mail.connection for mail in server.mails] == [1, 2]


@pytest.mark.parametrize("fault", [Answer("421 4.3.2 no"), Answer("500 what"), DROP, STALL])
async def test_what_becomes_of_the_quit_does_not_matter(fault: Answer) -> None:
    async with FaultServer({"quit": [fault]}) as server:
        began = time.monotonic()
        assert await handed_over(server) == [ACCEPTED]
        assert time.monotonic() - began < 3
    assert len(server.mails) == 1


async def test_one_connection_serves_many_mails() -> None:
    async with FaultServer() as server:
        outcomes = await handed_over(server, [a_parcel(n) for n in range(1, 6)])
    assert outcomes == [ACCEPTED] * 5
    assert server.connections == 1
    assert server.commands[-1] == "QUIT"


async def test_a_declined_mail_does_not_spoil_the_connection_for_the_next() -> None:
    async with FaultServer({"rcpt": [Answer("550 5.1.1 nobody")]}) as server:
        first, second = await handed_over(server, [a_parcel(1), a_parcel(2)])
    assert (first.result, second) == (Result.REFUSED, ACCEPTED)
    assert server.connections == 1


async def test_a_kept_connection_that_the_server_closed_costs_nothing() -> None:
    async with FaultServer() as server:
        channel = a_channel(server)
        assert await channel.hand_over(a_parcel(1)) == ACCEPTED
        await server.hang_up()
        assert await channel.hand_over(a_parcel(2)) == ACCEPTED
        await channel.close()
    assert len(server.mails) == 2


@pytest.mark.parametrize("phase", ["mail", "rcpt"])
@pytest.mark.parametrize("fault", [DROP, Answer("421 4.4.2 idle too long", hangs_up=True)])
async def test_a_kept_connection_that_ends_under_our_hands_costs_nothing(
    phase: Phase, fault: Answer
) -> None:
    async with FaultServer() as server:
        channel = a_channel(server)
        assert await channel.hand_over(a_parcel(1)) == ACCEPTED
        server.faults[phase] = [fault]
        assert await channel.hand_over(a_parcel(2)) == ACCEPTED
        await channel.close()
    assert [mail.connection for mail in server.mails] == [1, 2]


async def test_a_kept_connection_lost_after_data_is_not_tried_again() -> None:
    async with FaultServer() as server:
        channel = a_channel(server)
        assert await channel.hand_over(a_parcel(1)) == ACCEPTED
        server.faults["body"] = [STORE_AND_DROP]
        assert (await channel.hand_over(a_parcel(2))).result is Result.UNKNOWN
        await channel.close()
    assert len(server.mails) == 2


async def test_a_server_that_is_not_there_is_a_lost_connection() -> None:
    async with FaultServer() as server:
        pass
    assert await handed_over(server) == [not_sent(None, Cause.DISCONNECTED)]


async def test_so_many_hand_overs_at_once_use_so_many_connections() -> None:
    async with FaultServer() as server:
        channel = a_channel(server, connections=3)
        outcomes = await asyncio.gather(*(channel.hand_over(a_parcel(n)) for n in range(1, 31)))
        await channel.close()
    assert outcomes == [ACCEPTED] * 30
    assert server.connections == 3


async def test_waiting_for_a_connection_counts_towards_the_deadline() -> None:
    async with FaultServer({"body": [STORE_AND_STALL, STORE_AND_STALL]}) as server:
        channel = a_channel(server, deadline=SOON)
        first, second = await asyncio.gather(
            channel.hand_over(a_parcel(1)), channel.hand_over(a_parcel(2))
        )
        await channel.close()
    assert first == Outcome(Result.UNKNOWN, None, Cause.DEADLINE)
    assert second == not_sent(None, Cause.DEADLINE)


@pytest.mark.parametrize("phase", ["greeting", "rcpt", "body"])
async def test_a_cancelled_hand_over_stops_at_once(phase: Phase) -> None:
    async with FaultServer({phase: [STALL]}) as server:
        channel = a_channel(server)
        task = asyncio.create_task(channel.hand_over(a_parcel()))
        while server.faults.get(phase):
            await asyncio.sleep(0)
        began = time.monotonic()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()
        assert time.monotonic() - began < 0.5
        await channel.close()


async def test_a_plain_server_takes_names_in_any_script() -> None:
    """A server without 8BITMIME and SMTPUTF8 gets nothing but ASCII."""
    content = compose(a_letter(recipient_name="Zoë 李雷"))
    async with FaultServer(extensions=("SIZE 1000000",)) as server:
        parcel = Parcel(KEY, f"{KEY}.1", "office@drumbeat.example", "zoe@x.example", content)
        assert await handed_over(server, [parcel]) == [ACCEPTED]
    assert server.mails[0].content == content
    assert content.isascii()
    assert "MAIL FROM:<office@drumbeat.example>" in server.commands


@pytest.mark.parametrize(
    "address", ["zoë@x.example", "a@x.example>\r\nRCPT TO:<b@x.example", "a b@x"]
)
async def test_an_address_that_cannot_be_said_is_a_bad_one(address: str) -> None:
    async with FaultServer() as server:
        (outcome,) = await handed_over(server, [a_parcel(recipient=address)])
    assert outcome == Outcome(Result.REFUSED, None, Cause.BAD_ADDRESS)
    assert not any(command.startswith("RCPT") for command in server.commands)


async def test_smtp_cannot_tell_what_became_of_a_mail() -> None:
    """M09: a channel that cannot be asked says so, and no retry follows from it."""
    async with FaultServer() as server:
        assert await a_channel(server).probe(f"{KEY}.1") is None


LOGIN = "programme-office:correct%20horse@"


async def test_a_login_over_starttls() -> None:
    async with FaultServer(extensions=("STARTTLS", "AUTH PLAIN")) as server:
        url = f"smtp+starttls://{LOGIN}localhost:{server.port}?ca_file={CERTIFICATE}"
        channel = SmtpChannel(smtp_server(url), deadline=DEADLINE)
        assert await channel.hand_over(a_parcel()) == ACCEPTED
        await channel.close()


async def test_a_login_over_tls_from_the_start() -> None:
    async with FaultServer(extensions=("AUTH PLAIN",), encrypted=True) as server:
        url = f"smtps://{LOGIN}localhost:{server.port}?ca_file={CERTIFICATE}"
        channel = SmtpChannel(smtp_server(url), deadline=DEADLINE)
        assert await channel.hand_over(a_parcel()) == ACCEPTED
        await channel.close()


@pytest.mark.parametrize(
    ("login", "options", "extensions", "outcome"),
    [
        (
            "programme-office:wrong@",
            f"?ca_file={CERTIFICATE}",
            ("STARTTLS", "AUTH PLAIN"),
            not_sent(535, Cause.SENDER_FAULT),
        ),
        (LOGIN, f"?ca_file={CERTIFICATE}", ("STARTTLS",), not_sent(None, Cause.SENDER_FAULT)),
        (LOGIN, f"?ca_file={CERTIFICATE}", ("AUTH PLAIN",), not_sent(None, Cause.SENDER_FAULT)),
        (LOGIN, "", ("STARTTLS", "AUTH PLAIN"), not_sent(None, Cause.SENDER_FAULT)),
    ],
    ids=["wrong-password", "no-login-offered", "no-encryption-offered", "unknown-certificate"],
)
async def test_what_is_wrong_with_our_settings_stops_the_line(
    login: str, options: str, extensions: Sequence[str], outcome: Outcome
) -> None:
    """M11: a fault of the sender's is the channel's and never a message's."""
    async with FaultServer(extensions=extensions) as server:
        url = f"smtp+starttls://{login}localhost:{server.port}{options}"
        channel = SmtpChannel(smtp_server(url), deadline=DEADLINE)
        assert await channel.hand_over(a_parcel()) == outcome
        await channel.close()


async def test_a_login_that_is_declined_for_now_is_tried_again() -> None:
    faults: dict[Phase, list[Answer]] = {"auth": [Answer("454 4.7.0 later")]}
    async with FaultServer(faults, extensions=("AUTH PLAIN",), encrypted=True) as server:
        url = f"smtps://{LOGIN}localhost:{server.port}?ca_file={CERTIFICATE}"
        channel = SmtpChannel(smtp_server(url), deadline=DEADLINE)
        assert await channel.hand_over(a_parcel()) == not_sent(454, Cause.TEMPORARY)
        await channel.close()


async def test_an_outcome_quotes_neither_address_nor_server() -> None:
    """M15: what may be logged names nobody."""
    async with FaultServer(
        {"rcpt": [Answer("550 5.1.1 lead@northmoor.nhs.example gone")]}
    ) as server:
        (outcome,) = await handed_over(server)
    assert "northmoor" not in repr(outcome)
    assert "northmoor" not in repr(a_parcel())
