"""The programme as a picture: what each service had in each week."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from planning.slots import is_paused
from rehearsal.report.material import Material, all_pauses, hours, monday, moves_of
from schemas.base import Record
from schemas.people import ServiceType
from schemas.sessions import SessionState
from storage.reads.report_rows import Ward
from storage.reads.session_list import SessionLine

WORKING_WEEK = 5


class Mark(Record):
    """One session of a service in a week.

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


class WardWeek(Record):
    """A week of a service; one in which every working day was paused is a paused week."""

    monday: date
    paused: bool
    marks: tuple[Mark, ...]


class WardRow(Record):
    """A service's way in numbers: held + missed + cancelled + to come = planned + catch-up (C17).

    Attributes:
        waiting: Sessions that had no day at the end.

    """

    service_id: str
    name: str
    organisation_id: str
    region: str
    type: ServiceType
    stage: str
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
    events: tuple[str, ...]
    weeks: tuple[WardWeek, ...]


def programme(material: Material) -> tuple[WardRow, ...]:
    """Return the way of each service that had sessions, by id."""
    return tuple(ward_row(material, one) for one in material.coached)


def ward_row(material: Material, ward: Ward) -> WardRow:
    """Return the way of one service."""
    own = material.sessions_of[ward.course_id]
    weeks = _weeks(material, ward, own)
    states = Counter(one.state for one in own)
    return WardRow(
        service_id=ward.service_id,
        name=ward.name,
        organisation_id=ward.organisation_id,
        region=ward.region,
        type=ward.type,
        stage=ward.stage.value,
        planned=sum(one.catch_up_for is None for one in own),
        catch_up=sum(one.catch_up_for is not None for one in own),
        held=states[SessionState.HELD],
        missed=states[SessionState.MISSED],
        cancelled=states[SessionState.CANCELLED],
        to_come=states[SessionState.TO_COME],
        moved=sum(moves_of(one) > 0 for one in own),
        waiting=sum(one.starts_at is None and one.state is SessionState.TO_COME for one in own),
        paused_weeks=sum(one.paused for one in weeks),
        hours=hours(own, material.kinds),
        events=tuple(_event(material, one) for one in own if material.is_event(one)),
        weeks=weeks,
    )


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


def _weeks(material: Material, ward: Ward, own: Sequence[SessionLine]) -> tuple[WardWeek, ...]:
    marks = [found for one in own if (found := mark(material, one)) is not None]
    pauses = all_pauses(material, ward.course_id)
    calendar = material.calendar

    def paused(week: date) -> bool:
        days = (week + timedelta(days=n) for n in range(WORKING_WEEK))
        working = [day for day in days if calendar.is_working_day(day)]
        return all(is_paused(day, pauses, calendar) for day in working)

    return tuple(
        WardWeek(
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
