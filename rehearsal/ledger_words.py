"""The account of the ledger in words, as a rehearsal and the demo give it at their end."""

from schemas.ledger import LedgerReport


def account(ledger: LedgerReport) -> str:
    """Return planned = open + ended, and whether every message is accounted for."""
    ended = sorted(ledger.ended.items(), key=lambda one: (-one[1], one[0]))
    parts = ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in ended)
    return (
        f"{ledger.planned:,} planned = {ledger.open:,} open + {sum(ledger.ended.values()):,} ended"
        f" ({parts}); {_verdict(ledger)};"
        f" {ledger.unexplained} unexplained, {ledger.duplicates} duplicates"
    )


def _verdict(ledger: LedgerReport) -> str:
    if not ledger.is_balanced:
        return "THE LEDGER DOES NOT ADD UP"
    return "every one is accounted for" if ledger.is_clean else "NOT EVERY ONE IS ACCOUNTED FOR"
