"""The oracle's onboarding: team, partner, coach, slot, the event's day, the first session (R16)."""

from datetime import date, datetime, time, timedelta

from schemas.letters import Topic
from schemas.people import Role
from schemas.sessions import Cadence
from tests.oracle import sessions
from tests.oracle.calendar import free_days, replan_weekly
from tests.oracle.casting import hand_over, to_come
from tests.oracle.chases import close_all
from tests.oracle.deed import Deed, ward_of
from tests.oracle.post import tell
from tests.oracle.sessions import day_rests
from tests.oracle.world import OPEN, TAKES_PART, Course, Meeting, No, Ward, World

OVER = {"completed", "not_placed", "ineligible", "declined", "merged"}


def _onboarded(world: World, deed: Deed) -> Ward:
    ward = ward_of(world, deed)
    if ward.stage not in TAKES_PART:
        raise No("it is not onboarded")
    return ward


def team(world: World, deed: Deed) -> None:
    """Note who is in the team."""
    ward = _onboarded(world, deed)
    team = world.holders(ward, Role.TEAM_MEMBER)
    if not team:
        raise No("nobody is named")
    close_all(world, ward, "done", kind="team_named")
    sessions.join(world, ward, Role.TEAM_MEMBER, team)


def partner(world: World, deed: Deed) -> None:
    """Note that a partner has joined, or is sought."""
    ward, partner = _onboarded(world, deed), deed.details.get("partner", "")
    held = (partner, Role.PARTNER, ward.subject, False)
    if partner and partner not in world.holders(ward, Role.PARTNER):
        world.people.held.append(held)
    partners = world.holders(ward, Role.PARTNER)
    close_all(world, ward, "done", kind="partner_sought")
    if partners:
        close_all(world, ward, "done", kind="event_partner")
        sessions.join(world, ward, Role.PARTNER, partners)


def coach(world: World, deed: Deed) -> None:
    """Assign a coach, who takes over what is to come from the one before (C15)."""
    ward, coach = _onboarded(world, deed), deed.details["coach"]
    before = ward.coach
    if before == coach:
        return
    if coach not in world.people.holders(Role.DELIVERY_COACH, "*", world.edition.id):
        raise No("no coach")
    _refuse_slot(world, ward, coach, ward.weekday, ward.clock)
    ward.coach = coach
    led = _led(world, ward, before)
    try:
        _refuse_any_clash(world, ward, led, coach)
    except No:
        ward.coach = before
        raise
    close_all(world, ward, "done", kind="coach_assigned")
    for one in led:
        hand_over(world, one, [before] if before else [], {coach: Role.DELIVERY_COACH})
    _hand_tasks_over(world, ward, before, coach)
    if before is not None:
        replan_weekly(world, ward)
        told = (ward.lead, coach, before)
        tell(world, ward, Topic.COACH_CHANGED, *told, step=coach)
    for other in world.wards.values():
        if other.coach is not None and other.coach in {before, coach}:
            world.touch(other)


def _led(world: World, ward: Ward, before: str | None) -> list[Meeting]:
    """Return what is to come and is led by the service's own coach."""
    return [
        one
        for one in to_come(world, ward)
        if one.kind.coach is Role.DELIVERY_COACH and not _is_covered(one, before)
    ]


def _refuse_any_clash(world: World, ward: Ward, led: list[Meeting], coach: str) -> None:
    """Refuse what comes once where the coach is elsewhere; weekly sessions give way (C15)."""
    for one in led:
        if one.kind.cadence is not Cadence.WEEKLY:
            sessions.refuse_clash(world, ward, one, [coach])


def _hand_tasks_over(world: World, ward: Ward, before: str | None, coach: str) -> None:
    for task in world.tasks_of(ward):
        theirs = world.edition.policy(task.kind).holder is Role.DELIVERY_COACH
        if theirs and task.holder in {None, before} and task.state in OPEN:
            task.holder = coach


def _is_covered(one: Meeting, before: str | None) -> bool:
    """Tell whether somebody stands in for the coach, and goes on doing so."""
    leading = [who for who, role in one.people.items() if role is one.kind.coach]
    return before is not None and bool(leading) and before not in leading


def slot(world: World, deed: Deed) -> None:
    """Choose the weekly hour, unless the coach has it taken (C15)."""
    ward, kind = _onboarded(world, deed), sessions.kind_of(world, Cadence.WEEKLY)
    if kind is None or ward.coach is None or world.meetings_of(ward, kind.id):
        raise No("no coach yet, or planned already")
    weekday, clock = int(deed.details["weekday"]), time.fromisoformat(deed.details["starts"])
    _refuse_slot(world, ward, ward.coach, weekday, clock)
    ward.weekday, ward.clock = weekday, clock
    close_all(world, ward, "done", kind="slot_chosen")


def _refuse_slot(
    world: World, ward: Ward, coach: str, weekday: int | None, clock: time | None
) -> None:
    kind = sessions.kind_of(world, Cadence.WEEKLY)
    if kind is None or weekday is None or clock is None:
        return
    length = timedelta(minutes=kind.minutes)
    wanted = datetime.combine(date(2000, 1, 3), clock)
    for other in world.wards.values():
        gone = other.withdrawn is not None or other.stage in OVER
        if other is ward or other.coach != coach or other.weekday != weekday or gone:
            continue
        theirs = datetime.combine(date(2000, 1, 3), other.clock or time())
        if theirs < wanted + length and wanted < theirs + length:
            raise No("the coach is with another service then")


def event(world: World, deed: Deed) -> None:
    """Date the full-day event (C05, X12)."""
    ward, day = _onboarded(world, deed), date.fromisoformat(deed.details["day"])
    kind = sessions.kind_of(world, Cadence.FULL_DAY)
    if kind is None:
        raise No("there is no such kind")
    _refuse_day(world, ward, day)
    first = next(free_days(world, ward, kind, world.days.day(world.now)), None)
    if first is not None and day < first and not deed.reason:
        raise No("too soon for rosters")
    starts = world.days.at(day, kind.starts)
    standing = [one for one in world.meetings_of(ward, kind.id) if one.state != "cancelled"]
    to_come = [one for one in standing if one.state == "to_come"]
    undated = [one for one in to_come if one.starts is None]
    one: Meeting | None = undated[0] if undated else None
    if not undated and len(standing) >= kind.planned:
        ahead = [one for one in to_come if one.starts and one.starts > world.now]
        one = ahead[-1] if ahead else None
    if one is not None and one.starts == starts:
        return
    trial = one or Meeting("", ward, kind, 0, day)
    was = (trial.starts, trial.ends)
    trial.starts, trial.ends = starts, starts + timedelta(minutes=kind.minutes)
    try:
        sessions.refuse_clash(world, ward, trial)
    finally:
        trial.starts, trial.ends = was
    if one is None:
        one = sessions.make(world, ward, kind, starts, day)
    else:
        before = one.starts
        sessions.put(world, one, starts, by_person=before is not None)
        tell_sponsor(world, one, before)
    close_all(world, ward, "done", kind="event_dated", about=one.id)
    if len(standing) >= kind.planned - (one not in standing) and all(
        other.starts for other in world.meetings_of(ward, kind.id) if other.state != "cancelled"
    ):
        close_all(world, ward, "done", kind="event_dated", about=ward.id)


def _refuse_day(world: World, course: Course, day: date) -> None:
    window = world.edition.window
    if not window.opens <= day <= window.closes or not world.days.works(day):
        raise No("outside the window, or a day off")
    if day_rests(world, course, day):
        raise No("paused")


def tell_sponsor(world: World, one: Meeting, was: datetime | None) -> None:
    """Tell the sponsor of an event that was moved twice, or late (X11)."""
    if was is None:
        return
    late, twice = one.kind.late_change, one.kind.moves_told
    told = twice is not None and one.moves >= twice
    if late is not None:
        told |= world.days.day(world.now) > world.days.before(world.days.day(was), late)
    if told:
        sponsors = world.holders(one.course, Role.EXECUTIVE_SPONSOR)
        step = str(one.sequence)
        tell(world, one.course, Topic.EVENT_MOVED_LATE, *sponsors, about=one.id, step=step)


def sponsor_session(world: World, deed: Deed) -> None:
    """Set the sponsor's first session (C07)."""
    ward, day = _onboarded(world, deed), date.fromisoformat(deed.details["day"])
    _refuse_day(world, ward, day)
    starts = world.days.at(day, time.fromisoformat(deed.details["starts"]))
    if starts <= world.now and not deed.reason:
        raise No("past")
    known = world.people.holders(Role.EXECUTIVE_COACH, "*", world.edition.id)
    coach = deed.details.get("coach", "")
    if coach not in known:
        raise No("no coach")
    ward.first_session, ward.executive_coach = starts, coach
    close_all(world, ward, "done", kind="sponsor_session_set")
