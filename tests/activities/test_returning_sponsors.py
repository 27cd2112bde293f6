"""A sponsor who was followed comes back, and is followed again (P01, E04, E05)."""

from datetime import date

from schemas import commands
from schemas.successions import SuccessionKind
from storage import courses
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.activities.test_edition_change import change, changed
from tests.activities.test_successions import (
    DAY,
    OTHER,
    SUCCESSOR,
    follow,
    midnight,
    posts,
    sponsor_at,
)
from tests.journeys import cast as people
from tests.planning.builders import at

__all__ = ["posts"]


def placed_too(play: CourseScene, sponsor: str) -> None:
    """Give a second ward its place, whose sponsor is somebody else."""
    other = play.enrolment(SVC_17).model_copy(update={"sponsor_id": sponsor})
    play.write(lambda rows: courses.save_enrolment(rows, other))
    play.accepted(SVC_17)


def test_a_successor_of_before_does_not_come_again_after_a_return(posts: CourseScene) -> None:
    """P01, E04: what was said of another ward is no succession of the one that comes later."""
    placed_too(posts, SUCCESSOR)
    follow(posts, day=date(2024, 11, 4))
    posts.walk(at("2024-11-05"))
    follow(posts, people.SPONSOR, date(2024, 12, 2), old=SUCCESSOR)
    posts.walk(at("2024-12-03"))

    theirs = {posts.enrolment(one).sponsor_id for one in (SVC_16, SVC_17)}
    assert theirs == {people.SPONSOR}


def test_whoever_came_back_can_be_followed_again(posts: CourseScene) -> None:
    """P01: a change that was corrected by another one does not bind for ever."""
    follow(posts, day=date(2024, 11, 4))
    posts.walk(at("2024-11-05"))
    follow(posts, people.SPONSOR, date(2024, 12, 2), old=SUCCESSOR)
    posts.walk(at("2024-12-03"))
    follow(posts, OTHER, DAY)
    posts.walk(at("2025-01-16"))

    assert posts.enrolment(SVC_16).sponsor_id == OTHER
    days = [date(2024, 10, 31), date(2024, 11, 20), date(2024, 12, 20), date(2025, 1, 20)]
    held = [sponsor_at(posts, midnight(posts, day)) for day in days]
    assert held == [people.SPONSOR, SUCCESSOR, people.SPONSOR, OTHER]


def test_a_post_that_was_filled_by_its_old_holder_can_be_left_again(posts: CourseScene) -> None:
    """E05: vacant, taken up again by the same person, and followed at last."""
    follow(posts, "", date(2024, 10, 1))
    posts.walk(at("2024-10-02"))
    follow(posts, people.SPONSOR, date(2024, 11, 4))
    posts.walk(at("2024-11-05"))
    follow(posts, SUCCESSOR, DAY)
    posts.walk(at("2025-01-16"))
    assert posts.enrolment(SVC_16).sponsor_id == SUCCESSOR


def test_nobody_is_followed_before_they_began(posts: CourseScene) -> None:
    """P01: two people would else be the sponsor of one day, and what was told of it change."""
    follow(posts, day=date(2024, 11, 4))
    posts.walk(at("2024-11-05"))
    said = {"kind": SuccessionKind.SPONSOR, "old": SUCCESSOR, "new": OTHER}
    refused = posts.refusal(commands.Succeed, posts.course_id, **said, from_day=date(2024, 10, 7))
    assert refused == "PER-SP2 takes the post up on 2024-11-04: say a later day."


def test_the_coaching_of_whoever_was_followed_goes_by_a_new_version_too(posts: CourseScene) -> None:
    """M06, P01: what of it is still to be recorded is chased by the new policy."""
    follow(posts, day=date(2024, 11, 4))
    posts.walk(at("2024-11-05"))
    change(posts, changed(posts.edition, title="Once more"))
    assert posts.course(posts.executive).edition_version == posts.edition.version
