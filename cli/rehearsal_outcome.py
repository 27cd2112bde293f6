"""What a rehearsal prints at its end."""

from collections.abc import Sequence
from datetime import timedelta

from cli import words
from cli.desk import Desk
from cli.local_time import LocalTime
from rehearsal.ledger_words import account
from rehearsal.outcome import Outcome
from rehearsal.report.data import ReportData
from rehearsal.report.difference import Difference

SHOWN = 20
SECOND = timedelta(seconds=1)


def show(desk: Desk, outcome: Outcome, report: ReportData, first: Outcome | None = None) -> None:
    """Print what became of everything, the account of the ledger, and what it took.

    Args:
        desk: Where it is printed.
        outcome: Of the rehearsal.
        report: The same in sentences.
        first: Of another rehearsal that was shown already; what was refused there is not repeated.

    """
    told = outcome.rehearsed
    shown = set() if first is None else {act.name for act, _ in first.rehearsed.refused}
    desk.say(
        "",
        f"services  {_listed(outcome.services)}",
        f"sessions  {_listed(outcome.sessions)}",
        f"people    {told.counts['acts']:,} acts, {len(told.refused)} refused",
        f"messages  {account(outcome.ledger)}",
    )
    local = LocalTime(told.edition.zone)
    refused = [
        f"{local.instant(act.at)}, {act.actor}, {words.plain(act.verb)} {act.target}: {why}"
        for act, why in told.refused
        if act.name not in shown
    ]
    _some(desk, "refused" if first is None else "refused here only", refused)
    _some(desk, "the import warns", told.warnings if first is None else ())
    if outcome.cases:
        right = sum(one.holds for one in outcome.cases)
        desk.say(f"planted   {right} of {len(outcome.cases)} cases came out as the key says")
    desk.say(*(f"  {one}" for one in outcome.cases if not one.holds))
    desk.say(f"took      {_took(outcome)}")
    desk.say("", "In short:", *(f"- {one}" for one in report.in_short))


def show_changes(desk: Desk, changes: Difference) -> None:
    """Print where two policies differ, and what follows from it."""
    desk.say("", "Where the other policy differs:", *(f"- {one}" for one in changes.policies))
    if not changes.policies:
        desk.say("- Nowhere: both files say the same.")
    desk.say("", "What it changes:", *(f"- {one}" for one in changes.sentences))


def _some(desk: Desk, what: str, found: Sequence[str]) -> None:
    desk.say(*(f"  {what}: {one}" for one in found[:SHOWN]))
    if len(found) > SHOWN:
        desk.say(f"  {what}: {len(found) - SHOWN} more")


def _listed(found: dict[str, int]) -> str:
    most = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    parts = ", ".join(f"{count:,} {words.plain(state)}" for state, count in most)
    return f"{sum(found.values()):,}: {parts}" if found else "0"


def _took(outcome: Outcome) -> str:
    """Return the time, and what limits it: whoever has the most work to do."""
    told = outcome.rehearsed
    ours, servers = told.cpu / SECOND, told.server_cpu / SECOND
    limits = "the one thread of Python" if ours >= servers else "the time-skipping server"
    return (
        f"{told.wall / SECOND:.1f} s; processor time {ours:.1f} s here and {servers:.1f} s in the"
        f" time-skipping server, so {limits} limits it{_told_again(told.counts['told again'])}"
    )


def _told_again(count: int) -> str:
    """Return how often a workflow had to be told to look again, which nobody should have to be."""
    if not count:
        return ""
    return f"; {words.counted(count, 'workflow')} silent for 10 s had to be told to look again"
