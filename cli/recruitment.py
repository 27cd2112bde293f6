"""Commands of recruitment: from an expression of interest to signed commitments."""

from typing import Annotated

from cyclopts import Parameter

from cli import naming
from cli.asking import ask, fill, of_edition, of_service, people_named
from cli.options import Act, AtDesk, EditionOption, ServiceId, When
from schemas.courses import CommitmentState
from schemas.forms import ApplyForm, OfferForm, ServiceForm, SignForm


async def apply(
    service: ServiceId,
    /,
    *,
    sponsor: Annotated[str, Parameter(help="Its executive sponsor, a person.")],
    lead: Annotated[str, Parameter(help="Its service lead, a person.")],
    interest: Annotated[
        str | None, Parameter(help="Id of the expression of interest; EOI-SERVICE if left out.")
    ] = None,
    submitted_at: Annotated[
        When | None, Parameter(help="When it was submitted; now, if left out.")
    ] = None,
    earlier_interest: Annotated[
        bool, Parameter(help="It had expressed interest in an edition before this one.")
    ] = False,
    sessions_before: Annotated[
        int, Parameter(help="Weekly sessions held before it was brought in mid-course.")
    ] = 0,
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Take a service's expression of interest; a second one waits for a coordinator."""
    fields = of_edition(desk, edition, act)
    sponsor_id, lead_id = people_named(desk, sponsor, lead)
    with desk.reading() as rows:
        service_id = naming.the_service(rows, service)
        zone = naming.the_edition(rows, edition).zone
    form = fill(
        ApplyForm,
        **fields,
        interest_id=interest or f"EOI-{service_id}",
        service=service_id,
        sponsor=sponsor_id,
        lead=lead_id,
        submitted_at=submitted_at.instant(zone) if submitted_at else None,
        earlier_interest=earlier_interest,
        sessions_before=sessions_before,
    )
    await ask(desk, lambda programme: programme.apply(form))


async def accept(
    service: ServiceId, /, *, edition: EditionOption = None, act: Act, desk: AtDesk
) -> None:
    """Take the place that a service was offered."""
    fields = of_service(desk, service, edition, act)
    await ask(desk, lambda programme: programme.accept(fill(ServiceForm, **fields)))


async def decline(
    service: ServiceId, /, *, edition: EditionOption = None, act: Act, desk: AtDesk
) -> None:
    """Do not take the place that a service was offered."""
    fields = of_service(desk, service, edition, act)
    await ask(desk, lambda programme: programme.decline(fill(ServiceForm, **fields)))


async def sign(
    service: ServiceId,
    /,
    *commitments: Annotated[
        str, Parameter(help="Ids of the commitments; all that are not signed yet, if left out.")
    ],
    decline_them: Annotated[
        bool, Parameter(name="--decline", help="The sponsor does not sign them.")
    ] = False,
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Sign the executive commitments of a service, or with --decline decline them.

    Whoever records a signature that was given by phone says so with --reason and --note.
    """
    fields = of_service(desk, service, edition, act)
    decision = CommitmentState.DECLINED if decline_them else CommitmentState.SIGNED
    form = fill(SignForm, **fields, commitments=commitments, decision=decision)
    await ask(desk, lambda programme: programme.sign(form))


async def extend(
    service: ServiceId, /, *, edition: EditionOption = None, act: Act, desk: AtDesk
) -> None:
    """Let an expired offer stand for another while."""
    fields = of_service(desk, service, edition, act)
    form = fill(OfferForm, **fields, extend=True)
    await ask(desk, lambda programme: programme.decide_offer(form))


async def lapse(
    service: ServiceId, /, *, edition: EditionOption = None, act: Act, desk: AtDesk
) -> None:
    """Let an expired offer go, so that the next service gets it."""
    fields = of_service(desk, service, edition, act)
    form = fill(OfferForm, **fields, extend=False)
    await ask(desk, lambda programme: programme.decide_offer(form))
