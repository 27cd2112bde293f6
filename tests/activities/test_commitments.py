"""The executive sponsor's commitments: chased, signed, declined, recorded on their behalf."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from schemas import commands
from schemas.courses import CommitmentState, Stage
from schemas.obligations import ObligationKind, ObligationState
from storage import courses, notes
from tests.activities.coached import Beginning
from tests.activities.scene import SVC_16, CourseScene
from tests.databases import on_sqlite
from tests.journeys import cast as people
from tests.planning.builders import at, shown

pytestmark = on_sqlite

DECLINED = CommitmentState.DECLINED


def a_place_that_is_taken(play: CourseScene) -> None:
    play.open(SVC_16)
    play.selected()
    play.accepted(SVC_16)


@pytest.fixture
def committing(prepared: Callable[[Beginning], CourseScene]) -> CourseScene:
    """Give a ward that took its place on Monday 17 June at ten and has nothing signed yet."""
    return prepared(a_place_that_is_taken)


def chase(play: CourseScene) -> list[tuple[str, str, str, str]]:
    one = play.obligations(play.of(SVC_16), ObligationKind.COMMITMENTS)[0]
    return [
        (shown(row.due_at), row.kind.value, row.step, row.person_id)
        for row in play.messages(one.id)
    ]


def test_nothing_starts_before_all_three_commitments_are_signed(committing: CourseScene) -> None:
    """R09: whatever their order; the third one begins the onboarding."""
    course_id = committing.of(SVC_16)
    for number, commitment in enumerate(("data-collection", "involvement"), start=1):
        answer = committing.sign(SVC_16, commitment)
        assert answer == f"SVC-16: {number} of 3 commitments are signed."
        committing.walk(committing.now + timedelta(hours=1))
        assert committing.stage(SVC_16) is Stage.COMMITTING
        refused = committing.refusal(commands.NameTeam, course_id)
        assert refused == "SVC-16 is not being onboarded: it is committing."

    committing.sign(SVC_16, "change-ideas")
    committing.walk(committing.now)

    assert committing.stage(SVC_16) is Stage.ONBOARDING
    (chased,) = committing.obligations(course_id, ObligationKind.COMMITMENTS)
    assert chased.state is ObligationState.DONE


def test_unsigned_commitments_are_chased_at_three_seven_and_ten_working_days(
    committing: CourseScene,
) -> None:
    """R10: at fifteen a person decides; nothing lapses by itself."""
    committing.walk(at("2024-07-08", "09:59"))
    assert chase(committing) == [
        ("Thu 2024-06-20 10:00", "chase", "first", people.SPONSOR),
        ("Wed 2024-06-26 10:00", "chase", "second", people.SPONSOR),
        ("Mon 2024-07-01 10:00", "escalation", "coordinator", people.COORDINATOR),
    ]
    assert committing.course(committing.of(SVC_16)).attention == ""

    committing.walk(at("2024-08-30"))

    (stuck,) = committing.obligations(committing.of(SVC_16), ObligationKind.COMMITMENTS)
    assert (stuck.state, stuck.next_at) == (ObligationState.STUCK, None)
    course = committing.course(committing.of(SVC_16))
    assert (course.stage, course.attention) == (Stage.COMMITTING, "stuck")
    walked = [when for when, of, _, _ in committing.walked if of == course.id]
    assert shown(walked[-1]) == "Mon 2024-07-08 10:00"
    assert len(chase(committing)) == 3


def test_what_is_stuck_can_still_be_signed(committing: CourseScene) -> None:
    """R10."""
    committing.walk(at("2024-08-30"))
    committing.signed(SVC_16)
    course = committing.course(committing.of(SVC_16))
    assert (course.stage, course.attention) == (Stage.ONBOARDING, "")


def test_a_commitment_that_is_declined_puts_the_selection_on_hold(committing: CourseScene) -> None:
    """R11, E21: a coordinator is asked at once; nobody is withdrawn, nor chased meanwhile."""
    course_id = committing.of(SVC_16)
    committing.sign(SVC_16, "involvement")
    committing.sign(SVC_16, "data-collection", DECLINED)
    committing.walk(at("2024-06-28"))

    course = committing.course(course_id)
    assert (course.stage, course.attention) == (Stage.COMMITTING, "commitment_declined")
    assert chase(committing) == []
    one = committing.obligation(course_id, ObligationKind.COMMITMENT_DECLINED)
    assert one.holder_id == people.COORDINATOR
    asked = committing.messages(one.id)
    assert {row.person_id for row in asked} <= {people.COORDINATOR, people.PROGRAMME_LEAD}
    assert shown(asked[0].due_at) == "Mon 2024-06-17 10:00"
    place = committing.place(SVC_16)
    assert place is not None
    assert place.course_id == course_id


def test_a_declined_commitment_that_is_signed_after_all_ends_the_hold(
    committing: CourseScene,
) -> None:
    """R11: also when the question had become stuck meanwhile."""
    course_id = committing.of(SVC_16)
    committing.sign(SVC_16, "data-collection", DECLINED)
    committing.walk(at("2024-08-30"))
    one = committing.obligation(course_id, ObligationKind.COMMITMENT_DECLINED)
    assert one.state is ObligationState.STUCK

    committing.signed(SVC_16)

    assert [one for one in committing.obligations(course_id) if one.state.is_open] == list(
        committing.obligations(course_id)[-6:]
    )
    closed = committing.obligation(course_id, ObligationKind.COMMITMENT_DECLINED)
    assert closed.state is ObligationState.DONE
    course = committing.course(course_id)
    assert (course.stage, course.attention) == (Stage.ONBOARDING, "")


def test_once_nothing_is_declined_the_sponsor_is_asked_for_the_rest(
    committing: CourseScene,
) -> None:
    """R10, R11: from the beginning, since nobody was chased while it was on hold."""
    committing.sign(SVC_16, "data-collection", DECLINED)
    committing.walk(at("2024-06-24", "10:00"))

    committing.sign(SVC_16, "data-collection")

    first, second = committing.obligations(committing.of(SVC_16), ObligationKind.COMMITMENTS)
    assert (first.state, first.reason) == (ObligationState.CANCELLED, "commitment_declined")
    assert second.state is ObligationState.OPEN
    assert shown(second.next_at) == "Thu 2024-06-27 10:00"
    assert committing.course(committing.of(SVC_16)).attention == ""


def test_declining_without_a_name_leaves_what_is_signed(committing: CourseScene) -> None:
    """R11: all that is still open is declined."""
    committing.sign(SVC_16, "involvement")
    committing.sign(SVC_16, "", DECLINED)
    with committing.reading() as rows:
        found = courses.commitments_of(rows, committing.of(SVC_16))
    assert {one.commitment: one.state.value for one in found} == {
        "change-ideas": "declined",
        "data-collection": "declined",
        "involvement": "signed",
    }


def test_signing_twice_keeps_the_first_time(committing: CourseScene) -> None:
    """R09."""
    committing.sign(SVC_16, "involvement")
    first = committing.now
    committing.walk(first + timedelta(days=1))
    committing.sign(SVC_16, "involvement")
    with committing.reading() as rows:
        found = courses.commitments_of(rows, committing.of(SVC_16))
    assert [one.decided_at for one in found if one.commitment == "involvement"] == [first]
    assert committing.events(committing.of(SVC_16)).count("commitment.signed") == 1


def test_a_coordinator_may_record_a_signature_given_by_phone(committing: CourseScene) -> None:
    """R18: with a reason and a note of the evidence; the journal says who, for whom and why."""
    course_id = committing.of(SVC_16)
    said_by_phone = "She rang at noon."
    committing.write(
        lambda rows: notes.keep_note(rows, "1", said_by_phone, people.COORDINATOR, committing.now)
    )
    said = {"commitment": "", "decision": CommitmentState.SIGNED}
    refused = committing.refusal(commands.DecideCommitment, course_id, **said)
    assert "on behalf of PER-SP: give a reason" in refused

    committing.do(commands.DecideCommitment, course_id, reason="by_phone", note_id="note-1", **said)

    entries = [one for one in committing.journal(course_id) if one.event == "commitment.signed"]
    assert len(entries) == 3
    assert {(one.actor, one.reason, one.note_id) for one in entries} == {
        (people.COORDINATOR, "by_phone", "note-1")
    }
    with committing.reading() as rows:
        signed = courses.commitments_of(rows, course_id)
    assert {(one.decided_by, one.recorded_by) for one in signed} == {
        (people.SPONSOR, people.COORDINATOR)
    }


def test_a_commitment_that_does_not_exist_is_refused_with_those_that_do(
    committing: CourseScene,
) -> None:
    refused = committing.refusal(
        commands.DecideCommitment,
        committing.of(SVC_16),
        actor=people.SPONSOR,
        commitment="parking",
        decision=CommitmentState.SIGNED,
    )
    assert refused == (
        "There is no commitment parking: there are change-ideas, data-collection, involvement."
    )


def test_nothing_is_signed_before_the_place_is_accepted(play: CourseScene) -> None:
    """R13: accept first, then sign."""
    play.open(SVC_16)
    play.selected()
    refused = play.refusal(
        commands.DecideCommitment,
        play.of(SVC_16),
        actor=people.SPONSOR,
        commitment="",
        decision=CommitmentState.SIGNED,
    )
    assert refused == "SVC-16 is not at its commitments: it is offered."


def test_a_pause_of_the_edition_stops_the_chase_of_the_commitments(
    committing: CourseScene,
) -> None:
    """R10, X04, X07: and a pause without an end does not silence it for ever."""
    committing.walk(at("2024-06-18", "10:00"))
    committing.do(commands.PauseCourse, committing.course_id)
    committing.walk(at("2024-07-18", "10:00"))
    assert chase(committing) == []
    committing.do(commands.ResumeCourse, committing.course_id)
    committing.walk(at("2024-07-31"))
    assert [row[:3] for row in chase(committing)] == [
        ("Mon 2024-07-22 10:00", "chase", "first"),
        ("Fri 2024-07-26 10:00", "chase", "second"),
        ("Wed 2024-07-31 10:00", "escalation", "coordinator"),
    ]
