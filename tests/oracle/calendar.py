"""The oracle's calendar: weekly slots, months, days on which everybody is free (C04-C15a)."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from schemas.edition import SessionKind
from schemas.sessions import Cadence
from tests.oracle.chases import open_task
from tests.oracle.days import DAY, touches
from tests.oracle.sessions import (
    bound,
    bring_back,
    cancel,
    day_rests,
    end_cover,
    kind_of,
    make,
    put,
    taken,
)
from tests.oracle.world import TAKES_PART, Course, Meeting, Ward, World

WEEK = timedelta(weeks=1)


# -- weekly sessions ------------------------------------------------------------------------------


def plan_weekly(world: World, ward: Ward) -> None:
    """Put the weekly sessions over the slot (C04, E15)."""
    kind = kind_of(world, Cadence.WEEKLY)
    if kind is not None and ward.weekday is not None:
        whole, hours = _blocked(world, ward, kind)
        days = [day for day in _slots(world, ward) if day not in whole | hours]
        for day in days[: kind.planned]:
            make(world, ward, kind, world.days.at(day, ward.clock or time()), day)


def replan_weekly(world: World, ward: Ward) -> bool:
    """Put them round what takes, or no longer takes, their days; tell whether any changed.

    Each has the day of the first plan where that is good, else the day that it has, else the first
    spare one (C10, C15a, C17). Where a person has put it, it stays unless the whole day is taken.
    """
    kind = kind_of(world, Cadence.WEEKLY)
    if kind is None or ward.weekday is None or ward.stage not in TAKES_PART:
        return False
    whole, hours = _blocked(world, ward, kind)
    movable = [one for one in world.meetings_of(ward, kind.id) if _is_movable(world, one)]
    by_hand = [one for one in movable if _stays(world, one, whole)]
    mine = [one for one in movable if one not in by_hand]
    shut = whole | hours | {_day(world, one) for one in by_hand}
    good = [day for day in _slots(world, ward) if day not in shut]
    return _put_all(world, ward, mine, _found(world, mine, good))


def _found(world: World, mine: list[Meeting], good: list[date]) -> dict[Meeting, date]:
    """Return the day of each session that finds one."""
    found: dict[Meeting, date] = {}
    for one in mine:
        if one.planned in good and one.planned not in found.values():
            found[one] = one.planned
    for one in mine:
        if one not in found and one.state == "to_come" and one.starts is not None:
            day = _day(world, one)
            if day in good and day not in found.values():
                found[one] = day
    spare = [day for day in good if day not in found.values()]
    for one in mine:
        if one not in found and spare:
            found[one] = spare.pop(0)
    return found


def _put_all(world: World, ward: Ward, mine: list[Meeting], found: dict[Meeting, date]) -> bool:
    endless = any(end is None for _, end in world.rests(ward))
    changed = False
    for one in mine:
        day = found.get(one)
        stands = one.state == "to_come" and one.starts is not None
        if stands and day == _day(world, one) and one.moves == 0:
            continue
        starts = None if day is None else world.days.at(day, ward.clock or time())
        if one.state == "cancelled":
            if starts is not None:
                one.state, one.starts, one.ends, changed = "to_come", None, None, True
                put(world, one, starts)
                end_cover(world, one)
        elif starts is None and not endless:
            cancel(world, one, "no_week_left")
            changed = True
        elif starts != one.starts:
            put(world, one, starts, reason="" if starts else "paused")
            end_cover(world, one)
            changed = True
    return changed


def _day(world: World, one: Meeting) -> date:
    assert one.starts is not None
    return world.days.day(one.starts)


def _is_movable(world: World, one: Meeting) -> bool:
    if one.state == "cancelled":
        return one.reason == "no_week_left"
    return one.state == "to_come" and (one.starts is None or one.starts > world.now)


def _stays(world: World, one: Meeting, whole: set[date]) -> bool:
    if not one.moves or one.state != "to_come" or one.starts is None or one.ends is None:
        return False
    paused = any(touches(rest, one.starts, one.ends) for rest in world.rests(one.course))
    return not paused and _day(world, one) not in whole


def _slots(world: World, ward: Ward) -> list[date]:
    """Return the days of a slot that are still to come and on which anybody works."""
    window = world.edition.window
    assert ward.weekday is not None
    day = window.opens + timedelta(days=(ward.weekday - window.opens.weekday()) % 7)
    found = []
    while day <= window.closes:
        ahead = world.days.at(day, ward.clock or time()) > world.now
        if ahead and world.days.works(day) and not day_rests(world, ward, day):
            found.append(day)
        day += WEEK
    return found


def _blocked(world: World, ward: Ward, kind: SessionKind) -> tuple[set[date], set[date]]:
    """Return the days that events take whole, and those on which the coach has the hour taken."""
    whole: set[date] = set()
    hours: set[date] = set()
    for one in world.meetings_of(ward):
        event = one.kind.cadence is Cadence.FULL_DAY and one.state in {"to_come", "held"}
        if event and one.starts is not None:
            whole |= _given_way(_day(world, one), kind)
    for _, other in world.booked([ward.coach] if ward.coach else []):
        begins, ends = other.starts, other.ends
        assert begins is not None
        assert ends is not None
        if ends <= world.now or (other.course is ward and other.kind is kind):
            continue
        day = _day(world, other)
        mine = world.days.at(day, ward.clock or time())
        if other.kind.blocks_day:
            whole.add(day)
        elif day.weekday() == ward.weekday and touches(
            (begins, ends), mine, mine + timedelta(minutes=kind.minutes)
        ):
            hours.add(day)
    return whole, hours


def _given_way(event: date, kind: SessionKind) -> set[date]:
    if kind.gives_way == "never":
        return set()
    if kind.gives_way == "same_day":
        return {event}
    return {event - timedelta(days=event.weekday()) + n * DAY for n in range(7)}


# -- sessions that come once ----------------------------------------------------------------------


def place_once(world: World, ward: Ward) -> None:
    """Put each check-in on the first day on which everybody is free (C08)."""
    for kind in world.edition.sessions:
        if kind.cadence is not Cadence.ONCE:
            continue
        last: date | None = None
        for _ in range(kind.planned):
            first = world.days.day(world.now) + DAY
            if last is not None:
                first = max(first, last + timedelta(days=max(kind.minimum_gap_days, 1)))
            starts = first_free(world, ward, kind, first)
            last = world.days.day(starts) if starts else last
            closes = world.edition.window.closes
            one = make(world, ward, kind, starts, world.days.day(starts) if starts else closes)
            if starts is None:
                open_task(world, ward, "event_dated", about=one.id)


def first_free(world: World, ward: Ward, kind: SessionKind, first: date) -> datetime | None:
    """Return the first moment that fits a session which is dated by itself (C08, C15)."""
    for day in free_days(world, ward, kind, first):
        starts = world.days.at(day, kind.starts)
        if is_free(world, ward, kind, starts):
            return starts
    return None


def free_days(world: World, ward: Ward, kind: SessionKind, first: date) -> Iterator[date]:
    """Walk the working days outside pauses on which such a session may be."""
    window = world.edition.window
    day = max(first, window.opens + kind.not_before_week * WEEK)
    if kind.lead is not None:
        lead = world.days.before(first, kind.lead.model_copy(update={"amount": -kind.lead.amount}))
        day = max(day, lead)
    while day <= window.closes:
        if world.days.works(day) and not day_rests(world, ward, day):
            yield day
        day += DAY


def is_free(world: World, course: Course, kind: SessionKind, starts: datetime) -> bool:
    """Tell whether all who cannot be in two places are free (C15)."""
    ends = starts + timedelta(minutes=kind.minutes)
    return not any(
        touches(taken(world, other), starts, ends)
        for _, other in world.booked(bound(world, course, kind))
    )


# -- months ---------------------------------------------------------------------------------------


def take_up_participation(world: World, course: Course) -> None:
    """Plan a sponsor's months while a service takes part, and stop when none does (C07, X13)."""
    kind = kind_of(world, Cadence.MONTHLY)
    services = world.taking_part(course.subject)
    if kind is None or course.ended or not _is_handed_over(world, course):
        return
    left = "sponsor_changed" if _has_left(world, course.subject) else "withdrawn"
    returns = any(
        one.withdrawn is not None and not one.ended and one.stage_before in TAKES_PART
        for one in world.wards_of(course.subject)
    )
    if services and course.stage == "idle":
        course.stage = "coaching"
        _bring_back_months(world, course, kind)
        _plan_months(world, course, kind, services)
    elif not services and course.stage != "idle" and not returns:
        for one in world.meetings_of(course):
            if one.state == "to_come" and (one.starts is None or one.starts > world.now):
                cancel(world, one, left)
        for task in world.tasks_of(course, "executive_slot"):
            if task.state in {"open", "promised", "stuck"}:
                task.state, task.reason = "cancelled", "no_service_takes_part"
                task.closed, task.next = world.now, None
        course.stage = "idle"


def _bring_back_months(world: World, course: Course, kind: SessionKind) -> None:
    for one in world.meetings_of(course, kind.id):
        if one.state != "cancelled" or one.reason != "withdrawn" or one.starts is None:
            continue
        assert one.ends is not None
        rests = any(touches(rest, one.starts, one.ends) for rest in world.rests(course))
        busy = any(
            touches((other.starts or one.ends, other.ends or one.ends), one.starts, one.ends)
            for _, other in world.booked(_pair(world, course, kind))
        )
        if one.starts > world.now and not rests and not busy:
            bring_back(world, one)


def _pair(world: World, course: Course, kind: SessionKind) -> list[str]:
    return [*world.holders(course, kind.coach), course.subject]


def _plan_months(world: World, course: Course, kind: SessionKind, services: list[Ward]) -> None:
    before = _before(world, course, kind)
    standing = [one for one in world.meetings_of(course, kind.id) if one.state != "cancelled"]
    own = {_month(one) for one in standing}
    standing += [
        one
        for one, until in before
        if one.state != "cancelled" and one.starts is not None and one.starts < until
        if _month(one) not in own
    ]
    have = {_month(one) for one in standing}
    wanted = max(kind.planned - len(standing), 0)
    firsts = [one.first_session for one in services if one.first_session is not None]
    placed = _months(world, course, kind, min(firsts))
    new = [(month, starts) for month, starts in placed if month not in have][:wanted]
    for month, starts in new:
        day = world.days.day(starts) if starts else month
        one = make(world, course, kind, starts, day, behind=len(before))
        if starts is None:
            open_task(world, course, "executive_slot", about=one.id)


def _month(one: Meeting) -> date:
    return one.planned.replace(day=1)


def _has_left(world: World, sponsor: str) -> bool:
    """Tell whether somebody was followed, and has taken no place since (P01)."""
    said = [
        (one.begins, one.new == sponsor)
        for one in world.follows
        if sponsor in {one.old, one.new} and one.begins <= world.now
    ]
    return bool(said) and not max(said)[1]


def _followed(world: World, sponsor: str) -> dict[str, datetime]:
    """Return all whose place somebody has taken, and until when they had it (P01).

    Whoever took a place after they had been followed has that one still.
    """
    found: dict[str, datetime] = {}
    looked_at = [one for one in world.follows if one.new == sponsor and one.begins <= world.now]
    while looked_at:
        one = looked_at.pop()
        if one.old != sponsor and found.get(one.old, one.begins) <= one.begins:
            found[one.old] = one.begins
            looked_at += [
                other
                for other in world.follows
                if other.new == one.old and other.begins < one.begins
            ]
    return found


def _before(world: World, course: Course, kind: SessionKind) -> list[tuple[Meeting, datetime]]:
    """Return the sessions of those before, and until when they count: the count goes on (P01)."""
    return [
        (one, until)
        for who, until in _followed(world, course.subject).items()
        if who in world.sponsors
        for one in world.meetings_of(world.sponsors[who], kind.id)
    ]


def _is_handed_over(world: World, course: Course) -> bool:
    """Tell whether whoever was before has nothing to come any more."""
    before = [world.sponsors.get(one) for one in _followed(world, course.subject)]
    return not any(
        one and not one.ended and one.stage == "coaching" and not world.taking_part(one.subject)
        for one in before
    )


def _months(
    world: World, course: Course, kind: SessionKind, first: datetime
) -> list[tuple[date, datetime | None]]:
    """Place one session in each month: far enough apart, then by weekday, time and day (C14)."""
    window, local = world.edition.window, world.days.local(first)
    busy = [taken(world, other) for _, other in world.booked(_pair(world, course, kind))]
    begins = max(window.opens, local.date(), world.days.day(world.now) + DAY)
    hours = [local.time(), *(time(hour) for hour in range(9, 17) if time(hour) != local.time())]
    last: date | None = None
    found: list[tuple[date, datetime | None]] = []
    for month in months_from(world, kind, begins) if begins <= window.closes else []:
        day, until = max(month, begins), min(_next(month) - DAY, window.closes)
        options = []
        while day <= until:
            if world.days.works(day) and not day_rests(world, course, day):
                near = last is not None and (day - last).days < kind.minimum_gap_days
                other_day = day.weekday() != local.weekday()
                options += [(near, other_day, rank, day) for rank in range(len(hours))]
            day += DAY
        starts = None
        for _, _, rank, day in sorted(options):
            at = world.days.at(day, hours[rank])
            ends = at + timedelta(minutes=kind.minutes)
            if not any(touches(span, at, ends) for span in busy):
                starts, last = at, day
                break
        found.append((month, starts))
    return found


def months_from(world: World, kind: SessionKind, begins: date) -> list[date]:
    """Return the months that get a session, from the first full one on (C04, C07)."""
    window, days = world.edition.window, world.days
    opens = max(window.opens, begins.replace(day=1))
    touched = []
    month = opens.replace(day=1)
    while month <= window.closes:
        touched.append(month)
        month = _next(month)
    full = [
        place
        for place, month in enumerate(touched)
        if opens <= days.from_on(month) and days.from_on(_next(month) - DAY, -1) <= window.closes
    ]
    start = max(min(full[0] if full else 0, len(touched) - kind.planned), 0)
    return touched[start : start + kind.planned]


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
