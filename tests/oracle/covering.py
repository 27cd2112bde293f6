"""The oracle's absence of a coach: who covers each session meanwhile (E01, X05, C15, C16)."""

from datetime import date

from schemas.imports import AbsenceLine
from schemas.letters import Topic
from schemas.people import Role
from tests.oracle.days import touches
from tests.oracle.deed import Deed
from tests.oracle.post import tell
from tests.oracle.sessions import put, taken
from tests.oracle.world import Course, Meeting, World


def arrange(world: World, deed: Deed) -> None:
    """Let others lead what a coach cannot; everybody concerned is told once."""
    coach, said = deed.target, deed.details
    first, last = date.fromisoformat(said["from"]), date.fromisoformat(said["until"])
    absence = AbsenceLine(person=coach, from_day=first, until_day=last)
    named = said.get("cover", "").split()
    known = named or world.people.holders(Role.DELIVERY_COACH, "*", world.edition.id)
    covers = _covers(world, coach, [one for one in known if one != coach], first, last)
    world.people.absences.append(absence)
    world.operations += 1
    for course, theirs in covers.items():
        before = [who for one, _ in theirs for who in sorted(one.people)]
        for one, cover in theirs:
            world.take_person(one, coach)
            world.add_person(one, cover, Role.DELIVERY_COACH)
            put(world, one, one.starts, reason=one.reason)
        after = [who for one, _ in theirs for who in sorted(one.people)]
        about = f"OP-{world.operations}"
        tell(world, course, Topic.COACH_AWAY, *before, *after, about=about)


def _covers(
    world: World, coach: str, known: list[str], first: date, last: date
) -> dict[Course, list[tuple[Meeting, str]]]:
    """Return who covers which sessions: one coach for all of a course, the least busy first."""
    touched: dict[Course, list[Meeting]] = {}
    days = (world.days.at(first), world.days.at(date.fromordinal(last.toordinal() + 1)))
    mine = [one for _, one in world.booked([coach]) if one.people[coach] is one.kind.coach]
    for one in sorted(mine, key=lambda one: (one.starts or days[0], one.id)):
        if one.starts is not None and days[0] <= one.starts < days[1] and one.starts > world.now:
            touched.setdefault(one.course, []).append(one)
    helping: dict[str, set[Course]] = {one: set() for one in known}
    added: list[tuple[str, Meeting]] = []
    found: dict[Course, list[tuple[Meeting, str]]] = {}
    for course, theirs in touched.items():
        asked = sorted(known, key=lambda one: _busy(world, one, {*helping[one], course}))
        groups = [theirs, *([one] for one in theirs)]
        for group in groups:
            done = [one for one, _ in found.get(course, [])]
            left = [one for one in group if one not in done]
            cover = next((one for one in asked if left and _can(world, one, left, added)), None)
            for one in left if cover else []:
                assert cover is not None
                found.setdefault(course, []).append((one, cover))
                helping[cover].add(course)
                added.append((cover, one))
        assert len(found.get(course, [])) == len(theirs), "the oracle knows cover, and no moves"
    return {course: found[course] for course in sorted(found, key=lambda one: one.id)}


def _busy(world: World, coach: str, helps: set[Course]) -> tuple[bool, int, str]:
    over = {"completed", "not_placed", "ineligible", "declined", "withdrawn", "merged"}
    mine = [
        one
        for one in world.wards.values()
        if one.coach == coach and one.stage not in over and not one.ended and not one.withdrawn
    ]
    load = len(mine) + len(helps)
    most = {one.coach: one.most for one in world.edition.caseloads}.get(Role.DELIVERY_COACH)
    return (most is not None and load > most, load, coach)


def _can(world: World, coach: str, group: list[Meeting], added: list[tuple[str, Meeting]]) -> bool:
    """Tell whether a coach is there and free for all of some sessions."""
    has = [one for _, one in world.booked([coach])]
    has += [one for who, one in added if who == coach]
    for one in group:
        begins, ends = taken(world, one)
        if world.people.away(coach, world.days.day(begins)):
            return False
        if any(touches(taken(world, other), begins, ends) for other in has):
            return False
    return True
