"""An edition and an application are written before their workflow is started."""

from functools import partial

import pytest

from runtime.opening import Application, open_application, open_edition_course
from schemas.courses import Course, CourseKind, Stage
from schemas.forms import ApplyForm
from schemas.ids import edition_course_id, service_course_id
from storage import courses, editions, journal
from storage.database import Database
from tests.databases import on_postgresql
from tests.journeys import cast as people
from tests.planning.builders import at, edition
from tests.storage.together import together

EDITION = edition().id
OPENED_AT = at("2024-04-15", "08:00")
SVC_16, SVC_17 = "SVC-16", "SVC-17"
WARD = service_course_id(EDITION, SVC_16)


@pytest.fixture
def opened(database: Database) -> Database:
    with database.transaction() as rows:
        people.write_cast(rows, EDITION, (SVC_16, SVC_17))
        assert open_edition_course(rows, edition(), people.COORDINATOR, OPENED_AT, OPENED_AT)
    return database


def a_form(interest_id: str = "EOI-1", **said: object) -> ApplyForm:
    form = {
        "actor": people.COORDINATOR,
        "interest_id": interest_id,
        "edition": EDITION,
        "service": SVC_16,
        "sponsor": people.SPONSOR,
        "lead": people.lead_of(SVC_16),
        "submitted_at": at("2024-05-08", "11:30"),
    }
    return ApplyForm.model_validate(form | said)


def apply(database: Database, form: ApplyForm) -> Application:
    now = at("2024-05-09")
    with database.transaction() as rows:
        return open_application(rows, form, form.at or now, now)


def events(database: Database, subject: str = WARD) -> list[str]:
    with database.reading() as rows:
        return [one.event for one in journal.entries_about(rows, subject)]


def test_an_edition_is_opened_once(opened: Database) -> None:
    """R15, M06: opening it again keeps its course and its version."""
    course_id = edition_course_id(EDITION)
    newer = edition().model_copy(update={"version": 2, "title": "Wider, once more"})
    with opened.transaction() as rows:
        later = at("2024-05-01")
        assert not open_edition_course(rows, newer, people.COORDINATOR, later, later)
        found = courses.course(rows, course_id)
        assert editions.latest_edition(rows, EDITION).title == edition().title
    assert found == Course(
        id=course_id,
        kind=CourseKind.EDITION,
        edition_id=EDITION,
        subject_id=EDITION,
        stage=Stage.RECRUITING,
        opened_at=OPENED_AT,
        edition_version=edition().version,
    )
    assert events(opened, course_id) == ["edition.opened"]


def test_the_first_interest_of_a_service_opens_its_course(opened: Database) -> None:
    """R12: with the time at which it was submitted, not at which it was typed in."""
    said = apply(opened, a_form(earlier_interest=True, sessions_before=3, reason="imported"))

    assert said == Application("The interest of SVC-16 is taken.", starts=True)
    with opened.reading() as rows:
        course, enrolment = courses.course(rows, WARD), courses.enrolment(rows, WARD)
        (entry,) = journal.entries_about(rows, WARD)
    assert course is not None
    assert (course.stage, course.opened_at) == (Stage.APPLIED, at("2024-05-09"))
    assert enrolment is not None
    assert enrolment.submitted_at == at("2024-05-08", "11:30")
    assert (enrolment.earlier_interest, enrolment.sessions_before) == (True, 3)
    assert (enrolment.sponsor_id, enrolment.lead_id) == (people.SPONSOR, people.lead_of(SVC_16))
    assert (entry.event, entry.subject, entry.reason) == ("interest.taken", "EOI-1", "imported")


def test_a_second_interest_waits_for_a_merge_and_starts_nothing(opened: Database) -> None:
    """R12: the first one keeps its time, whatever the second one says."""
    apply(opened, a_form())
    second = a_form("EOI-2", submitted_at=at("2024-04-20"), lead=people.lead_of(SVC_17))

    said = apply(opened, second)

    assert not said.starts
    assert not said.refused
    assert "waits for a coordinator to merge it" in said.text
    with opened.reading() as rows:
        kept = courses.interests_of(rows, EDITION)
        enrolment = courses.enrolment(rows, WARD)
    assert {one.id: one.state for one in kept} == {"EOI-1": "first", "EOI-2": "waits_for_merge"}
    assert enrolment is not None
    assert enrolment.submitted_at == at("2024-05-08", "11:30")
    assert enrolment.lead_id == people.lead_of(SVC_16)
    assert events(opened) == ["interest.taken", "interest.repeated"]


def test_the_same_interest_again_is_one(opened: Database) -> None:
    """R15: an import that broke off starts the workflow after all; it finds it, or none."""
    apply(opened, a_form())
    again = apply(opened, a_form())
    assert again == Application("Interest EOI-1 was taken already.", starts=True)
    apply(opened, a_form("EOI-2"))
    assert not apply(opened, a_form("EOI-2")).starts
    assert events(opened) == ["interest.taken", "interest.repeated"]


def test_an_interest_is_of_one_service(opened: Database) -> None:
    apply(opened, a_form())
    refused = apply(opened, a_form(service=SVC_17)).refused
    assert refused == "Interest EOI-1 is of SVC-16 already."


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"edition": "next"}, "No edition next has been opened."),
        ({"service": "SVC-99"}, "There is no service SVC-99: import it first."),
        ({"sponsor": "PER-99"}, "There is no person PER-99 to be the sponsor: import them first."),
        ({"lead": "PER-99"}, "There is no person PER-99 to be the lead: import them first."),
    ],
)
def test_what_is_not_known_is_refused_with_what_to_do(
    opened: Database, changed: dict[str, str], sentence: str
) -> None:
    assert apply(opened, a_form(**changed)) == Application(refused=sentence)
    assert events(opened) == []


@on_postgresql  # SQLite has one writer at a time
def test_of_several_interests_at_the_same_moment_one_is_the_first(opened: Database) -> None:
    """R12, R15: the others wait for a merge, and no one of them fails."""
    forms = [a_form(f"EOI-{number}") for number in range(1, 6)]

    outcomes = together([partial(apply, opened, form) for form in [*forms, forms[0]]])

    assert [one for one in outcomes if isinstance(one, Exception)] == []
    said = [one for one in outcomes if isinstance(one, Application)]
    with opened.reading() as rows:
        states = sorted(one.state for one in courses.interests_of(rows, EDITION))
    assert states == ["first", *["waits_for_merge"] * 4]
    assert sum(one.text.startswith("The interest of") for one in said) == 1
    assert events(opened).count("interest.taken") == 1
