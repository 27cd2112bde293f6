"""What a workflow never heard of: a commit, a signal. Looking again is the one remedy."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from activities.dispatch import SWEEP_AFTER
from schemas import commands, forms
from schemas.commands import Command
from schemas.courses import CourseState, Stage
from storage.tables.ledger import CommandRow
from tests.activities.transactions import TRANSACTIONS, carried_out
from tests.journeys.histories import count_events, runs_of
from tests.journeys.servers import SkippedWorld
from tests.journeys.world import SVC_16, SVC_17, World


def behind_its_back(world: World, kind: type[Command], course_id: str, **said: Any) -> CourseState:
    """Commit a command as a worker does that dies, with its server, before anybody hears of it."""
    command = kind(
        **{
            "request_id": "never-heard-of",
            "course_id": course_id,
            "actor": "PER-CO",
            "at": world.now,
            "recorded_at": world.now,
            "expected_version": world.course(course_id).version,
            **said,
        }
    )
    state = carried_out(TRANSACTIONS[kind], world.database, command)
    assert not state.stale
    assert not state.refused
    return state


def a_minute_passes(world: World) -> None:
    """Let every commit be old enough for the sweeper, which reads the real clock."""
    with world.database.transaction() as rows:
        before = datetime.now(UTC) - SWEEP_AFTER - timedelta(seconds=1)
        rows.execute(update(CommandRow).values(committed_at=before))


async def test_the_next_command_finds_the_version_that_nobody_told_of(
    skipped: SkippedWorld,
) -> None:
    await skipped.open(SVC_16)
    await skipped.selected()
    await skipped.committed(SVC_16)
    course_id = skipped.of(SVC_16)
    before = skipped.course(course_id).version
    behind_its_back(skipped, commands.NameTeam, course_id)

    partner = forms.PartnerForm(**skipped.about(SVC_16))
    answer = await skipped.programme.seek_partner(partner)

    assert answer.text == "SVC-16 is looking for a lived-experience partner."
    assert skipped.course(course_id).version == before + 2
    events = skipped.events(course_id)
    assert (events.count("team.named"), events.count("partner.sought")) == (1, 1)


async def test_the_same_request_sent_again_is_answered_and_applied_once(
    skipped: SkippedWorld,
) -> None:
    """And each message is in the ledger once."""
    await skipped.open(SVC_16)
    await skipped.coaching(SVC_16)
    course_id, session_id = skipped.of(SVC_16), skipped.weekly(SVC_16)[0]
    state = behind_its_back(
        skipped,
        commands.MoveSession,
        course_id,
        session_id=session_id,
        starts_at=datetime(2024, 9, 4, 13, tzinfo=UTC),
        request_id="sent-twice",
    )
    messages = skipped.messages(session_id)

    form = forms.MoveForm(
        **skipped.said(
            session=session_id,
            starts=datetime(2024, 9, 4, 13, tzinfo=UTC),
            request_id="sent-twice",
        )
    )
    answer = await skipped.programme.move(form)

    assert answer.text == state.answer
    assert skipped.course(course_id).version == state.version
    assert skipped.messages(session_id) == messages
    assert skipped.events(session_id).count("session.moved") == 1


async def test_the_sweeper_wakes_a_workflow_that_does_not_know_of_a_commit(
    skipped: SkippedWorld,
) -> None:
    """The service has withdrawn; its workflow closes that a day later all the same."""
    await skipped.open(SVC_16)
    await skipped.coaching(SVC_16)
    course_id = skipped.of(SVC_16)
    behind_its_back(skipped, commands.Withdraw, course_id)

    assert await skipped.sweeper().sweep() == ()
    a_minute_passes(skipped)
    assert await skipped.sweeper().sweep() == (skipped.executive, course_id)
    await skipped.settled()
    assert await skipped.sweeper().sweep() == ()

    await skipped.go(skipped.now + timedelta(days=2))
    assert skipped.course(course_id).ended_at is not None
    assert skipped.stage(SVC_16) is Stage.WITHDRAWN
    (*_, last) = await runs_of(skipped.client, course_id)
    assert last.events[-1] == "WORKFLOW_EXECUTION_COMPLETED"


async def test_the_sweeper_makes_good_a_signal_that_was_lost(skipped: SkippedWorld) -> None:
    """A place is given back and the edition's workflow is never told; the next service has it."""
    await skipped.open(SVC_16, SVC_17, "SVC-18")
    await skipped.selected()
    assert skipped.stage("SVC-18") is Stage.WAITLISTED
    behind_its_back(skipped, commands.DeclinePlace, skipped.of(SVC_16))
    await skipped.go(skipped.now + timedelta(hours=1))
    assert skipped.stage("SVC-18") is Stage.WAITLISTED

    a_minute_passes(skipped)
    assert await skipped.sweeper().sweep() == (skipped.course_id, skipped.of(SVC_16))
    await skipped.settled()

    assert skipped.stage("SVC-18") is Stage.OFFERED
    assert skipped.course(skipped.of(SVC_16)).ended_at is not None


async def test_the_sweeper_lets_go_of_a_course_that_has_ended(skipped: SkippedWorld) -> None:
    """Whoever declined was gone before the answer came; its workflow has nothing more to learn."""
    await skipped.open(SVC_16, SVC_17)
    await skipped.selected()
    await skipped.programme.decline(forms.ServiceForm(**skipped.about(SVC_16)))
    await skipped.settled()
    with skipped.database.transaction() as rows:
        rows.execute(
            update(CommandRow)
            .where(col(CommandRow.command) == "DeclinePlace")
            .values(acknowledged=False)
        )
    a_minute_passes(skipped)

    assert await skipped.sweeper().sweep() == (skipped.course_id, skipped.of(SVC_16))
    assert await skipped.sweeper().sweep() == ()


async def test_looking_again_for_nothing_changes_nothing(skipped: SkippedWorld) -> None:
    await skipped.open(SVC_16)
    await skipped.settled()
    before = skipped.everything()

    for _ in range(3):
        await skipped.sweeper().look_again([skipped.of(SVC_16), skipped.course_id, "service/x/y"])
        await skipped.settled()

    assert skipped.everything() == before
    counted = count_events(await runs_of(skipped.client, skipped.of(SVC_16)))
    # Its stage and attention, its first step, and the mark of the version that it began with.
    assert counted["UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"] == 3
