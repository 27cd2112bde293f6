"""Pausing and leaving, as workflows tell it, and a sponsor whom two services share."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from schemas import forms
from schemas.courses import Stage
from schemas.obligations import ObligationKind
from schemas.sessions import Session, SessionState
from tests.journeys.histories import runs_of
from tests.journeys.servers import SkippedWorld
from tests.journeys.world import SVC_16, SVC_17
from tests.planning.builders import at

AUTUMN = at("2024-09-30", "11:07")
"""A Monday in the fifth week of coaching."""


LATER = AUTUMN + timedelta(days=7)


def to_come(
    world: SkippedWorld, course_id: str, after: datetime | None = None
) -> Sequence[Session]:
    """Return what is to come after an instant, now where none is said, or has no instant."""
    return [
        one
        for one in world.sessions(course_id)
        if one.state is SessionState.TO_COME
        and (one.starts_at is None or one.starts_at > (after or world.now))
    ]


async def until_autumn(world: SkippedWorld, *services: str) -> None:
    """Coach services for four weeks; every weekly session is recorded on its evening."""
    await world.open(*services)
    await world.coaching(*services)
    ends = sorted(
        (one.ends_at, one.id)
        for service in services
        for one in world.sessions(world.of(service), "delivery")
        if one.ends_at is not None and one.ends_at < AUTUMN
    )
    for ends_at, session_id in ends:
        await world.go(ends_at + timedelta(minutes=7))
        await world.record(session_id)
    await world.go(AUTUMN)


async def test_a_pause_stops_the_clock_of_a_chase_and_a_resume_starts_it(
    skipped: SkippedWorld,
) -> None:
    """X04, X08, X09: what was about to be asked waits, and nothing bursts when it goes on."""
    await skipped.open(SVC_16)
    await skipped.coaching(SVC_16)
    course_id, first = skipped.of(SVC_16), skipped.sessions(skipped.of(SVC_16), "delivery")[0]
    assert first.ends_at is not None
    # Nobody records the first session; the coach is asked once, and would be every working day.
    await skipped.go(first.ends_at + timedelta(days=1, hours=1))
    record = skipped.obligation(course_id, ObligationKind.SESSION_RECORD)
    assert record.steps_done == 1

    form = forms.PauseForm(**skipped.about(SVC_16, reason="acuity"))
    assert "Its clocks stand still" in (await skipped.programme.pause(form)).text
    await skipped.go(skipped.now + timedelta(days=21))
    assert skipped.obligation(course_id, ObligationKind.SESSION_RECORD).steps_done == 1
    weekly = [one for one in to_come(skipped, course_id) if one.kind == "delivery"]
    assert [one.starts_at for one in weekly] == [None] * len(weekly)

    await skipped.programme.resume(forms.ResumeForm(**skipped.about(SVC_16)))
    await skipped.go(skipped.now + timedelta(days=1, hours=1))
    assert skipped.obligation(course_id, ObligationKind.SESSION_RECORD).steps_done == 2
    weekly = [one for one in to_come(skipped, course_id) if one.kind == "delivery"]
    assert [one.starts_at is not None for one in weekly] == [True] * len(weekly)


async def test_a_pause_of_the_edition_reaches_every_service(skipped: SkippedWorld) -> None:
    """X07: and with a last day it ends by itself."""
    await until_autumn(skipped, SVC_16, SVC_17)
    form = forms.PauseForm(**skipped.said(edition="wider", until=date(2024, 10, 11)))
    await skipped.programme.pause(form)
    await skipped.settled()

    for service in (SVC_16, SVC_17):
        days = {skipped.day(one.starts_at) for one in to_come(skipped, skipped.of(service))}
        assert not {day for day in days if day <= date(2024, 10, 11)}
        assert "course.replanned" in skipped.events(skipped.of(service))


async def test_a_withdrawal_can_be_undone_for_a_day_and_then_ends_the_course(
    skipped: SkippedWorld,
) -> None:
    """E40, R13, X13: undone, the walk goes on; redone, the place is freed a day later."""
    await until_autumn(skipped, SVC_16)
    course_id = skipped.of(SVC_16)
    before = to_come(skipped, course_id, LATER)
    leave = forms.ServiceForm(**skipped.about(SVC_16, reason="staffing"))
    assert "Undo it until 01 October 2024" in (await skipped.programme.withdraw(leave)).text
    await skipped.go(skipped.now + timedelta(hours=20))

    await skipped.programme.undo(forms.UndoForm(**skipped.about(SVC_16)))
    await skipped.go(skipped.now + timedelta(days=1))
    assert skipped.stage(SVC_16) is Stage.COACHING
    assert len(to_come(skipped, course_id, LATER)) == len(before)

    await skipped.programme.withdraw(forms.ServiceForm(**skipped.about(SVC_16)))
    await skipped.go(skipped.now + timedelta(days=1, hours=1))

    assert skipped.course(course_id).ended_at is not None
    assert to_come(skipped, course_id) == []
    assert "place.freed" in skipped.events(course_id)
    (*_, last) = await runs_of(skipped.client, course_id)
    assert last.events[-1] == "WORKFLOW_EXECUTION_COMPLETED"


async def test_a_sponsor_of_two_services_is_coached_once_and_until_the_last_one_leaves(
    skipped: SkippedWorld,
) -> None:
    """C07, X13: six sessions and not twelve; they go on for the service that stays."""
    await until_autumn(skipped, SVC_16, SVC_17)
    executive = skipped.executive
    assert len(skipped.sessions(executive)) == 6
    assert skipped.events(executive).count("sessions.planned") == 1
    left = len(to_come(skipped, executive, LATER))

    await skipped.programme.withdraw(forms.ServiceForm(**skipped.about(SVC_16)))
    await skipped.go(skipped.now + timedelta(days=2))
    assert len(to_come(skipped, executive, LATER)) == left
    assert skipped.course(executive).stage is Stage.COACHING

    await skipped.programme.withdraw(forms.ServiceForm(**skipped.about(SVC_17)))
    await skipped.go(skipped.now + timedelta(days=2))
    assert to_come(skipped, executive) == []
    assert skipped.course(executive).stage is Stage.IDLE
    assert len(await runs_of(skipped.client, executive)) == 1
