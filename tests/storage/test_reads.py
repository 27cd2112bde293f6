"""The read models say the same on both databases."""

from datetime import timedelta

import pytest

from schemas.courses import CourseKind, PlaceState, Stage
from schemas.ids import edition_course_id
from schemas.messages import MessageKind, MessageState
from schemas.obligations import ObligationState
from schemas.sessions import SessionState
from storage.database import Database
from storage.reads import known_ids
from storage.reads.chase_list import chases_of
from storage.reads.edition_page import edition_page
from storage.reads.message_list import (
    WantedMessages,
    messages_listed,
    stored_content,
)
from storage.reads.place_order import place_order
from storage.reads.service_list import services_of
from storage.reads.service_page import service_page
from storage.reads.session_list import Wanted, session_counts, sessions_listed
from tests.cli.scene import ALDER, EDITION, KEY, NOW, SPONSOR, WIDER, set_scene


@pytest.fixture
def programme(database: Database) -> Database:
    with database.transaction() as rows:
        set_scene(rows)
    return database


def test_services_come_with_counts_of_their_own_and_the_worst_first(programme: Database) -> None:
    with programme.reading() as rows:
        first, *others = services_of(rows, EDITION, NOW)

    assert (first.course_id, first.stuck, first.chases, first.unrecorded) == (ALDER, 1, 2, 2)
    assert (first.held, first.missed, first.cancelled, first.to_come) == (3, 1, 0, 22)
    assert first.next_at is not None
    assert first.next_at - NOW == timedelta(days=6, hours=23)
    assert others[-1].stage is Stage.WITHDRAWN


def test_a_service_page_holds_all_that_the_course_has(programme: Database) -> None:
    with programme.reading() as rows:
        page = service_page(rows, EDITION, "SVC-16", NOW)

    assert page.place is not None
    assert (page.place.state, len(page.commitments), len(page.people)) == (PlaceState.TAKEN, 3, 5)
    assert [one.subject_id for one in page.next_sessions[:2]] == ["SVC-16", SPONSOR]
    assert [one.number for one in page.unrecorded] == [5, 6]
    assert [entry.event for entry in page.journal] == ["obligation.stuck", "session.recorded"]


def test_a_service_that_has_not_applied_has_no_page(programme: Database) -> None:
    with programme.reading() as rows, pytest.raises(LookupError, match="SVC-99 has not applied"):
        service_page(rows, EDITION, "SVC-99", NOW)


def test_sessions_are_listed_with_whose_they_are_and_who_confirmed(programme: Database) -> None:
    with programme.reading() as rows:
        listed = sessions_listed(rows, Wanted(EDITION, kind="executive"))

    assert [(one.subject, one.state) for one in listed] == [
        ("Exec sponsor 07", SessionState.HELD),
        ("Exec sponsor 07", SessionState.TO_COME),
        ("Exec sponsor 07", SessionState.TO_COME),
    ]
    assert [(one.participants, one.confirmed) for one in listed] == [(0, 0), (2, 1), (0, 0)]


def test_sessions_of_each_kind_add_up(programme: Database) -> None:
    """C12, C17: counts and hours are those of the sessions themselves."""
    with programme.reading() as rows:
        (delivery,) = session_counts(rows, [ALDER])

    counted = delivery.held + delivery.missed + delivery.cancelled + delivery.to_come
    assert counted == delivery.planned + delivery.catch_up == 26
    assert delivery.held_minutes == 60 + 75 + 60


def test_chases_tell_who_is_asked_next(programme: Database) -> None:
    with programme.reading() as rows:
        stuck, *others = chases_of(rows, EDITION, NOW)

    assert (stuck.state, stuck.next_at, stuck.next_role) == (ObligationState.STUCK, None, None)
    record = next(one for one in others if one.session_number == 5)
    assert (record.holder, record.next_step) == (
        "Delivery coach 03",
        WIDER.policy("session_record").steps[1].id,
    )
    assert record.working_days == 4


def test_an_edition_is_counted(programme: Database) -> None:
    with programme.reading() as rows:
        page = edition_page(rows, EDITION, NOW)

    assert (page.places[PlaceState.TAKEN], page.places[PlaceState.FREE]) == (3, 33)
    assert (page.services[Stage.COACHING], sum(page.services.values())) == (2, 6)
    assert page.sessions["delivery"][SessionState.HELD] == 8
    assert (page.chases, page.stuck, page.duplicates) == (3, 1, 0)


def test_an_order_is_proposed_until_it_is_confirmed(programme: Database) -> None:
    with programme.reading() as rows:
        order = place_order(rows, WIDER, NOW)

    assert order.confirmed
    assert [(one.rank, one.service_id) for one in order.lines[:2]] == [(1, "SVC-16"), (2, "SVC-17")]


def test_messages_are_listed_the_latest_due_first(programme: Database) -> None:
    with programme.reading() as rows:
        every = messages_listed(rows, WantedMessages(EDITION))
        waiting = messages_listed(
            rows,
            WantedMessages(
                states=(MessageState.WAITING,), kinds=(MessageKind.REMINDER,), about=ALDER
            ),
        )
        content = stored_content(rows, KEY)

    assert [one.state for one in every] == [MessageState.WAITING, MessageState.SUPPRESSED]
    assert [one.key for one in waiting] == [KEY]
    assert content is None


def test_known_ids_are_those_that_are_there(programme: Database) -> None:
    with programme.reading() as rows:
        assert len(known_ids.service_ids(rows)) == len(known_ids.person_ids(rows)) == 6
        assert len(known_ids.session_ids(rows, EDITION)) == 55
        assert len(known_ids.obligation_ids(rows)) == 3
        assert known_ids.message_keys(rows, "0123") == (KEY,)
        assert [one.id for one in known_ids.courses_about(rows, "SVC-16")] == [ALDER]
        (course,) = known_ids.edition_courses(rows)

    assert (course.id, course.kind) == (edition_course_id(EDITION), CourseKind.EDITION)
