"""The walk of a course: its lock, its agenda, what is done and undone."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from runtime.programme import Refused
from schemas import forms
from schemas.courses import Stage
from schemas.ids import obligation_id
from schemas.obligations import ObligationKind, ObligationState
from storage.obligations import save_obligation
from storage.tables.ledger import CommandRow
from tests.journeys import cast as people
from tests.journeys.servers import SkippedWorld
from tests.journeys.world import SVC_16


def commands_of(world: SkippedWorld, course_id: str) -> list[tuple[str, int]]:
    """Return what was carried out, and the version that it made, in the order of the versions."""
    query = select(col(CommandRow.command), col(CommandRow.course_version))
    query = query.where(col(CommandRow.course_id) == course_id)
    with world.database.reading() as rows:
        found = rows.execute(query.order_by(col(CommandRow.course_version))).all()
    return [(str(command), int(version)) for command, version in found]


async def onboarding(world: SkippedWorld) -> str:
    """Bring a service to its onboarding; return its course."""
    await world.open(SVC_16)
    await world.selected()
    await world.committed(SVC_16)
    assert world.stage(SVC_16) is Stage.ONBOARDING
    return world.of(SVC_16)


async def test_commands_that_come_at_once_are_all_answered_and_make_a_version_each(
    skipped: SkippedWorld,
) -> None:
    course_id = await onboarding(skipped)
    before = skipped.course(course_id).version
    programme = skipped.programme
    coach = forms.CoachForm(**skipped.about(SVC_16, coach=people.COACH))

    answers = await asyncio.gather(
        programme.name_team(forms.TeamForm(**skipped.about(SVC_16))),
        programme.seek_partner(forms.PartnerForm(**skipped.about(SVC_16))),
        programme.assign_coach(coach),
        programme.assign_coach(coach),
    )

    assert answers[2] == answers[3]
    made = commands_of(skipped, course_id)[before:]
    assert sorted(name for name, _ in made) == ["AssignCoach", "NameTeam", "SeekPartner"]
    assert [version for _, version in made] == [before + 1, before + 2, before + 3]


async def test_what_was_undone_can_be_done_again(skipped: SkippedWorld) -> None:
    """E40: withdrawn, undone, withdrawn, undone; and an old request that comes again is old."""
    course_id = await onboarding(skipped)
    first = forms.ServiceForm(**skipped.about(SVC_16, request_id="withdraw-1"))
    said = await skipped.programme.withdraw(first)
    await skipped.programme.undo(forms.UndoForm(**skipped.about(SVC_16, request_id="undo-1")))
    assert skipped.stage(SVC_16) is Stage.ONBOARDING
    await skipped.programme.withdraw(forms.ServiceForm(**skipped.about(SVC_16, request_id="w-2")))
    await skipped.programme.undo(forms.UndoForm(**skipped.about(SVC_16, request_id="undo-2")))

    assert await skipped.programme.withdraw(first) == said
    assert skipped.stage(SVC_16) is Stage.ONBOARDING
    with pytest.raises(Refused, match="SVC-16 has nothing to undo"):
        await skipped.programme.undo(forms.UndoForm(**skipped.about(SVC_16, request_id="undo-3")))
    events = skipped.events(course_id)
    assert (events.count("service.withdrew"), events.count("service.returned")) == (2, 2)

    # The walk goes on: what falls due in its onboarding is still taken up.
    await skipped.go(skipped.now + timedelta(days=8))
    assert "chase.asked" in skipped.events(course_id)


async def test_an_act_may_be_said_again_at_once_where_it_was_undone(skipped: SkippedWorld) -> None:
    """A double click is one act; but to withdraw, to undo it and to withdraw again are three."""
    course_id = await onboarding(skipped)
    leave = forms.ServiceForm(actor=people.COORDINATOR, edition="wider", service=SVC_16)
    back = forms.UndoForm(actor=people.COORDINATOR, edition="wider", service=SVC_16)
    programme = skipped.programme

    said = await programme.withdraw(leave)
    assert await programme.withdraw(leave) == said
    for _ in range(2):
        await programme.undo(back)
        assert skipped.stage(SVC_16) is Stage.ONBOARDING
        await programme.withdraw(leave)
        assert skipped.stage(SVC_16) is Stage.WITHDRAWN

    events = skipped.events(course_id)
    assert (events.count("service.withdrew"), events.count("service.returned")) == (3, 2)


async def test_signatures_that_are_given_at_once_are_an_act_each(skipped: SkippedWorld) -> None:
    """R09: one form, three commitments; sent again, with or without a name, nothing is added."""
    await skipped.open(SVC_16)
    await skipped.selected()
    await skipped.programme.accept(forms.ServiceForm(**skipped.about(SVC_16)))
    ids = tuple(one.id for one in skipped.edition.recruitment.commitments)
    sign = forms.SignForm(
        actor=people.SPONSOR, edition="wider", service=SVC_16, commitments=ids[:2]
    )

    first = await skipped.programme.sign(sign)
    again = await skipped.programme.sign(sign)
    rest = sign.model_copy(update={"commitments": ids[2:], "request_id": "by-hand"})
    await skipped.programme.sign(rest)
    await skipped.programme.sign(rest)

    assert first == again
    assert skipped.events(skipped.of(SVC_16)).count("commitment.signed") == 3


async def test_a_course_that_ends_with_nothing_on_its_agenda_ends_its_workflow(
    skipped: SkippedWorld,
) -> None:
    """The chase for an acceptance is stuck, so nothing is to come; then the place is declined."""
    await skipped.open(SVC_16)
    await skipped.selected()
    course_id = skipped.of(SVC_16)
    about = obligation_id(skipped.edition.id, SVC_16, ObligationKind.ACCEPT_PLACE, 1)
    stuck = next(one for one in skipped.obligations(course_id) if one.id == about)
    changed = stuck.model_copy(update={"state": ObligationState.STUCK, "next_at": None})
    with skipped.database.transaction() as rows:
        save_obligation(rows, changed)
    await skipped.sweeper().look_again([course_id])
    await skipped.settled()

    await skipped.programme.decline(forms.ServiceForm(**skipped.about(SVC_16)))
    await skipped.settled()

    described = await skipped.workflow(course_id).describe()
    assert described.status is not None
    assert described.status.name == "COMPLETED"
