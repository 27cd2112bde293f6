"""The oracle's events: stages that open before and after a full day (X12)."""

from datetime import datetime

from tests.oracle.chases import close_all, open_task, partner_confirmed
from tests.oracle.days import DAY
from tests.oracle.sessions import start_of
from tests.oracle.world import OPEN, TAKES_PART, Action, Course, Meeting, World


def open_stages(world: World, course: Course) -> None:
    """Wait for each stage of a full-day event; a move asks anew (X12)."""
    if course.stage not in TAKES_PART:
        return
    for one in world.meetings_of(course):
        if one.starts is None or one.state in {"cancelled", "missed"}:
            continue
        for stage in one.kind.stages:
            at = _stage_at(world, one, stage.days)
            if not _has_opened(world, one, stage.obligation, at):
                kind = stage.obligation
                name = f"{course.id}|open_stage|{one.id}#{kind}"
                if (name, at) not in world.expected:
                    world.expected.add((name, at))
                    world.when(at, _opening(world, one, kind, stage.days, (name, at)), name=name)


def _stage_at(world: World, one: Meeting, days: int) -> datetime:
    day = world.days.day(start_of(one)) + days * DAY
    return world.days.at(world.days.from_on(day, -1 if days < 0 else 1), world.days.opens)


def _has_opened(world: World, one: Meeting, kind: str, at: datetime) -> bool:
    return any(
        task.about == one.id
        and (
            task.state in OPEN
            or (task.reason != "undated" and (one.state == "held" or task.opened >= at))
        )
        for task in world.tasks_of(one.course, kind)
    )


def _opening(
    world: World, one: Meeting, kind: str, days: int, expected: tuple[str, datetime]
) -> Action:
    at = expected[1]

    def act() -> None:
        world.expected.discard(expected)
        stands = one.starts is not None and one.state not in {"cancelled", "missed"}
        if not stands or one.course.stage not in TAKES_PART or _stage_at(world, one, days) != at:
            return
        if not _has_opened(world, one, kind, at):
            task = open_task(world, one.course, kind, about=one.id)
            if kind == "event_partner" and partner_confirmed(world, one.id):
                close_all(world, one.course, "done", kind=kind, about=task.about)

    return act
