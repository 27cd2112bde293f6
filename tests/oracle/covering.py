"""The oracle's absence of a coach: who covers, what moves meanwhile (E01, X05, C15, C16)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rehearsal.script import YES
from schemas.imports import AbsenceLine
from schemas.letters import Topic
from schemas.people import Role
from tests.oracle.days import DAY, touches
from tests.oracle.deed import Deed
from tests.oracle.moving import Search, move_to
from tests.oracle.post import tell
from tests.oracle.sessions import lead_instead, taken
from tests.oracle.world import Course, Meeting, No, Ward, World

WHY = "coach_unavailable"


def arrange(world: World, deed: Deed) -> None:
    """Let others lead what a coach cannot, or put it elsewhere; all concerned are told once."""
    coach, said = deed.target, deed.details
    first, last = date.fromisoformat(said["from"]), date.fromisoformat(said["until"])
    touched = _touched(world, coach, first, last)
    moves, named = said.get("move") == YES, said.get("cover", "").split()
    covers = {} if moves else _covers(world, coach, named, touched)
    world.people.absences.append(AbsenceLine(person=coach, from_day=first, until_day=last))
    times = {} if named else Search(world, coach).nearest(touched)
    world.operations += 1
    becomes = {one: covers.get(one) or times.get(one) for one in touched}
    refused = [
        course.id
        for course in sorted({one.course for one in touched}, key=lambda one: one.id)
        if not _arranged(world, course, {one: to for one, to in becomes.items() if to})
    ]
    if refused:
        raise No(f"{', '.join(refused)} cannot be arranged")


def _arranged(world: World, course: Course, becomes: dict[Meeting, str | datetime]) -> bool:
    """Do what becomes of the sessions of one course; tell whether it could be."""
    theirs = {one: to for one, to in becomes.items() if one.course is course}
    if not theirs:
        return True
    present = max(world.now, world.heard)
    ahead = {one: to for one, to in theirs.items() if one.starts and one.starts > present}
    if not ahead or (isinstance(course, Ward) and course.withdrawn is not None):
        return False
    before = _come(ahead)
    for one, to in ahead.items():
        if isinstance(to, str):
            lead_instead(world, one, to)
        else:
            move_to(world, one, to, WHY)
    tell(world, course, Topic.COACH_AWAY, *before, *_come(ahead), about=f"OP-{world.operations}")
    return True


def _come(found: Iterable[Meeting]) -> list[str]:
    return [who for one in found for who in sorted(one.people)]


def _touched(world: World, coach: str, first: date, last: date) -> list[Meeting]:
    """Return what a coach leads in these days and that has not begun, earliest first."""
    days = (world.days.at(first), world.days.at(last + DAY))
    mine = [
        (one.starts, one.id, one)
        for _, one in world.booked([coach])
        if one.people[coach] is one.kind.coach and one.starts is not None
    ]
    return [
        one
        for starts, _, one in sorted(mine, key=lambda found: found[:2])
        if days[0] <= starts < days[1] and starts > world.now
    ]


@dataclass(frozen=True)
class _StandIns:
    """Who may cover, and what they have taken on."""

    world: World
    role: Role
    coaches: list[str]
    helping: dict[str, set[Course]]
    added: list[tuple[str, Meeting]]

    def asked(self, course: Course) -> list[str]:
        """Return them as they are asked for a course: who has least comes first (C16)."""
        return sorted(self.coaches, key=lambda one: self._busy(one, {*self.helping[one], course}))

    def _busy(self, coach: str, helps: set[Course]) -> tuple[bool, int, str]:
        load = len(self._has(coach)) + len(helps)
        most = {one.coach: one.most for one in self.world.edition.caseloads}.get(self.role)
        return (most is not None and load > most, load, coach)

    def _has(self, coach: str) -> set[str]:
        """Return the services, or sponsors, that a coach has."""
        over = {"completed", "not_placed", "ineligible", "declined", "withdrawn", "merged"}
        known = [
            one
            for one in self.world.wards.values()
            if one.stage not in over and not one.ended and not one.withdrawn
        ]
        if self.role is Role.EXECUTIVE_COACH:
            return {one.sponsor for one in known if one.executive_coach == coach}
        return {one.subject for one in known if one.coach == coach}

    def can(self, coach: str, group: Sequence[Meeting]) -> bool:
        """Tell whether a coach is there and free for all of some sessions."""
        has = [one for _, one in self.world.booked([coach])]
        has += [one for who, one in self.added if who == coach]
        for one in group:
            begins, ends = taken(self.world, one)
            if self.world.people.away(coach, self.world.days.day(begins)):
                return False
            if any(touches(taken(self.world, other), begins, ends) for other in has):
                return False
        return True

    def take(self, coach: str, one: Meeting) -> None:
        """Let a coach cover a session."""
        self.helping[coach].add(one.course)
        self.added.append((coach, one))


def _covers(
    world: World, coach: str, named: list[str], touched: list[Meeting]
) -> dict[Meeting, str]:
    """Return who covers which session: one coach for all of a course where one can."""
    found: dict[Meeting, str] = {}
    for role in sorted({one.kind.coach for one in touched}):
        known = world.people.holders(role, "*", world.edition.id)
        coaches = [one for one in known if one != coach and one in (named or known)]
        stand_ins = _StandIns(world, role, coaches, {one: set() for one in coaches}, [])
        courses: dict[Course, list[Meeting]] = {}
        for one in touched:
            if one.kind.coach is role:
                courses.setdefault(one.course, []).append(one)
        for course, theirs in courses.items():
            asked = stand_ins.asked(course)
            for group in (theirs, *([one] for one in theirs)):
                left = [one for one in group if one not in found]
                can = (one for one in asked if left and stand_ins.can(one, left))
                cover = next(can, None)
                for one in left if cover else []:
                    assert cover is not None
                    found[one] = cover
                    stand_ins.take(cover, one)
    return found
