"""The programme by weeks: what each service and each executive sponsor had in each of them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from planning.slots import is_paused
from rehearsal.report.material import Material, all_pauses, hours, monday, moves_of
from schemas.base import Record
from schemas.courses import Stage
from schemas.ids import executive_course_id
from schemas.people import ServiceType
from schemas.sessions import SessionState
from storage.reads.report_rows import Ward
from storage.reads.session_list import SessionLine

WORKING_WEEK = 5
GONE = {Stage.WITHDRAWN.value, Stage.MERGED.value}


class Mark(Record):
    """One session in a week.

    Attributes:
        moves: How often people moved it.
        unrecorded: It is over, and nobody has said how it went.

    """

    session: str
    title: str
    day: date
    state: SessionState
    reason: str
    event: bool
    moves: int
    catch_up: bool
    unrecorded: bool
    conflict: bool


class Week(Record):
    """A week of somebody's way; where every working day was paused it is a paused week."""

    monday: date
    paused: bool
    marks: tuple[Mark, ...]


class Way(Record):
    """Somebody's way in numbers: held + missed + cancelled + to come = planned + catch-up (C17).

    Attributes:
        waiting: Sessions that had no day at the end.
        hours: Of the sessions that were held.

    """

    planned: int
    catch_up: int
    held: int
    missed: int
    cancelled: int
    to_come: int
    moved: int
    waiting: int
    paused_weeks: int
    hours: float
    weeks: tuple[Week, ...]


class WardRow(Way):
    """A service's way.

    Attributes:
        events: Its full-day events in words.

    """

    service_id: str
    name: str
    organisation_id: str
    region: str
    type: ServiceType
    stage: str
    events: tuple[str, ...]

    @property
    def label(self) -> str:
        """What its row is called."""
        return self.service_id

    @property
    def has_left(self) -> bool:
        """Whether it was no longer in the programme at the end."""
        return self.stage in GONE


class SponsorRow(Way):
    """The way of an executive sponsor, who has sessions for all their services at once.

    Attributes:
        services: Whose sponsor they were at some time.

    """

    sponsor_id: str
    services: tuple[str, ...]

    @property
    def label(self) -> str:
        """What their row is called."""
        return self.sponsor_id

    @property
    def has_left(self) -> bool:
        """Nobody can tell from the sessions alone."""
        return False


def programme(material: Material) -> tuple[WardRow, ...]:
    """Return the way of each service that had sessions, by id."""
    return tuple(_ward_row(material, one) for one in material.coached)


def sponsors(material: Material) -> tuple[SponsorRow, ...]:
    """Return the way of each executive sponsor who had sessions, by id."""
    services: dict[str, list[str]] = defaultdict(list)
    for ward in material.wards:
        for sponsor_id in ward.sponsor_ids:
            services[sponsor_id].append(ward.service_id)
    found = []
    for sponsor_id in sorted(services):
        course_id = executive_course_id(material.edition.id, sponsor_id)
        if course_id in material.sessions_of:
            way = _way(material, course_id)
            found.append(
                SponsorRow(**way, sponsor_id=sponsor_id, services=tuple(services[sponsor_id]))
            )
    return tuple(found)


def _ward_row(material: Material, ward: Ward) -> WardRow:
    own = material.sessions_of[ward.course_id]
    return WardRow(
        **_way(material, ward.course_id),
        service_id=ward.service_id,
        name=ward.name,
        organisation_id=ward.organisation_id,
        region=ward.region,
        type=ward.type,
        stage=ward.stage.value,
        events=tuple(_event(material, one) for one in own if material.is_event(one)),
    )


def _way(material: Material, course_id: str) -> dict[str, Any]:
    own = material.sessions_of[course_id]
    weeks = _weeks(material, course_id, own)
    states = Counter(one.state for one in own)
    return {
        "planned": sum(one.catch_up_for is None for one in own),
        "catch_up": sum(one.catch_up_for is not None for one in own),
        "held": states[SessionState.HELD],
        "missed": states[SessionState.MISSED],
        "cancelled": states[SessionState.CANCELLED],
        "to_come": states[SessionState.TO_COME],
        "moved": sum(moves_of(one) > 0 for one in own),
        "waiting": sum(one.starts_at is None and one.state is SessionState.TO_COME for one in own),
        "paused_weeks": sum(one.paused for one in weeks),
        "hours": hours(own, material.kinds),
        "weeks": weeks,
    }


def mark(material: Material, one: SessionLine) -> Mark | None:
    """Return a session as it is marked in its week; none where it has no day."""
    day = material.day(one)
    if day is None:
        return None
    over = one.ends_at is not None and one.ends_at < material.at
    return Mark(
        session=f"{one.kind}/{one.number}",
        title=f"{material.kinds[one.kind].title} {one.number}",
        day=day,
        state=one.state,
        reason=one.reason.value if one.reason else "",
        event=material.is_event(one),
        moves=moves_of(one),
        catch_up=one.catch_up_for is not None,
        unrecorded=over and one.state is SessionState.TO_COME,
        conflict=bool(one.conflict),
    )


def _weeks(material: Material, course_id: str, own: Sequence[SessionLine]) -> tuple[Week, ...]:
    marks = [found for one in own if (found := mark(material, one)) is not None]
    pauses = all_pauses(material, course_id)
    calendar = material.calendar

    def paused(week: date) -> bool:
        days = (week + timedelta(days=n) for n in range(WORKING_WEEK))
        working = [day for day in days if calendar.is_working_day(day)]
        return all(is_paused(day, pauses, calendar) for day in working)

    return tuple(
        Week(
            monday=week,
            paused=paused(week),
            marks=tuple(one for one in marks if monday(one.day) == week),
        )
        for week in material.weeks
    )


def _event(material: Material, one: SessionLine) -> str:
    day = material.day(one)
    said = f"{day:%-d %b %Y}" if day else "no day"
    moved = f", moved {moves_of(one)}×" if moves_of(one) else ""
    return f"{said} ({one.state.value.replace('_', ' ')}{moved})"
