"""A course is read as it is: the agenda follows from the records, whatever happened to them."""

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.agendas import taking_part
from activities.looking import AgendaActivities
from schemas import commands
from schemas.courses import Stage, Step
from schemas.inputs import ReadAgenda
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at


def test_looking_changes_nothing(coached: CourseScene) -> None:
    before = coached.everything()
    first = coached.look(coached.of(SVC_16))
    assert coached.look(coached.of(SVC_16)) == first
    assert coached.everything() == before
    assert (first.answer, first.refused, first.stale, first.wake) == ("", "", False, ())


def test_looking_at_what_does_not_exist_is_an_error_that_no_retry_helps(
    coached: CourseScene,
) -> None:
    question = ReadAgenda(course_id="service/wider/SVC-99", at=coached.now)
    with pytest.raises(ApplicationError) as caught:
        AgendaActivities(coached.database).read_agenda(question)
    assert (caught.value.type, caught.value.non_retryable) == ("UnknownCourse", True)


def test_a_course_that_has_ended_has_nothing_to_do(coached: CourseScene) -> None:
    """X14."""
    coached.do(commands.DeclinePlace, coached.of(SVC_17))
    state = coached.look(coached.of(SVC_17))
    assert (state.ended, state.agenda, state.stage) == (True, (), Stage.DECLINED)


def test_a_run_that_begins_anew_knows_what_the_one_before_knew(coached: CourseScene) -> None:
    """Nothing is carried over: one look is all that a new run needs."""
    coached.accepted(SVC_17)
    coached.walk(at("2024-08-20"))
    known = dict(coached.known)
    coached.resume(coached.now)
    assert {of: one.agenda for of, one in coached.known.items()} == {
        of: one.agenda for of, one in known.items()
    }


def test_whatever_is_due_is_cleared_by_its_step_wherever_a_walk_is_broken_off(
    coached: CourseScene,
) -> None:
    """The scene fails at a step that leaves its own item; here every workflow restarts weekly."""
    coached.accepted(SVC_17)
    coached.signed(SVC_17)
    for _ in range(14):
        coached.walk(coached.now + timedelta(days=7))
        coached.resume(coached.now)
    steps = {step for _, _, step, _ in coached.walked}
    assert steps >= {Step.CHASE, Step.DIGEST, Step.ASK_FOR_RECORD, Step.OPEN_PHASE}


def test_after_an_outage_each_course_goes_on_from_there(coached: CourseScene) -> None:
    """M10, E28: everything was down for three weeks; nobody is asked twice in one hour."""
    coached.walk(at("2024-09-06"))
    coached.now = at("2024-09-27", "09:00")
    coached.walk(coached.now)
    late = [row for row in coached.all_messages() if row.planned_at == coached.now]
    asked = [(row.person_id, row.subject, row.step) for row in late]
    assert len(set(asked)) == len(asked)
    per_chase = {row.subject: 0 for row in late}
    for row in late:
        per_chase[row.subject] += row.kind.value in {"chase", "escalation"}
    assert max(per_chase.values(), default=0) <= 1
    assert {one.at for one in coached.journal(coached.of(SVC_16)) if one.at > at("2024-09-07")} == {
        coached.now
    }


def test_the_sponsors_services_are_found_whatever_became_of_them(coached: CourseScene) -> None:
    """C07: one has completed its onboarding, one waits for its place, one has left."""
    with coached.reading() as rows:
        found = taking_part(rows, coached.edition.id, people.SPONSOR)
    assert [one.service_id for one in found] == [SVC_16]
    coached.do(commands.Withdraw, coached.of(SVC_16))
    with coached.reading() as rows:
        assert taking_part(rows, coached.edition.id, people.SPONSOR) == ()
