import time
from functools import partial

from schemas.people import Role
from schemas.sessions import SessionState
from storage import people, sessions
from storage.database import Database
from tests.storage.scene import (
    COACH,
    COURSE,
    DAY,
    EDITION,
    HOUR,
    LEAD,
    NOON,
    SPONSOR,
    a_part,
    a_session,
    course_id,
    set_scene,
)
from tests.storage.together import together


def test_a_session_comes_back_as_it_was_written(database: Database) -> None:
    session = a_session(1, NOON)
    moved = session.model_copy(
        update={"starts_at": NOON + DAY, "ends_at": NOON + DAY + HOUR, "sequence": 1, "moves": 1}
    )
    with database.transaction() as rows:
        set_scene(rows)
        sessions.add_sessions(rows, [session, a_session(2, None)])
        sessions.save_session(rows, moved)

    with database.reading() as rows:
        assert sessions.session(rows, session.id) == moved
        assert sessions.sessions_of(rows, COURSE) == (moved, a_session(2, None))
        assert sessions.sessions_of(rows, COURSE, "executive") == ()
        assert sessions.session(rows, "no/such/session/1") is None


def test_nothing_to_add_adds_nothing(database: Database) -> None:
    with database.transaction() as rows:
        sessions.add_sessions(rows, [])
        sessions.add_participants(rows, [])
        assert sessions.participants(rows, []) == ()


def test_sessions_of_an_interval_begin_in_it_and_come_earliest_first(database: Database) -> None:
    with database.transaction() as rows:
        set_scene(rows)
        found = [a_session(n, NOON + n * DAY) for n in (4, 3, 2, 1)]
        sessions.add_sessions(rows, [*found, a_session(5, None)])

        between = sessions.sessions_between(rows, EDITION, NOON + 2 * DAY, NOON + 4 * DAY)

    assert [one.number for one in between] == [2, 3]


def test_who_takes_part_is_added_changed_and_taken_out(database: Database) -> None:
    session = a_session(1, NOON)
    lead = a_part(session, LEAD, Role.SERVICE_LEAD)
    coach = a_part(session, COACH, Role.DELIVERY_COACH)
    with database.transaction() as rows:
        set_scene(rows)
        sessions.add_sessions(rows, [session])
        sessions.add_participants(rows, [coach, lead])
        confirmed = lead.model_copy(update={"confirmed_at": NOON})
        sessions.save_participant(rows, confirmed)

        assert sessions.participants(rows, [session.id]) == (confirmed, coach)
        assert sessions.participant(rows, session.id, LEAD) == confirmed
        sessions.remove_participant(rows, coach)
        assert sessions.participant(rows, session.id, COACH) is None
        assert sessions.participants(rows, [session.id]) == (confirmed,)


def test_a_person_is_booked_by_sessions_to_come_that_overlap(database: Database) -> None:
    """C15: one that ends when the next begins does not overlap; one that is over is free again."""
    with database.transaction() as rows:
        set_scene(rows)
        over = [
            a_session(1, NOON - HOUR),
            a_session(2, NOON - HOUR / 2),
            a_session(3, NOON + HOUR / 2),
            a_session(4, NOON + HOUR),
            a_session(5, NOON, state=SessionState.CANCELLED),
            a_session(6, NOON - 2 * HOUR, ends_at=NOON + 5 * HOUR),
            a_session(7, None),
        ]
        sessions.add_sessions(rows, over)
        sessions.add_participants(rows, [a_part(one, COACH, Role.DELIVERY_COACH) for one in over])
        sessions.add_participants(rows, [a_part(over[1], LEAD, Role.SERVICE_LEAD)])

        found = sessions.booked(rows, [COACH], NOON, NOON + HOUR)
        both = sessions.booked(rows, [COACH, LEAD, SPONSOR], NOON, NOON + HOUR)

    assert [(person, one.number) for person, one in found] == [(COACH, 6), (COACH, 2), (COACH, 3)]
    assert (LEAD, over[1]) in both
    assert len(both) == 4


def test_a_coach_is_booked_once_at_an_instant_however_many_ask_at_once(
    database: Database,
) -> None:
    """C15: the coach's row is held from the look to the booking."""
    with database.transaction() as rows:
        set_scene(rows, services=8)

    def book(number: int) -> bool:
        starts_at = NOON + number * HOUR / 10
        with database.transaction() as rows:
            people.lock_people(rows, [COACH])
            if sessions.booked(rows, [COACH], starts_at, starts_at + HOUR):
                return False
            time.sleep(0.02)
            session = a_session(1, starts_at, of=course_id(number))
            sessions.add_sessions(rows, [session])
            sessions.add_participants(rows, [a_part(session, COACH, Role.DELIVERY_COACH)])
            return True

    outcomes = together([partial(book, number) for number in range(1, 9)])

    assert sorted(map(str, outcomes)) == ["False"] * 7 + ["True"]
    with database.reading() as rows:
        assert len(sessions.booked(rows, [COACH], NOON, NOON + DAY)) == 1
