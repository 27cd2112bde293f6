"""What scripted people can see: obligations that are open, sessions near now, offers."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from planning.calendar import WorkingCalendar, calendar_of
from planning.working_time import Interval, after, planned_pauses
from schemas.courses import Place
from schemas.delays import DelayValue
from schemas.edition import Edition
from schemas.obligations import Obligation
from schemas.sessions import Cadence, Participant, Session, SessionState
from storage.database import Database
from storage.editions import latest_edition
from storage.obligations import open_obligations
from storage.places import places_of
from storage.sessions import participants, sessions_between

BEHIND, AHEAD = timedelta(days=28), timedelta(days=43)
"""How far back a session that nobody recorded is seen, and how far ahead one to come."""
SOON = timedelta(days=8)
"""How far ahead sessions of the kinds that come often are looked at."""
OFTEN = {Cadence.WEEKLY, Cadence.MONTHLY}


Times = dict[tuple[datetime, DelayValue], datetime]
"""When delays have passed; an edition's calendar never changes while a script is played."""


@dataclass(frozen=True)
class Scene:
    """A moment of one edition, as the database has it.

    Attributes:
        sessions: Those to come, or over and not recorded, that are near now.
        times: What was worked out before, for scenes of the same edition.
        foreseen_until: Instant until which acts to come are told too; none: only those due now.

    """

    now: datetime
    edition: Edition
    obligations: tuple[Obligation, ...]
    sessions: tuple[Session, ...]
    participants: tuple[Participant, ...]
    places: tuple[Place, ...]
    times: Times = field(default_factory=dict)
    foreseen_until: datetime | None = None

    @property
    def horizon(self) -> datetime:
        """Return the instant until which acts are told."""
        return self.foreseen_until or self.now

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """Return the edition's calendar."""
        return calendar_of(self.edition)

    @cached_property
    def pauses(self) -> tuple[Interval, ...]:
        """Return the breaks in which nobody answers."""
        return planned_pauses(self.edition, self.calendar)

    @cached_property
    def taking_part(self) -> dict[str, list[Participant]]:
        """Return who takes part in each session."""
        found: dict[str, list[Participant]] = {}
        for one in self.participants:
            found.setdefault(one.session_id, []).append(one)
        return found

    def later(self, at: datetime, delay: DelayValue) -> datetime:
        """Return when a delay has passed since ``at``, in hours in which people work."""
        if (at, delay) not in self.times:
            mail = self.edition.mail
            found = after(at, delay, self.calendar, mail, self.pauses)
            self.times[at, delay] = at if found is None else found
        return self.times[at, delay]

    def coach_of(self, session: Session) -> str | None:
        """Return who leads a session."""
        role = self.edition.session_kind(session.kind).coach
        found = [one for one in self.taking_part.get(session.id, []) if one.role is role]
        return found[0].person_id if found else None


def look(database: Database, edition_id: str, now: datetime, times: Times) -> Scene:
    """Read what can be seen at a programme time."""
    with database.reading() as rows:
        edition = latest_edition(rows, edition_id)
        near = [
            one
            for one in sessions_between(rows, edition_id, now - BEHIND, now + AHEAD)
            if one.state is SessionState.TO_COME and _matters(one, edition, now)
        ]
        return Scene(
            now=now,
            edition=edition,
            obligations=open_obligations(rows, edition_id),
            sessions=tuple(near),
            participants=participants(rows, [one.id for one in near]),
            places=places_of(rows, edition_id),
            times=times,
        )


def _matters(session: Session, edition: Edition, now: datetime) -> bool:
    if session.starts_at is None:
        return False
    rare = edition.session_kind(session.kind).cadence not in OFTEN
    return rare or session.starts_at <= now + SOON
