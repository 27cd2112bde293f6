"""How the oracle's time passes: what an edition's file dates, and what comes of everything."""

from collections.abc import Callable
from datetime import datetime, timedelta

from schemas.letters import Topic
from schemas.messages import MessageKind
from tests.oracle import leaving, recruiting
from tests.oracle.calendar import replan_weekly
from tests.oracle.chases import reach_people
from tests.oracle.post import plan
from tests.oracle.stages import open_stages
from tests.oracle.world import TAKES_PART, Mail, Ward, World


def begin(world: World) -> None:
    """Let everything fall due that an edition's file dates: deadline, digests, ends."""
    closes = recruiting.deadline(world)
    name = world.home.id
    world.when(closes, lambda: recruiting.close_recruitment(world), name=f"{name}|close")
    refill_ends = recruiting.refill_ends(world)
    world.when(refill_ends, lambda: recruiting.close_waitlist(world), name=f"{name}|waitlist")
    monday = world.edition.window.opens - timedelta(days=world.edition.window.opens.weekday())
    while monday <= world.edition.window.closes:
        week = world.days.at(monday)
        at = leaving.digest_at(world, week)
        if at is not None:
            world.when(at, _digest(world, week), name=f"{name}|digest")
        monday += timedelta(days=7)
    ends = leaving.completes_at(world)
    world.when(ends, lambda: _complete_all(world), name="zz")
    world.when(leaving.completes_at(world, 2), lambda: leaving.finish(world), name=f"{name}|end")


def _complete_all(world: World) -> None:
    for course in [*world.sponsors.values(), *world.wards.values()]:
        leaving.complete(world, course)


def _digest(world: World, monday: datetime) -> Callable[[], None]:
    def tell_coaches() -> None:
        until = monday + timedelta(days=7)
        week = {world.days.day(monday) + timedelta(days=n) for n in range(7)}
        leads = {kind.coach for kind in world.edition.sessions}
        coaches = {
            who
            for one in world.meetings.values()
            if one.state == "to_come" and one.starts is not None
            if world.days.day(one.starts) in week
            for who, role in one.people.items()
            if role in leads
        }
        step = world.days.day(monday).isoformat()
        for coach in sorted(coaches):
            mail = Mail(
                MessageKind.DIGEST,
                Topic.COACH_WEEK.value,
                world.home.id,
                0,
                step,
                coach,
                world.home,
                world.now,
                useful=leaving.digest_ends(world, monday) or until,
            )
            plan(world, mail)

    return tell_coaches


def settle(world: World) -> None:
    """Let every course take up what has come of what happened to it just now."""
    while world.touched:
        _, course = world.touched.popitem()
        if not isinstance(course, Ward):
            continue
        if not course.ended:
            recruiting.settle_onboarding(world, course)
            if course.stage in TAKES_PART and replan_weekly(world, course):
                world.touch(course)
            open_stages(world, course)
        leaving.settle_sponsor(world, course)


def happen(world: World, until: datetime) -> None:
    """Let time pass, and everything in it be taken up."""
    while (at := world.next_at()) is not None and at <= until:
        world.step()
        settle(world)
        reach_people(world)
    world.now = max(world.now, until)
