"""Who follows whom, and what cannot be (P01-P03)."""

from datetime import UTC, date, datetime, time

import pytest

from planning.succession import (
    World,
    chain_at,
    predecessors_at,
    refusal,
    sentences,
    successor_at,
)
from schemas.courses import Stage
from schemas.successions import Succession, SuccessionKind

JANUARY, MARCH, MAY = date(2025, 1, 15), date(2025, 3, 3), date(2025, 5, 1)


def at(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def said(
    old: str,
    new: str | None,
    day: date = JANUARY,
    kind: SuccessionKind = SuccessionKind.ORGANISATION,
) -> Succession:
    return Succession(
        id=f"{kind}/{old}/{day}",
        edition_id="wider",
        kind=kind,
        old_id=old,
        new_id=new,
        from_day=day,
        from_at=at(day),
        said_at=at(day),
        said_by="PER-CO",
    )


CHAIN = (said("ORG-05", "ORG-06"), said("ORG-06", "ORG-07", MARCH))


def world(**facts: object) -> World:
    base = {"last_day": date(2025, 3, 28), "known": frozenset({"A", "B", "C"})}
    return World(**{**base, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2025, 1, 14), "ORG-05"), (JANUARY, "ORG-06"), (MARCH, "ORG-07"), (MAY, "ORG-07")],
)
def test_an_organisation_goes_on_as_another_from_its_day(day: date, expected: str) -> None:
    """P02: a read asks for a day, so the days before show the old world."""
    assert successor_at(CHAIN, "ORG-05", at(day)) == expected


def test_a_chain_is_followed_whatever_the_order_in_which_it_was_said() -> None:
    """P02: two mergers, one after the other."""
    assert chain_at(reversed(CHAIN), "ORG-05", at(MAY)) == ("ORG-05", "ORG-06", "ORG-07")


def test_one_that_merged_before_does_not_follow_backwards() -> None:
    """P02: what ORG-06 became does not concern what it was before it took ORG-05's place."""
    late = (said("ORG-06", "ORG-07"), said("ORG-05", "ORG-06", MARCH))
    assert successor_at(late, "ORG-05", at(MAY)) == "ORG-06"


def test_predecessors_are_found_through_the_chain_and_never_round_in_a_ring() -> None:
    """P01: the count of sessions goes on through two changes, and through a return."""
    posts = (
        said("A", "B", JANUARY, SuccessionKind.SPONSOR),
        said("B", "C", MARCH, SuccessionKind.SPONSOR),
        said("C", "A", MAY, SuccessionKind.SPONSOR),
    )
    assert predecessors_at(posts, "C", at(MARCH)) == ("A", "B")
    assert predecessors_at(posts, "B", at(JANUARY)) == ("A",)
    assert predecessors_at(posts, "A", at(MAY)) == ("B", "C")


def test_a_vacant_post_has_no_successor_yet() -> None:
    """E05: the last one who held it is still whom the post is named after."""
    vacant = (said("A", None, JANUARY, SuccessionKind.SPONSOR),)
    assert chain_at(vacant, "A", at(MAY)) == ("A",)
    assert predecessors_at(vacant, "A", at(MAY)) == ()


EARLY = {"said_at": datetime(2024, 12, 2, 9, tzinfo=UTC)}
SPONSORED = {"services": {"SVC-16": Stage.COACHING}}


@pytest.mark.parametrize(
    ("new", "facts", "expected"),
    [
        (said("A", "X"), {}, "There is no organisation X: import it first."),
        (said("A", "A"), {}, "A cannot go on as itself: name another organisation."),
        (said("A", "B", MAY), {}, "The edition ends on 2025-03-28: say a day before that."),
        (
            said("A", "C", MARCH),
            {"before": (said("A", "B"),)},
            "A goes on as B from 2025-01-15 already.",
        ),
        (
            said("A", "B", MARCH),
            {"before": (said("B", "A"),)},
            "B goes on as A already: the two would go round in a ring.",
        ),
        (
            said("A", "B", MARCH),
            {"before": (said("B", "C"),)},
            "B goes on as C from 2025-01-15: name C.",
        ),
        (
            said("A", "B"),
            {"before": (said("C", "A", MARCH),)},
            "C goes on as A on 2025-03-03: say a later day.",
        ),
        (said("A", "B"), {"before": (said("B", "C", MARCH),)}, ""),
        (
            said("A", "B", JANUARY, SuccessionKind.SPONSOR),
            {},
            "A is executive sponsor of no service under way in this edition.",
        ),
        (
            said("A", "B", JANUARY, SuccessionKind.SPONSOR),
            {**SPONSORED, "before": (said("A", None, MARCH, SuccessionKind.SPONSOR),)},
            "A leaves on 2025-03-03 already: say a later day.",
        ),
        (
            said("A", "B", MARCH, SuccessionKind.SPONSOR),
            {**SPONSORED, "before": (said("A", None, JANUARY, SuccessionKind.SPONSOR),)},
            "",
        ),
        (
            said("A", "B", MARCH, SuccessionKind.SERVICE),
            {"services": {"A": Stage.COACHING}},
            "B is not under way here: only two services with a place can become one.",
        ),
        (
            said("A", "B", MARCH, SuccessionKind.SERVICE).model_copy(update=EARLY),
            {
                "services": {"A": Stage.COACHING, "B": Stage.ONBOARDING},
                "before": (said("B", "C", MARCH, SuccessionKind.SERVICE),),
            },
            "B becomes one with C on 2025-03-03 already.",
        ),
        (
            said("A", "B", JANUARY, SuccessionKind.SERVICE),
            {
                "services": {"A": Stage.COACHING, "B": Stage.COACHING},
                "before": (said("C", "A", MARCH, SuccessionKind.SERVICE),),
            },
            "C becomes one with A on 2025-03-03 already.",
        ),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(
    new: Succession, facts: dict[str, object], expected: str
) -> None:
    """P01, P02, P03: what is wrong, and what to do."""
    assert refusal(new, world(**facts)) == expected


@pytest.mark.parametrize(
    ("new", "before"),
    [
        (said("A", "B", MARCH, SuccessionKind.SERVICE), ("C", "A", JANUARY)),
        (said("A", "B", JANUARY, SuccessionKind.SERVICE), ("B", "C", MARCH)),
        (said("A", "B", MARCH, SuccessionKind.SERVICE), ("A", "C", JANUARY)),
    ],
    ids=["the other came to it before", "it goes on as another later", "the other had left"],
)
def test_a_service_becomes_one_with_another_and_later_with_a_third(
    new: Succession, before: tuple[str, str, date]
) -> None:
    """P03, E02: each on its own day; what did not come to be does not bind."""
    old, to, day = before
    there = {"A": Stage.COACHING, "B": Stage.COACHING}
    earlier = said(old, to, day, SuccessionKind.SERVICE)
    assert refusal(new, world(services=there, before=(earlier,))) == ""


@pytest.mark.parametrize("kind", SuccessionKind)
def test_what_follows_is_told_with_its_numbers(kind: SuccessionKind) -> None:
    """P01, P02, P03: a dry run says what happens to whom."""
    there = world(services={"SVC-16": Stage.COACHING}, sessions=3, chases=1, commitments=3)
    told = " ".join(sentences(said("A", "B", JANUARY, kind), there))

    assert "A" in told
    assert "B" in told
    assert "15 January 2025" in told
