"""Commands of onboarding: what is settled before the first session (R16)."""

from enum import StrEnum
from typing import Annotated

from cyclopts import Parameter

from cli.asking import ask, fill, of_service, people_named
from cli.options import Act, AtDesk, ClockTime, Day, EditionOption, ServiceId
from schemas.forms import CoachForm, EventForm, PartnerForm, SlotForm, SponsorSessionForm, TeamForm


class Weekday(StrEnum):
    """A day on which there can be a weekly session."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"


async def team(
    service: ServiceId,
    /,
    *people: Annotated[
        str, Parameter(help="Its members; those whom the import listed, if left out.")
    ],
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Name the project team."""
    fields = of_service(desk, service, edition, act)
    form = fill(TeamForm, **fields, people=people_named(desk, *people))
    await ask(desk, lambda programme: programme.name_team(form))


async def partner(
    service: ServiceId,
    person: Annotated[
        str | None, Parameter(help="The partner; if left out, one is sought.")
    ] = None,
    /,
    *,
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Name a lived-experience partner, or say that one is being sought."""
    fields = of_service(desk, service, edition, act)
    named = people_named(desk, person)[0] if person else ""
    form = fill(PartnerForm, **fields, partner=named)
    await ask(desk, lambda programme: programme.seek_partner(form))


async def coach(
    service: ServiceId,
    person: Annotated[str, Parameter(help="The coach.")],
    /,
    *,
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Assign a delivery coach."""
    fields = of_service(desk, service, edition, act)
    form = fill(CoachForm, **fields, coach=people_named(desk, person)[0])
    await ask(desk, lambda programme: programme.assign_coach(form))


async def slot(
    service: ServiceId,
    weekday: Annotated[Weekday, Parameter(help="Day of the weekly session.")],
    starts: Annotated[ClockTime, Parameter(help="Local time at which it starts.")],
    /,
    *,
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Choose the weekly slot."""
    fields = of_service(desk, service, edition, act)
    day = list(Weekday).index(weekday)
    form = fill(SlotForm, **fields, weekday=day, clock_time=starts)
    await ask(desk, lambda programme: programme.choose_slot(form))


async def event(
    service: ServiceId,
    day: Annotated[Day, Parameter(help="The day, such as 2024-11-06.")],
    /,
    *,
    kind: Annotated[str, Parameter(help="Session kind of the edition file.")] = "improvement_event",
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Date the improvement event, or another full-day session."""
    fields = of_service(desk, service, edition, act)
    form = fill(EventForm, **fields, day=day, kind=kind)
    await ask(desk, lambda programme: programme.date_event(form))


async def sponsor_session(
    service: ServiceId,
    day: Annotated[Day, Parameter(help="The day, such as 2024-11-06.")],
    starts: Annotated[ClockTime, Parameter(help="Local time at which it starts.")],
    /,
    *,
    coach: Annotated[
        str | None, Parameter(help="The executive coach; the one known, if left out.")
    ] = None,
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Set the sponsor's first executive session; the others follow monthly."""
    fields = of_service(desk, service, edition, act)
    named = people_named(desk, coach)[0] if coach else ""
    form = fill(SponsorSessionForm, **fields, day=day, clock_time=starts, coach=named)
    await ask(desk, lambda programme: programme.set_sponsor_session(form))
