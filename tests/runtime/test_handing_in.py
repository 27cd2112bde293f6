"""Slots of a sheet are settled at the programme's door, all of each line or what is left (R16)."""

from datetime import date, time
from pathlib import Path

from schemas.courses import Enrolment, Stage
from schemas.forms import SlotForm
from schemas.ids import service_course_id
from schemas.import_results import Outcome
from schemas.obligations import Obligation, ObligationKind, ObligationState
from storage.courses import add_enrolment, save_enrolment
from storage.database import Database
from storage.obligations import add_obligation, save_obligation
from tests.databases import on_sqlite
from tests.runtime.importing_door import FakeDoor
from tests.runtime.test_importing import IMPORTER, bring_in, outcomes, sheets

__all__ = ["sheets"]


@on_sqlite
async def test_slots_are_settled_at_the_door(database: Database, sheets: Path) -> None:
    """R16: a sheet settles nothing for a service that has not applied."""
    (sheets / "slots.csv").write_text(
        "edition,service,coach,weekday,starts,event_day\n"
        "wider,SVC-16,DC-01,Wednesday,09:05,15/10/2024\n"
    )
    door = FakeDoor(database)
    report = await bring_in(database, sheets, door=door)
    assert outcomes(report)["slots.csv"] == {"refused": 1}
    course_id = service_course_id("wider", "SVC-16")
    begun = Enrolment(
        course_id=course_id,
        edition_id="wider",
        service_id="SVC-16",
        submitted_at=IMPORTER.at,
        sponsor_id="EX-01",
        lead_id="SL-16",
        event_day=date(2024, 10, 15),
    )
    with database.transaction() as rows:
        add_enrolment(rows, begun)
        add_obligation(rows, sought(course_id))
    door.asked.clear()
    report = await bring_in(database, sheets / "slots.csv", door=door)
    assert outcomes(report)["slots.csv"] == {"changed": 1}
    asked = {type(form).__name__: form for form in door.asked}
    assert list(asked) == ["CoachForm", "SlotForm", "PartnerForm"]
    slot = asked["SlotForm"]
    assert isinstance(slot, SlotForm)
    assert (slot.weekday, slot.clock_time) == (2, time(9, 5))
    settled = {"delivery_coach_id": "DC-01", "slot_weekday": 2, "slot_time": time(9, 5)}
    closed = sought(course_id).model_copy(update={"state": ObligationState.DONE})
    with database.transaction() as rows:
        save_enrolment(rows, begun.model_copy(update=settled))
        save_obligation(rows, closed)
    report = await bring_in(database, sheets / "slots.csv", door=door)
    assert outcomes(report)["slots.csv"] == {"already_present": 1}
    assert len(door.asked) == 3


def sought(course_id: str) -> Obligation:
    """Return that a partner is still to be named or sought."""
    return Obligation(
        id="wider/SVC-16/partner_sought/1",
        course_id=course_id,
        edition_id="wider",
        kind=ObligationKind.PARTNER_SOUGHT,
        subject=course_id,
        opened_at=IMPORTER.at,
    )


@on_sqlite
async def test_a_line_that_was_settled_in_part_is_settled_to_its_end(
    database: Database, sheets: Path
) -> None:
    """R16: a kill behind the event's day took neither the partner nor the sponsor's session."""
    (sheets / "slots.csv").write_text(
        "edition,service,coach,weekday,starts,event_day,executive_day,executive_starts\n"
        "wider,SVC-16,DC-01,Wednesday,09:05,15/10/2024,12/09/2024,10:00\n"
    )
    course_id, door = service_course_id("wider", "SVC-16"), FakeDoor(database)
    begun = Enrolment(
        course_id=course_id,
        edition_id="wider",
        service_id="SVC-16",
        submitted_at=IMPORTER.at,
        sponsor_id="EX-01",
        lead_id="SL-16",
        delivery_coach_id="DC-01",
        slot_weekday=2,
        slot_time=time(9, 5),
        event_day=date(2024, 10, 15),
    )
    await bring_in(database, sheets, door=door)
    with database.transaction() as rows:
        add_enrolment(rows, begun)
        add_obligation(rows, sought(course_id))
    door.asked.clear()
    report = await bring_in(database, sheets / "slots.csv", door=door)
    assert outcomes(report)["slots.csv"] == {"changed": 1}
    assert [type(one).__name__ for one in door.asked] == ["PartnerForm", "SponsorSessionForm"]


@on_sqlite
async def test_a_sheet_takes_nothing_back_of_a_service_that_is_coached(
    database: Database, sheets: Path
) -> None:
    """R16, E13: an event that was moved since then stays where it is when a sheet is read again."""
    (sheets / "slots.csv").write_text(
        "edition,service,coach,weekday,starts,event_day\n"
        "wider,SVC-16,DC-01,Wednesday,09:05,15/10/2024\n"
    )
    course_id, door = service_course_id("wider", "SVC-16"), FakeDoor(database)
    door.stage = Stage.COACHING
    since = Enrolment(
        course_id=course_id,
        edition_id="wider",
        service_id="SVC-16",
        submitted_at=IMPORTER.at,
        sponsor_id="EX-01",
        lead_id="SL-16",
        delivery_coach_id="DC-01",
        slot_weekday=2,
        slot_time=time(9, 5),
        event_day=date(2024, 11, 5),
    )
    await bring_in(database, sheets, door=door)
    with database.transaction() as rows:
        add_enrolment(rows, since)
    door.asked.clear()
    for dry_run in (True, False):
        path = sheets / "slots.csv"
        report = await bring_in(database, path, door=door, dry_run=dry_run)
        (line,) = report.results
        assert (line.outcome, line.why) == (
            Outcome.REFUSED,
            "its sessions are planned, and only the programme changes who coaches them and when",
        )
    assert door.asked == []
