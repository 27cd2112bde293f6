from datetime import date, datetime

import pytest

from planning.eligibility import Applicant, Ineligible, deadline_day, decide
from schemas.people import ProviderKind, ServiceType
from tests.planning.builders import at, calendar, edition

MAY = at("2024-05-20", "11:00")
IN_SCOPE = {
    ServiceType.ADULT_ACUTE,
    ServiceType.PICU,
    ServiceType.OLDER_ADULT,
    ServiceType.DEMENTIA,
    ServiceType.CYP_GAU,
    ServiceType.CYP_PICU,
    ServiceType.LD_AUTISM,
    ServiceType.ADULT_SECURE,
}


def an_applicant(
    submitted_at: datetime = MAY,
    service_type: ServiceType = ServiceType.ADULT_ACUTE,
    provider: ProviderKind = ProviderKind.NHS,
    *,
    detains: bool = True,
    took_part_in: tuple[str, ...] = (),
) -> Applicant:
    return Applicant(submitted_at, service_type, provider, detains, took_part_in)


def test_an_nhs_ward_that_applies_in_time_is_eligible() -> None:
    """R04, R06."""
    assert decide(edition(), an_applicant()) is None


def test_a_service_of_the_pilot_cannot_take_a_wider_place() -> None:
    """R03."""
    again = an_applicant(took_part_in=("pilot",))
    assert decide(edition(), again) is Ineligible.TOOK_PART_BEFORE
    assert decide(edition(), an_applicant(took_part_in=("another",))) is None
    in_the_pilot = an_applicant(at("2023-06-01"), took_part_in=("pilot",))
    assert decide(edition("mha-qi-pilot"), in_the_pilot) is None


@pytest.mark.parametrize("service_type", list(ServiceType))
def test_only_the_types_of_service_in_scope_are_eligible(service_type: ServiceType) -> None:
    """R04."""
    found = decide(edition(), an_applicant(service_type=service_type))
    assert found is (None if service_type in IN_SCOPE else Ineligible.SERVICE_TYPE)


def test_a_service_that_cares_for_nobody_detained_is_not_eligible() -> None:
    """R05."""
    found = decide(edition(), an_applicant(detains=False))
    assert found is Ineligible.NOT_FOR_DETAINED_PEOPLE
    other = edition("example-other")
    assert decide(other, an_applicant(at("2025-01-20"), detains=False)) is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-05-20", Ineligible.PROVIDER_NOT_YET),
        ("2024-06-02", Ineligible.PROVIDER_NOT_YET),
        ("2024-06-03", None),
        ("2024-06-10", None),
    ],
)
def test_independent_providers_are_eligible_from_their_day(
    day: str, expected: Ineligible | None
) -> None:
    """R06, E19: judged by the day on which the interest was submitted."""
    applicant = an_applicant(at(day, "09:00"), provider=ProviderKind.INDEPENDENT)
    assert decide(edition(), applicant) is expected


def test_a_kind_of_provider_that_the_edition_does_not_name_is_not_eligible() -> None:
    """R06: the pilot was for NHS providers."""
    applicant = an_applicant(at("2023-06-01"), provider=ProviderKind.INDEPENDENT)
    assert decide(edition("mha-qi-pilot"), applicant) is Ineligible.PROVIDER_KIND


@pytest.mark.parametrize(
    ("submitted_at", "expected"),
    [
        (at("2024-06-14", "23:59:30"), None),
        (at("2024-06-14", "23:59:59"), None),
        (at("2024-06-15", "00:00:00"), Ineligible.AFTER_DEADLINE),
        (at("2024-06-15", "00:00:10"), Ineligible.AFTER_DEADLINE),
        (at("2024-04-15", "00:00:00"), None),
        (at("2024-04-14", "23:59:59"), Ineligible.TOO_EARLY),
    ],
)
def test_interest_closes_at_the_end_of_the_deadline_by_londons_clocks(
    submitted_at: datetime, expected: Ineligible | None
) -> None:
    """R08: in summer that is 23:00 in UTC."""
    assert decide(edition(), an_applicant(submitted_at)) is expected


def test_a_deadline_on_a_day_off_stays_or_rolls_forward_as_the_edition_says() -> None:
    """R08, E36: the first deadline of 2024, 27 May, was a bank holiday."""
    on_holiday = edition().recruitment.model_copy(update={"deadline": date(2024, 5, 27)})
    assert deadline_day(on_holiday, calendar()) == date(2024, 5, 27)
    rolling = on_holiday.model_copy(update={"deadline_on_non_working_day": "rolls_forward"})
    assert deadline_day(rolling, calendar()) == date(2024, 5, 28)
    applicant = an_applicant(at("2024-05-28", "15:00"))
    stays = edition().model_copy(update={"recruitment": on_holiday})
    rolls = edition().model_copy(update={"recruitment": rolling})
    assert decide(stays, applicant) is Ineligible.AFTER_DEADLINE
    assert decide(rolls, applicant) is None


def test_an_extended_deadline_opens_recruitment_for_all_again() -> None:
    """R08: as on 27 May 2024, when it was extended to 14 June."""
    first = edition().recruitment.model_copy(update={"deadline": date(2024, 5, 27)})
    before = edition().model_copy(update={"recruitment": first})
    late = an_applicant(at("2024-06-05"))
    assert decide(before, late) is Ineligible.AFTER_DEADLINE
    assert decide(edition(), late) is None
