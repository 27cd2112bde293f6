"""The command that gives one service, or one executive sponsor, another coach (E01)."""

from typing import Annotated

from cyclopts import Parameter
from sqlalchemy.orm import Session as Rows

from cli import naming, words
from cli.asking import ask, fill, of_edition, people_named
from cli.bulk_refusals import refuse_stand_in
from cli.desk import Desk
from cli.faults import FaultError
from cli.options import Act, AtDesk, EditionOption
from runtime.bulk_coaches import taking_part
from runtime.bulk_executive import replacing_executives
from runtime.bulk_plans import BulkLine, BulkReader, Scope
from schemas.courses import Course, CourseKind, Enrolment
from schemas.forms import CoachForm, ExecutiveCoachForm
from storage.editions import latest_edition


async def replace(
    whose: Annotated[str, Parameter(help="The service, or the executive sponsor.")],
    /,
    *,
    by: Annotated[str, Parameter(name="--with", metavar="PERSON", help="Who takes over.")],
    dry_run: Annotated[
        bool, Parameter(name="--dry-run", help="Say what it would do, and do nothing.")
    ] = False,
    edition: EditionOption = None,
    act: Act,
    desk: AtDesk,
) -> None:
    """Give a service another delivery coach, or a sponsor another executive coach."""
    (coach,) = people_named(desk, by)
    with desk.reading() as rows:
        course = naming.the_course(rows, whose, edition)
    fields = of_edition(desk, course.edition_id, act) | {"coach": coach}
    if dry_run:
        with desk.reading() as rows:
            desk.say(*_told(desk, rows, course, coach))
    elif course.kind is CourseKind.SERVICE:
        one = fill(CoachForm, **fields, service=course.subject_id)
        await ask(desk, lambda programme: programme.assign_coach(one))
    else:
        other = fill(ExecutiveCoachForm, **fields, sponsor=course.subject_id)
        await ask(desk, lambda programme: programme.assign_executive_coach(other))


def _told(desk: Desk, rows: Rows, course: Course, coach: str) -> list[str]:
    """Return what handing over to a coach would do, or refuse with what stands in the way."""
    subject, enrolment = course.subject_id, _enrolment(rows, course)
    is_service = course.kind is CourseKind.SERVICE
    before = enrolment.delivery_coach_id if is_service else enrolment.executive_coach_id
    if before is None:
        first = f"coach {subject} PERSON" if is_service else "sponsor-session names one"
        raise FaultError(f"{subject} has no coach yet: drumbeat onboard {first}.")
    if before == coach:
        return [f"{coach} coaches {subject} already: there is nothing to change."]
    scope = Scope(coach=before, only=subject)
    reader = BulkReader.of(rows, latest_edition(rows, course.edition_id), scope, desk.now(rows))
    refuse_stand_in(reader, before, [coach])
    lines = _lines(reader, course.kind, before, [coach])
    if not lines:
        raise FaultError(f"The post of {subject} is vacant: a successor is coached, once there is.")
    (line,) = lines
    if line.wish is None:
        others = [one.wish for one in _lines(reader, course.kind, before, []) if one.wish]
        free = "".join(f" {one['coach']} would be free." for one in others)
        raise FaultError(f"{subject} stays with {before}: {'; '.join(line.warnings)}.{free}")
    concerned = [enrolment.lead_id if is_service else subject, coach, before]
    return [
        f"{subject}, {line.service}: {line.happens}, instead of {before}.",
        *(f"Worth a look: {one}." for one in line.warnings),
        f"{words.listed(concerned)} are told once.",
        "Nothing is changed: say it again without --dry-run.",
    ]


def _enrolment(rows: Rows, course: Course) -> Enrolment:
    for one in taking_part(rows, course.edition_id):
        if course.subject_id in {one.service_id, one.sponsor_id}:
            return one
    if course.kind is CourseKind.SERVICE:
        stage = words.STAGES[course.stage]
        raise FaultError(f"{course.subject_id} is {stage}: it needs no other coach.")
    raise FaultError(f"No service of {course.subject_id} is under way: nobody is coached.")


def _lines(
    reader: BulkReader, kind: CourseKind, before: str, named: list[str]
) -> tuple[BulkLine, ...]:
    if kind is CourseKind.SERVICE:
        return reader.replacing(before, named)
    return replacing_executives(reader, before, named)
