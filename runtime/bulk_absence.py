"""The absence of a coach as a plan: what it touches, and what is proposed for it (E01, E11)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session as Rows

from planning.absence import Absence, Proposed, StandIn, Touched, propose
from planning.calendar import WorkingCalendar, calendar_of
from planning.working_time import Interval, planned_pauses
from runtime.bulk_coaches import booked, coaches_of, days_away, loads_of, usual_load
from schemas.absences import Away
from schemas.base import Record
from schemas.courses import CourseKind
from schemas.edition import Edition, Window
from schemas.ids import edition_course_id
from schemas.people import Role
from schemas.sessions import Session
from storage import courses, pauses, people, sessions

BOUND = {Role.SERVICE_LEAD, Role.EXECUTIVE_SPONSOR}
"""Who must be free besides the coach where a session moves."""


class TouchedSession(Record):
    """A session to come that its coach cannot lead, with what is proposed for it.

    Attributes:
        subject_id: The service, or the sponsor whose session it is.
        subject: What people call it.
        cover: Who could lead it; none where nobody is free.
        beyond: With how many services that coach has more than usual; 0: it is usual (C16).
        slots: Where it could move instead, the nearest first.

    """

    session: Session
    title: str
    subject_id: str
    subject: str
    cover: str | None = None
    beyond: int = 0
    slots: tuple[datetime, ...] = ()

    @property
    def is_sponsors(self) -> bool:
        """Whether it is a session of a sponsor and not of a service."""
        return self.session.course_id.startswith(CourseKind.EXECUTIVE_COACHING)


class AbsencePlan(Record):
    """What the absence of a coach touches.

    Attributes:
        touched: Earliest first.
        coaches: Who else coaches in this edition.
        elsewhere: Editions in which the coach has sessions on these days as well.

    """

    coach: str
    from_day: date
    until_day: date
    touched: tuple[TouchedSession, ...]
    coaches: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


def absence_plan(
    rows: Rows,
    edition: Edition,
    away: Away,
    at: datetime,
    only: Collection[str] = (),
) -> AbsencePlan:
    """Return what an absence touches from ``at`` on, and what is proposed for it.

    Args:
        rows: The database.
        edition: Whose sessions are looked at.
        away: Who is away, and when.
        at: What has begun by then stays as it is.
        only: Who may cover; empty: whoever coaches in the edition.

    """
    coach, days = away.person_id, Window(opens=away.from_day, closes=away.until_day)
    reader = _Reader(rows, edition, calendar_of(edition), coach, days, at, frozenset(only))
    ahead = reader.ahead()
    mine = [one for one in ahead if one.edition_id == edition.id and reader.is_led(one)]
    roles = sorted({edition.session_kind(one.kind).coach for one in mine})
    lines = [
        line
        for role in roles
        for line in reader.proposed(
            role, [one for one in mine if edition.session_kind(one.kind).coach is role]
        )
    ]
    order = {one.id: number for number, one in enumerate(ahead)}
    known = {one for role in roles for one in coaches_of(rows, edition.id, role)}
    return AbsencePlan(
        coach=coach,
        from_day=days.opens,
        until_day=days.closes,
        touched=tuple(sorted(lines, key=lambda line: order[line.session.id])),
        coaches=tuple(sorted(known - {coach})),
        elsewhere=tuple(sorted({one.edition_id for one in ahead} - {edition.id})),
    )


@dataclass(frozen=True)
class _Reader:
    """Reads what an absence depends on."""

    rows: Rows
    edition: Edition
    calendar: WorkingCalendar
    coach: str
    days: Window
    at: datetime
    only: frozenset[str]

    def ahead(self) -> list[Session]:
        """Return what the coach has on these days that has not begun, earliest first."""
        from_at = self.calendar.instant(self.days.opens, time())
        until_at = self.calendar.instant(self.days.closes + timedelta(days=1), time())
        found = sessions.booked(self.rows, [self.coach], max(from_at, self.at), until_at)
        return [one for _, one in found if one.starts_at and one.starts_at > self.at]

    def is_led(self, session: Session) -> bool:
        """Tell whether the coach leads a session, and does not merely come to it."""
        part = sessions.participant(self.rows, session.id, self.coach)
        return part is not None and part.role is self.edition.session_kind(session.kind).coach

    def proposed(self, role: Role, theirs: Sequence[Session]) -> list[TouchedSession]:
        """Return the sessions that the coach leads in a role, with what is proposed for each."""
        touched = [self._touched(one) for one in theirs]
        stand_ins = self._stand_ins(role)
        found = propose(touched, stand_ins, self._absence(touched, stand_ins))
        return [self._line(one, what) for one, what in zip(theirs, found, strict=True)]

    def _touched(self, session: Session) -> Touched:
        kind = self.edition.session_kind(session.kind)
        cast = sessions.participants(self.rows, [session.id])
        others = sessions.sessions_of(self.rows, session.course_id, session.kind)
        days = {self.calendar.day_of(one.starts_at) for one in others if one.starts_at}
        return Touched(
            session=session.id,
            course=session.course_id,
            kind=kind,
            starts_at=session.starts_at or self.at,
            people=frozenset(one.person_id for one in cast if one.role in BOUND - {kind.coach}),
            pauses=self._pauses(session.course_id),
            taken=frozenset(days),
        )

    def _pauses(self, course_id: str) -> tuple[Interval, ...]:
        stored = pauses.pauses_of(self.rows, [course_id, edition_course_id(self.edition.id)])
        own = (Interval(one.from_at, one.until_at) for one in stored)
        return (*planned_pauses(self.edition, self.calendar), *own)

    def _stand_ins(self, role: Role) -> tuple[StandIn, ...]:
        known = coaches_of(self.rows, self.edition.id, role)
        loads, most = loads_of(self.rows, self.edition, role), usual_load(self.edition, role)
        away = days_away(self.rows, known)
        return tuple(
            StandIn(one, loads[one], most, away.get(one, ()))
            for one in known
            if one != self.coach and (not self.only or one in self.only)
        )

    def _absence(self, touched: Iterable[Touched], stand_ins: Iterable[StandIn]) -> Absence:
        coaches = frozenset({self.coach, *(one.coach for one in stand_ins)})
        everybody = coaches.union(*(one.people for one in touched))
        closes = self.calendar.instant(self.edition.window.closes + timedelta(days=1), time())
        known = booked(self.rows, sorted(everybody), coaches, self.at, closes)
        away = days_away(self.rows, [self.coach]).get(self.coach, ())
        return Absence(
            coach=self.coach,
            days=(self.days, *away),
            at=self.at,
            window=self.edition.window,
            calendar=self.calendar,
            busy=known.busy,
            give_way=known.give_way,
        )

    def _line(self, session: Session, what: Proposed) -> TouchedSession:
        enrolment = courses.enrolment(self.rows, session.course_id)
        subject_id = session.course_id.rpartition("/")[2]
        service = people.service(self.rows, enrolment.service_id) if enrolment else None
        person = people.person(self.rows, subject_id) if service is None else None
        named = service or person
        return TouchedSession(
            session=session,
            title=self.edition.session_kind(session.kind).title,
            subject_id=subject_id,
            subject=named.name if named else subject_id,
            cover=what.cover,
            beyond=what.beyond,
            slots=what.slots,
        )
