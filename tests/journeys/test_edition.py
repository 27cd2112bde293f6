"""An edition and its places, as workflows tell it: deadline, order, offers, expiry, refill."""

from datetime import timedelta

import pytest

from runtime.programme import Refused
from schemas import forms
from schemas.courses import PlaceState, Stage
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind, ObligationState
from tests.journeys.histories import runs_of
from tests.journeys.servers import SkippedWorld
from tests.journeys.world import SVC_16, SVC_17, SVC_18


def stages(world: SkippedWorld) -> tuple[Stage, ...]:
    return tuple(world.stage(one) for one in (SVC_16, SVC_17, SVC_18))


async def test_places_go_round_until_they_are_taken(skipped: SkippedWorld) -> None:
    """R01, R08, R13, R14: an offer expires, the coordinator lets it lapse, the next one has it."""
    await skipped.open(SVC_16, SVC_17, SVC_18)
    await skipped.settled()
    assert stages(skipped) == (Stage.ELIGIBLE,) * 3
    with pytest.raises(Refused, match="Recruitment is still open"):
        await skipped.programme.select(forms.SelectForm(**skipped.said(edition="wider")))

    await skipped.selected()
    assert stages(skipped) == (Stage.OFFERED, Stage.OFFERED, Stage.WAITLISTED)
    await skipped.programme.accept(forms.ServiceForm(**skipped.about(SVC_16)))

    # Nobody answers for SVC-17. Its offer stands for five working days; then a person is asked.
    await skipped.go(skipped.now + timedelta(days=7, hours=3))
    decision = skipped.obligation(skipped.course_id, ObligationKind.PLACE_DECISION)
    assert decision.state is ObligationState.OPEN
    assert decision.steps_done == 1
    assert stages(skipped) == (Stage.COMMITTING, Stage.OFFERED, Stage.WAITLISTED)

    form = forms.OfferForm(**skipped.about(SVC_17, extend=False))
    answer = await skipped.programme.decide_offer(form)
    await skipped.settled()

    assert answer.text == "The offer to SVC-17 has lapsed; the place goes to the next one waiting."
    assert stages(skipped) == (Stage.COMMITTING, Stage.NOT_PLACED, Stage.OFFERED)
    (lapsed,) = await runs_of(skipped.client, skipped.of(SVC_17))
    assert lapsed.events[-1] == "WORKFLOW_EXECUTION_COMPLETED"
    await skipped.programme.accept(forms.ServiceForm(**skipped.about(SVC_18)))
    assert [one.state for one in skipped.places()] == [PlaceState.TAKEN] * 2


async def test_an_offer_that_is_extended_can_still_be_accepted(skipped: SkippedWorld) -> None:
    """R13: an expired one cannot; its place is kept until a person decides."""
    await skipped.open(SVC_16)
    await skipped.selected()
    accepting = forms.ServiceForm(**skipped.about(SVC_16))
    await skipped.go(skipped.now + timedelta(days=7, hours=3))
    late = accepting.model_copy(update={"at": skipped.now})
    with pytest.raises(Refused, match="The offer to SVC-16 has expired"):
        await skipped.programme.accept(late)

    await skipped.programme.decide_offer(forms.OfferForm(**skipped.about(SVC_16, extend=True)))

    assert "has place 1" in (await skipped.programme.accept(late)).text
    assert skipped.stage(SVC_16) is Stage.COMMITTING


async def test_the_coaches_hear_of_each_week_until_the_edition_ends(skipped: SkippedWorld) -> None:
    """M14: its workflow wakes on Fridays for them, and ends when the edition does."""
    await skipped.open(SVC_16)
    await skipped.coaching(SVC_16)
    closes = skipped.edition.window.closes
    end = skipped.calendar.instant(closes + timedelta(days=21), skipped.edition.mail.opens)
    await skipped.go(end)

    events = skipped.events(skipped.course_id)
    assert events.count("digest.planned") == 29
    assert [one for one in skipped.all_messages() if one.kind is MessageKind.DIGEST] != []
    assert skipped.course(skipped.course_id).stage is Stage.FINISHED
    for one in (skipped.course_id, skipped.executive, skipped.of(SVC_16)):
        (*_, last) = await runs_of(skipped.client, one)
        assert last.events[-1] == "WORKFLOW_EXECUTION_COMPLETED", one
