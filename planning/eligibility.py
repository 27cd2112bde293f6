"""Eligibility: may this service take a place in this edition (R03 to R08)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from planning.calendar import WorkingCalendar, calendar_of
from schemas.edition import Edition, Recruitment
from schemas.people import ProviderKind, ServiceType


class Ineligible(StrEnum):
    """Why a service cannot take a place; a code, the words are the mail's."""

    TOO_EARLY = "too_early"
    AFTER_DEADLINE = "after_deadline"
    SERVICE_TYPE = "service_type"
    NOT_FOR_DETAINED_PEOPLE = "not_for_detained_people"
    PROVIDER_KIND = "provider_kind"
    PROVIDER_NOT_YET = "provider_not_yet"
    TOOK_PART_BEFORE = "took_part_before"


@dataclass(frozen=True)
class Applicant:
    """What is known of a service when it expresses interest.

    Attributes:
        submitted_at: When the interest was submitted, not when it was typed in.
        service_type: What kind of service it is.
        provider: What kind of organisation provides it.
        detains: Whether it cares for people detained under the Act (R05).
        took_part_in: Ids of the editions in which the service was enrolled (R03).

    """

    submitted_at: datetime
    service_type: ServiceType
    provider: ProviderKind
    detains: bool = True
    took_part_in: Collection[str] = ()


def decide(edition: Edition, applicant: Applicant) -> Ineligible | None:
    """Return why a service is not eligible, or none when it is.

    Of several reasons the first in this order is told: time of the interest, type of service,
    people cared for, earlier editions, kind of provider. A provider whose day has not come yet is
    ``provider_not_yet``: it is thanked, and its interest noted for later (R06).
    """
    rules, calendar = edition.recruitment, calendar_of(edition)
    day = calendar.day_of(applicant.submitted_at)
    if day < rules.opens:
        return Ineligible.TOO_EARLY
    if day > deadline_day(rules, calendar):
        return Ineligible.AFTER_DEADLINE
    if applicant.service_type not in rules.service_types:
        return Ineligible.SERVICE_TYPE
    if rules.detained_people_required and not applicant.detains:
        return Ineligible.NOT_FOR_DETAINED_PEOPLE
    if not set(rules.not_after_editions).isdisjoint(applicant.took_part_in):
        return Ineligible.TOOK_PART_BEFORE
    return _of_the_provider(rules, applicant.provider, day)


def deadline_day(rules: Recruitment, calendar: WorkingCalendar) -> date:
    """Return the day at whose end interest closes, local time (R08, E36)."""
    if rules.deadline_on_non_working_day == "rolls_forward":
        return calendar.next_working_day(rules.deadline)
    return rules.deadline


def _of_the_provider(rules: Recruitment, kind: ProviderKind, day: date) -> Ineligible | None:
    opens = [provider.opens for provider in rules.providers if provider.kind == kind]
    if not opens:
        return Ineligible.PROVIDER_KIND
    return Ineligible.PROVIDER_NOT_YET if day < min(opens) else None
