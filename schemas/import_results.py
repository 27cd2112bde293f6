"""What became of a sheet that was brought in, line by line."""

from collections import Counter
from enum import StrEnum

from schemas.base import Payload

LONGEST_VALUE = 40


class Fault(Payload):
    """Something in a sheet that a person should look at.

    Attributes:
        file: Name of the file, without its folder.
        row: Row as a spreadsheet numbers it, the header is 1; none for the whole file.
        column: Column as the reference names it; none for the whole row.
        value: What the cell says, shortened; empty where it is not to be repeated.
        problem: What is wrong, the rest of a sentence that begins with the cell.
        remedy: What to do about it.
        warning: Whether the row is taken in all the same.

    """

    file: str
    row: int | None = None
    column: str | None = None
    value: str = ""
    problem: str
    remedy: str
    warning: bool = False

    def __str__(self) -> str:
        """Return one sentence: where, what, what to do."""
        place = [self.file]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column {self.column}")
        value = f"“{self.value}” " if self.value else ""
        return f"{', '.join(place)}: {value}{self.problem}; {self.remedy}."


def shortened(value: str) -> str:
    """Return a cell's text on one line and no longer than a report shows."""
    text = " ".join(value.split())
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


class Outcome(StrEnum):
    """What became of a line."""

    NEW = "new"
    CHANGED = "changed"
    ALREADY_PRESENT = "already_present"
    REFUSED = "refused"
    FAULTY = "faulty"

    @property
    def is_in(self) -> bool:
        """Whether what the line says is in the programme now."""
        return self in {Outcome.NEW, Outcome.CHANGED, Outcome.ALREADY_PRESENT}


class LineResult(Payload):
    """What became of one line of a sheet.

    Attributes:
        subject: Id of what the line is about, its parts set apart by spaces.
        why: The reason of a refusal, or what the person should know.

    """

    file: str
    row: int
    subject: str
    outcome: Outcome
    why: str = ""


class ImportReport(Payload):
    """What became of all sheets of one import.

    Attributes:
        dry_run: Whether nothing was changed and the outcomes are what would have been.

    """

    dry_run: bool
    results: tuple[LineResult, ...]
    faults: tuple[Fault, ...]

    @property
    def clean(self) -> bool:
        """Whether every line is in; warnings apart."""
        broken = any(not fault.warning for fault in self.faults)
        return not broken and all(result.outcome.is_in for result in self.results)

    def counts(self) -> dict[str, Counter[Outcome]]:
        """Return how many lines of each file had each outcome, in the order of the files."""
        found: dict[str, Counter[Outcome]] = {}
        for result in self.results:
            found.setdefault(result.file, Counter())[result.outcome] += 1
        return found
