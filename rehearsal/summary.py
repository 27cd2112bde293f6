"""What a demo says at its end: how the year went, and whether every message is accounted for."""

from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table

from rehearsal.answer_key import Checked, check
from rehearsal.ledger_words import account
from rehearsal.live_view import KINDS, STATES
from rehearsal.mail_catcher import copies
from rehearsal.progress import Progress, progress_of
from rehearsal.script_files import read_answer_key
from runtime.auditing import account as account_of
from runtime.parts import maildir
from runtime.settings import Settings
from schemas.ledger import LedgerReport
from storage.database import Database

LOOK_FURTHER = ("services", "show SVC-21", "chases", "ledger", "mail list", "audit")


@dataclass(frozen=True)
class Summary:
    """The end of the year in numbers, and the account of the ledger.

    Attributes:
        cases: What the planted cases were to come to, and what they came to.

    """

    progress: Progress
    ledger: LedgerReport
    settings: Settings
    cases: tuple[Checked, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether nothing waits any more."""
        return self.ledger.open == 0

    @property
    def holds(self) -> bool:
        """Whether every message is accounted for, and none went out more often than promised."""
        return self.ledger.is_clean

    def show(self, out: Console) -> None:
        """Write the summary, and what to look at next."""
        out.print()
        table = Table(title="The year", title_justify="left", box=None, pad_edge=False)
        table.add_column("sessions")
        for state in STATES:
            table.add_column(state.replace("_", " "), justify="right")
        for kind, title in KINDS.items():
            counts = (self.progress.sessions[(kind, state)] for state in STATES)
            table.add_row(title, *(str(count) for count in counts))
        out.print(table)
        out.print(f"\nMessages: {account(self.ledger)}.", highlight=False)
        if self.cases:
            right = sum(one.holds for one in self.cases)
            out.print(f"Planted cases: {right} of {len(self.cases)} came out as the key says.")
            for one in self.cases:
                if not one.holds:
                    out.print(f"  {one}", highlight=False)
        self._show_where_to_look(out)

    def _show_where_to_look(self, out: Console) -> None:
        out.print(f"\nTemporal's own view: {self.settings.temporal_ui_url}", highlight=False)
        out.print("Look further:", highlight=False)
        for command in LOOK_FURTHER:
            out.print(f"  ./drumbeat --var {self.settings.var} {command}", highlight=False)


def summarise(
    database: Database,
    edition_id: str,
    settings: Settings,
    at: datetime,
    real_now: datetime,
) -> Summary:
    """Read the end of the year; copies are counted in the mail catcher's folder."""
    return Summary(
        progress=progress_of(database, edition_id, at),
        ledger=account_of(database, settings, real_now, copies(maildir(settings))),
        settings=settings,
        cases=tuple(check(database, edition_id, read_answer_key(settings.var / "sample/expected"))),
    )
