"""The load of each coach and person, and where two things want the same person (C14-C16)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise

from planning.placing import Busy, clashes, whole_day
from rehearsal.report.material import Material, monday
from rehearsal.report.wording import counted, day_words
from schemas.base import Record
from schemas.ids import executive_course_id
from schemas.people import Role
from schemas.sessions import Cadence, SessionState
from storage.reads.report_rows import Part
from storage.reads.session_list import SessionLine

COACHES = (Role.DELIVERY_COACH, Role.EXECUTIVE_COACH)


class PersonLoad(Record):
    """What one person had to come to; sessions that were cancelled are not counted.

    Attributes:
        caseload: The most services that a delivery coach has at one time, or the most sponsors
            that an executive coach has.
        usual: The caseload above which the edition warns (C16); 0: none.
        weeks: Hours in each week, by its Monday.

    """

    person_id: str
    roles: tuple[str, ...]
    caseload: int
    usual: int
    sessions: int
    hours: float
    busiest: date | None
    most_hours: float
    weeks: dict[date, float]


class Clash(Record):
    """Two things that want one person, or more than the edition likes.

    Attributes:
        rule: C14: too close; C15: at the same time; C16: more than the usual caseload.

    """

    rule: str
    person_id: str
    roles: tuple[str, ...]
    day: date | None
    first: str
    second: str
    said: str


def loads(material: Material) -> tuple[PersonLoad, ...]:
    """Return the load of everybody who takes part in a session, coaches first, by id."""
    theirs = _sessions_of(material)
    caseloads = _caseloads(material)
    found = [_load(material, one, theirs[one], caseloads) for one in sorted(theirs)]
    return tuple(sorted(found, key=lambda one: (not is_coach(one.roles), one.person_id)))


def is_coach(roles: Iterable[str]) -> bool:
    """Tell whether somebody coaches."""
    return any(role in {one.value for one in COACHES} for role in roles)


def clashes_of(material: Material, found: Iterable[PersonLoad]) -> tuple[Clash, ...]:
    """Return every clash by rule, person and day."""
    lines = [*_same_time(material), *_too_close(material), *_too_many(material, found)]
    return tuple(sorted(lines, key=lambda one: (one.rule, one.person_id, str(one.day), one.first)))


def _sessions_of(material: Material) -> dict[str, list[SessionLine]]:
    known = {one.id: one for one in material.sessions if one.state is not SessionState.CANCELLED}
    found: dict[str, list[SessionLine]] = defaultdict(list)
    for part in material.parts:
        if part.session_id in known:
            found[part.person_id].append(known[part.session_id])
    return found


def _load(
    material: Material,
    person_id: str,
    sessions: list[SessionLine],
    caseloads: Mapping[str, tuple[int, int]],
) -> PersonLoad:
    weeks: dict[date, float] = defaultdict(float)
    for one in sessions:
        day = material.day(one)
        if day is not None:
            weeks[monday(day)] += _length(material, one)
    most = max(weeks.values(), default=0.0)
    caseload, usual = caseloads.get(person_id, (0, 0))
    return PersonLoad(
        person_id=person_id,
        roles=roles_of(material, person_id),
        caseload=caseload,
        usual=usual,
        sessions=len(sessions),
        hours=round(sum(_length(material, one) for one in sessions), 2),
        busiest=min((week for week, count in weeks.items() if count == most), default=None),
        most_hours=round(most, 2),
        weeks={week: round(weeks[week], 2) for week in sorted(weeks)},
    )


def roles_of(material: Material, person_id: str) -> tuple[str, ...]:
    """Return the codes of a person's roles."""
    return tuple(role.value for role in material.roles_of.get(person_id, ()))


def _length(material: Material, one: SessionLine) -> float:
    minutes = one.held_minutes or material.kinds[one.kind].minutes
    return minutes / 60


def _caseloads(material: Material) -> dict[str, tuple[int, int]]:
    usual = {one.coach: one.most for one in material.edition.caseloads}
    services: dict[str, set[str]] = defaultdict(set)
    sponsors: dict[str, set[str]] = defaultdict(set)
    for ward in material.coached:
        if ward.delivery_coach_id:
            services[ward.delivery_coach_id].add(ward.course_id)
        if ward.executive_coach_id:
            sponsors[ward.executive_coach_id].update(
                executive_course_id(material.edition.id, one) for one in ward.sponsor_ids
            )
    most = {
        **{coach: (theirs, Role.DELIVERY_COACH) for coach, theirs in services.items()},
        **{coach: (theirs, Role.EXECUTIVE_COACH) for coach, theirs in sponsors.items()},
    }
    return {
        coach: (_most_at_once(material, theirs), usual.get(role, 0))
        for coach, (theirs, role) in most.items()
    }


def _most_at_once(material: Material, course_ids: Iterable[str]) -> int:
    """Return how many courses there are at one time, each from its first to its last session."""
    spans = []
    for course_id in course_ids:
        days = [
            day
            for one in material.sessions_of.get(course_id, [])
            if one.state is not SessionState.CANCELLED
            for day in [material.day(one)]
            if day is not None
        ]
        if days:
            spans.append((min(days), max(days)))
    return max((sum(a <= first <= b for a, b in spans) for first, _ in spans), default=0)


def _same_time(material: Material) -> Iterable[Clash]:
    known = {one.id: one for one in material.sessions if one.state is not SessionState.CANCELLED}
    busy = [
        found
        for part in material.parts
        if part.session_id in known
        for found in [_busy(material, known[part.session_id], part)]
        if found is not None
    ]
    for one in clashes(busy):
        first, second = known[one.first.session], known[one.second.session]
        yield Clash(
            rule="C15",
            person_id=one.person,
            roles=roles_of(material, one.person),
            day=material.calendar.day_of(max(one.first.starts_at, one.second.starts_at)),
            first=first.id,
            second=second.id,
            said=f"{_named(material, first)} and {_named(material, second)} overlap",
        )


def _busy(material: Material, one: SessionLine, part: Part) -> Busy | None:
    kind, day = material.kinds[one.kind], material.day(one)
    if one.starts_at is None or one.ends_at is None or day is None:
        return None
    if kind.blocks_day and part.role is kind.coach:
        return whole_day(part.person_id, day, material.calendar, one.id)
    return Busy(part.person_id, one.starts_at, one.ends_at, one.id)


def _too_close(material: Material) -> Iterable[Clash]:
    """Yield two sessions of one sponsor that are nearer than the edition likes (C14)."""
    for course_id in sorted(material.sessions_of):
        for kind in material.edition.sessions:
            if kind.cadence is not Cadence.MONTHLY or not kind.minimum_gap_days:
                continue
            dated = [
                (day, one)
                for one in material.sessions_of[course_id]
                if one.kind == kind.id and one.state in {SessionState.HELD, SessionState.TO_COME}
                for day in [material.day(one)]
                if day is not None
            ]
            for (before, first), (after, second) in pairwise(sorted(dated, key=lambda one: one[0])):
                if after - before < timedelta(days=kind.minimum_gap_days):
                    yield Clash(
                        rule="C14",
                        person_id=first.subject_id,
                        roles=roles_of(material, first.subject_id),
                        day=after,
                        first=first.id,
                        second=second.id,
                        said=f"{kind.title} {first.number} on {day_words(before)} and "
                        f"{second.number} on {day_words(after)} are "
                        f"{counted((after - before).days, 'day')} apart; the edition wants "
                        f"{kind.minimum_gap_days}",
                    )


def _too_many(material: Material, found: Iterable[PersonLoad]) -> Iterable[Clash]:
    for one in found:
        if one.usual and one.caseload > one.usual:
            yield Clash(
                rule="C16",
                person_id=one.person_id,
                roles=one.roles,
                day=None,
                first="",
                second="",
                said=f"a caseload of {one.caseload}; usual in this edition are {one.usual}",
            )


def _named(material: Material, one: SessionLine) -> str:
    return f"{material.kinds[one.kind].title} {one.number} of {one.subject_id}"
