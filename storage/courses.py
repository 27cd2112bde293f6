"""Courses, enrolments, selections, interests and commitments."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from sqlmodel import col

from schemas.courses import (
    Course,
    CourseKind,
    Enrolment,
    Interest,
    Selection,
    SignedCommitment,
)
from storage import editions
from storage.records import add, every, find, find_all, first, save
from storage.statements import Statement
from storage.tables.courses import (
    CommitmentRow,
    CourseRow,
    EnrolmentRow,
    InterestRow,
    SelectionRow,
)


def course(rows: Session, course_id: str) -> Course | None:
    """Return a course."""
    return find(rows, Course, CourseRow, {"id": course_id})


def lock_course(rows: Session, course_id: str) -> Course | None:
    """Return a course and hold its row until the transaction ends.

    Others may still write rows that point at it, so that two courses never wait for each other.
    """
    _HELD.ask(rows, {"course": course_id})
    return course(rows, course_id)


# Written once: every course transaction begins with it.
_HELD = Statement(
    select(col(CourseRow.id))
    .where(col(CourseRow.id) == bindparam("course"))
    .with_for_update(key_share=True)
)


def courses_of(
    rows: Session, edition_id: str, kind: CourseKind | None = None
) -> tuple[Course, ...]:
    """Return an edition's courses, in the order of their ids."""
    equals = {"edition_id": edition_id} | ({"kind": kind} if kind else {})
    return find_all(rows, Course, CourseRow, ("id",), equals)


def open_course(rows: Session, new: Course) -> None:
    """Write a new course; it goes by the newest version of its edition unless it says otherwise."""
    version = new.edition_version or editions.latest_version(rows, new.edition_id) or 0
    add(rows, CourseRow, [new.model_copy(update={"edition_version": version})])


def save_course(rows: Session, changed: Course) -> None:
    """Write a changed course."""
    save(rows, CourseRow, changed)


def enrolment(rows: Session, course_id: str) -> Enrolment | None:
    """Return what a service's course knows."""
    return find(rows, Enrolment, EnrolmentRow, {"course_id": course_id})


def enrolments_of(rows: Session, edition_id: str) -> tuple[Enrolment, ...]:
    """Return an edition's enrolments, in the order of their service ids."""
    return find_all(rows, Enrolment, EnrolmentRow, ("service_id",), {"edition_id": edition_id})


def enrolments_sponsored(rows: Session, edition_id: str, sponsor_id: str) -> tuple[Enrolment, ...]:
    """Return the enrolments of one sponsor in an edition; none of somebody who has left (E05)."""
    about = {"edition_id": edition_id, "sponsor_id": sponsor_id, "sponsor_vacant": False}
    return find_all(rows, Enrolment, EnrolmentRow, ("service_id",), about)


def add_enrolment(rows: Session, new: Enrolment) -> None:
    """Write a new enrolment."""
    add(rows, EnrolmentRow, [new])


def save_enrolment(rows: Session, changed: Enrolment) -> None:
    """Write a changed enrolment."""
    save(rows, EnrolmentRow, changed)


def taken_part_in(rows: Session, service_id: str) -> tuple[Enrolment, ...]:
    """Return every enrolment of a service, in whatever edition (R03)."""
    return every(rows, Enrolment, EnrolmentRow, col(EnrolmentRow.service_id) == service_id)


def add_interest(rows: Session, new: Interest) -> None:
    """Write an expression of interest."""
    add(rows, InterestRow, [new])


def interest(rows: Session, interest_id: str) -> Interest | None:
    """Return an expression of interest."""
    return first(rows, Interest, InterestRow, col(InterestRow.id) == interest_id)


def interests_of(rows: Session, edition_id: str) -> tuple[Interest, ...]:
    """Return an edition's expressions of interest, earliest first."""
    where = col(InterestRow.edition_id) == edition_id
    order = [col(InterestRow.submitted_at), col(InterestRow.id)]
    return every(rows, Interest, InterestRow, where, order=order)


def selection(rows: Session, course_id: str) -> Selection | None:
    """Return a service's position in the confirmed order."""
    return find(rows, Selection, SelectionRow, {"course_id": course_id})


def selections_of(rows: Session, edition_id: str) -> tuple[Selection, ...]:
    """Return the confirmed order, best first."""
    return find_all(rows, Selection, SelectionRow, ("rank",), {"edition_id": edition_id})


def save_selection(rows: Session, changed: Selection) -> None:
    """Write a changed position in the confirmed order."""
    save(rows, SelectionRow, changed)


def add_selections(rows: Session, chosen: list[Selection]) -> None:
    """Write the confirmed order."""
    add(rows, SelectionRow, chosen)


def commitments_of(rows: Session, course_id: str) -> tuple[SignedCommitment, ...]:
    """Return a service's executive commitments, in the order of their ids."""
    return find_all(
        rows, SignedCommitment, CommitmentRow, ("commitment",), {"course_id": course_id}
    )


def add_commitments(rows: Session, new: list[SignedCommitment]) -> None:
    """Write commitments that are to be signed."""
    add(rows, CommitmentRow, new)


def save_commitment(rows: Session, changed: SignedCommitment) -> None:
    """Write a commitment that was signed or declined."""
    save(rows, CommitmentRow, changed)
