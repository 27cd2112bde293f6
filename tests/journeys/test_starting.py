"""Starting twice, and coming too late."""

import asyncio

import pytest

from activities.dispatch import LOOK_AGAIN
from runtime.programme import Refused
from schemas import forms
from schemas.courses import Stage
from tests.journeys.histories import runs_of
from tests.journeys.servers import SkippedWorld
from tests.journeys.world import SVC_16, SVC_17


async def test_a_service_that_is_started_twice_has_one_workflow(skipped: SkippedWorld) -> None:
    """R15, E30: the same interest is sent twice at once, and once more later."""
    await skipped.prepare(SVC_16)

    answers = await asyncio.gather(skipped.apply(SVC_16), skipped.apply(SVC_16))
    await skipped.settled()
    again = await skipped.apply(SVC_16)
    await skipped.settled()

    assert {one.course_id for one in (*answers, again)} == {skipped.of(SVC_16)}
    assert again.text == "Interest wider-EOI-SVC-16 was taken already."
    assert len(await runs_of(skipped.client, skipped.of(SVC_16))) == 1
    assert skipped.events(skipped.of(SVC_16)).count("application.found_eligible") == 1


async def test_a_second_interest_of_a_service_starts_nothing(skipped: SkippedWorld) -> None:
    """R12, R15: it waits for a coordinator to merge it."""
    await skipped.open(SVC_16)
    await skipped.settled()
    before = skipped.course(skipped.of(SVC_16)).version

    answer = await skipped.apply(SVC_16, interest_id="wider-EOI-again")
    await skipped.settled()

    assert "has applied already" in answer.text
    assert skipped.course(skipped.of(SVC_16)).version == before


async def test_what_comes_after_the_end_is_answered_and_breaks_nothing(
    skipped: SkippedWorld,
) -> None:
    """X14, E39: a command, a repeat of one, a signal, and one from the edition's workflow."""
    await skipped.open(SVC_16, SVC_17)
    await skipped.selected()
    declined = forms.ServiceForm(**skipped.about(SVC_16, request_id="decline-1"))
    answer = await skipped.programme.decline(declined)
    await skipped.settled()
    assert skipped.course(skipped.of(SVC_16)).ended_at is not None

    repeated = await skipped.programme.decline(declined)
    assert repeated == answer
    with pytest.raises(Refused, match="SVC-16 has ended already: it is declined since 17 June"):
        await skipped.programme.withdraw(forms.ServiceForm(**skipped.about(SVC_16)))

    await skipped.sweeper().look_again([skipped.of(SVC_16)])
    # A pause of the edition wakes everybody, those who have left included.
    await skipped.programme.pause(forms.PauseForm(**skipped.said(edition=skipped.edition.id)))
    await skipped.settled()
    resumed = forms.ResumeForm(**skipped.said(edition=skipped.edition.id))
    assert "goes on" in (await skipped.programme.resume(resumed)).text
    assert skipped.stage(SVC_16) is Stage.DECLINED


async def test_a_course_that_nobody_knows_is_a_sentence(skipped: SkippedWorld) -> None:
    await skipped.open(SVC_16)

    with pytest.raises(Refused, match="There is no service wider/SVC-99"):
        await skipped.programme.accept(forms.ServiceForm(**skipped.about("SVC-99")))


def test_the_one_signal_is_named_as_the_workflows_name_it() -> None:
    assert LOOK_AGAIN == "look_again"
