"""A database put back to an older copy, as workflows and the people who ask of them see it."""

from datetime import timedelta
from pathlib import Path

import pytest

from activities.looking import AgendaActivities
from runtime.programme import EngineDown
from runtime.restoring import Reconciled, Reconciliation, close_gap
from schemas import forms
from schemas.courses import Stage
from schemas.inputs import ReadAgenda
from schemas.messages import MessageKind, MessageReason, MessageState
from schemas.obligations import ObligationKind
from storage import restoring
from tests.journeys import cast as people
from tests.journeys.histories import count_events, runs_of
from tests.journeys.servers import SkippedWorld
from tests.journeys.world import SVC_16
from tests.outages.copies import Copy, copied
from workflows import course as walk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _told_at_once(skipped: SkippedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let people be told at once what they would be told: nobody insists here."""
    programme = type(skipped.programme)
    monkeypatch.setattr(programme, "update", programme.__base__.update)  # type: ignore[union-attr]


async def onboarding(world: SkippedWorld) -> str:
    await world.open(SVC_16)
    await world.selected()
    await world.committed(SVC_16)
    assert world.stage(SVC_16) is Stage.ONBOARDING
    return world.of(SVC_16)


async def lost(world: SkippedWorld, folder: Path) -> Copy:
    """Let a team be named and a coach assigned, and then put an older copy back."""
    copy = copied(world.database, folder)
    await world.programme.name_team(forms.TeamForm(**world.about(SVC_16)))
    await world.programme.assign_coach(forms.CoachForm(**world.about(SVC_16, coach=people.COACH)))
    copy.put_back()
    return copy


async def restored(world: SkippedWorld, from_at: timedelta) -> Reconciled:
    """Deal with it, as ``drumbeat restore`` does."""
    form = forms.RestoreForm(actor=people.COORDINATOR, from_at=world.now - from_at, to_at=world.now)
    said = close_gap(world.database, form, world.now)
    one = Reconciliation(world.client, world.database, world.task_queue)
    one._strangers = nobody  # type: ignore[method-assign]  # this server lists no workflows
    return await one.run(said, world.now)


async def nobody() -> list[str]:
    return []


async def partner_sought(world: SkippedWorld) -> str:
    answer = await world.programme.seek_partner(forms.PartnerForm(**world.about(SVC_16)))
    return answer.text


async def test_whoever_asks_is_told_and_nothing_is_carried_out(
    skipped: SkippedWorld, tmp_path: Path
) -> None:
    """Not a hang, and not an answer that would be true of a lost database only."""
    course_id = await onboarding(skipped)
    await lost(skipped, tmp_path)
    before = skipped.course(course_id)

    for _ in range(2):
        with pytest.raises(EngineDown, match="older copy than the programme has worked with"):
            await partner_sought(skipped)

    assert skipped.course(course_id) == before
    with skipped.reading() as rows:
        (entry,) = restoring.outrun(rows).values()
    assert entry.facts == {"known": before.version + 2, "version": before.version}


async def test_a_step_that_falls_due_is_left_alone_and_nothing_hot_loops(
    skipped: SkippedWorld, tmp_path: Path
) -> None:
    course_id = await onboarding(skipped)
    await lost(skipped, tmp_path)
    before = skipped.course(course_id)
    await skipped.go(skipped.now + 8 * DAY)
    (*_, run) = await runs_of(skipped.client, course_id)
    events = len(run.events)

    await skipped.go(skipped.now + 2 * DAY)

    (*_, run) = await runs_of(skipped.client, course_id)
    looks = 2 * DAY / walk.PUT_RIGHT_AFTER
    assert skipped.course(course_id) == before
    assert len(run.events) - events < 8 * looks
    assert count_events([run])["WORKFLOW_EXECUTION_CONTINUED_AS_NEW"] == 0


async def test_after_a_restore_the_workflow_takes_over_what_the_database_says(
    skipped: SkippedWorld, tmp_path: Path
) -> None:
    """And the same commands, asked again, are carried out; the versions agree."""
    course_id = await onboarding(skipped)
    await lost(skipped, tmp_path)
    version = skipped.course(course_id).version
    with pytest.raises(EngineDown):
        await partner_sought(skipped)
    await skipped.go(skipped.now + HOUR)

    said = await restored(skipped, 2 * HOUR)

    assert said.lost == {course_id: (version + 2, version)}
    assert (said.started, said.waiting) == ([], [])
    assert await partner_sought(skipped) == "SVC-16 is looking for a lived-experience partner."
    await skipped.programme.name_team(forms.TeamForm(**skipped.about(SVC_16)))
    assert skipped.course(course_id).version == version + 2
    with skipped.reading() as rows:
        assert restoring.outrun(rows) == {}


async def test_a_restore_before_anybody_noticed_is_enough(
    skipped: SkippedWorld, tmp_path: Path
) -> None:
    course_id = await onboarding(skipped)
    await lost(skipped, tmp_path)
    version = skipped.course(course_id).version
    await skipped.go(skipped.now + HOUR)

    await restored(skipped, 2 * HOUR)

    assert await partner_sought(skipped) == "SVC-16 is looking for a lived-experience partner."
    assert skipped.course(course_id).version == version + 1


async def test_what_a_step_of_the_gap_calls_for_again_does_not_go_again(
    skipped: SkippedWorld, tmp_path: Path
) -> None:
    """M08: the chase was asked in the lost time; it is taken again, and nobody is asked twice."""
    course_id = await onboarding(skipped)
    copy = copied(skipped.database, tmp_path)
    copied_at = skipped.now
    await skipped.go(skipped.now + 8 * DAY)
    asked = {one.key for one in chases(skipped, course_id)}
    assert asked
    copy.put_back()
    await skipped.go(skipped.now + HOUR)

    await restored(skipped, skipped.now - copied_at)
    await skipped.go(skipped.now + HOUR)

    again = {one.key: one for one in chases(skipped, course_id)}
    assert set(again) <= asked
    assert {(one.state, one.reason) for one in again.values()} == {
        (MessageState.UNKNOWN, MessageReason.DATABASE_RESTORED)
    }
    with skipped.reading() as rows:
        assert restoring.outrun(rows) == {}
    # The chase goes on from there: the next step is asked for in earnest.
    await skipped.go(skipped.now + 14 * DAY)
    waiting = [one for one in chases(skipped, course_id) if one.state is MessageState.WAITING]
    assert waiting


async def test_a_workflow_that_had_ended_by_then_is_started_anew(
    skipped: SkippedWorld, tmp_path: Path
) -> None:
    """Its place was given back in the lost time; now it has not been."""
    await skipped.open(SVC_16)
    await skipped.selected()
    copy = copied(skipped.database, tmp_path)
    await skipped.programme.decline(forms.ServiceForm(**skipped.about(SVC_16)))
    await skipped.settled()
    assert skipped.course(skipped.of(SVC_16)).ended_at is not None
    copy.put_back()
    await skipped.go(skipped.now + HOUR)

    said = await restored(skipped, 2 * HOUR)

    assert skipped.of(SVC_16) in said.started
    answer = await skipped.programme.accept(forms.ServiceForm(**skipped.about(SVC_16)))
    assert "SVC-16" in answer.text
    assert skipped.stage(SVC_16) is Stage.COMMITTING


async def test_a_restore_that_was_dealt_with_before_answers_for_no_later_loss(
    skipped: SkippedWorld, tmp_path: Path
) -> None:
    """The copy holds an earlier restore; what its workflow has learnt since is not given up."""
    course_id = await onboarding(skipped)
    await restored(skipped, HOUR)
    await skipped.go(skipped.now + HOUR)
    await lost(skipped, tmp_path)
    with pytest.raises(EngineDown):
        await partner_sought(skipped)
    version = skipped.course(course_id).version

    question = ReadAgenda(
        course_id=course_id, at=skipped.now, known_version=version + 2, known_at=skipped.now
    )
    assert not AgendaActivities(skipped.database).read_agenda(question).restored


def chases(world: SkippedWorld, course_id: str):  # type: ignore[no-untyped-def]
    return [
        message
        for one in world.obligations(course_id)
        if one.kind is not ObligationKind.SESSION_RECORD
        for message in world.messages(one.id)
        if message.kind in {MessageKind.CHASE, MessageKind.ESCALATION}
    ]
