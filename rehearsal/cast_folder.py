"""A cast as a folder: sheets to bring in, and below ``script`` what everybody does."""

import csv
from dataclasses import dataclass
from pathlib import Path

from rehearsal.sample.writing import EXPECTED, SCRIPT
from rehearsal.script import ExpectationLine
from rehearsal.script_files import Script, read_answer_key, read_script
from schemas.imports import SheetKind
from schemas.people import Role

SCRIPT_FILES = ("eois.csv", "slots.csv", "events.csv", "answers.csv", "conduct.csv")
KEY = "cases.csv"
EVERYWHERE = "*"


class CastFault(Exception):  # noqa: N818 - said to a person as it is
    """A cast cannot be played; the text says what is wrong, where, and what to do."""


@dataclass(frozen=True)
class CastFolder:
    """The people of a rehearsal and what they do, as ``drumbeat sample`` writes them.

    Attributes:
        sheets: The folder with the sheets; ``script`` and ``expected`` lie below it.
        called: What a report calls it.
        has_key: Whether its answer key is for the edition that is played.

    """

    sheets: Path
    called: str = ""
    has_key: bool = True

    def clear(self) -> None:
        """Take away the sheets of another cast, which would otherwise play along."""
        for kind in SheetKind:
            (self.sheets / f"{kind}.csv").unlink(missing_ok=True)
        (self.sheets / EXPECTED / KEY).unlink(missing_ok=True)

    def coordinator(self, edition: str) -> str:
        """Return who acts where the script names no one else.

        Raises:
            CastFault: The sheet of roles names no coordinator of the edition, or is not there.

        """
        path = self.sheets / f"{SheetKind.ROLES}.csv"
        if not path.is_file():
            raise CastFault(f"The cast in {self.sheets} has no {path.name}: {_AS_THE_SAMPLE}")
        with path.open(encoding="utf-8", newline="") as sheet:
            for line in csv.DictReader(sheet):
                here = line.get("scope") in {EVERYWHERE, edition}
                if here and line.get("role") == Role.COORDINATOR and line.get("person"):
                    return line["person"]
        raise CastFault(
            f"{path} names no coordinator of {edition}: give somebody the role"
            f" {Role.COORDINATOR} with the scope {EVERYWHERE}."
        )

    def script(self, edition: str) -> Script:
        """Read what everybody does in an edition.

        Raises:
            CastFault: A file is missing or has a line that cannot be read.

        """
        folder = self.sheets / SCRIPT
        missing = [name for name in SCRIPT_FILES if not (folder / name).is_file()]
        if missing:
            raise CastFault(f"The cast lacks {folder / missing[0]}: {_AS_THE_SAMPLE}")
        try:
            return read_script(folder, edition, self.coordinator(edition))
        except ValueError as error:
            raise CastFault(f"The script in {folder} cannot be read: {error}.") from error

    def answer_key(self) -> tuple[ExpectationLine, ...]:
        """Return what must be true at the end; nothing where there is no key for this edition."""
        folder = self.sheets / EXPECTED
        there = self.has_key and (folder / KEY).is_file()
        return read_answer_key(folder) if there else ()


_AS_THE_SAMPLE = "drumbeat sample FOLDER writes one that can be played."
