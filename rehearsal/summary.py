"""What a demo says at its end: how the year went, and whether every message is accounted for."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table

from rehearsal.live_view import KINDS
from rehearsal.mail_catcher import copies
from rehearsal.progress import Progress, progress_of
from runtime.parts import maildir
from runtime.settings import Settings
from schemas.messages import MessageKind, MessageState
from storage import journal, ledger
from storage.database import Database


@dataclass(frozen=True)
class Summary:
    """The end of the year in numbers, and the ledger's identity.

    Attributes:
        planned: Messages by kind, summed from the journal.
        too_many: Messages of which the mail catcher holds more copies than promised.

    """

    progress: Progress
    planned: Counter[str]
    too_many: int
    settings: Settings

    @property
    def open(self) -> int:
        """Messages that something is still to happen to."""
        states = {state.value for state in MessageState if state.is_open}
        return sum(n for (_, state), n in self.progress.messages.items() if state in states)

    @property
    def ended(self) -> Counter[str]:
        """Messages that have ended, by state."""
        found: Counter[str] = Counter()
        for (_, state), n in self.progress.messages.items():
            if not MessageState(state).is_open:
                found[state] += n
        return found

    @property
    def settled(self) -> bool:
        """Whether nothing waits any more."""
        return self.open == 0

    @property
    def holds(self) -> bool:
        """Whether planned = open + ended and nothing went out more often than promised."""
        total = sum(self.planned.values())
        return total == self.open + sum(self.ended.values()) and self.too_many == 0

    def show(self, out: Console) -> None:
        """Write the summary, and what to look at next."""
        out.print()
        table = Table(title="The year", title_justify="left", box=None, pad_edge=False)
        for name in ("sessions", "held", "missed", "cancelled", "to come"):
            table.add_column(name, justify="left" if name == "sessions" else "right")
        for kind, title in KINDS.items():
            states = ("held", "missed", "cancelled", "to_come")
            table.add_row(title, *(str(self.progress.sessions[(kind, one)]) for one in states))
        out.print(table)
        ended = ", ".join(f"{n:,} {state}" for state, n in self.ended.most_common())
        total = sum(self.planned.values())
        out.print(
            f"\nEvery message is accounted for: {total:,} planned = {self.open:,} open"
            f" + {sum(self.ended.values()):,} ended ({ended})."
            if self.holds
            else f"\nThe ledger does not add up: {total:,} planned, {self.open:,} open,"
            f" {sum(self.ended.values()):,} ended ({ended}), {self.too_many} sent too often.",
            highlight=False,
        )
        self._show_where_to_look(out)

    def _show_where_to_look(self, out: Console) -> None:
        out.print(f"\nTemporal's own view: {self.settings.temporal_ui_url}", highlight=False)
        out.print("Look further:", highlight=False)
        for command in ("services", "show SVC-21", "chases", "ledger", "mail list", "audit"):
            out.print(f"  ./drumbeat --var {self.settings.var} {command}", highlight=False)


def summarise(database: Database, edition_id: str, settings: Settings, at: datetime) -> Summary:
    """Read the end of the year; copies are counted in the mail catcher's folder."""
    progress = progress_of(database, edition_id, at)
    with database.reading() as rows:
        planned = journal.planned_messages(rows)
        kinds = ledger.kinds(rows)
    found = copies(maildir(settings))
    too_many = sum(
        n > MessageKind(kinds[key]).copies_promised for key, n in found.items() if key in kinds
    )
    return Summary(progress, planned, too_many, settings)
