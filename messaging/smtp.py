"""Mail over SMTP, command by command, so that it is always known how far a hand-over came.

Until DATA nothing can have arrived, and another try is free; after DATA only the server's reply
tells, and without one the outcome is unknown (RFC 1047). What follows that reply, a refused QUIT or
a dropped connection, changes nothing any more.
"""

import asyncio
import re
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import aiosmtplib

from messaging.channel import Cause, Outcome, Parcel, Result
from messaging.replies import Phase, lost, outcome_of
from messaging.smtp_server import Encryption, SmtpServer
from schemas.letters import BARE_ADDRESS

_FAREWELL = 1.0
"""Seconds that a server gets to answer a QUIT."""


@dataclass
class _Progress:
    """How far one hand-over has come."""

    phase: Phase = Phase.CONNECT


@dataclass
class _Line:
    """One connection; ``untidy`` while the server still holds a transaction that it declined."""

    client: aiosmtplib.SMTP
    untidy: bool = False


class SmtpChannel:
    """Hands mail to one server over a few connections, which it keeps for the next parcels.

    Attributes:
        name: How the ledger names the channel.

    Args:
        deadline: Within this a hand-over returns, the wait for a free connection included; it must
            be shorter than the lease of the row and the caller's own deadline.
        connections: How many hand-overs talk to the server at once; more of them wait.

    """

    name = "smtp"

    def __init__(
        self,
        server: SmtpServer,
        *,
        deadline: timedelta = timedelta(seconds=20),
        connections: int = 4,
    ) -> None:
        self._server = server
        self._deadline = deadline.total_seconds()
        self._slots = asyncio.Semaphore(connections)
        self._idle: list[_Line] = []
        self._hello = server.hello or socket.gethostname()
        self._tls = (
            None
            if server.encryption is Encryption.NONE
            else ssl.create_default_context(cafile=server.ca_file)
        )

    async def hand_over(self, parcel: Parcel) -> Outcome:
        """Try once to pass a parcel on; see :class:`messaging.channel.Channel`.

        A kept connection that the server has closed meanwhile costs nothing: before DATA the
        parcel goes over another one. When cancelled it drops the connection at once. An address
        that could say more than one recipient never reaches the server.
        """
        if not re.fullmatch(BARE_ADDRESS, parcel.recipient):
            return Outcome(Result.REFUSED, None, Cause.BAD_ADDRESS)
        if not re.fullmatch(BARE_ADDRESS, parcel.sender):
            return Outcome(Result.NOT_SENT, None, Cause.SENDER_FAULT)
        progress = _Progress()
        try:
            async with asyncio.timeout(self._deadline), self._slots:
                return await self._deliver(parcel, progress)
        except TimeoutError:
            return lost(progress.phase, Cause.DEADLINE)

    async def probe(self, reference: str) -> Outcome | None:
        """Return nothing: SMTP cannot be asked what became of a message (M09)."""
        return None

    async def close(self) -> None:
        """Say goodbye on the kept connections; what the server makes of it does not matter."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_leave(line.client) for line in idle))

    async def _deliver(self, parcel: Parcel, progress: _Progress) -> Outcome:
        while self._idle:
            line = self._idle.pop()
            if line.client.is_connected:
                outcome = await self._use(line, parcel, progress)
                if not _went_stale(outcome, progress.phase):
                    return outcome
        progress.phase = Phase.CONNECT
        line = _Line(self._new_client())
        return await self._connect(line.client) or await self._use(line, parcel, progress)

    def _new_client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            local_hostname=self._hello,
            timeout=None,
            use_tls=server.encryption is Encryption.FROM_THE_START,
            start_tls=server.encryption is Encryption.STARTTLS,
            tls_context=self._tls,
        )

    async def _connect(self, client: aiosmtplib.SMTP) -> Outcome | None:
        """Connect, encrypt and log in; return an outcome only where that did not work."""
        try:
            await client.connect()
        except aiosmtplib.SMTPAuthenticationError as reply:
            return outcome_of(Phase.LOGIN, reply.code, reply.message)
        except aiosmtplib.SMTPResponseException as reply:
            return outcome_of(Phase.CONNECT, reply.code, reply.message)
        except OSError as error:  # the library's own errors of the connection are OSErrors
            untrusted = (error, error.__cause__)
            if any(isinstance(each, ssl.SSLCertVerificationError) for each in untrusted):
                return Outcome(Result.NOT_SENT, None, Cause.SENDER_FAULT)
            return lost(Phase.CONNECT, Cause.DISCONNECTED)
        except aiosmtplib.SMTPException:  # it offers no login, or no encryption
            return Outcome(Result.NOT_SENT, None, Cause.SENDER_FAULT)
        return None

    async def _use(self, line: _Line, parcel: Parcel, progress: _Progress) -> Outcome:
        """Talk over a connection, and keep it if it can serve the next parcel."""
        try:
            outcome = await _talk(line, parcel, progress)
        except BaseException:
            _drop(line.client)
            raise
        if outcome.code is None or outcome.code == aiosmtplib.SMTPStatus.domain_unavailable:
            _drop(line.client)
        elif line.client.is_connected:
            line.untidy = outcome.result is not Result.ACCEPTED
            self._idle.append(line)
        return outcome


async def _talk(line: _Line, parcel: Parcel, progress: _Progress) -> Outcome:
    """Go through the commands of one message, noting each phase before it begins."""
    client = line.client
    try:
        progress.phase = Phase.MAIL
        if line.untidy:
            await client.rset()
        await client.mail(parcel.sender)
        progress.phase = Phase.RCPT
        await client.rcpt(parcel.recipient)
        progress.phase = Phase.DATA
        reply = await client.data(parcel.content)
        return outcome_of(Phase.DATA, reply.code, reply.message)
    except aiosmtplib.SMTPResponseException as refusal:
        return outcome_of(progress.phase, refusal.code, refusal.message)
    except (aiosmtplib.SMTPException, OSError):
        return lost(progress.phase, Cause.DISCONNECTED)


def _went_stale(outcome: Outcome, phase: Phase) -> bool:
    """Return whether a kept connection had come to its end, so that a new one is worth a try."""
    gone = outcome.cause in {Cause.DISCONNECTED, Cause.SLOW_DOWN} and outcome.code in {None, 421}
    return gone and phase < Phase.DATA


async def _leave(client: aiosmtplib.SMTP) -> None:
    with suppress(aiosmtplib.SMTPException, OSError):
        async with asyncio.timeout(_FAREWELL):
            await client.quit()
    _drop(client)


def _drop(client: aiosmtplib.SMTP) -> None:
    """End a connection without a word, with nothing more of a message going out."""
    transport = client.transport
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
    client.close()
