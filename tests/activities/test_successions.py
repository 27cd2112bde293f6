"""Another executive sponsor from a day on, a vacant post, another organisation (P01, P02)."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from schemas import commands
from schemas.courses import CommitmentState, Stage
from schemas.ids import executive_course_id
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Organisation, Person, ProviderKind
from schemas.sessions import Session, SessionReason, SessionState
from schemas.successions import SuccessionKind
from storage import obligations, successions
from storage.reads.service_list import services_of
from storage.reads.service_page import service_page
from storage.records import add
from storage.tables.people import OrganisationRow, PersonRow
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.activities.test_edition_change import change
from tests.journeys import cast as people
from tests.planning.builders import at

SUCCESSOR, OTHER = "PER-SP2", "PER-SP3"
DAY = date(2025, 1, 15)
NEW_YEAR = at("2025-01-06", "09:00")


@pytest.fixture
def posts(coached: CourseScene) -> CourseScene:
    """Give a ward in coaching, and two people who may follow its sponsor."""
    new = [Person(id=one, name=f"Name of {one}") for one in (SUCCESSOR, OTHER)]
    coached.write(lambda rows: add(rows, PersonRow, new))
    return coached


def follow(play: CourseScene, new: str = SUCCESSOR, day: date = DAY, **said: object) -> str:
    return play.do(
        commands.Succeed,
        play.course_id,
        kind=SuccessionKind.SPONSOR,
        **{"old": people.SPONSOR, "new": new, "from_day": day, **said},
    )


def coaching_of(play: CourseScene, sponsor: str) -> tuple[Session, ...]:
    return play.sessions(executive_course_id(play.edition.id, sponsor), "executive")


def states(found: tuple[Session, ...]) -> Counter[SessionState]:
    return Counter(one.state for one in found)


def midnight(play: CourseScene, day: date = DAY) -> datetime:
    return play.calendar.instant(day, datetime.min.time())


def sponsor_at(play: CourseScene, when: datetime) -> str | None:
    with play.reading() as rows:
        return successions.sponsor_at(rows, play.enrolment(SVC_16), when)


def test_before_its_day_a_succession_changes_nothing(posts: CourseScene) -> None:
    """P01, E04: it is said now and takes effect at midnight of its day."""
    follow(posts)
    posts.walk(midnight(posts) - timedelta(minutes=1))
    before = (posts.enrolment(SVC_16).sponsor_id, coaching_of(posts, SUCCESSOR))
    posts.walk(midnight(posts))

    assert before == (people.SPONSOR, ())
    assert posts.enrolment(SVC_16).sponsor_id == SUCCESSOR
    assert len(coaching_of(posts, SUCCESSOR)) > 0


def test_the_count_of_sessions_goes_on_with_the_successor(posts: CourseScene) -> None:
    """P01, C04, E04: old sessions end, the new sponsor gets what is left of the months."""
    follow(posts)
    posts.walk(at("2025-01-16"))

    old, new = coaching_of(posts, people.SPONSOR), coaching_of(posts, SUCCESSOR)
    begun = [one for one in old if one.starts_at and one.starts_at < midnight(posts)]
    assert states(old)[SessionState.CANCELLED] == len(old) - len(begun)
    assert {one.reason for one in old if one.state is SessionState.CANCELLED} == {
        SessionReason.SPONSOR_CHANGED
    }
    assert len(begun) + len(new) == 6
    assert [one.number for one in new] == list(range(len(old) + 1, len(old) + len(new) + 1))
    assert all(one.starts_at and one.starts_at > midnight(posts) for one in new)
    months = [one.planned_day.replace(day=1) for one in (*begun, *new)]
    assert len(set(months)) == len(months), "one session a month (C07)"


def test_the_old_sponsor_gets_one_cancellation_and_the_successor_the_invitation(
    posts: CourseScene,
) -> None:
    """P01: invitations go to the successor from the day on."""
    for one in coaching_of(posts, people.SPONSOR):
        posts.accept_mail(one.id)
    follow(posts)
    posts.walk(at("2025-01-16"))

    for one in coaching_of(posts, people.SPONSOR):
        goes = posts.messages(one.id, MessageKind.CANCELLATION)
        theirs = [row for row in goes if row.person_id == people.SPONSOR]
        assert len(theirs) == int(one.state is SessionState.CANCELLED)
    for one in coaching_of(posts, SUCCESSOR):
        comes = posts.messages(one.id, MessageKind.INVITATION)
        assert SUCCESSOR in {row.person_id for row in comes}
        assert people.SPONSOR not in {row.person_id for row in comes}


def test_the_successor_takes_part_in_the_services_own_sessions(posts: CourseScene) -> None:
    """P01, C08: the check-in at the midpoint is with whoever is the sponsor then."""
    follow(posts, day=date(2024, 9, 16))
    posts.walk(at("2024-09-17"))

    (midpoint,) = posts.sessions(posts.of(SVC_16), "midpoint")
    part = {one.person_id for one in posts.participants(midpoint.id)}
    assert SUCCESSOR in part
    assert people.SPONSOR not in part


def test_the_successor_is_asked_to_sign_again_and_nothing_waits_for_it(
    posts: CourseScene,
) -> None:
    """P01, R10: what was signed stands; the successor is chased from the first step on."""
    follow(posts)
    posts.walk(at("2025-01-16"))
    course = posts.course(posts.of(SVC_16))
    chase = posts.obligation(posts.of(SVC_16), ObligationKind.COMMITMENTS)
    assert (course.stage, chase.state, chase.holder_id) == (
        Stage.COACHING,
        ObligationState.OPEN,
        SUCCESSOR,
    )
    posts.walk(at("2025-01-22"))
    (asked,) = posts.messages(chase.id, MessageKind.CHASE)
    assert asked.person_id == SUCCESSOR

    answer = posts.do(
        commands.DecideCommitment,
        posts.of(SVC_16),
        actor=SUCCESSOR,
        commitment="",
        decision=CommitmentState.SIGNED,
    )

    assert "3 of 3" in answer
    closed = posts.obligation(posts.of(SVC_16), ObligationKind.COMMITMENTS)
    assert closed.state is ObligationState.DONE


def test_a_commitment_that_the_successor_declines_is_put_before_a_person(
    posts: CourseScene,
) -> None:
    """P01, R11: and the ward goes on meanwhile."""
    follow(posts)
    posts.walk(at("2025-01-16"))
    named = posts.edition.recruitment.commitments[0].id
    posts.do(
        commands.DecideCommitment,
        posts.of(SVC_16),
        actor=SUCCESSOR,
        commitment=named,
        decision=CommitmentState.DECLINED,
    )

    assert posts.stage(SVC_16) is Stage.COACHING
    asked = posts.obligation(posts.of(SVC_16), ObligationKind.COMMITMENT_DECLINED)
    assert asked.state is ObligationState.OPEN


def test_what_is_told_of_the_days_before_shows_the_old_sponsor(posts: CourseScene) -> None:
    """P01: rows with a beginning and an end; nothing is written over."""
    follow(posts)
    posts.walk(at("2025-01-16"))
    follow(posts, OTHER, date(2025, 2, 3), old=SUCCESSOR)
    posts.walk(at("2025-02-04"))

    assert sponsor_at(posts, at("2024-07-01")) == people.SPONSOR
    assert sponsor_at(posts, midnight(posts) - timedelta(seconds=1)) == people.SPONSOR
    assert sponsor_at(posts, midnight(posts)) == SUCCESSOR
    assert sponsor_at(posts, at("2025-02-04")) == OTHER
    old, new = coaching_of(posts, people.SPONSOR), coaching_of(posts, OTHER)
    assert {one.number for one in new}.isdisjoint({one.number for one in old})


def test_a_vacant_post_is_shown_chased_and_filled(posts: CourseScene) -> None:
    """E05, P01: a coordinator is asked for a successor; the ward goes on, its sponsor rests."""
    follow(posts, "", date(2024, 9, 2))
    posts.walk(at("2024-09-03", "12:00"))
    course = posts.course(posts.of(SVC_16))
    chase = posts.obligation(posts.course_id, ObligationKind.SPONSOR_NAMED)
    assert (course.stage, course.attention) == (Stage.COACHING, "sponsor_vacant")
    assert (chase.subject, chase.holder_id) == (people.SPONSOR, people.COORDINATOR)
    assert posts.messages(chase.id, MessageKind.CHASE) != ()
    assert posts.course(posts.executive).stage is Stage.IDLE
    assert sponsor_at(posts, at("2024-09-03")) is None

    follow(posts, SUCCESSOR, date(2024, 12, 2))
    posts.walk(at("2024-12-03"))

    assert posts.course(posts.of(SVC_16)).attention != "sponsor_vacant"
    closed = posts.obligation(posts.course_id, ObligationKind.SPONSOR_NAMED)
    assert closed.state is ObligationState.DONE
    assert len(coaching_of(posts, SUCCESSOR)) == 4, "December to March are left"


def test_whoever_left_may_come_back(posts: CourseScene) -> None:
    """E05: the same person takes the post again, with new sessions."""
    follow(posts, "", date(2024, 10, 1))
    posts.walk(at("2024-10-02"))
    follow(posts, people.SPONSOR, date(2024, 12, 2))
    posts.walk(at("2024-12-03"))

    back = [
        one
        for one in coaching_of(posts, people.SPONSOR)
        if one.planned_day >= date(2024, 12, 2) and one.state is SessionState.TO_COME
    ]
    assert len(back) == 4, "December to March are left"


def test_saying_it_twice_says_it_once(posts: CourseScene) -> None:
    """P01: whatever the request is called, the same succession is one row."""
    first = follow(posts)
    again = follow(posts)

    assert SUCCESSOR in first
    assert again.startswith("That was said already")
    with posts.reading() as rows:
        assert len(successions.successions_of(rows, posts.edition.id)) == 1


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"new": "PER-XX"}, "There is no person PER-XX: import it first."),
        ({"old": OTHER}, "PER-SP3 is executive sponsor of no service under way"),
        ({"new": people.SPONSOR}, "PER-SP is executive sponsor already"),
        ({"from_day": date(2026, 1, 1)}, "The edition ends on 2025-03-28"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    posts: CourseScene, said: dict[str, object], sentence: str
) -> None:
    """P01: and leaves nothing behind."""
    wanted = {"kind": SuccessionKind.SPONSOR, "old": people.SPONSOR, "new": SUCCESSOR}
    refused = posts.refusal(
        commands.Succeed, posts.course_id, **{**wanted, "from_day": DAY, **said}
    )
    assert sentence in refused


def test_another_successor_of_the_same_post_is_refused(posts: CourseScene) -> None:
    """P01: two people cannot both follow from a day on."""
    follow(posts)
    refused = posts.refusal(
        commands.Succeed,
        posts.course_id,
        kind=SuccessionKind.SPONSOR,
        old=people.SPONSOR,
        new=OTHER,
        from_day=DAY,
    )
    assert refused == "PER-SP goes on as PER-SP2 from 2025-01-15 already."


def test_after_an_outage_a_succession_is_taken_up_all_the_same(posts: CourseScene) -> None:
    """P01, E28: the agenda is derived from rows, so nothing is lost with a signal."""
    follow(posts)
    posts.resume(NEW_YEAR)
    posts.walk(at("2025-01-16"))

    assert posts.enrolment(SVC_16).sponsor_id == SUCCESSOR


def merge_organisations(play: CourseScene, day: date = date(2024, 11, 1)) -> str:
    new = Organisation(
        id="ORG-06",
        ods_code="ZX2",
        name="Southmere NHS FT",
        kind=ProviderKind.NHS,
        region="south_west",
    )
    play.write(lambda rows: add(rows, OrganisationRow, [new]))
    return play.do(
        commands.Succeed,
        play.course_id,
        kind=SuccessionKind.ORGANISATION,
        old="ORG-01",
        new="ORG-06",
        from_day=day,
    )


def test_services_of_a_merged_organisation_keep_all_but_its_name(posts: CourseScene) -> None:
    """P02, E03: pages show the organisation of their day; ids and sessions stay."""
    before = posts.sessions(posts.of(SVC_16))
    answer = merge_organisations(posts)
    posts.walk(at("2024-11-01", "09:00"))

    assert "SVC-16, SVC-17" in answer
    with posts.reading() as rows:
        names = {
            day: service_page(rows, posts.edition.id, SVC_16, at(day)).organisation.id
            for day in ("2024-10-31", "2024-11-02")
        }
        listed = {
            one.service_id: (one.organisation, one.region)
            for one in services_of(rows, posts.edition.id, at("2024-11-02"))
        }
        old = services_of(rows, posts.edition.id, at("2024-10-31"))
    assert names == {"2024-10-31": "ORG-01", "2024-11-02": "ORG-06"}
    assert listed[SVC_17] == ("Southmere NHS FT", "south_west")
    assert {one.region for one in old} == {"north_west"}
    assert [one.id for one in posts.sessions(posts.of(SVC_16))] == [one.id for one in before]
    entry = posts.journal(SVC_16)[-1]
    assert (entry.event, entry.facts["region"]) == ("organisation.changed", "south_west")


def test_a_vacant_post_is_shown_again_once_nothing_else_is(posts: CourseScene) -> None:
    """E05: whatever was stuck when the sponsor left, the post is vacant still."""
    posts.walk(at("2024-10-01"))
    course_id, before = posts.of(SVC_16), posts.course(posts.of(SVC_16)).attention
    follow(posts, "", date(2024, 10, 2))
    posts.walk(at("2024-10-02", "09:00"))
    with posts.reading() as rows:
        left = [one for one in obligations.obligations_of(rows, course_id) if one.state.is_open]
    for one in left:
        said = {"obligation_id": one.id, "waived": True, "reason": "other"}
        posts.do(commands.CloseObligation, course_id, **said)

    assert (before, posts.course(course_id).attention) == ("stuck", "sponsor_vacant")


def test_a_session_that_has_begun_stays_with_whoever_was_to_come(posts: CourseScene) -> None:
    """P01: nobody has recorded it yet, and the successor was never asked to it."""
    (midpoint,) = posts.sessions(posts.of(SVC_16), "midpoint")
    assert midpoint.starts_at is not None
    day = posts.day(midpoint.starts_at) + timedelta(days=1)
    follow(posts, day=day)
    posts.walk(midnight(posts, day))

    part = {one.person_id for one in posts.participants(midpoint.id)}
    assert people.SPONSOR in part
    assert SUCCESSOR not in part


def test_a_post_is_vacant_only_where_somebody_is_asked_who_follows(posts: CourseScene) -> None:
    """E05: an edition of before that policy says so first."""
    chases = [one for one in posts.edition.chases if one.obligation != "sponsor_named"]
    older = posts.edition.model_copy(update={"chases": tuple(chases), "version": 2})
    change(posts, older)
    said = {"kind": SuccessionKind.SPONSOR, "old": people.SPONSOR, "from_day": DAY}
    refused = posts.refusal(commands.Succeed, posts.course_id, **said)
    assert "add a policy for sponsor_named to its file" in refused
