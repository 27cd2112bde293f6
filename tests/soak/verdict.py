"""What a run came to: everything that must hold after it, and the sentences about what does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from rehearsal.mail_catcher import copies
from runtime.auditing import account
from runtime.parts import maildir
from runtime.settings import Settings
from schemas.ledger import LedgerReport
from schemas.messages import Message, MessageState
from schemas.sessions import SessionState
from storage import sessions
from storage.database import Database
from storage.records import every
from storage.tables.ledger import MessageRow
from tests.oracle.prediction import Rows as Predicted
from tests.soak.arrivals import Arrivals, arrivals, unlike_copies
from tests.soak.chase_steps import ChaseAccount, chases
from tests.soak.killer import Kill, counted, longest_rest

NEARLY = 0.95
"""How much of what an unkilled year comes to a killed one must come to: kills cost it days."""


@dataclass(frozen=True)
class Run:
    """A run that is over.

    Attributes:
        began: Programme time.
        ended: Programme time.
        slack: How much later than due a step may be taken, in programme time.
        predicted: What the oracle says that the year comes to unkilled.

    """

    settings: Settings
    database: Database
    edition_id: str
    began: datetime
    ended: datetime
    slack: timedelta
    predicted: Predicted


@dataclass
class Verdict:
    """What a run came to.

    Attributes:
        kills: What was killed, and when.
        rest: The longest stretch without a kill.
        ledger: The account of the ledger, with the copies that the mail server holds.
        steps: The steps of chases that fell due.
        arrived: What arrived of them.
        came_to: How much there is of what, and how much the oracle says there would be unkilled.
        wrong: What must hold and does not, in sentences.

    """

    kills: list[Kill]
    rest: timedelta
    ledger: LedgerReport
    steps: ChaseAccount
    arrived: Arrivals
    came_to: dict[str, tuple[int, int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return what there is to say of the run."""
        killed = ", ".join(f"{part} {count}" for part, count in sorted(counted(self.kills).items()))
        ledger, steps, arrived = self.ledger, self.steps, self.arrived
        states = ", ".join(f"{count:,} {state}" for state, count in ledger.ended.items())
        ended = sum(ledger.ended.values())
        said = [
            f"kills: {len(self.kills)} ({killed}); longest without one: {self.rest.days} days",
            f"{ledger.planned:,} planned = {ledger.open} open + {ended:,} ended ({states})",
            f"unexplained: {ledger.unexplained}; more often than promised: {ledger.duplicates}",
            f"chase steps that fell due: {steps.due}; taken: {len(steps.taken)}; "
            f"settled first, within what a kill may cost: {steps.overtaken}; "
            f"latest: {steps.latest.total_seconds() / 86400:.1f} days",
            f"their messages: {arrived.once} arrived once, {arrived.twice} twice, "
            f"{arrived.needless} were settled before they went, {arrived.unreachable} had no "
            "address that works",
        ]
        for what, (count, unkilled) in self.came_to.items():
            said.append(f"{what}: {count:,} ({unkilled:,} without kills)")
        said += [f"WRONG: {sentence}" for sentence in self.wrong[:20]]
        return [*said, f"wrong: {len(self.wrong)}"]


def judge(run: Run, kills: list[Kill]) -> Verdict:
    """Count everything that must hold after a run."""
    folder = maildir(run.settings)
    found = copies(folder)
    ledger = account(run.database, run.settings, datetime.now(UTC), found)
    with run.database.reading() as rows:
        steps = chases(rows, run.ended, run.slack)
        arrived = arrivals(rows, steps.taken, found)
        rest = longest_rest(kills, run.began, run.ended)
        verdict = Verdict(kills, rest, ledger, steps, arrived)
        verdict.came_to = _came_to(rows, run, len(steps.taken))
        verdict.wrong += _of_the_ledger(ledger)
        verdict.wrong += [*steps.wrong, *arrived.wrong]
        verdict.wrong += _never_there(rows, found)
    verdict.wrong += _too_little(verdict.came_to)
    verdict.wrong += [f"the two copies of {key} differ" for key in unlike_copies(folder)]
    late = [one for one in kills if one.at >= run.ended]
    verdict.wrong += [f"{one.victim} was killed only when the run was over" for one in late]
    return verdict


def _of_the_ledger(ledger: LedgerReport) -> list[str]:
    wrong = []
    if not ledger.is_balanced:
        wrong.append(f"{ledger.planned} planned is not open + ended")
    if ledger.unexplained:
        wrong.append(f"{ledger.unexplained} messages are unexplained")
    if ledger.duplicates:
        wrong.append(f"{ledger.duplicates} messages went more often than promised")
    return wrong


def _never_there(rows: Rows, found: Mapping[str, int]) -> list[str]:
    """Say which messages a mail server took that does not have them."""
    accepted = col(MessageRow.state) == MessageState.ACCEPTED
    return [
        f"{one.kind} {one.key} was accepted and never arrived"
        for one in every(rows, Message, MessageRow, accepted)
        if not found.get(one.key)
    ]


def _came_to(rows: Rows, run: Run, taken: int) -> dict[str, tuple[int, int]]:
    """Count what a year is made of, and what the oracle says that it comes to without kills."""
    counts = sessions.counts_of(rows, run.edition_id)
    held = sum(count for (_, state), count in counts.items() if state == SessionState.HELD)
    there = run.predicted
    return {
        "sessions held": (
            held,
            sum(one["state"] == SessionState.HELD for one in there.sessions.values()),
        ),
        "chase steps": (taken, sum(int(one["steps"]) for one in there.obligations.values())),
        "mails that arrived": (
            copies(maildir(run.settings)).total(),
            sum(one["state"] == MessageState.ACCEPTED for one in there.messages.values()),
        ),
    }


def _too_little(came_to: Mapping[str, tuple[int, int]]) -> list[str]:
    """Say of what there is far less than without kills: a year in which nothing happens is calm."""
    return [
        f"{what}: {count} is far from {unkilled}"
        for what, (count, unkilled) in came_to.items()
        if count < NEARLY * unkilled
    ]
