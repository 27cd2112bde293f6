"""The numbers of a report, made from what was known at an instant (E38).

No ranking of services and no names: services come in the order of their ids, and of people there
are only counts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import Field

from planning.calendar import WorkingCalendar
from planning.lateness import working_days_since
from planning.report import Known, KnownSession, TakenPlace
from planning.report_forecast import known_forecast, known_pauses
from planning.weekly_forecast import ForecastLine
from schemas.base import Record
from schemas.edition import Edition, SessionKind
from schemas.people import Role
from schemas.sessions import Cadence, SessionState

LATE_ESCALATION = 5
"""Working days; an escalation that is open for longer is in the report."""

NOT_SAID = "not_said"
STARTED_LATE = "started_late"
"""Sessions for which the window had no day when the service began (E15)."""


class KindNumbers(Record):
    """Sessions of one kind: held + missed + cancelled + to come = planned + catch-up (C17).

    Attributes:
        unrecorded: Of those to come, how many were on a day before and had no record.
        minutes: Lengths of those held, added up (C12).
        missed_because: How many of the missed by reason.
        in_conflict: Sessions of which two people said different things; counted as recorded first.

    """

    kind: str
    title: str
    planned: int = 0
    catch_up: int = 0
    held: int = 0
    missed: int = 0
    cancelled: int = 0
    to_come: int = 0
    unrecorded: int = 0
    minutes: int = 0
    missed_because: dict[str, int] = Field(default_factory=dict)
    cancelled_because: dict[str, int] = Field(default_factory=dict)
    in_conflict: int = 0


class Attendance(Record):
    """Who came to sessions that were recorded.

    Attributes:
        sessions: Recorded as held or missed.
        noted: Of those, how many say who came.
        with_one: Sessions to which at least one of the role came.
        came: People who came, added up.
        of: People who were expected, added up.

    """

    sessions: int = 0
    noted: int = 0
    with_one: int = 0
    came: int = 0
    of: int = 0


class ExecutiveAttendance(Attendance):
    """Executive sessions; one is held when the sponsor or an operational leader came (C18)."""

    held: int = 0
    missed: int = 0


class OpenEscalation(Record):
    """An escalation that was open for more than five working days, pauses apart."""

    id: str
    kind: str
    subject_id: str
    working_days: int


class AtRisk(Record):
    """A service that cannot reach the edition's minimum any more, and what took its sessions."""

    service_id: str
    held: int
    possible: int
    minimum: int
    because: dict[str, int]


class MovedEvents(Record):
    """Full-day events that people moved.

    Attributes:
        events: How many were moved at all.
        moves: How often in all.
        twice: How many were moved twice or more (X11).

    """

    events: int = 0
    moves: int = 0
    twice: int = 0


class AsAt(Record):
    """A programme as it was known at an instant."""

    edition: str
    title: str
    as_at: datetime
    places: int
    filled: int
    by_region: dict[str, int]
    by_type: dict[str, int]
    sessions: tuple[KindNumbers, ...]
    hours: float
    executives: ExecutiveAttendance
    partners: Attendance
    escalations: tuple[OpenEscalation, ...]
    at_risk: tuple[AtRisk, ...]
    moved_events: MovedEvents


@dataclass(frozen=True)
class Whereabouts:
    """A service's type and region, where the journal does not say what they were."""

    service_id: str
    type: str
    region: str


@dataclass(frozen=True)
class Frame:
    """What numbers are made with.

    Attributes:
        at: The instant of the report.
        services: By course.

    """

    edition: Edition
    calendar: WorkingCalendar
    at: datetime
    services: Mapping[str, Whereabouts]

    @property
    def today(self) -> date:
        """The day of the report in the programme's zone."""
        return self.calendar.day_of(self.at)

    def kinds(self, *cadences: Cadence) -> set[str]:
        """Return the ids of the edition's session kinds with one of those cadences."""
        return {one.id for one in self.edition.sessions if one.cadence in cadences}


def numbers(known: Known, frame: Frame) -> AsAt:
    """Return the numbers of a programme from what was known."""
    kinds = tuple(_kind_numbers(kind, known, frame) for kind in frame.edition.sessions)
    return AsAt(
        edition=frame.edition.id,
        title=frame.edition.title,
        as_at=frame.at,
        places=frame.edition.places,
        filled=len(known.places),
        by_region=_counted(_region(place, frame) for place in known.places.values()),
        by_type=_counted(_type(place, frame) for place in known.places.values()),
        sessions=kinds,
        hours=round(sum(one.minutes for one in kinds) / 60, 2),
        executives=_executives(known, frame),
        partners=_partners(known, frame),
        escalations=_escalations(known, frame),
        at_risk=tuple(_at_risk(known, frame)),
        moved_events=_moved_events(known, frame),
    )


def _region(place: TakenPlace, frame: Frame) -> str:
    now = frame.services.get(place.course_id)
    return place.region or (now.region if now else NOT_SAID)


def _type(place: TakenPlace, frame: Frame) -> str:
    now = frame.services.get(place.course_id)
    return place.type or (now.type if now else NOT_SAID)


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def _kind_numbers(kind: SessionKind, known: Known, frame: Frame) -> KindNumbers:
    theirs = [one for one in known.sessions.values() if one.planned.kind == kind.id]
    states = Counter(one.state for one in theirs)
    to_come = [one for one in theirs if one.state is SessionState.TO_COME]
    return KindNumbers(
        kind=kind.id,
        title=kind.title,
        planned=sum(not one.planned.catch_up for one in theirs),
        catch_up=sum(one.planned.catch_up for one in theirs),
        held=states[SessionState.HELD],
        missed=states[SessionState.MISSED],
        cancelled=states[SessionState.CANCELLED],
        to_come=len(to_come),
        unrecorded=sum(one.day is not None and one.day < frame.today for one in to_come),
        minutes=sum(
            kind.minutes if one.minutes is None else one.minutes
            for one in theirs
            if one.state is SessionState.HELD
        ),
        missed_because=reasons(theirs, SessionState.MISSED),
        cancelled_because=reasons(theirs, SessionState.CANCELLED),
        in_conflict=sum(one.disputed for one in theirs),
    )


def reasons(sessions: Iterable[KnownSession], *states: SessionState) -> dict[str, int]:
    """Return how many sessions in one of the states gave each reason, the reasons in order."""
    return _counted(one.reason or NOT_SAID for one in sessions if one.state in states)


def _executives(known: Known, frame: Frame) -> ExecutiveAttendance:
    monthly = frame.kinds(Cadence.MONTHLY)
    theirs = _recorded(one for one in known.sessions.values() if one.planned.kind in monthly)
    roles = (Role.EXECUTIVE_SPONSOR, Role.SENIOR_OPERATIONAL_LEADER)
    return ExecutiveAttendance(
        **_attendance(theirs, *roles).model_dump(),
        held=sum(one.state is SessionState.HELD for one in theirs),
        missed=sum(one.state is SessionState.MISSED for one in theirs),
    )


def _partners(known: Known, frame: Frame) -> Attendance:
    kinds = {one.id for one in frame.edition.sessions if Role.PARTNER in one.attends}
    theirs = _recorded(one for one in known.sessions.values() if one.planned.kind in kinds)
    return _attendance([one for one in theirs if one.state is SessionState.HELD], Role.PARTNER)


def _recorded(sessions: Iterable[KnownSession]) -> list[KnownSession]:
    over = {SessionState.HELD, SessionState.MISSED}
    return [one for one in sessions if one.state in over]


def _attendance(sessions: list[KnownSession], *roles: Role) -> Attendance:
    counted = [
        [one.came[role] for role in roles if role in one.came] for one in sessions if one.came
    ]
    return Attendance(
        sessions=len(sessions),
        noted=len([said for said in counted if said]),
        with_one=sum(any(came for came, _ in said) for said in counted),
        came=sum(came for said in counted for came, _ in said),
        of=sum(of for said in counted for _, of in said),
    )


def _escalations(known: Known, frame: Frame) -> tuple[OpenEscalation, ...]:
    found = []
    for one in known.chases.values():
        if one.escalated_at is None or one.course_id in known.gone:
            continue
        pauses = known_pauses(known, frame.edition, frame.calendar, one.course_id)
        days = working_days_since(one.escalated_at, frame.at, frame.calendar, pauses)
        if days > LATE_ESCALATION:
            subject = one.course_id.rpartition("/")[2]
            found.append(
                OpenEscalation(id=one.id, kind=one.kind, subject_id=subject, working_days=days)
            )
    return tuple(sorted(found, key=lambda one: (one.kind, one.id)))


def _at_risk(known: Known, frame: Frame) -> Iterable[AtRisk]:
    for course_id in sorted(place.course_id for place in known.places.values()):
        found = known_forecast(known, frame.edition, frame.calendar, course_id, frame.at)
        if found is not None and found.at_risk and course_id not in known.gone:
            yield _risk(known, course_id, found)


def _risk(known: Known, course_id: str, found: ForecastLine) -> AtRisk:
    weekly = [one for one in known.of_course(course_id) if one.planned.kind == found.kind]
    because = reasons(weekly, SessionState.MISSED, SessionState.CANCELLED)
    late = found.planned - sum(not one.planned.catch_up for one in weekly)
    if late > 0:
        because[STARTED_LATE] = late
    return AtRisk(
        service_id=course_id.rpartition("/")[2],
        held=found.held,
        possible=found.possible,
        minimum=found.minimum,
        because=because,
    )


def _moved_events(known: Known, frame: Frame) -> MovedEvents:
    events = frame.kinds(Cadence.FULL_DAY)
    moves = [
        max(one.moves - one.planned.catch_up, 0)  # a person chose the day of a catch-up
        for one in known.sessions.values()
        if one.planned.kind in events
    ]
    return MovedEvents(
        events=sum(count > 0 for count in moves),
        moves=sum(moves),
        twice=sum(count > 1 for count in moves),
    )
