"""The oracle's sessions: made, put on a day, taken off it, cancelled, recorded."""

from datetime import date, datetime, timedelta

from schemas.edition import SessionKind
from schemas.obligations import ObligationKind
from schemas.people import Role
from schemas.sessions import Cadence
from tests.oracle.chases import delay_of, open_task
from tests.oracle.days import DAY, touches
from tests.oracle.post import correct, end_about, invite, remind
from tests.oracle.world import Course, Meeting, No, Ward, World


def kind_of(world: World, cadence: Cadence) -> SessionKind | None:
    """Return the edition's kind of session that comes so often."""
    return next((one for one in world.edition.sessions if one.cadence is cadence), None)


def make(
    world: World,
    course: Course,
    kind: SessionKind,
    starts: datetime | None,
    planned: date,
    behind: int = 0,
    **more: object,
) -> Meeting:
    """Plan a session with all who come, its reminders and its invitations (M01, M18).

    Its number is the next, where ``behind`` many were before those of the course.
    """
    own = [one.number for one in world.meetings_of(course, kind.id)]
    number = max([behind + len(own), *own]) + 1
    one = Meeting(
        id=f"{world.edition.id}/{course.subject}/{kind.id}/{number}",
        course=course,
        kind=kind,
        number=number,
        planned=planned,
        people=cast_of(world, course, kind),
    )
    for name, value in more.items():
        setattr(one, name, value)
    world.add_meeting(one)
    _date(world, one, starts)
    remind(world, one, list(one.people))
    invite(world, one, list(one.people))
    return one


def cast_of(world: World, course: Course, kind: SessionKind) -> dict[str, Role]:
    """Return who comes to a kind of session."""
    found: dict[str, Role] = {}
    for role in (kind.coach, *kind.attends):
        for person in world.holders(course, role):
            found.setdefault(person, role)
    if kind.cadence is Cadence.WEEKLY:
        for person, role, scope, opted_in in sorted(world.people.held):
            if role is Role.TEAM_MEMBER and scope == course.subject and opted_in:
                found.setdefault(person, Role.TEAM_MEMBER)
    return found


def _date(world: World, one: Meeting, starts: datetime | None) -> None:
    touch(world, one)
    one.starts = starts
    one.ends = one.record_due = None
    if starts is not None:
        one.ends = starts + timedelta(minutes=one.kind.minutes)
        first = delay_of(ObligationKind.SESSION_RECORD, world)
        one.record_due = world.days.after(one.ends, first, world.rests(one.course))
        look_after(world, one)
    world.heard_meeting(one)


def touch(world: World, one: Meeting) -> None:
    """Let its course look again, and the wards of a coach whose day an event takes (E11)."""
    world.touch(one.course)
    if one.kind.blocks_day:
        coaches = {who for who, role in one.people.items() if role is one.kind.coach}
        for ward in world.wards.values():
            if ward.coach in coaches:
                world.touch(ward)


def look_after(world: World, one: Meeting) -> None:
    """Wait for the moment at which somebody is asked how a session went (X01)."""
    if one.record_due is not None:
        at, name = one.record_due, f"{one.course.id}|ask_for_record|{one.id}"
        world.when(at, lambda: _ask_for_record(world, one, at), name=name)


def _ask_for_record(world: World, one: Meeting, at: datetime) -> None:
    withdrawn = isinstance(one.course, Ward) and one.course.withdrawn is not None
    if one.record_due != at or one.state != "to_come" or one.course.ended or withdrawn:
        return
    coach = next(iter(leaders(one) or world.holders(one.course, one.kind.coach)), None)
    open_task(world, one.course, "session_record", about=one.id, holder=coach, opened=one.ends)


def put(
    world: World,
    one: Meeting,
    starts: datetime | None,
    *,
    by_person: bool = False,
    reason: str = "",
) -> None:
    """Put a session on another moment, or on none: a new version of it (M05, C17)."""
    one.sequence = next_version(world, one)
    one.moves += by_person and starts != one.starts
    one.reason = reason
    if starts != one.starts:
        one.confirmed.clear()
    end_about(world, one.id, "session_moved")
    _date(world, one, starts)
    _tell_diaries(world, one)


def lead_instead(world: World, one: Meeting, coach: str) -> None:
    """Let another coach lead a session at its time: a new version of it (E01, M17)."""
    touch(world, one)
    for who in leaders(one):
        world.take_person(one, who)
    if coach not in one.people:
        world.add_person(one, coach, one.kind.coach)
    put(world, one, one.starts, reason=one.reason)


def end_cover(world: World, one: Meeting) -> None:
    """Let its own coach lead what planning has put on a day on which they are there (E01)."""
    own = world.holders(one.course, one.kind.coach)
    if one.starts is None or not own or {*own} & {*leaders(one)}:
        return
    if not world.people.away(own[0], world.days.day(one.starts)):
        lead_instead(world, one, own[0])


def next_version(world: World, one: Meeting) -> int:
    """Return a version above all that anybody was written of (M17)."""
    return max(one.sequence, world.versions.get((one.id, ""), -1)) + 1


def _tell_diaries(world: World, one: Meeting) -> None:
    shown = dict(one.diaries)
    correct(world, one)
    invite(world, one, [who for who in one.people if shown.get(who) is None])
    remind(world, one, list(one.people))


def cancel(world: World, one: Meeting, reason: str) -> None:
    """Cancel a session; whoever has it in their diary gets one cancellation (M05)."""
    one.state, one.reason, one.record_due = "cancelled", reason, None
    one.sequence = next_version(world, one)
    touch(world, one)
    end_about(world, one.id, "session_cancelled")
    correct(world, one)


def bring_back(world: World, one: Meeting) -> None:
    """Put a cancelled session back where it was."""
    one.state, one.reason = "to_come", ""
    one.sequence = next_version(world, one)
    end_about(world, one.id, "session_moved")
    _date(world, one, one.starts)
    shown = dict(one.diaries)
    correct(world, one)
    gone = [who for who in one.people if who in shown and shown[who] is None]
    invite(world, one, gone, at_once=True)
    invite(world, one, [who for who in one.people if who not in shown])
    remind(world, one, list(one.people))


def cancel_what_is_ahead(world: World, course: Course, reason: str) -> None:
    """Cancel what has not begun."""
    for one in world.meetings_of(course):
        if one.state == "to_come" and (one.starts is None or one.starts > world.now):
            cancel(world, one, reason)


def join(world: World, course: Course, role: Role, persons: list[str]) -> None:
    """Invite those who come late to what is dated and to come."""
    for one in world.meetings_of(course):
        begun = one.starts is not None and one.starts <= world.now
        if role not in one.kind.attends or one.state != "to_come" or begun:
            continue
        for person in persons:
            join_one(world, one, person, role)


def join_one(world: World, one: Meeting, person: str, role: Role) -> None:
    """Add somebody to a session to come."""
    if person not in one.people:
        world.add_person(one, person, role)
        touch(world, one)
        invite(world, one, [person])
        remind(world, one, [person])
        world.heard_meeting(one)


# -- who can be where ----------------------------------------------------------------------------


def bound(world: World, course: Course, kind: SessionKind, one: Meeting | None = None) -> list[str]:
    """Return who cannot be in two places: coach, lead and sponsor where they come (C15).

    The coach of a session that is covered is whoever covers it.
    """
    roles = {Role.SERVICE_LEAD, Role.EXECUTIVE_SPONSOR} & {*kind.attends} - {kind.coach}
    coaches = (leaders(one) if one else []) or world.holders(course, kind.coach)
    return [*coaches, *(person for role in roles for person in world.holders(course, role))]


def leaders(one: Meeting) -> list[str]:
    """Return who leads a session: its course's coach, or whoever covers it."""
    return sorted(who for who, role in one.people.items() if role is one.kind.coach)


def taken(world: World, one: Meeting) -> tuple[datetime, datetime]:
    """Return when a session keeps its people busy: an event the whole day (C15)."""
    assert one.starts is not None
    assert one.ends is not None
    if not one.kind.blocks_day:
        return one.starts, one.ends
    day = world.days.day(one.starts)
    return world.days.at(day), world.days.at(day + DAY)


def refuse_clash(
    world: World, course: Course, one: Meeting, persons: list[str] | None = None
) -> None:
    """Refuse a moment at which somebody who must come is elsewhere (C15)."""
    if one.starts is None or one.ends is None:
        return
    day = world.days.day(one.starts)
    coaches = [*world.holders(course, one.kind.coach), *leaders(one)] if one.kind.blocks_day else []
    for person, other in world.booked(persons or bound(world, course, one.kind, one)):
        if other is one or other.starts is None or other.ends is None:
            continue
        if one.kind.blocks_day and other.kind.cadence is Cadence.WEEKLY:
            continue
        overlaps = other.starts < one.ends and one.starts < other.ends
        whole_day = other.kind.blocks_day or person in coaches
        same_day = touches((world.days.at(day), world.days.at(day + DAY)), other.starts, other.ends)
        if overlaps or (whole_day and same_day):
            raise No(f"{person} has {other.id}")


def refuse_moment(world: World, course: Course, starts: datetime) -> None:
    """Refuse a moment that is past, on a day off, outside the window or in a pause (C09, E24)."""
    day, window = world.days.day(starts), world.edition.window
    if starts <= max(world.now, world.heard) or not world.days.works(day):
        raise No("past, or a day off")
    if not window.opens <= day <= window.closes or world.rests_now(course, starts):
        raise No("outside the window, or in a pause")


def day_rests(world: World, course: Course, day: date) -> bool:
    """Tell whether a pause takes any part of a day (C09)."""
    begins, ends = world.days.at(day), world.days.at(day + DAY)
    return any(touches(rest, begins, ends) for rest in world.rests(course))


def start_of(one: Meeting) -> datetime:
    """Return when a session that has a day begins."""
    assert one.starts is not None
    return one.starts
