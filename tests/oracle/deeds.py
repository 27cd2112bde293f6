"""What people do, as the oracle's world takes it: each deed is done, or refused by the rules."""

from collections.abc import Callable
from datetime import date, datetime

from rehearsal.script import NOW, Verb
from schemas.courses import CommitmentState
from tests.oracle import (
    changing,
    covering,
    leaving,
    moving,
    outcomes,
    recruiting,
    sessions,
    settling,
    succeeding,
)
from tests.oracle.chases import close_all, promise, settle_by_hand
from tests.oracle.deed import Deed, Done, meeting_of, standing, ward_of
from tests.oracle.running import settle
from tests.oracle.world import No, Ward, World


def do(world: World, deed: Deed) -> Done:
    """Do something, unless the rules refuse it.

    What nobody answered while nobody worked counts from the moment at which it was first said.
    """
    now = world.heard = world.now
    world.now = deed.at if world.missed(deed.at) and deed.details.get("at") != NOW else now
    try:
        WAYS[deed.verb](world, deed)
    except No as refusal:
        return Done(deed, str(refusal))
    finally:
        world.now = now
    ward = world.wards.get(deed.target)
    if ward is not None:
        world.touch(ward)
    settle(world)
    return Done(deed)


def _apply(world: World, deed: Deed) -> None:
    ward = Ward(
        id=f"service/{world.edition.id}/{deed.target}",
        subject=deed.target,
        stage="applied",
        sponsor=deed.details["sponsor"],
        lead=deed.details["lead"],
        submitted=deed.at,
        earlier=deed.details["earlier_interest"] == "yes",
    )
    recruiting.apply(world, ward, deed.details["interest"])


def _offer(world: World, deed: Deed) -> None:
    ward = world.wards.get(deed.target)
    if ward is None:
        raise No("there is no such service")
    recruiting.decide_offer(world, ward, extend=deed.verb is Verb.EXTEND)


def _sign(world: World, deed: Deed) -> None:
    ward = ward_of(world, deed)
    if ward.vacant:
        raise No("nobody is sponsor")
    refuses = deed.verb is Verb.REFUSE
    how = CommitmentState.DECLINED if refuses else CommitmentState.SIGNED
    may = deed.actor == ward.sponsor or bool(deed.reason)
    named = [one.strip() for one in deed.details.get("commitments", "").split(",")]
    for one in named:
        if ward.sponsor in ward.signs_again and ward.stage != "committing":
            if not may:
                raise No("nobody says why for another")
            succeeding.sign_again(world, ward, one, how.value)
            continue
        recruiting.decide(world, ward, one, how, may=may)


def _record(world: World, deed: Deed) -> None:
    attended = deed.details.get("attended")
    came = None if attended is None else attended.split()
    one, why = meeting_of(world, deed), deed.details.get("why", "")
    outcomes.record(world, one, deed.details.get("outcome", "held"), why, came)


def _confirm(world: World, deed: Deed) -> None:
    one = world.meetings.get(deed.target)
    if one is None or deed.actor not in one.people or one.state != "to_come":
        raise No("it is not to come, or they do not take part")
    if one.starts is None or one.starts <= deed.at:
        raise No("it has no day, or has begun")
    one.confirmed.add(deed.actor)


def _move(world: World, deed: Deed) -> None:
    one = standing(world, deed)
    starts = _local(world, deed.details["starts"])
    if one.state != "to_come":
        raise No("it is not to come")
    if starts == one.starts:
        return
    sessions.refuse_moment(world, one.course, starts)
    moving.move_to(world, one, starts, deed.details.get("why", "other"))


def _local(world: World, text: str) -> datetime:
    starts = datetime.fromisoformat(text)
    return world.days.at(starts.date(), starts.time())


def _cancel(world: World, deed: Deed) -> None:
    one = standing(world, deed)
    if one.state == "cancelled":
        return
    if one.state != "to_come":
        raise No("it is over")
    sessions.cancel(world, one, deed.details.get("why", "other"))
    close_all(world, one.course, "cancelled", about=one.id, reason="session_cancelled")


def _undo(world: World, deed: Deed) -> None:
    if "/" in deed.target:
        leaving.undo_cancellation(world, standing(world, deed))
    else:
        leaving.undo(world, ward_of(world, deed))


def _task_deed(world: World, deed: Deed) -> None:
    task = world.tasks.get(deed.target)
    if task is None or task.course.ended:
        raise No("there is no such obligation")
    if deed.verb is Verb.PROMISE:
        until = date.fromisoformat(deed.details["until"])
        promise(world, task, (until - world.days.day(world.now)).days)
    else:
        settle_by_hand(world, task, waived=deed.verb is Verb.WAIVE)


def _catch_up(world: World, deed: Deed) -> None:
    outcomes.catch_up(world, standing(world, deed), _local(world, deed.details["starts"]))


def _select(world: World, _deed: Deed) -> None:
    recruiting.select(world)


WAYS: dict[Verb, Callable[[World, Deed], None]] = {
    Verb.APPLY: _apply,
    Verb.SELECT: _select,
    Verb.ACCEPT: lambda world, deed: recruiting.accept(world, ward_of(world, deed)),
    Verb.DECLINE: lambda world, deed: recruiting.decline(world, ward_of(world, deed)),
    Verb.EXTEND: _offer,
    Verb.LAPSE: _offer,
    Verb.SIGN: _sign,
    Verb.REFUSE: _sign,
    Verb.TEAM: settling.team,
    Verb.PARTNER: settling.partner,
    Verb.COACH: settling.coach,
    Verb.SLOT: settling.slot,
    Verb.EVENT: settling.event,
    Verb.SPONSOR_SESSION: settling.sponsor_session,
    Verb.RECORD: _record,
    Verb.CONFIRM: _confirm,
    Verb.MOVE: _move,
    Verb.CANCEL: _cancel,
    Verb.CATCH_UP: _catch_up,
    Verb.PAUSE: lambda world, deed: leaving.pause(world, ward_of(world, deed)),
    Verb.RESUME: lambda world, deed: leaving.resume(world, ward_of(world, deed)),
    Verb.WITHDRAW: lambda world, deed: leaving.withdraw(world, ward_of(world, deed)),
    Verb.UNDO: _undo,
    Verb.PROMISE: _task_deed,
    Verb.DONE: _task_deed,
    Verb.WAIVE: _task_deed,
    Verb.SUCCESSOR: succeeding.successor,
    Verb.MERGE: succeeding.merge,
    Verb.EDITION_CHANGE: changing.change,
    Verb.ABSENCE: covering.arrange,
}
"""What each verb does in the oracle's world."""
