"""Sponsors who follow each other: a second and a third, two who change places (P01, E04)."""

from collections.abc import Callable
from datetime import date, datetime, time

import pytest

from schemas import commands
from schemas.courses import CommitmentState
from schemas.ids import executive_course_id
from schemas.obligations import ObligationKind
from schemas.people import Person
from schemas.sessions import Session, SessionReason, SessionState
from schemas.successions import SuccessionKind
from storage.records import add
from storage.tables.people import PersonRow
from tests.activities.coached import Beginning
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at

FIRST, SECOND, THIRD, FOURTH = people.SPONSOR, "PER-SP2", "PER-SP3", "PER-SP4"
OCTOBER, NOVEMBER, DECEMBER = date(2024, 10, 1), date(2024, 11, 4), date(2024, 12, 2)


def two_sponsors(play: CourseScene) -> None:
    """Coach SVC-16 with one sponsor and SVC-17 with another."""
    play.prepare(SVC_16, SVC_17)
    new = [Person(id=one, name=f"Name of {one}") for one in (SECOND, THIRD, FOURTH)]
    play.write(lambda rows: add(rows, PersonRow, new))
    play.apply(SVC_16, at("2024-05-01", "10:00"))
    play.apply(SVC_17, at("2024-05-02", "10:00"), sponsor=SECOND)
    play.coaching(SVC_16)
    play.accepted(SVC_17)
    signed = {"commitment": "", "decision": CommitmentState.SIGNED, "actor": SECOND}
    play.do(commands.DecideCommitment, play.of(SVC_17), **signed)
    play.walk(play.now)
    first = at("2024-09-12", "13:30")
    play.onboarded(SVC_17, weekday=3, clock_time=time(15), day=date(2024, 11, 14), starts_at=first)


@pytest.fixture
def two(prepared: Callable[[Beginning], CourseScene]) -> CourseScene:
    """Give two wards in coaching, each with a sponsor of its own."""
    return prepared(two_sponsors)


def follow(play: CourseScene, old: str, new: str, day: date) -> str:
    return play.do(commands.Succeed, play.course_id, **wanted(old, new, day))


def wanted(old: str, new: str, day: date) -> dict[str, object]:
    return {"kind": SuccessionKind.SPONSOR, "old": old, "new": new, "from_day": day}


def sponsors(play: CourseScene) -> tuple[str, str]:
    return play.enrolment(SVC_16).sponsor_id, play.enrolment(SVC_17).sponsor_id


def sessions_of(play: CourseScene, sponsor: str) -> tuple[Session, ...]:
    return play.sessions(executive_course_id(play.edition.id, sponsor), "executive")


def to_come(play: CourseScene, sponsor: str) -> list[Session]:
    return [one for one in sessions_of(play, sponsor) if is_to_come(one, play.now)]


def is_to_come(one: Session, now: datetime) -> bool:
    ahead = one.starts_at is None or one.starts_at > now
    return one.state is SessionState.TO_COME and ahead


def test_a_ward_that_comes_to_a_sponsor_who_was_followed_stays_with_her(two: CourseScene) -> None:
    """P01: who follows somebody takes over what they have on that day, and nothing later."""
    follow(two, SECOND, THIRD, OCTOBER)
    follow(two, FIRST, SECOND, NOVEMBER)
    two.walk(at("2024-11-05"))

    assert sponsors(two) == (SECOND, THIRD)
    assert to_come(two, FIRST) == []
    assert len(to_come(two, SECOND)) > 0, "for SVC-16, from November on"
    assert len(to_come(two, THIRD)) > 0, "for SVC-17, since October"


def test_the_coaching_of_a_sponsor_who_took_another_place_stops_like_any_other(
    two: CourseScene,
) -> None:
    """P01, X13: it says that no service takes part, and not that somebody has followed."""
    follow(two, SECOND, THIRD, OCTOBER)
    follow(two, FIRST, SECOND, NOVEMBER)
    two.walk(at("2024-11-05"))
    ahead = {one.id for one in to_come(two, SECOND)}
    two.do(commands.Withdraw, two.of(SVC_16), reason="capacity")
    two.walk(at("2024-11-07"))

    ended = [one for one in sessions_of(two, SECOND) if one.id in ahead]
    assert {one.reason for one in ended} == {SessionReason.WITHDRAWN}


def test_two_who_change_places_on_one_day_do_not_get_both_wards(two: CourseScene) -> None:
    """P01, E04: nobody's sessions end, because nobody has left."""
    follow(two, FIRST, SECOND, NOVEMBER)
    follow(two, SECOND, FIRST, NOVEMBER)
    two.walk(at("2024-11-05"))

    assert sponsors(two) == (SECOND, FIRST)
    both = [*sessions_of(two, FIRST), *sessions_of(two, SECOND)]
    assert SessionState.CANCELLED not in {one.state for one in both}


@pytest.mark.parametrize("other_way_round", [False, True])
def test_whoever_moves_up_on_the_day_on_which_she_is_followed_goes_on(
    two: CourseScene, *, other_way_round: bool
) -> None:
    """P01, C04: her sessions are of the ward that comes; her successor has what is left of hers."""
    first, last = (SECOND, FIRST) if other_way_round else (FIRST, SECOND)
    before = {one.id for one in sessions_of(two, last)}
    follow(two, last, THIRD, NOVEMBER)
    follow(two, first, last, NOVEMBER)
    two.walk(at("2024-11-05"))

    wards = (last, THIRD) if first == FIRST else (THIRD, last)
    assert sponsors(two) == wards
    assert {one.id for one in sessions_of(two, last)} == before
    assert SessionState.CANCELLED not in {one.state for one in sessions_of(two, last)}
    midnight = two.calendar.instant(NOVEMBER, time())
    begun = [one for one in sessions_of(two, last) if one.starts_at and one.starts_at < midnight]
    assert len(to_come(two, THIRD)) == 6 - len(begun)


def test_a_second_and_a_third_are_said_before_either_has_come(two: CourseScene) -> None:
    """P01, E04: one stands in for two months, and whoever follows then is known already."""
    follow(two, FIRST, THIRD, OCTOBER)
    answer = follow(two, THIRD, FOURTH, DECEMBER)
    assert f"{FOURTH} is executive sponsor of {SVC_16} from 02 December 2024" in answer
    two.walk(at("2024-10-02"))
    assert sponsors(two) == (THIRD, SECOND)
    two.walk(at("2024-12-03"))

    assert sponsors(two) == (FOURTH, SECOND)
    every = [*sessions_of(two, FIRST), *sessions_of(two, THIRD), *sessions_of(two, FOURTH)]
    standing = [one for one in every if one.state is not SessionState.CANCELLED]
    months = [one.planned_day.replace(day=1) for one in standing]
    assert len(months) == len(set(months)) == 6
    assert len({one.number for one in every}) == len(every)
    last = two.obligation(two.of(SVC_16), ObligationKind.COMMITMENTS)
    assert last.holder_id == FOURTH


def test_somebody_who_came_back_can_be_followed_again(two: CourseScene) -> None:
    """P01, E05: what was said of the first time binds no more."""
    follow(two, FIRST, THIRD, OCTOBER)
    two.walk(at("2024-10-02"))
    follow(two, THIRD, FIRST, NOVEMBER)
    two.walk(at("2024-11-05"))
    follow(two, FIRST, FOURTH, DECEMBER)
    two.walk(at("2024-12-03"))

    assert sponsors(two) == (FOURTH, SECOND)


def test_a_day_before_they_are_sponsor_is_refused(two: CourseScene) -> None:
    """P01: whoever is to come cannot be followed before."""
    follow(two, FIRST, THIRD, NOVEMBER)
    refused = two.refusal(commands.Succeed, two.course_id, **wanted(THIRD, FOURTH, OCTOBER))
    assert "PER-SP3" in refused
