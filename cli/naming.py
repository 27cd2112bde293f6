"""Find what an id on the command line names; of an unknown one the nearest known is told."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from sqlalchemy.orm import Session as Rows

from cli.faults import FaultError
from cli.words import listed
from schemas.courses import Course, CourseKind
from schemas.edition import Edition
from storage import obligations, people, sessions
from storage.editions import edition_ids, latest_edition
from storage.reads import known_ids

WITH_SESSIONS = {CourseKind.SERVICE, CourseKind.EXECUTIVE_COACHING}


def the_edition(rows: Rows, wanted: str | None) -> Edition:
    """Return the edition named, or the only one that is open, or the only one that there is."""
    known = edition_ids(rows)
    if wanted is not None:
        edition_id = wanted.removeprefix(f"{CourseKind.EDITION}/")
        if edition_id not in known:
            raise FaultError(_unknown("edition", wanted, known))
        return latest_edition(rows, edition_id)
    opened = [one.edition_id for one in known_ids.edition_courses(rows) if one.ended_at is None]
    candidates = opened or list(known)
    if not candidates:
        raise FaultError("No edition has been opened yet: drumbeat edition open FILE.")
    if len(candidates) > 1:
        raise FaultError(
            f"There are several editions, {listed(candidates)}: say which with --edition."
        )
    return latest_edition(rows, candidates[0])


def the_enrolled(rows: Rows, written: str, wanted: str | None) -> tuple[str, str]:
    """Return edition and service of a service that has applied.

    ``SVC-16``, ``wider/SVC-16`` and ``service/wider/SVC-16`` name the same; the edition may be
    left out where the service takes part in one only.
    """
    found = the_course(rows, written, wanted, {CourseKind.SERVICE})
    return found.edition_id, found.subject_id


def the_course(
    rows: Rows, written: str, wanted: str | None, kinds: Collection[CourseKind] = WITH_SESSIONS
) -> Course:
    """Return the course of a service or of an executive sponsor."""
    *before, last = written.strip().split("/")
    subject_id = last.upper()
    edition_id = wanted or (before[-1] if before else None)
    found = [
        one
        for one in known_ids.courses_about(rows, subject_id)
        if one.kind in kinds and edition_id in {None, one.edition_id}
    ]
    if len(found) > 1:
        found = [one for one in found if one.ended_at is None] or found
    if len(found) > 1:
        editions = listed([one.edition_id for one in found])
        raise FaultError(f"{subject_id} is in several editions, {editions}: say --edition.")
    if found:
        return found[0]
    if CourseKind.EXECUTIVE_COACHING in kinds and people.person(rows, subject_id) is not None:
        raise FaultError(f"{subject_id} has no executive coaching.")
    the_service(rows, written)
    edition = the_edition(rows, edition_id)
    raise FaultError(f"{subject_id} has not applied to the edition {edition.id}.")


def the_service(rows: Rows, written: str) -> str:
    """Return the id of a service, whether it has applied or not."""
    service_id = written.strip().rpartition("/")[2].upper()
    if people.service(rows, service_id) is None:
        raise FaultError(_unknown("service", written, known_ids.service_ids(rows)))
    return service_id


def the_person(rows: Rows, written: str) -> str:
    """Return the id of a person."""
    person_id = written.strip().upper()
    if people.person(rows, person_id) is None:
        raise FaultError(_unknown("person", written, known_ids.person_ids(rows)))
    return person_id


def the_actor(rows: Rows, written: str) -> str:
    """Return the id of who asks; before any person was brought in, as it was written."""
    if not known_ids.person_ids(rows):
        return written.strip().upper()
    return the_person(rows, written)


def the_session(rows: Rows, written: str) -> str:
    """Return the id of a session; the edition before it may be left out where there is one."""
    for candidate in spellings(rows, written):
        if sessions.session(rows, candidate) is not None:
            return candidate
    raise FaultError(_unknown("session", written, known_ids.session_ids(rows)))


def the_obligation(rows: Rows, written: str) -> str:
    """Return the id of an obligation; the edition before it may be left out where there is one."""
    for candidate in spellings(rows, written):
        if obligations.obligation(rows, candidate) is not None:
            return candidate
    raise FaultError(_unknown("obligation", written, known_ids.obligation_ids(rows)))


def anything(rows: Rows, written: str, wanted: str | None) -> str:
    """Return the id of a session or obligation, the course of a service, or the id of a person."""
    for candidate in spellings(rows, written):
        if sessions.session(rows, candidate) or obligations.obligation(rows, candidate):
            return candidate
    text = written.strip().upper()
    if people.person(rows, text) is not None:
        return text
    if written.count("/") > 1 and not written.startswith(tuple(CourseKind)):
        return the_session(rows, written)
    return the_course(rows, written, wanted).id


def spellings(rows: Rows, written: str) -> list[str]:
    """Return the ids that may be meant: as written, and with an edition before it."""
    text = written.strip()
    return [text, *(f"{edition_id}/{text}" for edition_id in edition_ids(rows))]


def _unknown(noun: str, written: str, known: Sequence[str]) -> str:
    near = get_close_matches(written, known, n=1, cutoff=0.0)
    if not near:
        return f"There is no {noun} {written}: there is none at all yet."
    return f"There is no {noun} {written}: the nearest is {near[0]}."
