"""A mail server that does wrong on request: at any phase it declines, drops, stalls or is slow.

It speaks just enough SMTP for a real client, and notes every command and every mail it stored, so
that a test can tell what truly arrived from what the client believes.
"""

import asyncio
import base64
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

CERTIFICATE = Path(__file__).parent / "messaging" / "localhost.pem"
USERNAME, PASSWORD = "programme-office", "correct horse"

Phase = Literal["greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body", "quit"]


@dataclass(frozen=True)
class Answer:
    """What the server does instead of what it should.

    Attributes:
        reply: The line it says; nothing if empty.
        wait: Seconds before that.
        stores: Whether it keeps the mail all the same (phase ``body``).
        hangs_up: Whether it drops the connection then.

    """

    reply: str = ""
    wait: float = 0.0
    stores: bool = False
    hangs_up: bool = False


DROP = Answer(hangs_up=True)
STALL = Answer(wait=3600)
STORE_AND_DROP = Answer(stores=True, hangs_up=True)
STORE_AND_STALL = Answer(stores=True, wait=3600)
KEPT_THEN_DROP = Answer("250 2.0.0 kept", stores=True, hangs_up=True)


@dataclass(frozen=True)
class StoredMail:
    """One mail as it arrived."""

    sender: str
    recipient: str
    content: bytes
    connection: int


@dataclass
class _Conversation:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int
    sender: str = ""
    recipient: str = ""
    encrypted: bool = False


class _HungUpError(Exception):
    """The server has had enough."""


@dataclass
class FaultServer:
    """Listens while it is entered; ``faults`` are used up in order, phase by phase.

    Attributes:
        faults: What to do at the first, second, … time a phase comes; after that all is well.
        extensions: What EHLO offers.
        encrypted: Whether TLS begins with the connection.

    """

    faults: dict[Phase, list[Answer]] = field(default_factory=dict)
    extensions: Sequence[str] = ("8BITMIME", "SMTPUTF8")
    encrypted: bool = False
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    mails: list[StoredMail] = field(default_factory=list)
    port: int = 0
    _open: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, ssl=tls_context() if self.encrypted else None
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        await self.hang_up()
        await self._server.wait_closed()

    async def hang_up(self) -> None:
        """Drop every connection, as a restarted server does."""
        tasks = list(self._open)
        for task, writer in self._open.items():
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        self.connections += 1
        talk = _Conversation(reader, writer, self.connections, encrypted=self.encrypted)
        try:
            with suppress(_HungUpError, ConnectionError, asyncio.CancelledError):
                await self._answer(talk, "greeting", "220 localhost ready")
                while line := await reader.readline():
                    await self._obey(talk, line.decode("utf-8").rstrip("\r\n"))
        finally:
            del self._open[task]
            talk.writer.close()

    async def _obey(self, talk: _Conversation, command: str) -> None:
        self.commands.append(command)
        verbs: dict[str, Callable[[_Conversation, str], Awaitable[None]]] = {
            "EHLO": self._ehlo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "QUIT": self._quit,
        }
        verb, _, rest = command.partition(" ")
        if verb.upper() not in verbs:
            await self._say(talk, "500 5.5.1 no such command")
            return
        await verbs[verb.upper()](talk, rest)

    async def _ehlo(self, talk: _Conversation, rest: str) -> None:
        lines = ["localhost", *self.extensions]
        text = "\r\n".join(f"250-{line}" for line in lines[:-1]) + f"\r\n250 {lines[-1]}"
        await self._answer(talk, "ehlo", text)

    async def _starttls(self, talk: _Conversation, rest: str) -> None:
        await self._answer(talk, "starttls", "220 2.0.0 go ahead")
        await talk.writer.start_tls(tls_context())
        talk.encrypted = True

    async def _auth(self, talk: _Conversation, rest: str) -> None:
        given = base64.b64decode(rest.split()[-1]).decode()
        right = given == f"\0{USERNAME}\0{PASSWORD}" and talk.encrypted
        await self._answer(talk, "auth", "235 2.7.0 welcome" if right else "535 5.7.8 no")

    async def _mail(self, talk: _Conversation, rest: str) -> None:
        if talk.sender:
            await self._say(talk, "503 5.5.1 one mail at a time")
            return
        if await self._answer(talk, "mail", "250 2.1.0 fine"):
            talk.sender = rest.removeprefix("FROM:<").rstrip(">")

    async def _rcpt(self, talk: _Conversation, rest: str) -> None:
        talk.recipient = ""
        if await self._answer(talk, "rcpt", "250 2.1.5 fine"):
            talk.recipient = rest.removeprefix("TO:<").rstrip(">")

    async def _data(self, talk: _Conversation, rest: str) -> None:
        if not talk.recipient:
            await self._say(talk, "503 5.5.1 for whom?")
            return
        if not await self._answer(talk, "data", "354 go on"):
            return
        content = (await talk.reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")
        mail = StoredMail(
            talk.sender, talk.recipient, content.replace(b"\r\n..", b"\r\n."), talk.number
        )
        fault = self._next_fault("body")
        if fault is None or fault.stores:
            self.mails.append(mail)
        talk.sender = talk.recipient = ""
        await self._do(talk, fault or Answer("250 2.0.0 kept"))

    async def _rset(self, talk: _Conversation, rest: str) -> None:
        talk.sender = talk.recipient = ""
        await self._say(talk, "250 2.0.0 forgotten")

    async def _quit(self, talk: _Conversation, rest: str) -> None:
        await self._answer(talk, "quit", "221 2.0.0 bye")
        raise _HungUpError

    def _next_fault(self, phase: Phase) -> Answer | None:
        waiting = self.faults.get(phase)
        return waiting.pop(0) if waiting else None

    async def _answer(self, talk: _Conversation, phase: Phase, usual: str) -> bool:
        """Do what is planned for a phase or say the usual; return whether it was the usual."""
        fault = self._next_fault(phase)
        await self._do(talk, fault or Answer(usual))
        return fault is None

    async def _do(self, talk: _Conversation, answer: Answer) -> None:
        if answer.wait:
            await asyncio.sleep(answer.wait)
        if answer.reply:
            await self._say(talk, answer.reply)
        if answer.hangs_up:
            if answer.reply:
                talk.writer.close()
            else:
                talk.writer.transport.abort()
            raise _HungUpError

    async def _say(self, talk: _Conversation, line: str) -> None:
        talk.writer.write(line.encode() + b"\r\n")
        await talk.writer.drain()


def tls_context() -> ssl.SSLContext:
    """Return what a server needs to speak TLS as ``localhost``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context
