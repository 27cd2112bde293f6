"""What a rehearsal says of itself at its end: services, messages, the account of the ledger."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from rehearsal.answer_key import Checked, check
from rehearsal.rehearse import Rehearsed
from rehearsal.script import ExpectationLine
from schemas.courses import CourseKind
from schemas.ledger import LedgerReport
from storage.courses import courses_of
from storage.database import Database
from storage.installation import installation
from storage.ledger_report import ledger_report
from storage.sessions import counts_of

LEASE = timedelta(minutes=1)
"""How long past its instant a message may be open at the end; longer than any lease."""


@dataclass(frozen=True)
class Outcome:
    """A finished rehearsal in numbers.

    Attributes:
        services: Services by the stage in which they ended.
        sessions: Sessions by state.
        cases: What an answer key says must be true, and what is.

    """

    rehearsed: Rehearsed
    services: Counter[str]
    sessions: Counter[str]
    ledger: LedgerReport
    cases: tuple[Checked, ...]

    @property
    def is_clean(self) -> bool:
        """Whether every message is accounted for, and the planted cases came out as they must."""
        return self.ledger.is_clean and all(one.holds for one in self.cases)


def outcome_of(rehearsed: Rehearsed, key: tuple[ExpectationLine, ...] = ()) -> Outcome:
    """Read what became of everything; hold it against an answer key where there is one."""
    edition_id = rehearsed.edition.id
    database = Database(rehearsed.database_url)
    try:
        with database.reading() as rows:
            real_now = installation(rows).clock.real_time(rehearsed.ended_at)
            sessions: Counter[str] = Counter()
            for (_, state), count in counts_of(rows, edition_id).items():
                sessions[state] += count
            found = courses_of(rows, edition_id, CourseKind.SERVICE)
            ledger = ledger_report(rows, real_now, LEASE, rehearsed.copies)
        return Outcome(
            rehearsed=rehearsed,
            services=Counter(one.stage.value for one in found),
            sessions=sessions,
            ledger=ledger,
            cases=tuple(check(database, edition_id, key)),
        )
    finally:
        database.close()
