from datetime import UTC, date, datetime

from schemas.base import Form
from schemas.courses import Course, CourseKind, Stage
from schemas.import_results import Outcome
from schemas.imports import (
    AbsenceLine,
    CoachLine,
    CoachRole,
    EnrolmentLine,
    OrganisationLine,
    PersonLine,
    Region,
    RoleLine,
    ServiceLine,
    SheetKind,
)
from schemas.people import AddressState, Channel, ProviderKind, Role, ServiceType
from storage.courses import course, enrolment, open_course, save_course, taken_part_in
from storage.database import Database
from storage.imports import Importer, known_ids, outcomes, save, ward_names
from storage.journal import entries_about, entries_after
from storage.people import absent, holders, mark_address, organisation, person, service

AT = datetime(2024, 6, 10, 8, tzinfo=UTC)
IMPORTER = Importer(actor="CO-01", at=AT, request_id="import/1")

ORGANISATION = OrganisationLine(
    organisation="ORG-01",
    name="Northmoor",
    ods_code="Z7Q",
    kind=ProviderKind.NHS,
    region=Region.LONDON,
    synthetic=True,
)
SERVICE = ServiceLine(
    service="SVC-16", organisation="ORG-01", name="Hazel Ward", type=ServiceType.ADULT_ACUTE
)
SPONSOR = PersonLine(person="EX-01", name="Exec sponsor 01", email="ex01@northmoor.nhs.example")
LEAD = PersonLine(
    person="SL-16", name="Service lead 16", channel=Channel.PHONE, phone="07700 900016"
)


def bring_in(database: Database, kind: SheetKind, *lines: Form) -> list[Outcome]:
    with database.transaction() as rows:
        return save(rows, kind, lines, IMPORTER)


def bring_in_everybody(database: Database) -> None:
    bring_in(database, SheetKind.ORGANISATIONS, ORGANISATION)
    bring_in(database, SheetKind.SERVICES, SERVICE)
    bring_in(database, SheetKind.PEOPLE, SPONSOR, LEAD)


def test_lines_become_rows(database: Database) -> None:
    bring_in_everybody(database)
    bring_in(
        database,
        SheetKind.ROLES,
        RoleLine(person="SL-16", role=Role.SERVICE_LEAD, scope="SVC-16"),
    )
    bring_in(
        database,
        SheetKind.COACHES,
        CoachLine(coach="EX-01", role=CoachRole.EXECUTIVE_COACH, edition="wider"),
    )
    days = {"from_day": date(2024, 8, 5), "until_day": date(2024, 8, 9)}
    bring_in(database, SheetKind.ABSENCES, AbsenceLine(person="EX-01", **days))
    with database.reading() as rows:
        found = organisation(rows, "ORG-01")
        assert found is not None
        assert (found.ods_code, found.region, found.synthetic) == ("Z7Q", "london", True)
        ward = service(rows, "SVC-16")
        assert ward is not None
        assert (ward.type, ward.detains) == (ServiceType.ADULT_ACUTE, True)
        lead = person(rows, "SL-16")
        assert lead is not None
        assert (lead.channel, lead.phone) == (Channel.PHONE, "07700 900016")
        assert [one.person_id for one in holders(rows, Role.SERVICE_LEAD, ["SVC-16"])] == ["SL-16"]
        assert [one.person_id for one in holders(rows, Role.EXECUTIVE_COACH, ["wider"])] == [
            "EX-01"
        ]
        assert absent(rows, ["EX-01", "SL-16"], date(2024, 8, 9)) == {"EX-01"}
        assert known_ids(rows, SheetKind.PEOPLE) == {"EX-01", "SL-16"}
        assert ward_names(rows) == {"ORG-01": {"SVC-16": "Hazel Ward"}}


def test_a_line_that_is_known_changes_nothing_and_is_not_journalled(database: Database) -> None:
    bring_in_everybody(database)
    with database.reading() as rows:
        before = len(entries_after(rows, 0))
    assert bring_in(database, SheetKind.SERVICES, SERVICE) == [Outcome.ALREADY_PRESENT]
    with database.reading() as rows:
        assert len(entries_after(rows, 0)) == before == 4


def test_a_changed_line_is_told_written_and_journalled(database: Database) -> None:
    bring_in_everybody(database)
    renamed = SERVICE.model_copy(update={"name": "Alder Ward"})
    with database.reading() as rows:
        assert outcomes(rows, SheetKind.SERVICES, [renamed]) == [Outcome.CHANGED]
    assert bring_in(database, SheetKind.SERVICES, renamed) == [Outcome.CHANGED]
    with database.reading() as rows:
        found = service(rows, "SVC-16")
        assert found is not None
        assert found.name == "Alder Ward"
        events = [entry.event for entry in entries_about(rows, "SVC-16")]
    assert events == ["services.imported", "services.changed"]


def test_the_journal_names_nobody(database: Database) -> None:
    """P09: personal data stays in its own rows."""
    bring_in_everybody(database)
    with database.reading() as rows:
        written = str([entry.model_dump() for entry in entries_after(rows, 0)])
    assert "northmoor" not in written
    assert "Exec sponsor" not in written


def test_a_new_address_is_tried_again_and_an_old_one_is_not(database: Database) -> None:
    """M11: bringing the same sheet in again does not make a bad address good."""
    bring_in_everybody(database)
    with database.transaction() as rows:
        mark_address(rows, "EX-01", AddressState.BAD)
    renamed = SPONSOR.model_copy(update={"name": "Exec sponsor 1"})
    bring_in(database, SheetKind.PEOPLE, renamed)
    with database.reading() as rows:
        kept = person(rows, "EX-01")
        assert kept is not None
        assert kept.address_state is AddressState.BAD
    bring_in(database, SheetKind.PEOPLE, SPONSOR.model_copy(update={"email": "new@x.nhs.example"}))
    with database.reading() as rows:
        kept = person(rows, "EX-01")
        assert kept is not None
        assert kept.address_state is AddressState.GOOD


PILOT = EnrolmentLine(
    edition="pilot",
    service="SVC-16",
    sponsor="EX-01",
    lead="SL-16",
    placed_at=datetime(2023, 7, 1, tzinfo=UTC),
    completed_on=date(2024, 5, 31),
    sessions_held=24,
)


def test_a_place_in_an_earlier_edition_is_known_afterwards(database: Database) -> None:
    """R02, R03: a service that took part in the pilot is seen to have done so."""
    bring_in_everybody(database)
    assert bring_in(database, SheetKind.ENROLMENTS, PILOT) == [Outcome.NEW]
    assert bring_in(database, SheetKind.ENROLMENTS, PILOT) == [Outcome.ALREADY_PRESENT]
    with database.reading() as rows:
        (found,) = taken_part_in(rows, "SVC-16")
        done = course(rows, "service/pilot/SVC-16")
        assert done is not None
        assert (found.edition_id, found.sessions_before) == ("pilot", 24)
        assert (done.stage, done.stage.is_end) == (Stage.COMPLETED, True)
        assert done.ended_at is not None


def test_a_sheet_never_writes_a_course_that_goes_on(database: Database) -> None:
    """R17: its workflow is the only writer."""
    bring_in_everybody(database)
    running = Course(
        id="service/pilot/SVC-16",
        kind=CourseKind.SERVICE,
        edition_id="pilot",
        subject_id="SVC-16",
        stage=Stage.COACHING,
        opened_at=AT,
    )
    with database.transaction() as rows:
        open_course(rows, running)
    assert bring_in(database, SheetKind.ENROLMENTS, PILOT) == [Outcome.REFUSED]
    with database.transaction() as rows:
        assert course(rows, "service/pilot/SVC-16") == running
        assert enrolment(rows, "service/pilot/SVC-16") is None
        save_course(rows, running.model_copy(update={"stage": Stage.COMPLETED}))
    assert bring_in(database, SheetKind.ENROLMENTS, PILOT) == [Outcome.CHANGED]
