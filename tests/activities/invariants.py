"""What must hold after every command, whatever it was."""

from collections import Counter
from collections.abc import Set

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from planning.calendar import calendar_of
from planning.placing import Busy, Clash, clashes
from schemas.commands import Command
from schemas.courses import CourseState, PlaceState
from schemas.edition import Edition
from schemas.sessions import Cadence, SessionState
from storage import courses, places
from storage.database import Database
from storage.tables.ledger import JournalRow, MessageRow
from storage.tables.sessions import ParticipantRow, SessionRow
from tests.journeys import cast as people

IN_ONE_PLACE = {people.COACH, people.OTHER_COACH, people.EXECUTIVE_COACH, people.SPONSOR}


class Invariants:
    """Compares the database with itself; what the journal said before is read only once.

    Attributes:
        in_one_place: Those who have one session at an instant at most (C15).

    """

    in_one_place: Set[str] = IN_ONE_PLACE

    def __init__(self, database: Database, edition: Edition) -> None:
        """Begin with what is there."""
        self._database = database
        self._edition = edition
        self._calendar = calendar_of(edition)
        self._planned: Counter[str] = Counter()
        self._journal_read = 0
        with database.reading() as rows:
            self._add_planned(rows)

    def check(self, state: CourseState, before: int, command: Command) -> None:
        """Fail where a command broke something.

        Args:
            state: What it returned.
            before: Version of the course before it.
            command: What was carried out, or not.

        """
        with self._database.reading() as rows:
            of_request = col(JournalRow.request_id) == command.request_id
            new = col(JournalRow.id) > self._journal_read
            changed = rows.execute(select(col(JournalRow.id)).where(of_request, new)).first()
            self._add_planned(rows)
            in_ledger = _kinds(rows)
            known = places.places_of(rows, self._edition.id)
            busy = _busy(rows)
            course = courses.course(rows, command.course_id)
        assert course is not None
        assert course.version == before + int(changed is not None), "the version rises by one"
        assert state.version == course.version
        assert changed is None or not (state.stale or state.refused)
        assert +self._planned == in_ledger, "the journal's sums are not the ledger's rows (M13)"
        taken = [one for one in known if one.state in {PlaceState.TAKEN, PlaceState.OFFERED}]
        assert len(taken) <= self._edition.places, "more places than there are (R14)"
        for one in busy:
            day = self._calendar.day_of(one.starts_at)
            assert self._calendar.is_working_day(day), f"{one.session} is on a day off (C09)"
        theirs = [one for one in busy if one.person in self.in_one_place]
        found = [one for one in clashes(theirs) if not self._gives_way(one)]
        assert not found, f"somebody is in two places (C15): {found}"

    def _gives_way(self, clash: Clash) -> bool:
        """Tell whether a weekly session is in the way of an event until its course looks again."""
        kinds = {
            self._edition.session_kind(one.session.split("/")[2]).cadence
            for one in (clash.first, clash.second)
        }
        return kinds == {Cadence.WEEKLY, Cadence.FULL_DAY}

    def _add_planned(self, rows: Rows) -> None:
        behind = select(col(JournalRow.id), col(JournalRow.planned)).where(
            col(JournalRow.id) > self._journal_read
        )
        for number, planned in rows.execute(behind):
            self._planned.update(planned)
            self._journal_read = max(self._journal_read, number or 0)


def _kinds(rows: Rows) -> Counter[str]:
    query = select(col(MessageRow.kind), func.count()).group_by(col(MessageRow.kind))
    return Counter({kind.value: number for kind, number in rows.execute(query)})


def _busy(rows: Rows) -> list[Busy]:
    """Return everybody's dated sessions to come."""
    query = (
        select(
            col(ParticipantRow.person_id),
            col(SessionRow.starts_at),
            col(SessionRow.ends_at),
            col(SessionRow.id),
        )
        .join(SessionRow, col(SessionRow.id) == col(ParticipantRow.session_id))
        .where(
            col(SessionRow.state) == SessionState.TO_COME, col(SessionRow.starts_at).is_not(None)
        )
    )
    return [
        Busy(person_id, starts_at, ends_at, session_id)
        for person_id, starts_at, ends_at, session_id in rows.execute(query)
        if starts_at is not None and ends_at is not None
    ]
