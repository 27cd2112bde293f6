"""What every course transaction promises, whatever the command is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import select
from sqlmodel import col
from temporalio.exceptions import ApplicationError

from activities.notices import tell
from activities.recruitment import RecruitmentActivities
from activities.transaction import CourseActivities, CourseTransaction, Refusal
from schemas import commands
from schemas.commands import AcceptPlace, Command
from schemas.courses import CommitmentState, CourseState, Stage
from schemas.letters import Topic
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind
from storage.commands import unacknowledged
from storage.tables.ledger import CommandRow
from tests.activities.coached import Beginning
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.databases import on_sqlite
from tests.journeys import cast as people


def two_offers(play: CourseScene) -> None:
    play.open(SVC_16, SVC_17)
    play.selected()


@pytest.fixture
def offered(prepared: Callable[[Beginning], CourseScene]) -> CourseScene:
    """Give two wards with an offer each."""
    return prepared(two_offers)


def the_accept(play: CourseScene, **said: object) -> AcceptPlace:
    course = play.course(play.of(SVC_16))
    return AcceptPlace.model_validate(
        {
            "request_id": "accept/1",
            "course_id": course.id,
            "actor": people.lead_of(SVC_16),
            "at": play.now,
            "recorded_at": play.now,
            "expected_version": course.version,
        }
        | said
    )


def accept(play: CourseScene, command: AcceptPlace) -> CourseState:
    return RecruitmentActivities(play.database).accept_place(command)


class Stored(NamedTuple):
    """What is kept of a command that was carried out."""

    command: str
    course_version: int
    answer: str
    wake: tuple[str, ...]
    committed_at: datetime
    acknowledged: bool


def stored(play: CourseScene, request_id: str) -> Stored:
    with play.database.reading() as rows:
        row = rows.get_one(CommandRow, request_id)
        return Stored(
            row.command,
            row.course_version,
            row.answer,
            tuple(row.wake),
            row.committed_at,
            row.acknowledged,
        )


def test_a_repeated_request_is_answered_again_and_changes_nothing(offered: CourseScene) -> None:
    """A worker that died after the commit asks again, with the version that it knew."""
    command = the_accept(offered)
    first = accept(offered, command)
    before = offered.everything()

    again = accept(offered, command)

    assert offered.everything() == before
    assert again == first
    assert again.answer.startswith("SVC-16 has place 1")


@on_sqlite
def test_a_request_of_another_course_is_no_repeat(offered: CourseScene) -> None:
    """Nobody is told that something was done which was done elsewhere."""
    accept(offered, the_accept(offered))
    before = offered.everything()

    other = offered.course(offered.of(SVC_17))
    state = accept(offered, the_accept(offered, course_id=other.id, expected_version=other.version))

    assert state.refused == (
        f"Request accept/1 was carried out for {offered.of(SVC_16)} already: "
        "give this one another id."
    )
    assert offered.everything() == before


@on_sqlite
def test_a_repeat_is_answered_long_after_the_course_has_gone_on(offered: CourseScene) -> None:
    command = the_accept(offered)
    first = accept(offered, command)
    offered.look(offered.of(SVC_16))
    offered.signed(SVC_16)
    before = offered.everything()

    late = accept(offered, command)

    assert offered.everything() == before
    assert (late.answer, late.wake) == (first.answer, first.wake)
    assert (late.stage, late.version) == (
        Stage.ONBOARDING,
        offered.course(command.course_id).version,
    )


@pytest.mark.parametrize("away", [-1, 1])
def test_a_version_that_does_not_match_applies_nothing_and_returns_the_course(
    offered: CourseScene, away: int
) -> None:
    course = offered.course(offered.of(SVC_16))
    before = offered.everything()

    state = accept(offered, the_accept(offered, expected_version=course.version + away))

    assert state.stale
    assert not state.refused
    assert offered.everything() == before
    fresh = offered.fresh(course.id)
    assert state.model_copy(update={"stale": False}) == fresh


@on_sqlite
def test_a_stale_request_can_be_sent_again_with_the_present_version(offered: CourseScene) -> None:
    """What was not applied is not remembered as an answer either."""
    course = offered.course(offered.of(SVC_16))
    assert accept(offered, the_accept(offered, expected_version=course.version - 1)).stale

    assert accept(offered, the_accept(offered)).stage is Stage.COMMITTING


def test_a_refusal_leaves_nothing_behind_and_says_why(offered: CourseScene) -> None:
    """R13: no journal row, no message, no stored answer; the same request may be sent again."""
    offered.now += timedelta(days=20)  # nobody walks: the offer is simply past its day
    before = offered.everything()

    state = accept(offered, the_accept(offered))

    assert "expired" in state.refused
    assert "offer extend" in state.refused
    assert (state.version, state.stage) == (
        offered.course(offered.of(SVC_16)).version,
        Stage.OFFERED,
    )
    assert offered.everything() == before


def a_change_that_ends_with(error: Exception) -> Callable[[CourseTransaction, Command], str]:
    """Return a change that writes all that a change may write, and then fails."""

    def change(transaction: CourseTransaction, _command: Command) -> str:
        transaction.save(stage=Stage.WITHDRAWN, attention="lost", ended=True)
        transaction.note("service.withdrew")
        transaction.wake("service/wider/SVC-99")
        tell(transaction, Topic.COMPLETED, people.COORDINATOR)
        raise error

    return change


@on_sqlite
def test_a_change_that_is_refused_at_its_end_leaves_nothing_behind(offered: CourseScene) -> None:
    before = offered.everything()
    change = a_change_that_ends_with(Refusal("No."))

    state = CourseActivities(offered.database).carry_out(the_accept(offered), change)

    assert (state.refused, state.wake, state.ended) == ("No.", (), False)
    assert offered.everything() == before


def test_a_change_that_fails_at_its_end_leaves_nothing_behind(offered: CourseScene) -> None:
    before = offered.everything()
    change = a_change_that_ends_with(RuntimeError("the machine is on fire"))

    with pytest.raises(RuntimeError, match="on fire"):
        CourseActivities(offered.database).carry_out(the_accept(offered), change)

    assert offered.everything() == before


def test_a_course_that_does_not_exist_is_an_error_that_no_retry_helps(play: CourseScene) -> None:
    play.open(SVC_16)

    with pytest.raises(ApplicationError) as caught:
        accept(play, the_accept(play, course_id="service/wider/SVC-99"))

    assert (caught.value.type, caught.value.non_retryable) == ("UnknownCourse", True)


@on_sqlite
def test_each_transaction_raises_the_version_by_one(offered: CourseScene) -> None:
    """And so does one that finds nothing to do: its request is answered from then on."""
    versions = [offered.course(offered.of(SVC_16)).version]
    offered.accepted(SVC_16)
    versions.append(offered.course(offered.of(SVC_16)).version)
    for commitment in ("involvement", "involvement", "change-ideas"):
        offered.sign(SVC_16, commitment)
        versions.append(offered.course(offered.of(SVC_16)).version)
    assert versions == list(range(versions[0], versions[0] + 5))
    assert offered.events(offered.of(SVC_16))[-2:] == ["course.walked", "commitment.signed"]


def test_the_answer_and_the_courses_to_wake_are_stored_with_the_commit(
    offered: CourseScene,
) -> None:
    """A signal that is lost is found here by the sweeper, which lets both courses look again."""
    said = the_accept(offered).model_dump() | {"request_id": "decline/1"}
    decline = commands.DeclinePlace.model_validate(said)
    recruitment = RecruitmentActivities(offered.database)
    state = recruitment.decline_place(decline)

    row = stored(offered, "decline/1")
    assert (row.answer, row.wake) == (state.answer, state.wake)
    assert (row.command, row.course_version) == ("DeclinePlace", state.version)
    assert recruitment.decline_place(decline).wake == state.wake == (offered.course_id,)
    with offered.database.reading() as rows:
        in_a_minute = row.committed_at + timedelta(minutes=1)
        assert unacknowledged(rows, in_a_minute) == (offered.course_id, offered.of(SVC_16))


@on_sqlite
def test_a_command_is_acknowledged_by_the_next_look(offered: CourseScene) -> None:
    command = the_accept(offered)
    accept(offered, command)
    assert not stored(offered, command.request_id).acknowledged

    offered.look(offered.of(SVC_16))

    assert stored(offered, command.request_id).acknowledged


@on_sqlite
def test_a_command_is_acknowledged_by_the_next_transaction_that_knows_it(
    offered: CourseScene,
) -> None:
    command = the_accept(offered)
    accept(offered, command)

    offered.sign(SVC_16, "involvement")

    assert stored(offered, command.request_id).acknowledged


@on_sqlite
def test_a_step_is_acknowledged_by_itself(offered: CourseScene) -> None:
    """Its own workflow task takes it again; nobody else ever asks for its answer."""
    with offered.database.reading() as rows:
        steps = select(col(CommandRow.acknowledged)).where(col(CommandRow.command) == "TakeStep")
        found = list(rows.execute(steps).scalars())
    assert found
    assert all(found)


@on_sqlite
def test_a_course_that_has_ended_takes_no_more_commands(offered: CourseScene) -> None:
    """X14: it is answered that it has ended, and nothing breaks."""
    offered.do(commands.DeclinePlace, offered.of(SVC_16))

    assert "has ended already" in offered.refusal(commands.AcceptPlace, offered.of(SVC_16))


@on_sqlite
def test_a_person_is_named_by_id_wherever_an_id_travels(offered: CourseScene) -> None:
    """M15: keys are hashes; answers, wakes, journal and message rows hold ids and codes only."""
    offered.accepted(SVC_16)
    offered.sign(SVC_16, "involvement", CommitmentState.DECLINED)
    offered.walk(offered.now + timedelta(days=7))

    travelling = [
        *(one.model_dump_json() for one in offered.known.values()),
        *(one.model_dump_json() for one in offered.journal(offered.of(SVC_16))),
        *(one.model_dump_json() for one in offered.all_messages()),
        *(one.model_dump_json() for one in offered.obligations(offered.of(SVC_16))),
    ]
    for word in ("Name of", "@northmoor", ".example", " Ward", "Northmoor"):
        assert not [one for one in travelling if word in one], word
    assert all(len(one.key) == 32 and int(one.key, 16) for one in offered.all_messages())
    assert len({one.key for one in offered.all_messages()}) == len(offered.all_messages())


@on_sqlite
def test_messages_are_planned_once_however_often_a_change_calls_for_them(
    offered: CourseScene,
) -> None:
    """M08, M13: a second offer of the chase's first step adds neither a row nor to the sum."""
    offered.accepted(SVC_16)
    course_id = offered.of(SVC_16)
    (one,) = offered.obligations(course_id, ObligationKind.COMMITMENTS)
    offered.walk(offered.now + timedelta(days=6))
    asked = offered.messages(one.id, MessageKind.CHASE)
    assert [row.step for row in asked] == ["first"]

    def plan_again(transaction: CourseTransaction, _command: Command) -> str:
        transaction.plan(asked)
        return "planned"

    known = the_accept(offered, request_id="again")
    CourseActivities(offered.database).carry_out(known, plan_again)

    assert offered.messages(one.id, MessageKind.CHASE) == asked
    assert offered.journal(course_id)[-1].planned == {}
