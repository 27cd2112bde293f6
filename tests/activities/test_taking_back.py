"""A succession that was said by mistake is taken back before its day (P01-P03, E40)."""

from datetime import date, timedelta

import pytest

from schemas import commands
from schemas.courses import Stage
from schemas.messages import MessageKind
from schemas.successions import SuccessionKind
from storage import successions
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.activities.test_successions import (
    DAY,
    OTHER,
    SUCCESSOR,
    coaching_of,
    follow,
    merge_organisations,
    midnight,
    posts,
)
from tests.journeys import cast as people
from tests.planning.builders import at

__all__ = ["posts"]
POST = f"wider/executive_sponsor/{people.SPONSOR}/1"


def take_back(play: CourseScene, name: str) -> str:
    return play.do(commands.TakeBackSuccession, play.course_id, succession=name)


def refusal(play: CourseScene, name: str) -> str:
    return play.refusal(commands.TakeBackSuccession, play.course_id, succession=name)


def test_a_successor_taken_back_before_the_day_never_was(posts: CourseScene) -> None:
    """P01, E40: nothing is sent, nothing changes, and the journal tells both."""
    before = posts.all_messages()
    answer = follow(posts)
    posts.walk(at("2024-09-02"))
    sent = [one for one in posts.all_messages() if one not in before]
    assert f"drumbeat undo {POST}" in answer

    assert "is taken back" in take_back(posts, POST)
    posts.walk(midnight(posts) + timedelta(days=1))

    assert posts.enrolment(SVC_16).sponsor_id == people.SPONSOR
    assert coaching_of(posts, SUCCESSOR) == ()
    assert {one.person_id for one in posts.all_messages()}.isdisjoint({SUCCESSOR})
    assert MessageKind.CANCELLATION not in {one.kind for one in sent}
    events = [one.event for one in posts.journal(POST)]
    assert events == ["succession.said", "succession.taken_back"]
    with posts.reading() as rows:
        assert successions.successions_of(rows, posts.edition.id) == ()
        assert len(successions.ever_said(rows, posts.edition.id)) == 1


def test_taking_it_back_twice_is_taking_it_back_once(posts: CourseScene) -> None:
    """E40: whatever the request is called."""
    follow(posts)
    take_back(posts, POST)
    assert take_back(posts, POST) == f"{POST} was taken back already."
    assert posts.events(POST).count("succession.taken_back") == 1


def test_what_was_taken_back_can_be_said_again_or_otherwise(posts: CourseScene) -> None:
    """P01: another person from the same day on; the first one keeps its name in the journal."""
    follow(posts)
    take_back(posts, POST)
    follow(posts, OTHER)
    posts.walk(midnight(posts) + timedelta(hours=12))

    assert posts.enrolment(SVC_16).sponsor_id == OTHER
    assert posts.events(POST.replace("/1", "/2"))[:2] == ["succession.said", "succession.began"]


def test_a_vacant_post_told_by_mistake_is_taken_back(posts: CourseScene) -> None:
    """E05, E40: nobody is asked to name a successor."""
    follow(posts, "", DAY)
    take_back(posts, POST)
    posts.walk(midnight(posts) + timedelta(days=1))

    course = posts.course(posts.of(SVC_16))
    assert course.attention != "sponsor_vacant"
    assert not posts.enrolment(SVC_16).sponsor_vacant
    assert posts.course(posts.executive).stage is Stage.COACHING
    assert not [one for one in posts.obligations(posts.course_id) if one.kind == "sponsor_named"]


def test_a_merger_of_organisations_is_taken_back(posts: CourseScene) -> None:
    """P02, E03: no service's journal tells of another organisation."""
    merge_organisations(posts)
    take_back(posts, "wider/organisation/ORG-01/1")
    posts.walk(at("2024-11-02"))

    assert "organisation.changed" not in posts.events(SVC_16)
    with posts.reading() as rows:
        assert successions.organisation_at(rows, "ORG-01", posts.now) == "ORG-01"


def test_a_merger_of_wards_is_taken_back(posts: CourseScene) -> None:
    """P03, E02: both go on."""
    posts.accepted(SVC_17)
    wards = {"kind": SuccessionKind.SERVICE, "old": SVC_17, "new": SVC_16}
    posts.do(commands.Succeed, posts.course_id, **wards, from_day=date(2024, 8, 12))
    take_back(posts, f"wider/service/{SVC_17}/1")
    posts.walk(at("2024-08-13"))

    assert posts.stage(SVC_17) is Stage.COMMITTING
    assert "service.absorbed" not in posts.events(SVC_16)


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        (SUCCESSOR, f"drumbeat successor {SUCCESSOR} {people.SPONSOR} --from DAY"),
        ("", f"drumbeat successor {people.SPONSOR} WHO --from DAY"),
    ],
)
def test_once_its_day_has_come_another_succession_corrects_it(
    posts: CourseScene, new: str, sentence: str
) -> None:
    """P01, E05: people were told; the sentence says what to do."""
    follow(posts, new)
    posts.walk(midnight(posts))
    assert sentence in refusal(posts, POST)
    backdated = posts.refusal(
        commands.TakeBackSuccession,
        posts.course_id,
        succession=POST,
        at=midnight(posts) - timedelta(days=3),
        recorded_at=posts.now,
    )
    assert sentence in backdated


def test_mergers_whose_day_has_come_stand(posts: CourseScene) -> None:
    """P02, P03: a service that ended is not opened again."""
    posts.accepted(SVC_17)
    merge_organisations(posts, date(2024, 8, 5))
    wards = {"kind": SuccessionKind.SERVICE, "old": SVC_17, "new": SVC_16}
    posts.do(commands.Succeed, posts.course_id, **wards, from_day=date(2024, 8, 12))
    posts.walk(at("2024-08-13"))

    organisation = refusal(posts, "wider/organisation/ORG-01/1")
    assert "drumbeat merge organisation ORG-06 OTHER --from DAY" in organisation
    assert "its course has ended: that stands" in refusal(posts, f"wider/service/{SVC_17}/1")


def test_what_nobody_said_cannot_be_taken_back(posts: CourseScene) -> None:
    assert refusal(posts, "wider/service/SVC-99/1") == (
        "wider knows no succession wider/service/SVC-99/1."
    )


def test_an_earlier_time_does_not_take_back_what_has_begun(posts: CourseScene) -> None:
    """P01, E40: nor while no course has taken it up yet, because the workers were down."""
    follow(posts)
    posts.now = midnight(posts) + timedelta(hours=1)
    before = midnight(posts) - timedelta(hours=1)
    said = {"succession": POST, "at": before}
    refused = posts.refusal(commands.TakeBackSuccession, posts.course_id, **said)
    assert "people were told" in refused
