"""What a rehearsal prints at its end."""

from datetime import timedelta

from cli import words
from cli.desk import Desk
from rehearsal.outcome import Outcome

SHOWN = 20
SECOND = timedelta(seconds=1)


def show(desk: Desk, outcome: Outcome) -> None:
    """Print services, sessions and messages, the account of the ledger, and what it took."""
    told = outcome.rehearsed
    counts = told.counts
    desk.say(
        "",
        f"services  {_listed(outcome.services)}",
        f"sessions  {_listed(outcome.sessions)}",
        f"people    {counts['acts']:,} acts, {len(told.refused)} refused",
        f"messages  {_ledger(outcome)}",
    )
    for act, why in told.refused[:SHOWN]:
        desk.say(f"  refused: {act.name}: {why}")
    if outcome.cases:
        right = sum(one.holds for one in outcome.cases)
        desk.say(f"planted   {right} of {len(outcome.cases)} cases came out as the key says")
    desk.say(*(f"  {one}" for one in outcome.cases if not one.holds))
    desk.say(f"took      {_took(outcome)}")


def _listed(found: dict[str, int]) -> str:
    most = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    parts = ", ".join(f"{count:,} {words.plain(state)}" for state, count in most)
    return f"{sum(found.values()):,}: {parts}" if found else "0"


def _ledger(outcome: Outcome) -> str:
    ledger = outcome.ledger
    ended = sum(ledger.ended.values())
    numbers = (
        f"{ledger.planned:,} planned = {ledger.open:,} open + {ended:,} ended"
        f" ({_parts(ledger.ended)});"
    )
    clean = "every one is accounted for" if ledger.is_balanced else "THE LEDGER DOES NOT ADD UP"
    return f"{numbers} {clean}; {ledger.unexplained} unexplained, {ledger.duplicates} duplicates"


def _parts(found: dict[str, int]) -> str:
    most = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{count:,} {words.plain(state)}" for state, count in most)


def _took(outcome: Outcome) -> str:
    """Return the time, and what limits it: whoever has the most work to do."""
    told = outcome.rehearsed
    ours, servers = told.cpu / SECOND, told.server_cpu / SECOND
    limits = "the one thread of Python" if ours >= servers else "the time-skipping server"
    return (
        f"{told.wall / SECOND:.1f} s; processor time {ours:.1f} s here and {servers:.1f} s in the"
        f" time-skipping server, so {limits} limits it"
    )
