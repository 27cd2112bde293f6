"""A real mail server that keeps what it gets: SMTP on one side, a Maildir on the other.

It takes mail for anybody and passes none on. A mail is answered 250 once it lies in ``new/`` under
its own name, so that a killed catcher loses nothing it has accepted; it does not wait for the disk,
so a power cut may. ``copies`` counts the mails by message, which is how a duplicate is found
without believing the ledger.
"""

import argparse
import asyncio
import itertools
import logging
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from rehearsal.script import Stretch
from runtime.logs import configure_logs

log = structlog.get_logger()

_KEY_HEADER = re.compile(rb"^X-Drumbeat-Key:[ \t]*([0-9a-f]{32})[ \t]*\r?$", re.M | re.I)
_KEY_IN_NAME = re.compile(r",K=([0-9a-f]{32})(?=[,:]|$)")
_HEADER_LIMIT = 32 * 1024
_GRACE = 2.0
"""Seconds that mails under way get to come in when the catcher is told to stop."""


class Maildir:
    """The folder that mails are kept in; names carry the message's key, as ``,K=``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def keep(self, content: bytes) -> None:
        """Put a mail into ``new/``, whole or not at all."""
        key = _key_of(content)
        name = f"{time.time_ns()}.P{os.getpid()}Q{next(self._numbers)}.drumbeat"
        name += f",K={key}" if key else ""
        draft = self._folder / "tmp" / name
        draft.write_bytes(content)
        draft.rename(self._folder / "new" / name)


NOBODY = "bad-address-"
"""Begins the addresses that the catcher refuses, so that a sample can have some."""


class MailCatcher:
    """The server: listens, keeps, and stops without cutting off a mail."""

    def __init__(self, maildir: Path, busy: Sequence[Stretch] = ()) -> None:
        """Keep mail in ``maildir``, but while the server has too much to do, in real time."""
        self._maildir = Maildir(maildir)
        self._busy = tuple(busy)
        self._sessions: set[_CatcherSession] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen, on a port of the system's choice if ``port`` is 0; return the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _CatcherSession(self, self._sessions), host, port
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Take no more mail, let those under way come in, and hang up."""
        if self._server is None:
            return
        self._server.close()
        deadline = asyncio.get_running_loop().time() + _GRACE
        while self._sessions and asyncio.get_running_loop().time() < deadline:
            for session in [each for each in self._sessions if not each.takes_a_mail]:
                session.hang_up()
            await asyncio.sleep(0.01)
        for session in list(self._sessions):
            session.hang_up()
        await self._server.wait_closed()

    async def handle_MAIL(  # noqa: N802 (the library calls it by this name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a mail on, or put it off as a server does that is too busy (M11)."""
        if any(one.covers(datetime.now(UTC)) for one in self._busy):
            return "421 4.3.2 too busy now, try again later"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 taken"

    async def handle_RCPT(  # noqa: N802 (the library calls it by this name)
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Take every address but those that say themselves that nobody reads them (M11)."""
        if address.startswith(NOBODY):
            return "550 5.1.1 nobody has this address"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 taken"

    async def handle_DATA(  # noqa: N802 (the library calls it by this name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail and say so."""
        try:
            self._maildir.keep(envelope.original_content or b"")
        except OSError:
            log.exception("mail.not_kept")
            return "452 4.3.1 there is no room for this mail now"
        return "250 2.0.0 kept"


class _CatcherSession(SMTP):
    """One connection, which knows whether a mail is just coming in over it."""

    def __init__(self, catcher: MailCatcher, sessions: "set[_CatcherSession]") -> None:
        super().__init__(catcher, enable_SMTPUTF8=True, hostname="localhost", ident="Drumbeat")
        self._sessions = sessions

    @property
    def takes_a_mail(self) -> bool:
        return self.envelope is not None and self.envelope.mail_from is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._sessions.discard(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.close()


def copies(maildir: Path) -> Counter[str]:
    """Return how many mails there are of each message key; mails without a key do not count.

    Names tell it where the catcher wrote them; of a mail that something else put there the header
    is read. A folder that does not exist yet holds no mail.
    """
    found: Counter[str] = Counter()
    for folder in (maildir / "new", maildir / "cur"):
        if not folder.is_dir():
            continue
        with os.scandir(folder) as entries:
            for entry in entries:
                named = _KEY_IN_NAME.search(entry.name)
                key = named[1] if named else _key_in_file(Path(entry.path))
                if key:
                    found[key] += 1
    return found


def _key_in_file(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return _key_of(file.read(_HEADER_LIMIT))
    except FileNotFoundError:  # a mail reader has just moved it
        return None


def _key_of(content: bytes) -> str | None:
    """Return the message key in a mail's header, never one that stands in its body."""
    header = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[0]
    found = _KEY_HEADER.search(header)
    return found[1].decode("ascii").lower() if found else None


async def run(maildir: Path, host: str, port: int, busy: Sequence[Stretch] = ()) -> None:
    """Catch mail until the process is told to stop."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, told.set)
    catcher = MailCatcher(maildir, busy)
    bound = await catcher.start(host, port)
    log.info("mail_catcher.started", host=host, port=bound)
    await told.wait()
    await catcher.stop()
    log.info("mail_catcher.stopped")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the catcher as ``python -m rehearsal.mail_catcher --maildir DIR --port N``."""
    parser = argparse.ArgumentParser(description="Catch mail by SMTP and keep it as a Maildir.")
    parser.add_argument("--maildir", type=Path, required=True, help="the folder to keep mail in")
    parser.add_argument("--port", type=int, required=True, help="where to listen; 0: any free port")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument(
        "--busy",
        nargs=2,
        action="append",
        default=[],
        type=datetime.fromisoformat,
        metavar=("FROM", "UNTIL"),
        help="instants, with their offset, between which it answers 421",
    )
    options = parser.parse_args(arguments)
    configure_logs()
    # The library logs who mails whom; nothing below an error of its own is of use here.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    busy = [Stretch(*one) for one in options.busy]
    asyncio.run(run(options.maildir, options.host, options.port, busy))


if __name__ == "__main__":
    main()
