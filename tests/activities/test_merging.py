"""A second expression of interest is merged into the first (R12)."""

from datetime import date

import pytest

from runtime.merging import merge_interest
from schemas import commands
from schemas.forms import MergeInterestForm
from schemas.people import Person, Role
from schemas.sessions import SessionState
from schemas.successions import SuccessionKind
from storage import courses, successions
from storage.reads.edition_page import edition_page
from storage.records import add
from storage.tables.people import PersonRow
from tests.activities.scene import SVC_16, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at

NEW_LEAD, NEW_SPONSOR = "PER-L2", "PER-SP2"
SECOND = "EOI-2ND"


def apply_again(play: CourseScene, **said: object) -> None:
    new = [Person(id=one, name=f"Name of {one}") for one in (NEW_LEAD, NEW_SPONSOR)]
    play.write(lambda rows: add(rows, PersonRow, new))
    play.apply(SVC_16, play.now, interest_id=SECOND, **{"lead": NEW_LEAD, **said})


def duplicates(play: CourseScene) -> int:
    with play.reading() as rows:
        return edition_page(rows, play.edition.id, play.now).duplicates


def merge(play: CourseScene, interest: str = SECOND) -> tuple[str, str]:
    form = MergeInterestForm(actor=people.COORDINATOR, interest=interest)
    with play.database.transaction() as rows:
        said = merge_interest(rows, form, play.now, play.now)
    return said.text, said.refused


@pytest.fixture
def applied(play: CourseScene) -> CourseScene:
    """Give a service that has applied once, and then again."""
    play.open(SVC_16)
    apply_again(play)
    return play


def test_a_merged_interest_waits_no_more_and_the_first_keeps_its_time(
    applied: CourseScene,
) -> None:
    """R12: the count on the edition's page goes down, and the journal tells it."""
    before, since = duplicates(applied), applied.enrolment(SVC_16)
    text, _ = merge(applied)

    assert text.startswith("Interest EOI-2ND is merged into the first one of SVC-16")
    assert (before, duplicates(applied)) == (1, 0)
    assert applied.enrolment(SVC_16) == since
    assert applied.events(SECOND) == ["interest.repeated", "interest.merged"]
    with applied.reading() as rows:
        kept = courses.interest(rows, SECOND)
    assert kept is not None
    assert (kept.state, kept.lead_id) == ("merged", NEW_LEAD)


def test_merging_twice_merges_once(applied: CourseScene) -> None:
    """R12: one statement decides."""
    merge(applied)
    assert merge(applied) == ("Interest EOI-2ND was merged already.", "")
    assert applied.events(SECOND).count("interest.merged") == 1


@pytest.mark.parametrize(
    ("interest", "sentence"),
    [
        ("EOI-1", "EOI-1 is the first interest of SVC-16: it counts."),
        ("EOI-XX", "There is no expression of interest EOI-XX."),
    ],
)
def test_only_a_second_interest_is_merged(
    applied: CourseScene, interest: str, sentence: str
) -> None:
    """R12: with a sentence for the rest."""
    assert merge(applied, interest)[1] == sentence


def test_its_contacts_may_be_adopted(applied: CourseScene) -> None:
    """R12: before anybody was asked to sign, both lead and sponsor."""
    answer = applied.do(commands.MergeInterest, applied.of(SVC_16), interest=SECOND)

    enrolment = applied.enrolment(SVC_16)
    assert f"{NEW_LEAD} is its lead" in answer
    assert (enrolment.lead_id, enrolment.submitted_at) == (NEW_LEAD, at("2024-05-01", "10:00"))
    assert duplicates(applied) == 0


def test_a_new_lead_takes_part_in_what_is_to_come(coached: CourseScene) -> None:
    """R12: and whoever led before is told so by their diary."""
    apply_again(coached)
    coached.do(commands.MergeInterest, coached.of(SVC_16), interest=SECOND)

    ahead = [one for one in coached.all_sessions() if one.state is SessionState.TO_COME]
    leads = {
        part.person_id
        for one in ahead
        if one.course_id == coached.of(SVC_16)
        for part in coached.participants(one.id)
        if part.role is Role.SERVICE_LEAD
    }
    assert leads == {NEW_LEAD}


def test_a_sponsor_who_was_asked_to_sign_has_a_successor_instead(coached: CourseScene) -> None:
    """R12, P01: the sentence says how."""
    apply_again(coached, sponsor=NEW_SPONSOR)
    sentence = coached.refusal(commands.MergeInterest, coached.of(SVC_16), interest=SECOND)

    assert "drumbeat successor PER-SP PER-SP2 --from DAY" in sentence
    assert duplicates(coached) == 1


def test_an_interest_that_was_merged_is_not_adopted_after(applied: CourseScene) -> None:
    """R12: it does not wait any more."""
    merge(applied)
    sentence = applied.refusal(commands.MergeInterest, applied.of(SVC_16), interest=SECOND)
    assert "does not wait" in sentence


def test_a_sponsor_who_is_adopted_fills_a_vacant_post(applied: CourseScene) -> None:
    """R12, E05: and reports name them from then on."""
    left = {"kind": SuccessionKind.SPONSOR, "old": people.SPONSOR, "from_day": date(2024, 6, 3)}
    applied.do(commands.Succeed, applied.course_id, **left)
    applied.walk(at("2024-06-03", "09:00"))
    second = {"interest_id": "EOI-3RD", "sponsor": NEW_SPONSOR}
    applied.apply(SVC_16, applied.now, **second)
    vacant = applied.enrolment(SVC_16).sponsor_vacant, applied.course(applied.of(SVC_16)).attention
    applied.do(commands.MergeInterest, applied.of(SVC_16), interest="EOI-3RD")

    enrolment = applied.enrolment(SVC_16)
    with applied.reading() as rows:
        since = successions.sponsor_at(rows, enrolment, applied.now)
        before = successions.sponsor_at(rows, enrolment, at("2024-06-02"))
    assert vacant == (True, "sponsor_vacant")
    assert (enrolment.sponsor_id, enrolment.sponsor_vacant) == (NEW_SPONSOR, False)
    assert applied.course(applied.of(SVC_16)).attention == ""
    assert (before, since) == (people.SPONSOR, NEW_SPONSOR)
