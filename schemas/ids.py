"""How ids are made; every id is opaque and carries no name."""

from schemas.courses import CourseKind


def edition_course_id(edition_id: str) -> str:
    """Return the course, and workflow, of an edition."""
    return f"{CourseKind.EDITION}/{edition_id}"


def service_course_id(edition_id: str, service_id: str) -> str:
    """Return the course, and workflow, of a service in an edition."""
    return f"{CourseKind.SERVICE}/{edition_id}/{service_id}"


def executive_course_id(edition_id: str, sponsor_id: str) -> str:
    """Return the course, and workflow, of an executive sponsor's coaching."""
    return f"{CourseKind.EXECUTIVE_COACHING}/{edition_id}/{sponsor_id}"


def session_id(edition_id: str, subject_id: str, kind: str, number: int) -> str:
    """Return the id of a session of a service or sponsor."""
    return f"{edition_id}/{subject_id}/{kind}/{number}"


def obligation_id(edition_id: str, subject_id: str, kind: str, ordinal: int) -> str:
    """Return the id of an obligation of a service, sponsor or edition."""
    return f"{edition_id}/{subject_id}/{kind}/{ordinal}"


INSTALLATION = "installation"
"""What the journal calls the installation, where a change is of no course."""

DISPATCH = "dispatch"
"""The workflow that empties the ledger of what is due; one for each installation."""
