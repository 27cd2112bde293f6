"""What people do of themselves while a story goes on: hold and record sessions, see to duties."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session as Rows

from rehearsal.scenarios.scenario import Goes, Happening, Scenario
from schemas.edition import Edition
from schemas.obligations import Obligation, ObligationKind
from schemas.sessions import Session, SessionState
from storage.database import Database
from storage.obligations import open_obligations
from storage.sessions import participants, sessions_between

RECORDED_AFTER = timedelta(hours=1)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
FAR = timedelta(days=60)
SEEN_TO = {
    ObligationKind.EVENT_PREPARED: False,
    ObligationKind.EVENT_REPORT_OUT: False,
    ObligationKind.EVENT_FOLLOW_UP: False,
    ObligationKind.PHONE_CALL: False,
    ObligationKind.EVENT_PARTNER: True,
    ObligationKind.CATCH_UP: True,
    ObligationKind.EXECUTIVE_SLOT: True,
    ObligationKind.BAD_ADDRESS: True,
}
"""What is seen to where a story does not leave it open, and whether that means to waive it."""


class SeeingTo:
    """Everybody who does what is asked of them without the story's saying so.

    Attributes:
        next_at: When the next session is to be recorded, as far as the last look could see.

    """

    def __init__(self, scenario: Scenario, edition: Edition, database: Database) -> None:
        """See to one edition."""
        self.next_at = NEVER
        self._edition = edition
        self._database = database
        self._goes = {f"{edition.id}/{one.session}": one for one in scenario.sessions}
        self._left_open = set(scenario.left_open)
        self._told = {f"{edition.id}/{one.to}" for one in scenario.happens if one.does == "record"}

    def look(self, now: datetime) -> Iterator[Happening]:
        """Yield what is done now, in order; ``next_at`` says afterwards when to look again."""
        with self._database.reading() as rows:
            known = self._to_record(rows, now)
            over = [one for one, at in known if at <= now]
            coaches = {one.id: self._coach(rows, one) for one in over}
            duties = [
                one
                for one in open_obligations(rows, self._edition.id)
                if one.kind in SEEN_TO and one.kind not in self._left_open
            ]
        self.next_at = min((at for _, at in known if at > now), default=NEVER)
        for session in sorted(over, key=lambda one: (one.starts_at or now, one.id)):
            yield self._recorded(session, coaches[session.id], now)
        for duty in duties:
            yield self._seen_to(duty, now)

    def _to_record(self, rows: Rows, now: datetime) -> list[tuple[Session, datetime]]:
        """Return sessions that somebody records, and when."""
        return [
            (one, one.ends_at + RECORDED_AFTER)
            for one in sessions_between(rows, self._edition.id, now - FAR, now + FAR)
            if one.state is SessionState.TO_COME and one.ends_at is not None and self._speaks(one)
        ]

    def _speaks(self, session: Session) -> bool:
        own = self._goes.get(session.id)
        silent = own is not None and own.goes is Goes.SILENT
        return not silent and session.id not in self._told

    def _coach(self, rows: Rows, session: Session) -> str:
        role = self._edition.session_kind(session.kind).coach
        found = [one for one in participants(rows, [session.id]) if one.role is role]
        return found[0].person_id if found else "CO-01"

    def _recorded(self, session: Session, coach: str, now: datetime) -> Happening:
        own = self._goes.get(session.id)
        saying: dict[str, object] = {"outcome": SessionState.HELD}
        if own is not None:
            saying = {"outcome": SessionState.MISSED, "why": own.why}
        return Happening(
            at=now.replace(tzinfo=None),
            who=coach,
            does="record",
            to=session.id.partition("/")[2],
            saying=saying,
        )

    def _seen_to(self, duty: Obligation, now: datetime) -> Happening:
        waived = SEEN_TO[duty.kind]
        return Happening(
            at=now.replace(tzinfo=None),
            who=duty.holder_id or "CO-01",
            does="close_obligation",
            saying={"obligation": duty.id, "waived": waived},
            why="no_time_left" if waived else "",
        )
