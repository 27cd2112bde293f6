"""Opening an edition or an application in the database, before its workflow is started.

Names and addresses never travel through a workflow, so what a form says of people is written first;
the workflow starts with ids. A repeat finds what is there.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from schemas.courses import Course, CourseKind, Enrolment, Interest, JournalEntry, Stage
from schemas.edition import Edition
from schemas.forms import ApplyForm
from schemas.ids import edition_course_id, service_course_id
from storage import courses, editions, journal, people


@dataclass(frozen=True)
class Application:
    """What became of an expression of interest.

    Attributes:
        text: What the person is told.
        starts: Whether the service's workflow is to be running.
        refused: Why nothing was done.

    """

    text: str = ""
    starts: bool = False
    refused: str = ""


def open_edition_course(
    rows: Session, edition: Edition, actor: str, at: datetime, recorded_at: datetime
) -> bool:
    """Keep an edition's file and open its course; return false where it is open already.

    One that is open keeps its version: another one is taken by ``runtime.edition_change`` (M06).
    """
    course_id = edition_course_id(edition.id)
    if courses.course(rows, course_id) is not None:
        return False
    editions.store_edition(rows, edition, at)
    courses.open_course(
        rows,
        Course(
            id=course_id,
            kind=CourseKind.EDITION,
            edition_id=edition.id,
            subject_id=edition.id,
            stage=Stage.RECRUITING,
            opened_at=at,
        ),
    )
    entry = JournalEntry(
        course_id=course_id,
        edition_id=edition.id,
        event="edition.opened",
        subject=course_id,
        actor=actor,
        at=at,
        recorded_at=recorded_at,
        request_id=f"open/{edition.id}",
        policy_version=edition.version,
    )
    journal.write(rows, [entry])
    return True


def open_application(
    rows: Session, form: ApplyForm, at: datetime, recorded_at: datetime
) -> Application:
    """Write an expression of interest and, for the first of its service, open its course (R12).

    Two at the same moment take turns, so that only one of them can be the first (R15).
    """
    courses.lock_course(rows, edition_course_id(form.edition))
    known = courses.interest(rows, form.interest_id)
    if known is not None:
        again = known.service_id == form.service and known.edition_id == form.edition
        if again:
            return Application(f"Interest {known.id} was taken already.", known.state == "first")
        return Application(refused=f"Interest {known.id} is of {known.service_id} already.")
    refused = _unknown(rows, form)
    if refused:
        return Application(refused=refused)
    course_id = service_course_id(form.edition, form.service)
    first = courses.course(rows, course_id) is None
    submitted_at = form.submitted_at or at
    _add_interest(rows, form, submitted_at, first=first)
    if first:
        _open_course(rows, form, course_id, submitted_at, at)
    edition = editions.latest_edition(rows, form.edition)
    entry = JournalEntry(
        course_id=course_id,
        edition_id=form.edition,
        event="interest.taken" if first else "interest.repeated",
        subject=form.interest_id,
        actor=form.actor,
        at=at,
        recorded_at=recorded_at,
        reason=form.reason or None,
        request_id=form.request_id or f"interest/{form.interest_id}",
        policy_version=edition.version,
    )
    journal.write(rows, [entry])
    if first:
        return Application(f"The interest of {form.service} is taken.", starts=True)
    return Application(
        f"{form.service} has applied already. This one, {form.interest_id}, waits for a "
        "coordinator to merge it; the first one keeps its time."
    )


def _add_interest(rows: Session, form: ApplyForm, submitted_at: datetime, *, first: bool) -> None:
    interest = Interest(
        id=form.interest_id,
        edition_id=form.edition,
        service_id=form.service,
        submitted_at=submitted_at,
        earlier_interest=form.earlier_interest,
        sponsor_id=form.sponsor,
        lead_id=form.lead,
        state="first" if first else "waits_for_merge",
    )
    courses.add_interest(rows, interest)


def _unknown(rows: Session, form: ApplyForm) -> str:
    try:
        editions.latest_edition(rows, form.edition)
    except LookupError:
        return f"No edition {form.edition} has been opened."
    if people.service(rows, form.service) is None:
        return f"There is no service {form.service}: import it first."
    for role, person_id in (("sponsor", form.sponsor), ("lead", form.lead)):
        if people.person(rows, person_id) is None:
            return f"There is no person {person_id} to be the {role}: import them first."
    return ""


def _open_course(
    rows: Session, form: ApplyForm, course_id: str, submitted_at: datetime, at: datetime
) -> None:
    courses.open_course(
        rows,
        Course(
            id=course_id,
            kind=CourseKind.SERVICE,
            edition_id=form.edition,
            subject_id=form.service,
            stage=Stage.APPLIED,
            opened_at=at,
        ),
    )
    courses.add_enrolment(
        rows,
        Enrolment(
            course_id=course_id,
            edition_id=form.edition,
            service_id=form.service,
            submitted_at=submitted_at,
            earlier_interest=form.earlier_interest,
            sponsor_id=form.sponsor,
            lead_id=form.lead,
            sessions_before=form.sessions_before,
        ),
    )
