"""A service's way from its expression of interest to the signed commitments."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session as Rows

from schemas import commands
from schemas.courses import CommitmentState, Course, CourseKind, Enrolment, Stage, Step
from schemas.letters import Topic
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Organisation, ProviderKind, Service, ServiceType
from storage import courses, notes
from storage.database import Database
from storage.records import save
from storage.tables.people import OrganisationRow, ServiceRow
from tests.activities.coached import Beginning
from tests.activities.scene import SVC_16, SVC_17, SVC_18, CourseScene, small_edition
from tests.databases import on_sqlite
from tests.journeys import cast as people
from tests.planning.builders import at, edition, shown

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


# -- commitments -----------------------------------------------------------------------------------


def a_place_that_is_taken(play: CourseScene) -> None:
    play.open(SVC_16)
    play.selected()
    play.accepted(SVC_16)


@pytest.fixture
def committing(prepared: Callable[[Beginning], CourseScene]) -> CourseScene:
    """Give a ward that took its place on Monday 17 June at ten and has nothing signed yet."""
    return prepared(a_place_that_is_taken)


def chase(play: CourseScene) -> list[tuple[str, str, str, str]]:
    one = play.obligations(play.of(SVC_16), ObligationKind.COMMITMENTS)[0]
    return [
        (shown(row.due_at), row.kind.value, row.step, row.person_id)
        for row in play.messages(one.id)
    ]


def test_nothing_starts_before_all_three_commitments_are_signed(committing: CourseScene) -> None:
    """R09: whatever their order; the third one begins the onboarding."""
    course_id = committing.of(SVC_16)
    for number, commitment in enumerate(("data-collection", "involvement"), start=1):
        answer = committing.sign(SVC_16, commitment)
        assert answer == f"SVC-16: {number} of 3 commitments are signed."
        committing.walk(committing.now + timedelta(hours=1))
        assert committing.stage(SVC_16) is Stage.COMMITTING
        refused = committing.refusal(commands.NameTeam, course_id)
        assert refused == "SVC-16 is not being onboarded: it is committing."

    committing.sign(SVC_16, "change-ideas")
    committing.walk(committing.now)

    assert committing.stage(SVC_16) is Stage.ONBOARDING
    (chased,) = committing.obligations(course_id, ObligationKind.COMMITMENTS)
    assert chased.state is ObligationState.DONE


def test_unsigned_commitments_are_chased_at_three_seven_and_ten_working_days(
    committing: CourseScene,
) -> None:
    """R10: at fifteen a person decides; nothing lapses by itself."""
    committing.walk(at("2024-07-08", "09:59"))
    assert chase(committing) == [
        ("Thu 2024-06-20 10:00", "chase", "first", people.SPONSOR),
        ("Wed 2024-06-26 10:00", "chase", "second", people.SPONSOR),
        ("Mon 2024-07-01 10:00", "escalation", "coordinator", people.COORDINATOR),
    ]
    assert committing.course(committing.of(SVC_16)).attention == ""

    committing.walk(at("2024-08-30"))

    (stuck,) = committing.obligations(committing.of(SVC_16), ObligationKind.COMMITMENTS)
    assert (stuck.state, stuck.next_at) == (ObligationState.STUCK, None)
    course = committing.course(committing.of(SVC_16))
    assert (course.stage, course.attention) == (Stage.COMMITTING, "stuck")
    walked = [when for when, of, _, _ in committing.walked if of == course.id]
    assert shown(walked[-1]) == "Mon 2024-07-08 10:00"
    assert len(chase(committing)) == 3


def test_what_is_stuck_can_still_be_signed(committing: CourseScene) -> None:
    """R10."""
    committing.walk(at("2024-08-30"))
    committing.signed(SVC_16)
    course = committing.course(committing.of(SVC_16))
    assert (course.stage, course.attention) == (Stage.ONBOARDING, "")


def test_a_commitment_that_is_declined_puts_the_selection_on_hold(committing: CourseScene) -> None:
    """R11, E21: a coordinator is asked at once; nobody is withdrawn, nor chased meanwhile."""
    course_id = committing.of(SVC_16)
    committing.sign(SVC_16, "involvement")
    committing.sign(SVC_16, "data-collection", DECLINED)
    committing.walk(at("2024-06-28"))

    course = committing.course(course_id)
    assert (course.stage, course.attention) == (Stage.COMMITTING, "commitment_declined")
    assert chase(committing) == []
    one = committing.obligation(course_id, ObligationKind.COMMITMENT_DECLINED)
    assert one.holder_id == people.COORDINATOR
    asked = committing.messages(one.id)
    assert {row.person_id for row in asked} <= {people.COORDINATOR, people.PROGRAMME_LEAD}
    assert shown(asked[0].due_at) == "Mon 2024-06-17 10:00"
    place = committing.place(SVC_16)
    assert place is not None
    assert place.course_id == course_id


def test_a_declined_commitment_that_is_signed_after_all_ends_the_hold(
    committing: CourseScene,
) -> None:
    """R11: also when the question had become stuck meanwhile."""
    course_id = committing.of(SVC_16)
    committing.sign(SVC_16, "data-collection", DECLINED)
    committing.walk(at("2024-08-30"))
    one = committing.obligation(course_id, ObligationKind.COMMITMENT_DECLINED)
    assert one.state is ObligationState.STUCK

    committing.signed(SVC_16)

    assert [one for one in committing.obligations(course_id) if one.state.is_open] == list(
        committing.obligations(course_id)[-6:]
    )
    closed = committing.obligation(course_id, ObligationKind.COMMITMENT_DECLINED)
    assert closed.state is ObligationState.DONE
    course = committing.course(course_id)
    assert (course.stage, course.attention) == (Stage.ONBOARDING, "")


def test_once_nothing_is_declined_the_sponsor_is_asked_for_the_rest(
    committing: CourseScene,
) -> None:
    """R10, R11: from the beginning, since nobody was chased while it was on hold."""
    committing.sign(SVC_16, "data-collection", DECLINED)
    committing.walk(at("2024-06-24", "10:00"))

    committing.sign(SVC_16, "data-collection")

    first, second = committing.obligations(committing.of(SVC_16), ObligationKind.COMMITMENTS)
    assert (first.state, first.reason) == (ObligationState.CANCELLED, "commitment_declined")
    assert second.state is ObligationState.OPEN
    assert shown(second.next_at) == "Thu 2024-06-27 10:00"
    assert committing.course(committing.of(SVC_16)).attention == ""


def test_declining_without_a_name_leaves_what_is_signed(committing: CourseScene) -> None:
    """R11: all that is still open is declined."""
    committing.sign(SVC_16, "involvement")
    committing.sign(SVC_16, "", DECLINED)
    with committing.reading() as rows:
        found = courses.commitments_of(rows, committing.of(SVC_16))
    assert {one.commitment: one.state.value for one in found} == {
        "change-ideas": "declined",
        "data-collection": "declined",
        "involvement": "signed",
    }


def test_signing_twice_keeps_the_first_time(committing: CourseScene) -> None:
    """R09."""
    committing.sign(SVC_16, "involvement")
    first = committing.now
    committing.walk(first + timedelta(days=1))
    committing.sign(SVC_16, "involvement")
    with committing.reading() as rows:
        found = courses.commitments_of(rows, committing.of(SVC_16))
    assert [one.decided_at for one in found if one.commitment == "involvement"] == [first]
    assert committing.events(committing.of(SVC_16)).count("commitment.signed") == 1


def test_a_coordinator_may_record_a_signature_given_by_phone(committing: CourseScene) -> None:
    """R18: with a reason and a note of the evidence; the journal says who, for whom and why."""
    course_id = committing.of(SVC_16)
    said_by_phone = "She rang at noon."
    committing.write(
        lambda rows: notes.keep_note(rows, "1", said_by_phone, people.COORDINATOR, committing.now)
    )
    said = {"commitment": "", "decision": CommitmentState.SIGNED}
    refused = committing.refusal(commands.DecideCommitment, course_id, **said)
    assert "on behalf of PER-SP: give a reason" in refused

    committing.do(commands.DecideCommitment, course_id, reason="by_phone", note_id="note-1", **said)

    entries = [one for one in committing.journal(course_id) if one.event == "commitment.signed"]
    assert len(entries) == 3
    assert {(one.actor, one.reason, one.note_id) for one in entries} == {
        (people.COORDINATOR, "by_phone", "note-1")
    }
    with committing.reading() as rows:
        signed = courses.commitments_of(rows, course_id)
    assert {(one.decided_by, one.recorded_by) for one in signed} == {
        (people.SPONSOR, people.COORDINATOR)
    }


def test_a_commitment_that_does_not_exist_is_refused_with_those_that_do(
    committing: CourseScene,
) -> None:
    refused = committing.refusal(
        commands.DecideCommitment,
        committing.of(SVC_16),
        actor=people.SPONSOR,
        commitment="parking",
        decision=CommitmentState.SIGNED,
    )
    assert refused == (
        "There is no commitment parking: there are change-ideas, data-collection, involvement."
    )


def test_nothing_is_signed_before_the_place_is_accepted(play: CourseScene) -> None:
    """R13: accept first, then sign."""
    play.open(SVC_16)
    play.selected()
    refused = play.refusal(
        commands.DecideCommitment,
        play.of(SVC_16),
        actor=people.SPONSOR,
        commitment="",
        decision=CommitmentState.SIGNED,
    )
    assert refused == "SVC-16 is not at its commitments: it is offered."


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


def test_a_pause_of_the_edition_stops_the_chase_of_the_commitments(
    committing: CourseScene,
) -> None:
    """R10, X04, X07: and a pause without an end does not silence it for ever."""
    committing.walk(at("2024-06-18", "10:00"))
    committing.do(commands.PauseCourse, committing.course_id)
    committing.walk(at("2024-07-18", "10:00"))
    assert chase(committing) == []
    committing.do(commands.ResumeCourse, committing.course_id)
    committing.walk(at("2024-07-31"))
    assert [row[:3] for row in chase(committing)] == [
        ("Mon 2024-07-22 10:00", "chase", "first"),
        ("Fri 2024-07-26 10:00", "chase", "second"),
        ("Wed 2024-07-31 10:00", "escalation", "coordinator"),
    ]
