"""A service's way from its expression of interest to the signed commitments."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session as Rows

from schemas import commands
from schemas.courses import CommitmentState, Course, CourseKind, Enrolment, Stage, Step
from schemas.letters import Topic
from schemas.messages import MessageKind
from schemas.people import Organisation, ProviderKind, Service, ServiceType
from storage import courses
from storage.database import Database
from storage.records import save
from storage.tables.people import OrganisationRow, ServiceRow
from tests.activities.scene import SVC_16, SVC_17, SVC_18, CourseScene, small_edition
from tests.databases import on_sqlite
from tests.journeys import cast as people
from tests.planning.builders import at, edition

pytestmark = on_sqlite

IN_MAY = at("2024-05-08")
DECLINED = CommitmentState.DECLINED
LAST_MINUTE = at("2024-06-14", "23:59") + timedelta(seconds=30)
TOO_LATE = at("2024-06-15", "00:00") + timedelta(seconds=10)


def decided(
    play: CourseScene, submitted_at: datetime = IN_MAY, **of_service: object
) -> tuple[Stage, str | None, list[str]]:
    """Return stage, reason and what the lead is told when a service of that kind applies."""
    play.prepare(SVC_16)
    provider = of_service.pop("provider", ProviderKind.NHS)

    def describe(rows: Rows) -> None:
        service = Service(
            id=SVC_16, organisation_id="ORG-01", name="Ward", type=ServiceType.ADULT_ACUTE
        )
        save(rows, ServiceRow, service.model_copy(update=of_service))
        organisation = Organisation(
            id="ORG-01", ods_code="ZX1", name="Northmoor", kind=ProviderKind.NHS, region="north"
        )
        changed = organisation.model_copy(update={"kind": provider})
        save(rows, OrganisationRow, changed)

    play.write(describe)
    play.apply(SVC_16, submitted_at)
    play.walk(play.now)
    told = [one.topic for one in play.messages(play.of(SVC_16), MessageKind.NOTICE)]
    return play.stage(SVC_16), play.enrolment(SVC_16).ineligible_because, told


@pytest.mark.parametrize(
    "kind", sorted(set(edition().recruitment.service_types)), ids=lambda kind: kind.value
)
def test_eight_types_of_service_are_in_scope(play: CourseScene, kind: ServiceType) -> None:
    """R04: and whoever applied is thanked."""
    assert decided(play, type=kind) == (Stage.ELIGIBLE, None, ["eoi_received"])


@pytest.mark.parametrize(
    "kind", [ServiceType.REHABILITATION, ServiceType.COMMUNITY, ServiceType.OTHER]
)
def test_any_other_type_is_ineligible_with_its_reason(play: CourseScene, kind: ServiceType) -> None:
    """R04."""
    assert decided(play, type=kind) == (Stage.INELIGIBLE, "service_type", ["not_in_scope"])
    assert play.course(play.of(SVC_16)).ended_at == play.now


def test_a_service_that_cares_for_nobody_detained_is_not_eligible(play: CourseScene) -> None:
    """R05."""
    expected = (Stage.INELIGIBLE, "not_for_detained_people", ["not_in_scope"])
    assert decided(play, detains=False) == expected


@pytest.mark.parametrize(
    ("submitted", "stage", "because", "told"),
    [
        ("2024-05-20", Stage.INELIGIBLE, "provider_not_yet", "ineligible_thanks"),
        ("2024-06-02", Stage.INELIGIBLE, "provider_not_yet", "ineligible_thanks"),
        ("2024-06-03", Stage.ELIGIBLE, None, "eoi_received"),
        ("2024-06-10", Stage.ELIGIBLE, None, "eoi_received"),
    ],
)
def test_an_independent_provider_may_apply_from_its_day_on(
    play: CourseScene, submitted: str, stage: Stage, because: str | None, told: str
) -> None:
    """R06, E19: before it the answer is thanks, and where learning is shared."""
    independent = decided(play, at(submitted), provider=ProviderKind.INDEPENDENT)
    assert independent == (stage, because, [told])


def test_a_kind_of_provider_that_the_edition_does_not_name_is_thanked(database: Database) -> None:
    """R06: the pilot was for NHS trusts."""
    play = CourseScene(database, small_edition("mha-qi-pilot"))
    independent = decided(play, at("2023-05-10"), provider=ProviderKind.INDEPENDENT)
    assert independent == (Stage.INELIGIBLE, "provider_kind", ["ineligible_thanks"])


@pytest.mark.parametrize(
    ("submitted_at", "stage", "because"),
    [
        (LAST_MINUTE, Stage.ELIGIBLE, None),
        (TOO_LATE, Stage.INELIGIBLE, "after_deadline"),
    ],
)
def test_interest_closes_at_the_end_of_its_last_day(
    play: CourseScene, submitted_at: datetime, stage: Stage, because: str | None
) -> None:
    """R08: at midnight in London; the course closes then too."""
    play.prepare(SVC_16, SVC_17)
    play.walk(submitted_at)
    play.apply(SVC_16, submitted_at)
    play.walk(play.now)
    assert (play.stage(SVC_16), play.enrolment(SVC_16).ineligible_because) == (stage, because)
    closed = [when for when, _, step, _ in play.walked if step is Step.CLOSE_RECRUITMENT]
    assert closed == ([at("2024-06-15", "00:00")] if because else [])


def test_interest_on_paper_counts_from_when_it_was_submitted(play: CourseScene) -> None:
    """R08: it was typed in on the Monday after the deadline."""
    play.prepare(SVC_16)
    play.walk(at("2024-06-17", "09:00"))
    play.apply(SVC_16, LAST_MINUTE)
    play.walk(play.now)
    assert play.stage(SVC_16) is Stage.ELIGIBLE


def test_an_extended_deadline_lets_everybody_in_again(play: CourseScene) -> None:
    """R08: the edition's file gets a later day; nobody's order is confirmed before that."""
    play.prepare(SVC_16, SVC_17, SVC_18)
    for service in (SVC_16, SVC_17):
        play.apply(service, at("2024-05-08"))
    play.walk(at("2024-06-17"))
    later = play.edition.recruitment.model_copy(update={"deadline": at("2024-06-28").date()})
    play.use(play.edition.model_copy(update={"version": 2, "recruitment": later}))
    refused = play.refusal(commands.ConfirmSelection, play.course_id)
    assert refused.startswith("Recruitment is still open")

    play.apply(SVC_18, at("2024-06-28", "16:00"))
    play.walk(at("2024-06-29", "00:00"))
    assert play.stage(SVC_18) is Stage.ELIGIBLE
    assert "order of 3" in play.do(commands.ConfirmSelection, play.course_id)


@pytest.mark.parametrize(
    ("stage", "eligible"),
    [
        (Stage.ONBOARDING, False),
        (Stage.COACHING, False),
        (Stage.COMPLETED, False),
        (Stage.INELIGIBLE, True),
        (Stage.NOT_PLACED, True),
        (Stage.DECLINED, True),
    ],
)
def test_a_service_of_the_pilot_cannot_take_a_wider_place(
    play: CourseScene, stage: Stage, eligible: bool
) -> None:
    """R03: one that only applied for the pilot may."""
    play.prepare(SVC_16)

    def take_part(rows: Rows) -> None:
        pilot = Course(
            id="service/pilot/SVC-16",
            kind=CourseKind.SERVICE,
            edition_id="pilot",
            subject_id=SVC_16,
            stage=stage,
            opened_at=at("2023-06-01"),
        )
        courses.open_course(rows, pilot)
        courses.add_enrolment(rows, an_enrolment(pilot))

    play.write(take_part)
    play.apply(SVC_16, at("2024-05-08"))
    play.walk(play.now)
    because = None if eligible else "took_part_before"
    assert play.enrolment(SVC_16).ineligible_because == because
    assert (play.stage(SVC_16) is Stage.ELIGIBLE) == eligible


def an_enrolment(course: Course) -> Enrolment:
    return Enrolment(
        course_id=course.id,
        edition_id=course.edition_id,
        service_id=course.subject_id,
        submitted_at=course.opened_at,
        sponsor_id=people.SPONSOR,
        lead_id=people.lead_of(SVC_16),
    )


def test_a_place_can_be_accepted_only_while_it_is_offered(play: CourseScene) -> None:
    """R13."""
    play.open(SVC_16)
    course_id = play.of(SVC_16)
    assert "There is no open offer to SVC-16" in play.refusal(commands.AcceptPlace, course_id)
    play.selected()
    play.accepted(SVC_16)
    assert "SVC-16 has its place already." in play.refusal(commands.AcceptPlace, course_id)
    assert "SVC-16 has its place already." in play.refusal(commands.DeclinePlace, course_id)


def test_whoever_is_placed_is_told_at_each_turn(play: CourseScene) -> None:
    """R01, R13: the lead, once for each, in the mail window."""
    play.open(SVC_16)
    play.selected()
    play.accepted(SVC_16)
    notices = play.messages(play.of(SVC_16), MessageKind.NOTICE)
    assert sorted((one.topic, one.person_id) for one in notices) == [
        (Topic.EOI_RECEIVED.value, people.lead_of(SVC_16)),
        (Topic.PLACE_CONFIRMED.value, people.lead_of(SVC_16)),
        (Topic.PLACE_OFFERED.value, people.lead_of(SVC_16)),
    ]
