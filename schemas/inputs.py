"""What workflows start with."""

from pydantic import AwareDatetime

from schemas.base import Payload
from schemas.clock import ProgrammeClock


class CourseInput(Payload):
    """Start the workflow of a course, or go on with it in a new run.

    Attributes:
        course_id: The course, and the workflow's id.
        edition_id: The edition that it belongs to.
        service_id: The service or sponsor; empty for the edition's own course.
        clock: How programme time passes.
        steps_per_run: Course transactions after which the workflow continues as new.

    """

    course_id: str
    edition_id: str
    service_id: str = ""
    clock: ProgrammeClock
    steps_per_run: int = 16


class ReadAgenda(Payload):
    """Ask for a course's agenda.

    Attributes:
        course_id: The course.
        at: Programme time at which it is asked.
        known_version: Version that the workflow knows; commits up to the present one are
            acknowledged by reading.
        known_at: Programme time since when the workflow knows it; given where the database has
            shown a lower version than that.

    """

    course_id: str
    at: AwareDatetime
    known_version: int = -1
    known_at: AwareDatetime | None = None


class CourseEnd(Payload):
    """How a course ended."""

    course_id: str
    stage: str
    version: int


class WakeExecutiveCoaching(Payload):
    """Let a sponsor's coaching look again, and start it where it does not run yet.

    Attributes:
        course_id: The sponsor's course.
        edition_id: The edition.
        at: Programme time.
        clock: How programme time passes.

    """

    course_id: str
    edition_id: str
    at: AwareDatetime
    clock: ProgrammeClock
