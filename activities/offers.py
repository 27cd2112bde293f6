"""Until when an offer of a place stands, inside a course transaction (R13)."""

from collections.abc import Sequence
from datetime import datetime

from activities.notices import take_back, tell
from activities.transaction import CourseTransaction, Refusal
from planning.working_time import Interval, after, planned_pauses
from schemas.courses import Place
from schemas.ids import edition_course_id
from schemas.letters import Topic
from storage import courses, pauses


def offer_ends(transaction: CourseTransaction) -> datetime:
    """Return until when an offer that is made or extended now stands.

    Raises:
        Refusal: A pause without an end runs.

    """
    found = _valid_from(transaction, transaction.at, transaction.pauses())
    if found is None:
        raise Refusal("The edition is paused without an end: resume it before offers go out.")
    return found


def stands_until(transaction: CourseTransaction, place: Place) -> datetime | None:
    """Return until when an offer stands once the pauses since then are left out (X07).

    It may have been extended beyond that. None while a pause without an end runs.
    """
    if place.offered_at is None or place.expires_at is None or place.course_id is None:
        return None
    scopes = [place.course_id, edition_course_id(place.edition_id)]
    stored = pauses.pauses_of(transaction.rows, scopes)
    resting = (
        *planned_pauses(transaction.edition, transaction.calendar),
        *(Interval(one.from_at, one.until_at) for one in stored),
    )
    found = _valid_from(transaction, place.offered_at, resting)
    return None if found is None else max(found, place.expires_at)


def tell_of_extension(transaction: CourseTransaction, place: Place, expires_at: datetime) -> None:
    """Tell a service's lead and its sponsor of the new day by which to answer its offer (R13)."""
    enrolment = courses.enrolment(transaction.rows, place.course_id or "")
    if enrolment is None:
        return
    take_back(transaction, enrolment.course_id, Topic.OFFER_EXTENDED)
    tell(
        transaction,
        Topic.OFFER_EXTENDED,
        enrolment.lead_id,
        None if enrolment.sponsor_vacant else enrolment.sponsor_id,
        subject=enrolment.course_id,
        step=expires_at.isoformat(),
        course_id=enrolment.course_id,
        expires_at=expires_at.isoformat(),
    )


def _valid_from(
    transaction: CourseTransaction, since: datetime, resting: Sequence[Interval]
) -> datetime | None:
    valid = transaction.edition.recruitment.offer_valid
    return after(since, valid, transaction.calendar, transaction.edition.mail, resting)
