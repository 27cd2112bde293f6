"""What an act on many courses would do to each of them, before anything is done."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session as Rows

from activities.blocked_days import blocked_days
from planning.calendar import WorkingCalendar, calendar_of
from planning.placing import Busy
from planning.slots import is_paused
from planning.weekly import WeeklyRound, weekly_changes
from planning.working_time import Interval, planned_pauses
from runtime.bulk_coaches import booked, coaches_of, loads_of, taking_part, usual_load
from schemas.base import Record
from schemas.courses import Enrolment, Stage
from schemas.edition import Edition, SessionKind
from schemas.ids import edition_course_id
from schemas.people import Role, Service
from schemas.sessions import Cadence, Session, SessionState
from storage import courses, pauses, people, sessions
from storage.successions import organisation_at

COACHES = {Role.DELIVERY_COACH, Role.EXECUTIVE_COACH}
WITH_A_PLACE = {Stage.COMMITTING, Stage.ONBOARDING, Stage.COACHING}


class Scope(Record):
    """Whom an act is for: all of these must be true of a service.

    Attributes:
        only: Id of one service, or of one sponsor.

    """

    region: str | None = None
    organisation: str | None = None
    coach: str | None = None
    only: str | None = None

    @property
    def words(self) -> str:
        """The scope as codes and ids."""
        named = ((name, value) for name, value in self.model_dump().items() if value)
        return " ".join(f"{name}:{value}" for name, value in named) or "edition"


class Subject(NamedTuple):
    """Whose session it is: a service's, or a sponsor's."""

    course_id: str
    id: str
    name: str

    @classmethod
    def of(cls, enrolment: Enrolment, service: Service) -> "Subject":
        """Return a service."""
        return cls(enrolment.course_id, enrolment.service_id, service.name)


class BulkLine(Record):
    """What would happen to one course.

    Attributes:
        subject: The session that it is about; else the course.
        service_id: Of a sponsor's coaching the sponsor.
        happens: A clause of what would happen, or why nothing would.
        warnings: What a person should look at first.
        wish: Fields of the form that is handed in; none: nothing is done.

    """

    course_id: str
    subject: str
    service_id: str
    service: str
    happens: str
    warnings: tuple[str, ...] = ()
    wish: dict[str, object] | None = None


@dataclass(frozen=True)
class BulkReader:
    """Reads what an act depends on, as things stand at ``at``, programme time."""

    rows: Rows
    edition: Edition
    calendar: WorkingCalendar
    scope: Scope
    at: datetime

    @classmethod
    def of(cls, rows: Rows, edition: Edition, scope: Scope, at: datetime) -> "BulkReader":
        """Read for a scope of an edition."""
        return cls(rows, edition, calendar_of(edition), scope, at)

    def chosen(self) -> Iterator[tuple[Enrolment, Service]]:
        """Walk the services that the scope means, in the order of their ids."""
        for one in taking_part(self.rows, self.edition.id):
            service = people.service(self.rows, one.service_id)
            if service is None or self.scope.only not in {None, one.service_id}:
                continue
            if self.is_meant(service, one.delivery_coach_id):
                yield one, service

    def _with_a_place(self) -> Iterator[tuple[Enrolment, Service]]:
        for one, service in self.chosen():
            found = courses.course(self.rows, one.course_id)
            if found is not None and found.stage in WITH_A_PLACE:
                yield one, service

    def pausing(self, until: date | None) -> tuple[BulkLine, ...]:
        """Return what a pause from now, to the end of a day, would do (X08)."""
        midnight = time()
        end = None if until is None else self.calendar.instant(until + timedelta(days=1), midnight)
        found = []
        for one, service in self._with_a_place():
            if self._running_pauses(one.course_id):
                found.append(line(Subject.of(one, service), "is paused already: it is left alone"))
                continue
            wish: dict[str, object] = {"edition": one.edition_id, "service": one.service_id}
            if until is not None:
                wish["until"] = until.isoformat()
            happens, warnings = self._in_pause(one, Interval(self.at, end))
            found.append(line(Subject.of(one, service), happens, warnings, wish))
        return tuple(found)

    def resuming(self) -> tuple[BulkLine, ...]:
        """Return what the end of a pause would do (X09)."""
        found = []
        for one, service in self.chosen():
            running = self._running_pauses(one.course_id)
            wish: dict[str, object] = {"edition": one.edition_id, "service": one.service_id}
            if running:
                since = self.calendar.day_of(min(pause.from_at for pause in running))
                words = f"goes on; it is paused since {_words(since)}"
                found.append(line(Subject.of(one, service), words, (), wish))
            else:
                found.append(line(Subject.of(one, service), "is not paused: it is left alone"))
        return tuple(found)

    def moving(self, on: date, to: date) -> tuple[BulkLine, ...]:
        """Return what moving a day's sessions to another day, each at its hour, would do."""
        from_at = self.calendar.instant(on, time())
        until_at = self.calendar.instant(on + timedelta(days=1), time())
        chosen = {one.course_id: (one, service) for one, service in self.chosen()}
        found = []
        for session in sessions.sessions_between(self.rows, self.edition.id, from_at, until_at):
            if session.course_id not in chosen or session.state is not SessionState.TO_COME:
                continue
            if session.starts_at is not None and session.starts_at > self.at:
                clock_time = self.calendar.local(session.starts_at).time()
                starts_at = self.calendar.instant(to, clock_time)
                one, service = chosen[session.course_id]
                found.append(self.moved(Subject.of(one, service), session, starts_at))
        return tuple(found)

    def replacing(self, coach: str, named: Sequence[str]) -> tuple[BulkLine, ...]:
        """Return who would coach each service of a coach who leaves (E01, C15, C16).

        Args:
            coach: Who leaves.
            named: Who takes over; empty: whoever has the fewest services.

        """
        known = coaches_of(self.rows, self.edition.id, Role.DELIVERY_COACH)
        taking = [one for one in known if one != coach and one in (named or known)]
        loads = loads_of(self.rows, self.edition, Role.DELIVERY_COACH)
        every = list(taking_part(self.rows, self.edition.id))
        found = []
        for one, service in self.chosen():
            if one.delivery_coach_id != coach:
                continue
            free = [who for who in taking if not self._has_the_slot(who, one, every)]
            if not free:
                why = "nobody is free in its weekly slot: name another coach, or change the slot"
                if not taking:
                    why = "nobody else, or nobody of those named, coaches services in this edition"
                found.append(line(Subject.of(one, service), "stays as it is", (why,)))
                continue
            new = min(free, key=lambda who: (loads[who], who))
            loads[new] += 1
            every = [_with_coach(other, new) if other == one else other for other in every]
            found.append(self._replaced(one, service, new, loads[new]))
        return tuple(found)

    def is_meant(self, service: Service, coach: str | None) -> bool:
        """Tell whether the scope means a service with that coach; organisations are today's."""
        scope = self.scope
        if scope.coach is not None and coach != scope.coach:
            return False
        if scope.organisation is None and scope.region is None:
            return True
        now = organisation_at(self.rows, service.organisation_id, self.at)
        if scope.organisation is not None and scope.organisation != now:
            return False
        organisation = people.organisation(self.rows, now)
        return scope.region is None or (
            organisation is not None and organisation.region == scope.region
        )

    def _running_pauses(self, course_id: str) -> list[Interval]:
        stored = pauses.pauses_of(self.rows, [course_id])
        known = (Interval(one.from_at, one.until_at) for one in stored)
        return [one for one in known if one.covers(self.at)]

    def _pauses(self, course_id: str) -> tuple[Interval, ...]:
        stored = pauses.pauses_of(self.rows, [course_id, edition_course_id(self.edition.id)])
        own = (Interval(one.from_at, one.until_at) for one in stored)
        return (*planned_pauses(self.edition, self.calendar), *own)

    def _in_pause(self, one: Enrolment, pause: Interval) -> tuple[str, tuple[str, ...]]:
        known = sessions.sessions_of(self.rows, one.course_id)
        parts, warnings = [], []
        if one.slot_weekday is not None and one.slot_time is not None:
            count = self._displaced(one, known, pause)
            parts += [f"{number} {words}" for words, number in count.items() if number]
            if count["find no week"]:
                warnings.append(f"{count['find no week']} would be cancelled: no week is left")
        for session in known:
            kind = self.edition.session_kind(session.kind)
            if kind.cadence is not Cadence.WEEKLY and self._is_ahead(session, pause):
                day = self.calendar.day_of(session.starts_at or self.at)
                warnings.append(f"the {kind.title.lower()} of {_words(day)} loses its day")
        weekly = f": of its weekly sessions {', '.join(parts)}" if parts else ""
        return f"is paused{weekly}", tuple(warnings)

    def _is_ahead(self, session: Session, within: Interval) -> bool:
        """Tell whether a session is to come, and begins in a stretch of time."""
        starts_at = session.starts_at
        if session.state is not SessionState.TO_COME or starts_at is None:
            return False
        return starts_at > self.at and within.covers(starts_at)

    def _displaced(self, one: Enrolment, known: Iterable[Session], pause: Interval) -> Counter[str]:
        weekly = [
            session
            for session in known
            if self.edition.session_kind(session.kind).cadence is Cadence.WEEKLY
        ]
        blocked = blocked_days(self.rows, self.edition, self.calendar, one, self.at)
        around = WeeklyRound(
            window=self.edition.window,
            calendar=self.calendar,
            weekday=one.slot_weekday or 0,
            clock_time=one.slot_time or time(),
            at=self.at,
            pauses=(*self._pauses(one.course_id), pause),
            event_days=blocked.events,
            blocked_hours=blocked.hours,
        )
        count: Counter[str] = Counter()
        for change in weekly_changes(weekly, around):
            if change.is_lost:
                count["find no week"] += 1
            elif change.starts_at is None:
                count["wait until it is resumed"] += 1
            else:
                count["go to other weeks"] += 1
        return count

    def moved(self, about: Subject, session: Session, starts_at: datetime) -> BulkLine:
        """Return what moving one session would do."""
        kind, local = self.edition.session_kind(session.kind), self.calendar.local(starts_at)
        return BulkLine(
            course_id=session.course_id,
            subject=session.id,
            service_id=about.id,
            service=about.name,
            happens=f"{kind.title} {session.number} moves to {_words(local)}, {local:%H:%M}",
            warnings=tuple(self._in_the_way(about.course_id, session, kind, starts_at)),
            wish={"session": session.id, "starts": starts_at.isoformat()},
        )

    def _in_the_way(
        self, course_id: str, session: Session, kind: SessionKind, starts_at: datetime
    ) -> list[str]:
        day = self.calendar.day_of(starts_at)
        if is_paused(day, self._pauses(course_id), self.calendar):
            return [f"it is paused on {_words(day)}: this will be refused"]
        cast = sessions.participants(self.rows, [session.id])
        bound = {kind.coach, Role.SERVICE_LEAD, Role.EXECUTIVE_SPONSOR}
        whom = sorted({who.person_id for who in cast if who.role in bound})
        leads = frozenset(who.person_id for who in cast if who.role is kind.coach)
        return self._elsewhere(session, starts_at, whom, leads)

    def _elsewhere(
        self, session: Session, starts_at: datetime, whom: Sequence[str], leads: frozenset[str]
    ) -> list[str]:
        """Return what people have at the time of a session: those who lead it need its day."""
        kind, day = self.edition.session_kind(session.kind), self.calendar.day_of(starts_at)
        midnight = self.calendar.instant(day, time())
        next_midnight = self.calendar.instant(day + timedelta(days=1), time())
        known = booked(self.rows, whom, leads, midnight, next_midnight)
        wanted = Interval(starts_at, starts_at + timedelta(minutes=kind.minutes))
        if kind.blocks_day:
            wanted = Interval(midnight, next_midnight)
        return [
            f"{busy.person} has {busy.session} at that time: this will be refused"
            for busy in known.busy
            if busy.session != session.id and _clashes(busy, wanted, kind, known.give_way)
        ]

    def _has_the_slot(self, coach: str, wanted: Enrolment, every: Sequence[Enrolment]) -> bool:
        """Tell whether a coach is with another service in the weekly slot of one (C15)."""
        weekly = next((one for one in self.edition.sessions if one.cadence is Cadence.WEEKLY), None)
        if weekly is None or wanted.slot_weekday is None or wanted.slot_time is None:
            return False
        length = timedelta(minutes=weekly.minutes)
        starts = datetime.combine(date.min, wanted.slot_time)
        return any(
            one.course_id != wanted.course_id
            and one.delivery_coach_id == coach
            and one.slot_weekday == wanted.slot_weekday
            and one.slot_time is not None
            and abs(datetime.combine(date.min, one.slot_time) - starts) < length
            for one in every
        )

    def _replaced(self, one: Enrolment, service: Service, new: str, load: int) -> BulkLine:
        known = sessions.sessions_of(self.rows, one.course_id)
        ahead = [
            session
            for session in known
            if self._is_ahead(session, Interval(self.at, None))
            and not self.is_covered(session, one.delivery_coach_id)
        ]
        most = usual_load(self.edition, Role.DELIVERY_COACH)
        warnings = [text for session in ahead for text in self._kept_from(session, new)]
        if most is not None and load > most:
            warnings.append(f"{new} would have {load} services; {most} are usual")
        happens = f"{new} takes over {len(ahead)} sessions to come"
        wish: dict[str, object] = {
            "edition": one.edition_id,
            "service": one.service_id,
            "coach": new,
        }
        return line(Subject.of(one, service), happens, tuple(warnings), wish)

    def is_covered(self, session: Session, coach: str | None) -> bool:
        """Tell whether somebody else leads a session instead of its coach, and still will."""
        role = self.edition.session_kind(session.kind).coach
        cast = sessions.participants(self.rows, [session.id])
        leading = {one.person_id for one in cast if one.role is role}
        return role in COACHES and bool(leading) and coach not in leading

    def _kept_from(self, session: Session, new: str) -> list[str]:
        """Return what keeps a new coach from a session; weekly ones give way."""
        kind = self.edition.session_kind(session.kind)
        if kind.cadence is Cadence.WEEKLY or Role.DELIVERY_COACH not in {kind.coach, *kind.attends}:
            return []
        starts_at = session.starts_at or self.at
        return self._elsewhere(session, starts_at, [new], frozenset({new}))


def line(
    about: Subject,
    happens: str,
    warnings: tuple[str, ...] = (),
    wish: dict[str, object] | None = None,
) -> BulkLine:
    """Return what would happen to a course; nothing does where no form is handed in for it."""
    return BulkLine(
        course_id=about.course_id,
        subject=about.course_id,
        service_id=about.id,
        service=about.name,
        happens=happens,
        warnings=warnings,
        wish=wish,
    )


def _words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _clashes(busy: Busy, wanted: Interval, kind: SessionKind, give_way: frozenset[str]) -> bool:
    if kind.blocks_day and busy.session in give_way:
        return False
    return wanted.touches(busy.starts_at, busy.ends_at)


def _with_coach(one: Enrolment, coach: str) -> Enrolment:
    return one.model_copy(update={"delivery_coach_id": coach})
