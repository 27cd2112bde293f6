"""Another sponsor, one ward instead of two, another version: through the door and by workflows."""

from datetime import date

import pytest

from runtime.programme import Refused
from schemas import forms
from schemas.courses import Stage
from schemas.ids import executive_course_id
from schemas.people import Person
from schemas.sessions import SessionState
from schemas.successions import SuccessionKind
from storage.records import add
from storage.tables.people import PersonRow
from tests.journeys import cast as people
from tests.journeys.histories import runs_of
from tests.journeys.servers import SkippedWorld
from tests.journeys.world import SVC_16, SVC_17
from tests.planning.builders import at

SUCCESSOR = "PER-SP2"


async def test_what_was_said_of_a_day_happens_on_that_day_in_every_course_it_concerns(
    skipped: SkippedWorld,
) -> None:
    """P01, P03, M06, R12, E02, E04, E31: the courses take it up by themselves."""
    await skipped.open(SVC_16, SVC_17)
    with skipped.database.transaction() as rows:
        add(rows, PersonRow, [Person(id=SUCCESSOR, name="Name of the successor")])
    await skipped.apply(SVC_16, interest_id="EOI-2ND")
    second = forms.MergeInterestForm(**skipped.said(interest="EOI-2ND"))
    assert "is merged" in (await skipped.programme.merge_interest(second)).text
    await skipped.coaching(SVC_16, SVC_17)

    newer = skipped.edition.model_copy(update={"version": 2, "title": "Once more"})
    edition = forms.EditionForm(**skipped.said(edition=skipped.edition.id))
    with pytest.raises(Refused, match="drumbeat edition change FILE"):
        await skipped.programme.open_edition(newer, edition)
    assert "version 2" in (await skipped.programme.change_edition(newer, edition)).text
    follows = forms.SuccessionForm(
        **skipped.said(edition=skipped.edition.id, from_day=date(2024, 8, 5)),
        kind=SuccessionKind.SPONSOR,
        old=people.SPONSOR,
        new=SUCCESSOR,
    )
    await skipped.programme.succeed(follows)
    merges = follows.model_copy(
        update={
            "kind": SuccessionKind.SERVICE,
            "old": SVC_17,
            "new": SVC_16,
            "from_day": date(2024, 8, 12),
        }
    )
    await skipped.programme.succeed(merges)
    await skipped.settled()
    before = (skipped.enrolment(SVC_16).sponsor_id, skipped.stage(SVC_17))

    await skipped.go(at("2024-08-13"))

    coaching = executive_course_id(skipped.edition.id, SUCCESSOR)
    assert before == (people.SPONSOR, Stage.COACHING)
    assert skipped.enrolment(SVC_16).sponsor_id == SUCCESSOR
    assert {one.state for one in skipped.sessions(skipped.executive)} == {SessionState.CANCELLED}
    assert [one.number for one in skipped.sessions(coaching)] == [7, 8, 9, 10, 11, 12]
    assert (skipped.stage(SVC_16), skipped.stage(SVC_17)) == (Stage.COACHING, Stage.MERGED)
    for course_id in (skipped.of(SVC_16), skipped.course_id, skipped.executive):
        assert skipped.course(course_id).edition_version == 2
    (*_, last) = await runs_of(skipped.client, skipped.of(SVC_17))
    assert last.events[-1] == "WORKFLOW_EXECUTION_COMPLETED"


async def test_what_is_taken_back_before_its_day_happens_nowhere(skipped: SkippedWorld) -> None:
    """P01, E40: through the door and by the workflows, which had it on their agendas."""
    await skipped.open(SVC_16)
    with skipped.database.transaction() as rows:
        add(rows, PersonRow, [Person(id=SUCCESSOR, name="Name of the successor")])
    await skipped.coaching(SVC_16)
    follows = forms.SuccessionForm(
        **skipped.said(edition=skipped.edition.id, from_day=date(2024, 8, 5)),
        kind=SuccessionKind.SPONSOR,
        old=people.SPONSOR,
        new=SUCCESSOR,
    )
    said = (await skipped.programme.succeed(follows)).text
    name = said.rpartition(" ")[2]
    undone = forms.UndoForm(**skipped.said(edition=skipped.edition.id), succession=name)
    assert "is taken back" in (await skipped.programme.undo(undone)).text
    await skipped.settled()

    await skipped.go(at("2024-08-06"))

    assert skipped.enrolment(SVC_16).sponsor_id == people.SPONSOR
    assert SessionState.CANCELLED not in {one.state for one in skipped.sessions(skipped.executive)}
    follows = follows.model_copy(update={"from_day": date(2024, 8, 6)})
    name = (await skipped.programme.succeed(follows)).text
    assert "drumbeat undo" not in name, "its day has come"
    late = undone.model_copy(update={"succession": "wider/executive_sponsor/PER-SP/2"})
    with pytest.raises(Refused, match="Correct it by another succession"):
        await skipped.programme.undo(late)
