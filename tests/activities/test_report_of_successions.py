"""Reports as at a day show the world of that day: organisations and sponsors (P01, P02, E38)."""

from datetime import date, datetime, timedelta

import pytest

from planning.report_lines import report_lines
from rehearsal.report.material import read_material
from rehearsal.report.programme import programme
from rehearsal.report.wards import ward_pages
from schemas import commands
from schemas.people import Organisation, Person, ProviderKind
from schemas.successions import SuccessionKind
from storage.reads.place_order import place_order
from storage.reads.report_as_at import as_at
from storage.reads.report_rows import wards
from storage.reads.service_page import service_page
from storage.records import add
from storage.tables.people import OrganisationRow, PersonRow
from tests.activities.journal_told import told_otherwise
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at

SUCCESSOR = "PER-SP2"
OLD, NEW, LAST = "north_west", "south_west", "london"
MERGER = date(2024, 11, 1)
BEFORE, AFTER = at("2024-10-31", "12:00"), at("2024-11-02", "12:00")


@pytest.fixture
def merging(coached: CourseScene) -> CourseScene:
    """Give a ward in coaching and an offer to another, both of an organisation that may merge."""
    new = [
        Organisation(id=one, ods_code=code, name=f"{one} NHS FT", kind=ProviderKind.NHS, region=of)
        for one, code, of in (("ORG-06", "ZX2", NEW), ("ORG-07", "ZX3", LAST))
    ]
    follows = [Person(id=SUCCESSOR, name="Name of the successor")]
    coached.write(lambda rows: add(rows, OrganisationRow, new))
    coached.write(lambda rows: add(rows, PersonRow, follows))
    return coached


def merge(play: CourseScene, old: str, new: str, day: date) -> None:
    kind = SuccessionKind.ORGANISATION
    play.do(commands.Succeed, play.course_id, kind=kind, old=old, new=new, from_day=day)


def regions(play: CourseScene, then: datetime | None = None) -> dict[str, int]:
    with play.reading() as rows:
        return as_at(rows, play.edition.id, then or play.now).by_region


def test_reports_before_a_merger_show_the_old_region_for_ever(merging: CourseScene) -> None:
    """P02, E03, E38: byte for byte, whatever becomes of the organisation later."""
    play = merging
    merge(play, "ORG-01", "ORG-06", MERGER)
    play.walk(BEFORE)
    with play.reading() as rows:
        first = as_at(rows, play.edition.id, BEFORE)
    said = (first.model_dump_json(), report_lines(first))
    play.walk(AFTER)
    merge(play, "ORG-06", "ORG-07", date(2024, 12, 2))
    play.walk(at("2024-12-03"))

    assert first.by_region == {OLD: 1}
    assert regions(play, AFTER) == {NEW: 1}
    assert regions(play) == {LAST: 1}
    with play.reading() as rows:
        again = as_at(rows, play.edition.id, BEFORE)
    assert (again.model_dump_json(), report_lines(again)) == said


def test_a_place_taken_after_a_merger_counts_in_the_new_region(merging: CourseScene) -> None:
    """P02: what the service was applied for as is not what it is."""
    merge(merging, "ORG-01", "ORG-06", merging.now.date() + timedelta(days=1))
    merging.walk(merging.now + timedelta(days=2))
    merging.accepted(SVC_17)
    assert regions(merging) == {NEW: 2}


def test_the_wards_of_a_report_are_those_of_its_day(merging: CourseScene) -> None:
    """P01, P02, E05: organisation, region and sponsor, a vacant post included."""
    play = merging
    merge(play, "ORG-01", "ORG-06", MERGER)
    kind = SuccessionKind.SPONSOR
    said = {"kind": kind, "old": people.SPONSOR}
    play.do(commands.Succeed, play.course_id, **said, new="", from_day=date(2024, 10, 1))
    play.walk(at("2024-10-02"))
    play.do(commands.Succeed, play.course_id, **said, new=SUCCESSOR, from_day=date(2024, 12, 2))
    play.walk(at("2024-12-03"))

    seen = {}
    for day in ("2024-09-30", "2024-10-31", "2024-12-03"):
        with play.reading() as rows:
            ward = next(one for one in wards(rows, play.edition.id, at(day)))
        seen[day] = (ward.organisation_id, ward.region, ward.sponsor_id, ward.sponsor_ids)
    assert seen == {
        "2024-09-30": ("ORG-01", OLD, people.SPONSOR, (people.SPONSOR,)),
        "2024-10-31": ("ORG-01", OLD, "", (people.SPONSOR,)),
        "2024-12-03": ("ORG-06", NEW, SUCCESSOR, (people.SPONSOR, SUCCESSOR)),
    }


def test_a_wards_page_shows_the_sessions_of_every_sponsor_it_had(merging: CourseScene) -> None:
    """P01, E04: the count goes on, so what the sponsor before had is not lost."""
    play = merging
    follows = {"kind": SuccessionKind.SPONSOR, "old": people.SPONSOR, "new": SUCCESSOR}
    play.do(commands.Succeed, play.course_id, **follows, from_day=date(2025, 1, 15))
    play.walk(at("2025-01-16"))

    material = read_material(play.database.url, play.edition.id, play.now)
    (page,) = (one for one in ward_pages(material) if one.service_id == SVC_16)
    (row,) = (one for one in programme(material) if one.service_id == SVC_16)
    whose = {one.whose for one in page.sessions if one.kind == "executive"}
    assert whose == {people.SPONSOR, SUCCESSOR}
    assert page.sponsor_id == SUCCESSOR
    assert row.organisation_id == "ORG-01"
    with play.reading() as rows:
        shown = service_page(rows, play.edition.id, SVC_16, play.now).executive
    assert {one.course_id.rpartition("/")[2] for one in shown} == whose


def test_the_order_of_places_names_the_organisation_of_today(merging: CourseScene) -> None:
    """P02: as the list of services does."""
    merge(merging, "ORG-01", "ORG-06", MERGER)
    with merging.reading() as rows:
        named = {
            day: {one.organisation for one in place_order(rows, merging.edition, at(day)).lines}
            for day in ("2024-10-31", "2024-11-02")
        }
    assert named["2024-11-02"] == {"ORG-06 NHS FT"}
    assert "ORG-06 NHS FT" not in named["2024-10-31"]


def test_the_journal_tells_of_successions_what_the_rows_say(merging: CourseScene) -> None:
    """P01, P03, E05, E38: sessions, chases and places of all who followed, and of who did not."""
    play = merging
    play.accepted(SVC_17)
    post = {"kind": SuccessionKind.SPONSOR, "old": people.SPONSOR}
    wards_merge = {"kind": SuccessionKind.SERVICE, "old": SVC_17, "new": SVC_16}
    play.do(commands.Succeed, play.course_id, **post, new="", from_day=date(2024, 10, 1))
    play.do(commands.Succeed, play.course_id, **wards_merge, from_day=date(2024, 10, 14))
    play.walk(at("2024-10-02"))
    play.do(commands.Succeed, play.course_id, **post, new=SUCCESSOR, from_day=date(2024, 12, 2))
    for day in ("2024-10-03", "2024-10-15", "2024-12-03", "2025-04-10"):
        play.walk(at(day))
        with play.reading() as rows:
            assert told_otherwise(rows, play.edition.id, play.now) == [], day
