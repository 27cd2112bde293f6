"""A channel that writes each parcel as a file into a folder, from which something else takes it."""

import asyncio
import os
import re
from contextlib import suppress
from pathlib import Path

from messaging.channel import Cause, Outcome, Parcel, Result

_REFERENCE = re.compile(r"[0-9a-f]{32}\.[1-9][0-9]{0,8}")


class OutboxChannel:
    """Writes ``{reference}.eml``; unlike SMTP it can say later what became of a hand-over.

    A file appears whole or not at all, and writing it again changes nothing. Whoever takes files
    away should move them into ``taken/`` below the folder, where a probe still finds them.

    Attributes:
        name: How the ledger names the channel.

    """

    name = "outbox"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def hand_over(self, parcel: Parcel) -> Outcome:
        """Write a parcel; it is accepted once it lies on the disk."""
        return await asyncio.to_thread(self._write, parcel)

    async def probe(self, reference: str) -> Outcome | None:
        """Say whether an earlier hand-over was completed (M09)."""
        found = await asyncio.to_thread(self._find, reference)
        return Outcome(Result.ACCEPTED if found else Result.NOT_SENT)

    async def close(self) -> None:
        """Do nothing: nothing is held open."""

    def _write(self, parcel: Parcel) -> Outcome:
        if self._find(parcel.reference):
            return Outcome(Result.ACCEPTED)
        path = self._folder / f"{parcel.reference}.eml"
        draft = path.with_suffix(".part")
        try:
            with draft.open("wb") as file:
                file.write(parcel.content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            _sync_folder(self._folder)
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            return Outcome(Result.NOT_SENT, None, Cause.TEMPORARY)
        return Outcome(Result.ACCEPTED)

    def _find(self, reference: str) -> bool:
        if not _REFERENCE.fullmatch(reference):
            raise ValueError("a reference is a message key, a full stop and a number")
        name = f"{reference}.eml"
        return (self._folder / name).exists() or (self._folder / "taken" / name).exists()


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
