"""Rows follow another version of an edition, and what is on its way stays (M06)."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.courses import PlaceState
from schemas.messages import MessageKind, MessageReason, MessageState
from storage import courses, editions, ledger, places, policy_change
from storage.database import Database
from tests.planning.builders import edition
from tests.storage.scene import COURSE, DAY, EDITION, NOON, a_course, a_message, set_scene

KEY, OTHER = "1" * 32, "2" * 32


@pytest.fixture
def stage(database: Database) -> Database:
    with database.transaction() as rows:
        set_scene(rows)
    return database


def plan(stage: Database, **said: Any) -> None:
    with stage.transaction() as rows:
        ledger.plan(rows, [a_message(KEY, **said)])


def found(stage: Database) -> tuple[MessageState, MessageReason | None]:
    with stage.reading() as rows:
        one = ledger.message(rows, KEY)
    assert one is not None
    return one.state, one.reason


@pytest.mark.parametrize(
    "said",
    [
        {"state": MessageState.HANDING_OVER, "attempt": 1},
        {"attempt": 1},
        {"unheard": 1},
        {"state": MessageState.ACCEPTED, "attempt": 1},
    ],
)
def test_what_was_handed_over_or_is_just_being_so_stays(
    stage: Database, said: dict[str, object]
) -> None:
    """M06: one statement decides between the dispatcher and the new policy."""
    plan(stage, **said)
    later = a_message(KEY, due_at=NOON + DAY)
    before = found(stage)
    with stage.transaction() as rows:
        assert policy_change.change(rows, [later]) == 0
        assert policy_change.retire(rows, [KEY], NOON) == 0
    assert found(stage) == before


def test_a_message_that_waits_is_changed_and_retired_and_waits_again(stage: Database) -> None:
    """M06: nothing but its moment and its state is another."""
    plan(stage)
    with stage.transaction() as rows:
        assert policy_change.retire(rows, [KEY], NOON) == 1
    assert found(stage) == (MessageState.SUPERSEDED, MessageReason.POLICY_CHANGED)
    with stage.transaction() as rows:
        assert policy_change.change(rows, [a_message(KEY, due_at=NOON + DAY)]) == 1
    assert found(stage) == (MessageState.WAITING, None)


def test_only_reminders_and_invitations_follow_a_policy(stage: Database) -> None:
    """M06: of one course."""
    with stage.transaction() as rows:
        kinds = (MessageKind.REMINDER, MessageKind.INVITATION, MessageKind.CHASE)
        ledger.plan(rows, [a_message(f"{n}" * 32, kind) for n, kind in enumerate(kinds, 1)])
    with stage.reading() as rows:
        ruled = policy_change.messages_ruled(rows, COURSE)
        assert policy_change.messages_ruled(rows, "service/elsewhere/SVC-01") == ()
    assert [one.kind for one in ruled] == [MessageKind.REMINDER, MessageKind.INVITATION]


def test_places_come_and_go_with_the_version_and_nobody_loses_theirs(stage: Database) -> None:
    """M06, R14: only free ones go, from the last number on."""
    base = edition().model_copy(update={"id": EDITION, "places": 3})
    with stage.transaction() as rows:
        policy_change.fit_places(rows, base)
        known = places.places_of(rows, EDITION)
        assert places.offer(rows, known[2].id, COURSE, NOON, NOON + DAY)
        policy_change.fit_places(rows, base.model_copy(update={"places": 1}))
        left = places.places_of(rows, EDITION)
        policy_change.fit_places(rows, base.model_copy(update={"places": 3}))
        again = places.places_of(rows, EDITION)
    assert [(one.number, one.state) for one in left] == [(3, PlaceState.OFFERED)]
    assert [one.number for one in again] == [1, 2, 3]


def test_a_proposal_is_kept_once_and_read_back(stage: Database) -> None:
    """M06: the file itself stays out of every history."""
    version = edition().model_copy(update={"version": 2})
    with stage.transaction() as rows:
        for hours in (0, 1):
            policy_change.propose(rows, "wider/2/abc", version, NOON + timedelta(hours=hours))
    with stage.reading() as rows:
        assert policy_change.proposal(rows, "wider/2/abc") == version
        assert policy_change.proposal(rows, "wider/3/def") is None


def test_a_course_goes_by_the_version_under_which_it_was_opened(database: Database) -> None:
    """M06: the newest one, unless it says otherwise."""
    known = edition()
    with database.transaction() as rows:
        for version in (1, 2):
            editions.store_edition(rows, known.model_copy(update={"version": version}), NOON)
        new = a_course("service/mha/SVC-01").model_copy(update={"edition_id": known.id})
        courses.open_course(rows, new)
        opened = courses.course(rows, new.id)
        assert editions.edition_in(rows, known.id, 1).version == 1
        assert editions.edition_in(rows, known.id, 0).version == 2
        with pytest.raises(LookupError, match="no version 3"):
            editions.edition_in(rows, known.id, 3)
    assert opened is not None
    assert opened.edition_version == 2
