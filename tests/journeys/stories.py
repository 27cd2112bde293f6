"""Stories of one service that tests and recorded histories share."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, time, timedelta
from functools import partial

from planning.agenda import CLOSING_WORKING_DAYS
from schemas import forms
from schemas.ids import obligation_id
from schemas.obligations import ObligationKind
from schemas.sessions import Session, SessionState
from tests.journeys import cast as people
from tests.journeys.world import World

AT_ONCE = timedelta(minutes=37)
"""After a session's end: long before anybody asks how it went."""

LATE_MORNING, AFTERNOON = time(11, 17), time(15, 7)

Act = Callable[[], Awaitable[object]]


async def coached_to_the_end(
    world: World, service: str, chased: Collection[int] = (), **said: str
) -> None:
    """Let a service whose sessions are planned hold and record them all, until it completes.

    Args:
        world: Where it is coached.
        service: Which.
        chased: Numbers of the weekly sessions that somebody is asked about twice.
        said: What each record says besides.

    """
    acts: list[tuple[datetime, Act]] = [
        (_recorded_at(world, one, chased), partial(world.record, one.id, SessionState.HELD, **said))
        for one in world.sessions(world.of(service))
    ]
    acts += _event_acts(world, service)
    for when, act in sorted(acts, key=lambda one: one[0]):
        await world.go(when)
        await act()
    await world.go(_completed_by(world))


async def confirmed(world: World, session_id: str, *person_ids: str) -> None:
    """Let people say that they will be there."""
    for person_id in person_ids:
        form = forms.ConfirmForm(**world.said(session=session_id, person=person_id))
        await world.programme.confirm(form)


async def closed(world: World, service: str, kind: ObligationKind, ordinal: int = 1) -> None:
    """Let somebody say that an obligation is done."""
    about = obligation_id(world.edition.id, service, kind, ordinal)
    await world.programme.close_obligation(forms.CloseForm(**world.said(obligation=about)))


def _recorded_at(world: World, one: Session, chased: Collection[int]) -> datetime:
    """Return when a session is recorded: soon after its end, or once somebody has asked twice."""
    assert one.ends_at is not None
    if one.kind != "delivery" or one.number not in chased:
        return one.ends_at + AT_ONCE
    first, second, *_ = world.edition.policy(ObligationKind.SESSION_RECORD).steps
    days = first.after.amount + second.after.amount
    ended_on = world.calendar.day_of(one.ends_at)
    return world.calendar.instant(world.calendar.add_working_days(ended_on, days), AFTERNOON)


def _event_acts(world: World, service: str) -> list[tuple[datetime, Act]]:
    """Return what people do for the improvement event, each on the day on which it opens."""
    (event,) = world.sessions(world.of(service), "improvement_event")
    starts_at = event.starts_at
    assert starts_at is not None
    kind = world.edition.session_kind(event.kind)
    return [
        (starts_at - timedelta(days=30), partial(confirmed, world, event.id, people.PARTNER)),
        *(
            (
                _opened(world, starts_at, stage.days),
                partial(closed, world, service, ObligationKind(stage.obligation)),
            )
            for stage in kind.stages
            if ObligationKind(stage.obligation) is not ObligationKind.EVENT_PARTNER
        ),
    ]


def _opened(world: World, starts_at: datetime, days: int) -> datetime:
    calendar = world.calendar
    day = calendar.day_of(starts_at) + timedelta(days=days)
    working = calendar.previous_working_day(day) if days < 0 else calendar.next_working_day(day)
    return calendar.instant(working, LATE_MORNING)


def _completed_by(world: World) -> datetime:
    closes = world.edition.window.closes
    last = world.calendar.add_working_days(closes, CLOSING_WORKING_DAYS)
    return world.calendar.instant(last, time(15))
