import time
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError

from schemas.courses import (
    CommitmentState,
    CourseKind,
    Enrolment,
    Interest,
    SignedCommitment,
    Stage,
)
from storage import courses
from storage.database import Database
from tests.storage.scene import (
    COURSE,
    DAY,
    EDITION,
    EDITION_COURSE,
    HOUR,
    LEAD,
    NOON,
    SPONSOR,
    a_course,
    course_id,
    set_scene,
)
from tests.storage.together import together


def an_enrolment(number: int) -> Enrolment:
    return Enrolment(
        course_id=course_id(number),
        edition_id=EDITION,
        service_id=f"SVC-{number:02}",
        submitted_at=NOON,
        sponsor_id=SPONSOR,
        lead_id=LEAD,
    )


def test_a_course_comes_back_as_it_was_written(database: Database) -> None:
    changed = a_course().model_copy(
        update={"version": 7, "stage": Stage.COMPLETED, "ended_at": NOON + DAY, "attention": "x"}
    )
    with database.transaction() as rows:
        set_scene(rows)
        courses.save_course(rows, changed)

    with database.reading() as rows:
        assert courses.course(rows, COURSE) == changed
        assert courses.course(rows, "service/wider-2024/SVC-99") is None


def test_a_course_that_is_not_there_is_not_saved(database: Database) -> None:
    with pytest.raises(LookupError), database.transaction() as rows:
        courses.save_course(rows, a_course())


def test_courses_of_an_edition_come_by_id_and_of_the_kind_asked_for(database: Database) -> None:
    with database.transaction() as rows:
        set_scene(rows, services=3)
        ids = [one.id for one in courses.courses_of(rows, EDITION)]
        services = courses.courses_of(rows, EDITION, CourseKind.SERVICE)

    assert ids == [EDITION_COURSE, course_id(1), course_id(2), course_id(3)]
    assert [one.kind for one in services] == [CourseKind.SERVICE] * 3


def test_a_locked_course_is_changed_by_one_transaction_after_another(database: Database) -> None:
    """The lock covers what was read: no change is lost, however many come at once."""
    with database.transaction() as rows:
        set_scene(rows)

    def raise_version() -> None:
        with database.transaction() as rows:
            course = courses.lock_course(rows, COURSE)
            assert course is not None
            time.sleep(0.02)
            courses.save_course(rows, course.model_copy(update={"version": course.version + 1}))

    assert together([raise_version] * 8) == [None] * 8

    with database.reading() as rows:
        course = courses.course(rows, COURSE)
    assert course is not None
    assert course.version == 8


def test_a_course_that_is_not_there_cannot_be_locked(database: Database) -> None:
    with database.transaction() as rows:
        assert courses.lock_course(rows, COURSE) is None


def test_a_course_is_opened_once(database: Database) -> None:
    """R15: of two that open the same course at once, one is refused."""

    def open_it() -> None:
        with database.transaction() as rows:
            courses.open_course(rows, a_course())

    outcomes = together([open_it] * 4)

    assert outcomes.count(None) == 1
    assert sum(isinstance(one, IntegrityError) for one in outcomes) == 3


def test_a_service_is_enrolled_once_in_an_edition(database: Database) -> None:
    """R12, R15: a second course cannot stand for the same service."""
    with database.transaction() as rows:
        set_scene(rows)
        courses.add_enrolment(rows, an_enrolment(1))

    with pytest.raises(IntegrityError), database.transaction() as rows:
        courses.add_enrolment(rows, an_enrolment(1).model_copy(update={"course_id": course_id(2)}))


def test_enrolments_are_found_by_edition_sponsor_and_service(database: Database) -> None:
    with database.transaction() as rows:
        set_scene(rows, services=3)
        for number in (3, 1):
            courses.add_enrolment(rows, an_enrolment(number))
        other = an_enrolment(2).model_copy(update={"sponsor_id": LEAD})
        courses.add_enrolment(rows, other)
        courses.save_enrolment(rows, other.model_copy(update={"withdrawn_at": NOON}))

        assert [one.service_id for one in courses.enrolments_of(rows, EDITION)] == [
            "SVC-01",
            "SVC-02",
            "SVC-03",
        ]
        sponsored = courses.enrolments_sponsored(rows, EDITION, SPONSOR)
        assert [one.service_id for one in sponsored] == ["SVC-01", "SVC-03"]
        (second,) = courses.taken_part_in(rows, "SVC-02")
        assert second.withdrawn_at == NOON


def test_interests_come_earliest_first(database: Database) -> None:
    """R12: a second one for a service is kept beside the first."""
    with database.transaction() as rows:
        set_scene(rows)
        for n, later in ((1, 2 * HOUR), (2, HOUR)):
            interest = Interest(
                id=f"EOI-{n}",
                edition_id=EDITION,
                service_id="SVC-01",
                submitted_at=NOON + later,
                sponsor_id=SPONSOR,
                lead_id=LEAD,
            )
            courses.add_interest(rows, interest)

        assert [one.id for one in courses.interests_of(rows, EDITION)] == ["EOI-2", "EOI-1"]


def test_a_commitment_is_signed_beside_the_others(database: Database) -> None:
    """R09: each of the three stands for itself."""
    with database.transaction() as rows:
        set_scene(rows)
        open_ones = [
            SignedCommitment(course_id=COURSE, commitment=one) for one in ("time", "team", "meet")
        ]
        courses.add_commitments(rows, open_ones)
        signed = open_ones[0].model_copy(
            update={"state": CommitmentState.SIGNED, "decided_at": NOON, "decided_by": SPONSOR}
        )
        courses.save_commitment(rows, signed)

        assert courses.commitments_of(rows, COURSE) == (open_ones[2], open_ones[1], signed)


def test_what_points_at_a_locked_course_is_written_by_others_meanwhile(database: Database) -> None:
    """Two courses that write about each other do not wait for each other's end."""
    with database.transaction() as rows:
        set_scene(rows)

    def write(mine: str, other: str) -> None:
        with database.transaction() as rows:
            courses.lock_course(rows, mine)
            time.sleep(0.1)
            courses.add_commitments(rows, [SignedCommitment(course_id=other, commitment=mine)])

    one, two = course_id(1), course_id(2)
    assert together([partial(write, one, two), partial(write, two, one)]) == [None, None]
