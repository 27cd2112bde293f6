from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError

from schemas.courses import StoredAnswer
from storage import commands
from storage.database import Database
from tests.storage.scene import COURSE, EDITION_COURSE, HOUR, NOON, course_id
from tests.storage.together import together


def a_command(
    request_id: str, version: int = 1, course_id: str = COURSE, wakes: Sequence[str] = ()
) -> StoredAnswer:
    return StoredAnswer(
        request_id=request_id,
        course_id=course_id,
        command="RecordSession",
        course_version=version,
        answer="Recorded.",
        wake=list(wakes),
        committed_at=NOON,
    )


def test_a_command_is_answered_again_as_it_was_the_first_time(database: Database) -> None:
    with database.transaction() as rows:
        assert commands.stored_answer(rows, "request-1") is None
        commands.store_answer(rows, a_command("request-1", wakes=[EDITION_COURSE]))

    with database.reading() as rows:
        stored = commands.stored_answer(rows, "request-1")
    assert stored is not None
    assert (stored.answer, stored.wake) == ("Recorded.", [EDITION_COURSE])


def test_of_two_that_carry_out_one_request_at_once_one_is_refused(database: Database) -> None:
    """The course's lock keeps them apart; the key does where there is none."""

    def carry_out() -> None:
        with database.transaction() as rows:
            commands.store_answer(rows, a_command("request-1"))

    outcomes = together([carry_out] * 3)

    assert outcomes.count(None) == 1
    assert sum(isinstance(one, IntegrityError) for one in outcomes) == 2


def test_an_answer_goes_with_the_change_that_it_answers(database: Database) -> None:
    try:
        with database.transaction() as rows:
            commands.store_answer(rows, a_command("request-1"))
            raise KeyError
    except KeyError:
        pass

    with database.reading() as rows:
        assert commands.stored_answer(rows, "request-1") is None


def test_a_commit_that_the_workflow_knows_is_not_told_again(database: Database) -> None:
    """Nor are those before it; a later one, and one of another course, still are."""
    with database.transaction() as rows:
        for version in (1, 2, 3):
            commands.store_answer(rows, a_command(f"request-{version}", version))
        commands.store_answer(rows, a_command("request-4", 1, course_id(2)))
        commands.acknowledge(rows, COURSE, up_to_version=2)

    later = NOON + HOUR
    with database.transaction() as rows:
        assert commands.unacknowledged(rows, later) == (COURSE, course_id(2))
        commands.acknowledge(rows, COURSE, up_to_version=3)
        assert commands.unacknowledged(rows, later) == (course_id(2),)


def test_a_commit_is_given_time_before_it_is_told_again(database: Database) -> None:
    """And the courses that it had to wake are told too."""
    with database.transaction() as rows:
        commands.store_answer(rows, a_command("request-1", wakes=[EDITION_COURSE]))

        assert commands.unacknowledged(rows, NOON) == ()
        assert commands.unacknowledged(rows, NOON + HOUR) == (EDITION_COURSE, COURSE)
