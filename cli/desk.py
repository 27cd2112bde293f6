"""What a command works with: settings, the database, the programme, and paper to write on."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from rich.console import Console

from cli.faults import ExitCode, FaultError

if TYPE_CHECKING:  # loading these takes longer than `drumbeat --help` may
    from sqlalchemy.orm import Session

    from runtime.programme import Programme
    from runtime.settings import Settings
    from schemas.base import Record
    from storage.database import Database

WIDTH = 100
"""Columns of every output that does not go to a terminal."""

Opener = Callable[["Settings"], AbstractAsyncContextManager["Programme"]]


class Desk:
    """Gives a command what it needs, each thing when it is first asked for."""

    def __init__(
        self,
        open_programme: Opener | None = None,
        out: Console | None = None,
        errors: Console | None = None,
        real_now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Set up a desk; tests put their own programme, paper and clock on it."""
        self.var: Path | None = None
        self.out = out or _console()
        self.errors = errors or _console(stderr=True)
        self._open_programme = open_programme or _open_programme
        self._real_now = real_now

    @cached_property
    def settings(self) -> "Settings":
        """The settings of this process, with the folder that ``--var`` names."""
        from runtime.settings import SettingsError, load_settings

        try:
            return load_settings() if self.var is None else load_settings(var=self.var)
        except SettingsError as error:
            raise FaultError(str(error), ExitCode.USAGE) from None

    @cached_property
    def database(self) -> "Database":
        """The database, which must be there already."""
        from storage.database import Database

        url = self.settings.database_url
        path = url.removeprefix("sqlite:///")
        if path != url and not Path(path).is_file():
            raise FaultError(
                f"There is no database at {path} yet: drumbeat database upgrade makes one,"
                " and so does make up; --var DIR names another folder.",
                ExitCode.UNREACHABLE,
            )
        return Database(url, full_sync=self.settings.full_sync)

    def close(self) -> None:
        """Give back what was opened."""
        if "database" in self.__dict__:
            self.database.close()

    @contextmanager
    def reading(self) -> "Iterator[Session]":
        """Give a session for reads; what is wrong with the database is told in a sentence."""
        from sqlalchemy.exc import DBAPIError

        try:
            with self.database.reading() as rows:
                yield rows
        except DBAPIError as error:
            raise about_database(error) from error

    @contextmanager
    def writing(self) -> "Iterator[Session]":
        """Give a transaction, for the few facts that belong to no course."""
        from sqlalchemy.exc import DBAPIError

        try:
            with self.database.transaction() as rows:
                yield rows
        except DBAPIError as error:
            raise about_database(error) from error

    def now(self, rows: "Session") -> datetime:
        """Return what time it is for the programme."""
        from storage.installation import installation

        try:
            return installation(rows).clock.programme_time(self._real_now())
        except LookupError as error:
            raise FaultError(f"{_sentence(error)}", ExitCode.UNREACHABLE) from None

    def real_now(self) -> datetime:
        """Return the real time, UTC."""
        return self._real_now()

    @asynccontextmanager
    async def programme(self) -> "AsyncIterator[Programme]":
        """Open the door; a refusal and an engine that is down become faults."""
        from sqlalchemy.exc import DBAPIError

        from runtime.asking import EngineDown, Refused
        from runtime.logs import configure_logs

        configure_logs("warning", self.settings.log_format)
        try:
            async with self._open_programme(self.settings) as programme:
                yield programme
        except Refused as error:
            raise FaultError(str(error)) from None
        except EngineDown as error:
            raise FaultError(str(error), ExitCode.UNREACHABLE) from None
        except DBAPIError as error:
            raise about_database(error) from error

    def say(self, *lines: str) -> None:
        """Write lines; a long one goes on in the next."""
        for line in lines:
            _write(self.out, line)

    def json(self, said: "Record | list[Any] | dict[str, Any]") -> None:
        """Write JSON: instants in UTC, enumerations as their codes."""
        from pydantic import TypeAdapter

        content = TypeAdapter(Any).dump_python(said, mode="json")
        text = json.dumps(content, ensure_ascii=False, indent=2)
        self.out.file.write(f"{text}\n")

    def complain(self, sentence: str) -> None:
        """Write to standard error why nothing, or not all, was done."""
        for line in sentence.splitlines():
            _write(self.errors, line)


def _open_programme(settings: "Settings") -> "AbstractAsyncContextManager[Programme]":
    from runtime.door import open_programme

    return open_programme(settings)


def _console(*, stderr: bool = False) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDTH
    return console


def harmless(text: object) -> str:
    """Return a text without control characters: a name must not be able to steer a terminal."""
    return _CONTROLS.sub(" ", str(text))


_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def _write(console: Console, line: str) -> None:
    """Write a line, broken between words where it is longer than the paper is wide."""
    folded = wrap(harmless(line), console.width, break_long_words=False, break_on_hyphens=False)
    console.file.write("\n".join(folded or [""]) + "\n")


def _sentence(error: Exception) -> str:
    text = str(error).strip("'\"")
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def about_database(error: Exception) -> FaultError:
    """Return what is wrong with a database that does not answer as it should."""
    return FaultError(_about_database(error), ExitCode.UNREACHABLE)


def _about_database(error: Exception) -> str:
    said = str(getattr(error, "orig", error)).lower()
    if any(words in said for words in ("no such table", "no such column", "does not exist")):
        return (
            "The database is not prepared for this version: drumbeat database check tells how it"
            " differs, and drumbeat database upgrade brings it up to date."
        )
    if "locked" in said:
        return "The database is busy: another process has been writing for long. Try again."
    return (
        "The database cannot be reached: see that it runs and that DRUMBEAT_DATABASE_URL is right."
    )
