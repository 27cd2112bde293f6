"""The oracle's records: how a session went, and what follows from it (X01-X03, X06, C18)."""

from datetime import date, datetime, timedelta

from schemas.letters import Topic
from schemas.people import Role
from schemas.sessions import Cadence
from tests.oracle.chases import close_all, open_task, reopen
from tests.oracle.days import DAY
from tests.oracle.post import end, tell
from tests.oracle.sessions import day_rests, make, refuse_clash, refuse_moment, start_of
from tests.oracle.world import Meeting, No, Ward, World

BY_PROGRAMME = {"coach_unavailable", "no_week_left", "paused"}
"""Reasons that are not the service's (X06)."""
BEFORE = ("event_prepared", "event_partner")
AFTER = ("event_report_out", "event_follow_up")
OFFERS = ("catch_up", "executive_slot")
TOLD = {Topic.MISSED_TWICE, Topic.EXECUTIVE_MISSED_TWICE, Topic.THREE_MISSED}


def record(world: World, one: Meeting, outcome: str, why: str, came: list[str] | None) -> None:
    """Note how a session went, and what follows from one that was missed (X01-X03, X06, C18)."""
    if one.course.ended or one.state == "cancelled":
        raise No("ended, or cancelled")
    if one.starts is None or world.now < one.starts:
        raise No("it has not begun")
    if came is not None and one.kind.held_with:
        there = {one.people.get(who) for who in came}
        outcome = outcome if there & {*one.kind.held_with} else "missed"
    missed = outcome == "missed"
    why = why if missed else ""
    if one.recorded and (one.state, one.reason) == (outcome, why):
        return
    was = _is_missed(one)
    one.state, one.reason, one.recorded, one.record_due = outcome, why, True, None
    world.touch(one.course)
    close_all(world, one.course, "done", kind="session_record", about=one.id)
    _settle_event(world, one)
    leaves = isinstance(one.course, Ward) and one.course.withdrawn is not None
    if was and not _is_missed(one):
        _take_back(world, one)
    elif _is_missed(one) and not was and not leaves:
        _after_missed(world, one)


def _is_missed(one: Meeting) -> bool:
    """Tell whether its service missed it; what the programme caused never counts (X06)."""
    return one.state == "missed" and one.reason not in BY_PROGRAMME


def _take_back(world: World, one: Meeting) -> None:
    """Undo what followed from a record that was corrected."""
    for offer in OFFERS:
        close_all(
            world, one.course, "cancelled", kind=offer, about=one.id, reason="record_corrected"
        )
    for mail in [mail for mail in world.waiting.values() if mail.subject == one.id]:
        if mail.topic in TOLD:
            end(world, mail, "superseded", "nothing_to_say")


def _settle_event(world: World, one: Meeting) -> None:
    held = one.state == "held"
    if held:
        reopen(world, one.course, one.id, "session_missed", *AFTER)
    reason = "session_held" if held else "session_missed"
    for kind in BEFORE if held else (*BEFORE, *AFTER):
        close_all(world, one.course, "cancelled", kind=kind, about=one.id, reason=reason)


def _after_missed(world: World, one: Meeting) -> None:
    executive = not isinstance(one.course, Ward)
    coach = world.holders(one.course, one.kind.coach)
    if _catch_up_days(world, one):
        kind = "executive_slot" if one.kind.cadence is Cadence.MONTHLY else "catch_up"
        open_task(world, one.course, kind, about=one.id, holder=next(iter(coach), None))
    past = [
        other
        for other in world.meetings_of(one.course, one.kind.id)
        if other.starts is not None and (other.state == "held" or _is_missed(other))
    ]
    past.sort(key=lambda other: world.days.day(start_of(other)))
    if past[-1].state != "missed":
        return
    running = 0
    for other in reversed(past):
        if other.state != "missed":
            break
        running += 1
    rules, coordinators = world.edition.missed, world.holders(one.course, Role.COORDINATOR)
    if running >= rules.in_a_row:
        topic = Topic.EXECUTIVE_MISSED_TWICE if executive else Topic.MISSED_TWICE
        tell(world, one.course, topic, *coach, *coordinators, about=one.id)
    since = world.days.day(start_of(past[-1])) - timedelta(weeks=rules.within_weeks)
    lately = sum(
        other.state == "missed" and world.days.day(start_of(other)) > since for other in past
    )
    if lately >= rules.within and not executive:
        tell(world, one.course, Topic.THREE_MISSED, *coordinators, about=one.id)


def _catch_up_days(world: World, one: Meeting) -> list[date]:
    """Return the free working days on which a catch-up can be offered (X02, X03)."""
    missed = world.days.day(start_of(one))
    if one.kind.catch_up == "no":
        return []
    if one.kind.catch_up == "month":
        last = (missed.replace(day=1) + timedelta(days=31)).replace(day=1) - DAY
    else:
        last = missed + (6 - missed.weekday()) * DAY
        last += timedelta(weeks=world.edition.missed.catch_up_weeks)
    first = max(missed, world.days.day(world.now)) + DAY
    busy = {
        world.days.day(start_of(other))
        for other in world.meetings_of(one.course)
        if other.state == "to_come" and other.starts is not None
    }
    days = [first + n * DAY for n in range(max((last - first).days + 1, 0))]
    return [
        day
        for day in days
        if world.days.works(day) and day not in busy and not day_rests(world, one.course, day)
    ]


def catch_up(world: World, missed: Meeting, starts: datetime) -> None:
    """Add a session that makes up for a missed one (X02, C17)."""
    course, kind = missed.course, missed.kind
    if missed.state != "missed":
        raise No("it was not missed")
    for other in world.meetings_of(course, kind.id):
        if other.catches_up == missed.id and other.state in {"to_come", "held"}:
            raise No("there is one already")
    refuse_moment(world, course, starts)
    trial = Meeting("", course, kind, 0, world.days.day(starts), starts)
    trial.ends = starts + timedelta(minutes=kind.minutes)
    refuse_clash(world, course, trial)
    make(world, course, kind, starts, world.days.day(starts), catches_up=missed.id, moves=1)
    for offer in OFFERS:
        close_all(world, course, "done", kind=offer, about=missed.id)
