"""The oracle's pauses and endings: pause, resume, withdraw, undo, complete, finish (X07-X13)."""

from contextlib import suppress
from datetime import datetime, time, timedelta

from schemas.letters import Topic
from schemas.people import Role
from schemas.sessions import Cadence
from tests.oracle.calendar import WEEK, replan_weekly, take_up_participation
from tests.oracle.chases import (
    close_all,
    open_task,
    reopen,
    reschedule,
    take_up_again,
)
from tests.oracle.days import DAY, PLAIN, touches
from tests.oracle.post import end_of_course, revive, tell
from tests.oracle.recruiting import allocate, close_waitlist, course_of, free
from tests.oracle.sessions import (
    bring_back,
    cancel,
    cancel_what_is_ahead,
    look_after,
    put,
    refuse_clash,
)
from tests.oracle.succeeding import take_up_late
from tests.oracle.world import Course, Meeting, No, Ward, World

CLOSING_DAYS = 5
"""Working days after the window in which the last sessions are recorded."""


def pause(world: World, ward: Ward) -> None:
    """Stop a service's clocks (X08)."""
    if ward.withdrawn is not None or ward.ended or any(end is None for _, _, end in ward.rests):
        raise No("it has left, or is paused already")
    name = f"{ward.id}/pause/{len(ward.rests) + 1}"
    ward.rests.append((name, world.now, None))
    go_round(world, ward)
    tell(world, ward, Topic.PAUSED, ward.lead, ward.coach, about=name)


def resume(world: World, ward: Ward) -> None:
    """Start them again; nothing dated meanwhile is sent (X09)."""
    running = [one for one in ward.rests if one[2] is None]
    if ward.ended or not running:
        raise No("it is not paused")
    name, begins, _ = running[0]
    ward.rests[ward.rests.index(running[0])] = (name, begins, world.now)
    go_round(world, ward)
    tell(world, ward, Topic.RESUMED, ward.lead, ward.coach, about=name)


def go_round(world: World, course: Course) -> None:
    """Put sessions and chases round the pauses as they are."""
    if isinstance(course, Ward) and course.stage == "coaching":
        replan_weekly(world, course)
    undate(world, course)
    reschedule(world, course)


def undate(world: World, course: Course) -> None:
    """Take what comes once or monthly off a day that a pause takes; a person dates it."""
    for one in world.meetings_of(course):
        if one.state != "to_come" or one.kind.cadence is Cadence.WEEKLY or one.starts is None:
            continue
        assert one.ends is not None
        paused = any(touches(rest, one.starts, one.ends) for rest in world.rests(course))
        if paused and one.starts > world.now:
            put(world, one, None, reason="paused")
            close_all(world, course, "cancelled", about=one.id, reason="undated")
            monthly = one.kind.cadence is Cadence.MONTHLY
            coach = next(iter(world.holders(course, one.kind.coach)), None)
            kind = "executive_slot" if monthly else "event_dated"
            open_task(world, course, kind, about=one.id, holder=coach)


def withdraw(world: World, ward: Ward) -> None:
    """Stop everything for a service that leaves; for a day it can come back (R13, X13)."""
    if ward.ended or ward.withdrawn is not None:
        raise No("it has left already")
    undo = world.edition.recruitment.undo
    ward.withdrawn = world.now
    ward.undo_until = until = world.now + undo.amount * PLAIN[undo.unit]
    ward.stage_before, ward.stage = ward.stage, "withdrawn"
    for one in world.meetings_of(ward):
        near = one.starts is not None and world.now < one.starts <= until + DAY
        if one.state == "to_come" and near:
            cancel(world, one, "withdrawn")
    end_of_course(world, ward, "withdrawn", notices=True)
    world.when(until, lambda: _leave(world, ward, until), name=f"{ward.id}|close_withdrawal")


def _leave(world: World, ward: Ward, until: datetime) -> None:
    if ward.undo_until != until or ward.ended:
        return
    assert ward.withdrawn is not None
    cancel_what_is_ahead(world, ward, "withdrawn")
    close_all(world, ward, "cancelled", reason="withdrawn")
    end_of_course(world, ward, "withdrawn", notices=False)
    if ward.place is not None:
        boundary = world.edition.window.opens + (
            world.edition.recruitment.refill_before_week * WEEK
        )
        early = world.days.day(ward.withdrawn) < boundary
        free(world, ward.place, refill=ward.place.state == "offered" or early)
    ward.ended = True
    world.touch(ward)
    coach = world.holders(ward, Role.DELIVERY_COACH)
    sponsors = world.holders(ward, Role.EXECUTIVE_SPONSOR)
    tell(world, ward, Topic.WITHDRAWN, ward.lead, *sponsors, *coach)
    allocate(world)


def undo(world: World, ward: Ward) -> None:
    """Take a withdrawal back (E40)."""
    if ward.ended or ward.withdrawn is None or ward.undo_until is None:
        raise No("there is nothing to undo")
    if world.now > ward.undo_until:
        raise No("it is too late")
    ward.withdrawn = ward.undo_until = None
    ward.stage, ward.stage_before = ward.stage_before, ""
    for mail in list(world.mails.values()):
        if mail.course is ward and mail.reason == "withdrawn":
            revive(world, mail)
    _restore(world, ward)
    for one in world.meetings_of(ward):
        look_after(world, one)
    take_up_again(world, ward)
    take_up_late(world, ward)
    close_waitlist(world)


def _restore(world: World, ward: Ward) -> None:
    """Put back what the withdrawal cancelled and what still finds room (C15)."""
    for one in world.meetings_of(ward):
        if one.reason == "withdrawn" and one.starts is not None and one.starts > world.now:
            with suppress(No):
                refuse_clash(world, ward, one)
                bring_back(world, one)


def undo_cancellation(world: World, one: Meeting) -> None:
    """Put a session back that was cancelled."""
    ward = one.course
    left = isinstance(ward, Ward) and ward.withdrawn is not None
    if left or ward.ended or one.state != "cancelled":
        raise No("it is not cancelled, or all of it is over")
    if one.starts is None or one.starts <= world.now:
        raise No("it would have begun")
    refuse_clash(world, ward, one)
    bring_back(world, one)
    reopen(world, ward, one.id, "session_cancelled")


def complete(world: World, course: Course) -> None:
    """End a course some days after the window."""
    if course.ended or course.stage not in {"onboarding", "coaching", "idle"}:
        return
    close_all(world, course, "cancelled", reason="edition_ended")
    cancel_what_is_ahead(world, course, "no_week_left")
    end_of_course(world, course, "edition_ended", notices=False)
    course.stage, course.ended = "completed", True
    if isinstance(course, Ward):
        tell(world, course, Topic.COMPLETED, course.lead)


def completes_at(world: World, more: int = 0) -> datetime:
    """Return when courses complete, or when the edition ends some days later."""
    day = world.days.away(world.edition.window.closes, CLOSING_DAYS + more)
    return world.days.at(day, time(12))


def finish(world: World) -> None:
    """End the edition; who waits for a place is not placed."""
    close_all(world, world.home, "cancelled", reason="edition_ended")
    end_of_course(world, world.home, "edition_ended", notices=False)
    world.home.stage, world.home.ended = "finished", True
    for ward in world.wards.values():
        if ward.ended or ward.stage not in {"eligible", "waitlisted", "offered", "committing"}:
            continue
        close_all(world, ward, "cancelled", reason="offer_lapsed")
        if ward.place is not None:
            free(world, ward.place, refill=False)
        if ward.stage in {"eligible", "waitlisted"}:
            tell(world, ward, Topic.NO_PLACE_LEFT, ward.lead)
        ward.stage, ward.ended = "not_placed", True


def settle_sponsor(world: World, ward: Ward) -> None:
    """Let a sponsor's coaching look at who takes part now (C07, X13)."""
    if world.taking_part(ward.sponsor) or ward.sponsor in world.sponsors:
        take_up_participation(world, course_of(world, ward.sponsor))


def digest_at(world: World, monday: datetime) -> datetime | None:
    """Return when coaches are told of a week (M14); nothing where a pause takes all of it."""
    days, mail = world.days, world.edition.mail
    day = days.day(monday) - timedelta(days=7 - mail.digest_weekday)
    at = days.at(days.from_on(day, -1), mail.digest_at)
    if not world.rests_now(world.home, at):
        return at
    later, ends = days.opening(at, world.rests(world.home)), digest_ends(world, monday)
    return later if later is not None and ends is not None and later < ends else None


def digest_ends(world: World, monday: datetime) -> datetime | None:
    """Return until when a week is worth telling of: noon of its first day of work."""
    opens = world.days.opening(monday, world.rests(world.home))
    if opens is None or opens >= monday + timedelta(days=7, hours=2):
        return None
    day = world.days.day(opens)
    return None if (day - world.days.day(monday)).days >= 7 else world.days.at(day, time(12))
