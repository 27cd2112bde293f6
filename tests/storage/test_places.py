import threading
import time
from functools import partial
from random import Random

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from schemas.courses import Place, PlaceState
from storage import places
from storage.database import Database
from tests.storage.scene import DAY, EDITION, HOUR, NOON, course_id
from tests.storage.together import together

EXPIRES = NOON + 5 * DAY
FIRST = f"{EDITION}/place/1"


def offered(database: Database, count: int = 1) -> list[Place]:
    """Write places and offer each to the service of its number."""
    with database.transaction() as rows:
        places.create_places(rows, EDITION, count)
        for number in range(1, count + 1):
            to = course_id(number)
            assert places.offer(rows, f"{EDITION}/place/{number}", to, NOON, EXPIRES)
        return list(places.places_of(rows, EDITION))


def states(database: Database) -> list[tuple[PlaceState, str | None]]:
    with database.reading() as rows:
        return [(one.state, one.course_id) for one in places.places_of(rows, EDITION)]


def act_at_random(rows: Session, chance: Random) -> None:
    place = chance.choice(places.places_of(rows, EDITION))
    someone = course_id(chance.randint(1, 12))
    at = NOON + chance.randint(0, 6) * DAY
    places.offer(rows, place.id, someone, at, EXPIRES)
    if chance.random() < 0.5:
        places.accept(rows, place, place.course_id or someone, at)
    if chance.random() < 0.3:
        places.release(rows, place, refill=True)


def test_an_edition_has_its_places_once(database: Database) -> None:
    """R01: writing them again adds none and frees none."""
    with database.transaction() as rows:
        places.create_places(rows, EDITION, 12)
        places.offer(rows, FIRST, course_id(1), NOON, EXPIRES)
        places.create_places(rows, EDITION, 12)

        found = places.places_of(rows, EDITION)

    assert [one.number for one in found] == list(range(1, 13))
    assert [one.state for one in found] == [PlaceState.OFFERED] + 11 * [PlaceState.FREE]


def test_a_place_is_offered_accepted_and_released(database: Database) -> None:
    """R13: a place that is refilled is free as on the first day."""
    (place,) = offered(database)
    with database.transaction() as rows:
        assert places.place_of(rows, course_id(1)) == place
        assert places.accept(rows, place, course_id(1), NOON + DAY)
        taken = places.place_of(rows, course_id(1))
        assert taken is not None
        assert (taken.state, taken.taken_at) == (PlaceState.TAKEN, NOON + DAY)

        assert places.release(rows, taken, refill=True)
        assert places.place_of(rows, course_id(1)) is None
        assert places.places_of(rows, EDITION) == (Place(id=FIRST, edition_id=EDITION, number=1),)


def test_a_place_that_is_not_refilled_is_closed_for_good(database: Database) -> None:
    """R13: later it is not refilled."""
    (place,) = offered(database)
    with database.transaction() as rows:
        assert places.release(rows, place, refill=False)
        assert not places.offer(rows, FIRST, course_id(2), NOON, EXPIRES)
    assert states(database) == [(PlaceState.CLOSED, None)]


def test_a_free_place_can_be_closed_and_an_offered_one_not(database: Database) -> None:
    offered(database)
    with database.transaction() as rows:
        places.create_places(rows, EDITION, 2)
        assert not places.close(rows, FIRST)
        assert places.close(rows, f"{EDITION}/place/2")
    assert states(database) == [(PlaceState.OFFERED, course_id(1)), (PlaceState.CLOSED, None)]


def test_an_offer_is_accepted_until_it_expires_and_after_an_extension(database: Database) -> None:
    """R13: to the instant, and an expired one keeps its place until it is lapsed."""
    (place,) = offered(database)
    late = EXPIRES + HOUR
    with database.transaction() as rows:
        assert not places.accept(rows, place, course_id(1), late)
        assert places.extend(rows, place, EXPIRES + DAY)
        extended = places.place_of(rows, course_id(1))
        assert extended is not None
        assert places.accept(rows, extended, course_id(1), late)


def test_an_offer_may_be_accepted_at_the_instant_of_its_expiry(database: Database) -> None:
    (place,) = offered(database)
    with database.transaction() as rows:
        assert places.accept(rows, place, course_id(1), EXPIRES)


def test_an_offer_is_accepted_only_by_whom_it_was_made_to(database: Database) -> None:
    (place,) = offered(database)
    with database.transaction() as rows:
        assert not places.accept(rows, place, course_id(2), NOON)


def test_what_has_changed_since_it_was_read_is_left_alone(database: Database) -> None:
    """R14: each change names the state that it changes."""
    (place,) = offered(database)
    with database.transaction() as rows:
        assert places.accept(rows, place, course_id(1), NOON)

        assert not places.accept(rows, place, course_id(1), NOON)
        assert not places.release(rows, place, refill=True)
        assert not places.extend(rows, place, EXPIRES + DAY)
        assert not places.offer(rows, FIRST, course_id(2), NOON, EXPIRES)


def test_a_service_holds_one_place_at_most(database: Database) -> None:
    """R14: the database refuses the second one."""
    offered(database)
    with database.transaction() as rows:
        places.create_places(rows, EDITION, 2)
    with pytest.raises(IntegrityError), database.transaction() as rows:
        places.offer(rows, f"{EDITION}/place/2", course_id(1), NOON, EXPIRES)


def test_one_place_is_offered_to_one_service_however_many_offer_at_once(
    database: Database,
) -> None:
    """R14."""
    with database.transaction() as rows:
        places.create_places(rows, EDITION, 1)

    def offer(number: int) -> bool:
        with database.transaction() as rows:
            made = places.offer(rows, FIRST, course_id(number), NOON, EXPIRES)
            time.sleep(0.02)
            return made

    outcomes = together([partial(offer, number) for number in range(1, 7)])

    assert sorted(map(str, outcomes)) == ["False"] * 5 + ["True"]
    ((state, holder),) = states(database)
    assert (state, holder) == (PlaceState.OFFERED, course_id(outcomes.index(True) + 1))


def test_an_acceptance_and_a_lapse_at_once_have_one_winner(database: Database) -> None:
    """R13, R14: whichever commits first; the other is told."""
    for place in offered(database, 8):
        mine = place.course_id or ""

        def accept(place: Place = place, mine: str = mine) -> bool:
            with database.transaction() as rows:
                return places.accept(rows, place, mine, EXPIRES)

        def lapse(place: Place = place) -> bool:
            with database.transaction() as rows:
                return places.release(rows, place, refill=True)

        accepted, lapsed = together([accept, lapse])

        assert (accepted, lapsed) in {(True, False), (False, True)}
        left = PlaceState.TAKEN if accepted else PlaceState.FREE
        assert states(database)[place.number - 1][0] is left


def test_no_moment_shows_more_services_with_a_place_than_there_are_places(
    database: Database,
) -> None:
    """R14: whatever is offered, accepted, lapsed and given back at the same time."""
    capacity, over = 5, threading.Event()
    with database.transaction() as rows:
        places.create_places(rows, EDITION, capacity)

    def act(seed: int) -> None:
        chance = Random(seed)
        for _ in range(60):
            try:
                with database.transaction() as rows:
                    act_at_random(rows, chance)
            except IntegrityError:  # that service has a place already
                continue
            except OperationalError as error:  # two who wait for each other: one is sent back
                assert "deadlock" in str(error)  # noqa: PT017

    def watch() -> int:
        looks = 0
        while not over.is_set():
            now = states(database)
            held = [holder for state, holder in now if state is not PlaceState.FREE]
            assert len(now) == capacity
            assert None not in held
            assert len(held) == len(set(held))
            looks += 1
        return looks

    def act_all() -> int:
        try:
            assert together([partial(act, seed) for seed in range(4)]) == [None] * 4
        finally:
            over.set()
        return 0

    looks, _ = together([watch, act_all])

    assert isinstance(looks, int), looks
    assert looks > 10
