"""The account of the ledger: what was planned, and what became of all of it."""

from pydantic import Field

from schemas.base import Record


class KindAccount(Record):
    """The account of one kind of message.

    Attributes:
        planned: As the journal sums it.
        open: Still to go.
        ended: How many in each state.

    """

    planned: int = 0
    open: int = 0
    ended: dict[str, int] = Field(default_factory=dict)


class LedgerReport(KindAccount):
    """The account of all messages: planned = open + ended, or something is amiss.

    Attributes:
        unexplained: Open messages past their next instant, those of held mail apart.
        duplicates: Messages of which the channel holds more copies than their kind's promise.
        held: Open messages that are due and wait only because mail is held.
        stopped: Whether nothing is handed over because the database is an older copy.

    """

    unexplained: int = 0
    duplicates: int = 0
    held: int = 0
    stopped: bool = False
    by_kind: dict[str, KindAccount] = Field(default_factory=dict)

    @property
    def is_balanced(self) -> bool:
        """Whether every planned message is open or has ended."""
        return self.planned == self.open + sum(self.ended.values())

    @property
    def is_clean(self) -> bool:
        """Whether every message is accounted for."""
        return self.is_balanced and not (self.unexplained or self.duplicates or self.stopped)
