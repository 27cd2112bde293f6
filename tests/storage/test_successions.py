"""Successions are rows with a day; nothing is written over (P01, P02)."""

from datetime import datetime, timedelta

import pytest

from schemas.courses import CommitmentState, Enrolment
from schemas.people import Person
from schemas.successions import CommitmentAgain, Succession, SuccessionKind
from storage import courses, successions
from storage.database import Database
from storage.reads.succession_list import successions_listed
from storage.records import add
from storage.tables.people import PersonRow
from tests.planning.builders import at
from tests.storage.scene import COURSE, EDITION, LEAD, NOON, SPONSOR, set_scene

JANUARY = at("2025-01-15", "00:00")
BEFORE = JANUARY - timedelta(seconds=1)
SUCCESSOR = "PER-NEW"


ENROLMENT = Enrolment(
    course_id=COURSE,
    edition_id=EDITION,
    service_id="SVC-01",
    submitted_at=NOON,
    sponsor_id=SPONSOR,
    lead_id=LEAD,
)


@pytest.fixture
def stage(database: Database) -> Database:
    with database.transaction() as rows:
        set_scene(rows)
        courses.add_enrolment(rows, ENROLMENT)
    return database


def said(old: str, new: str | None, kind: SuccessionKind, number: int = 1) -> Succession:
    return Succession(
        id=f"{EDITION}/{kind}/{old}/{number}",
        edition_id=EDITION,
        kind=kind,
        old_id=old,
        new_id=new,
        from_day=JANUARY.date(),
        from_at=JANUARY,
        said_at=BEFORE,
        said_by="PER-CO",
    )


def test_a_course_takes_up_each_succession_once(stage: Database) -> None:
    """P01: what was taken up is asked for no more, however often it is noted."""
    one = said(SPONSOR, SUCCESSOR, SuccessionKind.SPONSOR)
    with stage.transaction() as rows:
        successions.add_succession(rows, one)
        before = successions.not_taken_up(rows, EDITION, COURSE)
        for _ in range(2):
            successions.take_up(rows, one, COURSE, JANUARY)
    with stage.reading() as rows:
        assert [found.id for found in before] == [one.id]
        assert successions.not_taken_up(rows, EDITION, COURSE) == ()
        assert successions.successions_of(rows, EDITION) == (one,)


def test_sponsors_have_a_beginning_and_an_end(stage: Database) -> None:
    """P01, E05: one, then nobody, then another."""
    february = JANUARY + timedelta(days=30)
    with stage.transaction() as rows:
        add(rows, PersonRow, [Person(id=SUCCESSOR, name="Name of the successor")])
        successions.begin_sponsorship(rows, ENROLMENT, None, JANUARY)
        successions.begin_sponsorship(rows, ENROLMENT, SUCCESSOR, february)
    with stage.reading() as rows:
        known = successions.sponsorships_of(rows, COURSE)
        sponsors = [
            successions.sponsor_at(rows, ENROLMENT, when)
            for when in (NOON - timedelta(days=1), BEFORE, JANUARY, february)
        ]
        once = successions.enrolments_once_sponsored(rows, EDITION, SPONSOR)
    assert sponsors == [SPONSOR, SPONSOR, None, SUCCESSOR]
    assert [(one.sponsor_id, one.until_at) for one in known] == [
        (SPONSOR, JANUARY),
        (None, february),
        (SUCCESSOR, None),
    ]
    assert [one.course_id for one in once] == [COURSE]


def test_an_organisation_is_another_from_its_day_on(stage: Database) -> None:
    """P02: in every edition, whoever said it."""
    with stage.transaction() as rows:
        one = said("ORG-01", "ORG-02", SuccessionKind.ORGANISATION)
        successions.add_succession(rows, one)
    with stage.reading() as rows:
        assert successions.organisation_at(rows, "ORG-01", BEFORE) == "ORG-01"
        assert successions.organisation_at(rows, "ORG-01", JANUARY) == "ORG-02"
        assert successions.organisations_at(rows, "ORG-01", JANUARY) == ("ORG-01", "ORG-02")
        assert successions.predecessors(rows, EDITION, "ORG-02", JANUARY) == ()


def test_what_a_successor_was_asked_before_stays_as_it_was(stage: Database) -> None:
    """P01: asking a second time takes no signature away."""
    again = CommitmentAgain(
        course_id=COURSE, sponsor_id=SPONSOR, commitment="backing", asked_at=JANUARY
    )
    signed = again.model_copy(update={"state": CommitmentState.SIGNED, "decided_at": JANUARY})
    with stage.transaction() as rows:
        successions.ask_again(rows, [again])
        successions.save_asked_again(rows, signed)
        successions.ask_again(rows, [again])
    with stage.reading() as rows:
        assert successions.asked_again(rows, COURSE, SPONSOR) == (signed,)
        assert successions.asked_again_of(rows, COURSE) == (signed,)


def test_the_sponsor_of_a_vacant_post_sponsors_nobody(stage: Database) -> None:
    """E05: the enrolment remembers who it was."""
    with stage.transaction() as rows:
        courses.save_enrolment(rows, ENROLMENT.model_copy(update={"sponsor_vacant": True}))
    with stage.reading() as rows:
        assert courses.enrolments_sponsored(rows, EDITION, SPONSOR) == ()


def test_a_list_names_who_took_a_succession_up_and_who_is_still_to(stage: Database) -> None:
    """P01: the services stay named once they have another sponsor."""
    one = said(SPONSOR, SUCCESSOR, SuccessionKind.SPONSOR)

    def listed(when: datetime) -> list[tuple[str, tuple[str, ...]]]:
        with stage.reading() as rows:
            lines = successions_listed(rows, EDITION, when)
        return [(line.standing.value, line.services) for line in lines]

    with stage.transaction() as rows:
        successions.add_succession(rows, one)
    assert listed(BEFORE) == [("ahead", ("SVC-01",))]
    assert listed(JANUARY) == [("begun", ("SVC-01",))]
    with stage.transaction() as rows:
        add(rows, PersonRow, [Person(id=SUCCESSOR, name="Name of the successor")])
        successions.take_up(rows, one, COURSE, JANUARY)
        courses.save_enrolment(rows, ENROLMENT.model_copy(update={"sponsor_id": SUCCESSOR}))
    assert listed(BEFORE) == [("begun", ("SVC-01",))], "whoever took it up cannot take it back"


def test_a_list_holds_the_mergers_of_other_editions_that_concern_this_one(stage: Database) -> None:
    """P02: an organisation's holds in every edition; a sponsor's only in its own."""
    elsewhere = {"edition_id": "elsewhere"}
    organisation = said("ORG-01", "ORG-02", SuccessionKind.ORGANISATION)
    far = said("ORG-08", "ORG-09", SuccessionKind.ORGANISATION)
    sponsor = said(SPONSOR, SUCCESSOR, SuccessionKind.SPONSOR)
    with stage.transaction() as rows:
        for one in (organisation, far, sponsor):
            successions.add_succession(rows, one.model_copy(update=elsewhere))
    with stage.reading() as rows:
        (line,) = successions_listed(rows, EDITION, BEFORE)
    assert (line.id, line.edition_id) == (organisation.id, "elsewhere")
    assert line.services == ("SVC-01",)
