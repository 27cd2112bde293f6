import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from schemas.messages import Message, MessageKind, MessageReason, MessageState
from storage import dispatching, ledger
from storage.database import Database
from storage.dispatching import Lease, Settlement
from tests.databases import on_postgresql
from tests.storage.scene import COACH, DAY, HOUR, LEAD, NOON, a_message, set_scene
from tests.storage.together import together

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)  # real time runs apart from the programme's
MINUTE = timedelta(minutes=1)
LEASE = Lease("lease-1", NOW + MINUTE)
ACCEPTED = {"state": MessageState.ACCEPTED, "ended_at": NOON}


@pytest.fixture
def plan(database: Database) -> Callable[..., None]:
    with database.transaction() as rows:
        set_scene(rows)

    def write(*messages: Message) -> None:
        with database.transaction() as rows:
            ledger.plan(rows, messages)

    return write


def due_keys(database: Database, at: datetime = NOON, now: datetime = NOW) -> str:
    """Return the first letters of what is due, in its order."""
    with database.transaction() as rows:
        found = dispatching.due(rows, at, now, 100)
        assert dispatching.anything_due(rows, at, now) == bool(found)
    return "".join(one.key[0] for one in found)


def told(database: Database, key: str) -> Message:
    with database.reading() as rows:
        message = ledger.message(rows, key)
    assert message is not None
    return message


def claimed(database: Database, *keys: str, lease: Lease = LEASE, now: datetime = NOW) -> None:
    with database.transaction() as rows:
        dispatching.claim(rows, [key * 32 for key in keys], lease, now)


def settled(database: Database, key: str, token: str, **values: object) -> bool:
    with database.transaction() as rows:
        written = dispatching.settle(rows, [Settlement(key * 32, token, values or ACCEPTED)])
    return key * 32 in written


def test_what_waits_is_due_at_its_instant_the_longest_due_first(
    database: Database, plan: Callable[..., None]
) -> None:
    plan(
        a_message("a" * 32, due_at=NOON + timedelta(microseconds=1)),
        a_message("b" * 32, due_at=NOON),
        a_message("c" * 32, due_at=NOON - DAY),
        a_message("d" * 32, due_at=NOON),
        a_message("e" * 32, state=MessageState.ACCEPTED),
    )
    assert due_keys(database) == "cbd"
    with database.transaction() as rows:
        assert [one.key[0] for one in dispatching.due(rows, NOON, NOW, 2)] == ["c", "b"]
    assert due_keys(database, NOON - 2 * DAY) == ""


def test_a_message_that_is_to_be_tried_again_waits_for_that_in_real_time(
    database: Database, plan: Callable[..., None]
) -> None:
    plan(a_message("a" * 32, retry_at=NOW + MINUTE))

    assert due_keys(database, NOON + 100 * DAY, NOW + MINUTE - timedelta(microseconds=1)) == ""
    assert due_keys(database, NOON, NOW + MINUTE) == "a"


def test_all_due_reminders_of_a_person_are_found_together(
    database: Database, plan: Callable[..., None]
) -> None:
    plan(
        a_message("a" * 32),
        a_message("b" * 32, due_at=NOON - DAY),
        a_message("c" * 32, due_at=NOON + HOUR),
        a_message("d" * 32, MessageKind.CHASE),
        a_message("e" * 32, person_id=COACH),
    )
    with database.transaction() as rows:
        found = dispatching.due_reminders(rows, [LEAD, LEAD], NOON, NOW)
    assert [one.key[0] for one in found] == ["b", "a"]


def test_a_calendar_message_waits_for_the_one_before_it(
    database: Database, plan: Callable[..., None]
) -> None:
    """M17: in order for each session and person, until the earlier one has ended."""
    invitation, move, off = (
        a_message("b" * 32, MessageKind.INVITATION, sequence=0),
        a_message("a" * 32, MessageKind.MOVE, sequence=1),
        a_message("c" * 32, MessageKind.CANCELLATION, sequence=1, due_at=NOON - DAY),
    )
    plan(
        invitation,
        move,
        off,
        move.model_copy(update={"key": "d" * 32, "person_id": COACH}),
        move.model_copy(update={"key": "e" * 32, "subject": "other"}),
        a_message("f" * 32, sequence=1),
    )
    assert due_keys(database) == "bdef"

    claimed(database, "b")
    assert due_keys(database) == "def"  # the earlier one is on its way

    assert settled(database, "b", "lease-1", state=MessageState.WAITING, retry_at=NOW + HOUR)
    assert due_keys(database) == "def"  # and it is to be tried again

    claimed(database, "b")
    assert settled(database, "b", "lease-1")
    assert due_keys(database) == "adef"

    claimed(database, "a")
    assert settled(database, "a", "lease-1", state=MessageState.UNKNOWN, ended_at=NOON)
    assert due_keys(database) == "cdef"


def test_a_claim_counts_the_attempt_and_remembers_the_first(
    database: Database, plan: Callable[..., None]
) -> None:
    plan(a_message("a" * 32, retry_at=NOW))
    claimed(database, "a")

    message = told(database, "a" * 32)
    assert (message.state, message.attempt) == (MessageState.HANDING_OVER, 1)
    assert (message.lease_token, message.lease_until) == ("lease-1", NOW + MINUTE)
    assert (message.first_tried_at, message.retry_at) == (NOW, None)
    assert due_keys(database) == ""

    assert settled(database, "a", "lease-1", state=MessageState.WAITING, retry_at=NOW + HOUR)
    claimed(database, "a", lease=Lease("lease-2", NOW + 2 * HOUR), now=NOW + HOUR)
    message = told(database, "a" * 32)
    assert (message.attempt, message.first_tried_at) == (2, NOW)


def test_a_message_that_ended_meanwhile_is_not_claimed(
    database: Database, plan: Callable[..., None]
) -> None:
    """M05, M08: nothing leaves that was superseded or accepted before."""
    plan(a_message("a" * 32), a_message("b" * 32, state=MessageState.ACCEPTED))
    with database.transaction() as rows:
        ledger.supersede(rows, a_message("x").subject, MessageReason.SESSION_MOVED, NOON)
    claimed(database, "a", "b")

    assert told(database, "a" * 32).state is MessageState.SUPERSEDED
    assert told(database, "b" * 32).state is MessageState.ACCEPTED


def test_what_became_of_a_hand_over_is_written_by_whoever_holds_its_lease(
    database: Database, plan: Callable[..., None]
) -> None:
    """M08: whoever lost it to another writes nothing, and neither does one who writes twice."""
    plan(a_message("a" * 32), a_message("b" * 32))
    claimed(database, "a", "b")

    assert not settled(database, "a", "another")
    with database.transaction() as rows:
        written = dispatching.settle(
            rows,
            [
                Settlement("a" * 32, "lease-1", ACCEPTED),
                Settlement("b" * 32, "lease-1", {"state": MessageState.REFUSED}),
                Settlement("c" * 32, "lease-1", ACCEPTED),
            ],
        )
    assert written == {"a" * 32, "b" * 32}
    assert not settled(database, "a", "lease-1", state=MessageState.UNKNOWN)

    message = told(database, "a" * 32)
    assert (message.state, message.ended_at) == (MessageState.ACCEPTED, NOON)
    assert (message.lease_token, message.lease_until) == (None, None)
    assert told(database, "b" * 32).state is MessageState.REFUSED


def test_a_lease_that_ran_out_is_taken_over_and_its_holder_shut_out(
    database: Database, plan: Callable[..., None]
) -> None:
    plan(a_message("a" * 32), a_message("b" * 32))
    claimed(database, "a")
    claimed(database, "b", lease=Lease("lease-2", NOW + HOUR))
    later = NOW + 2 * MINUTE

    with database.transaction() as rows:
        assert not dispatching.anything_expired(rows, NOW + MINUTE)
        assert dispatching.anything_expired(rows, later)
        assert dispatching.expired(rows, NOW + MINUTE, 10) == ()
        lost = dispatching.expired(rows, later, 10)
        keys = [one.key for one in lost]
        dispatching.renew(rows, keys, Lease("lease-3", later + MINUTE))
    assert keys == ["a" * 32]
    assert told(database, "a" * 32).attempt == 1

    assert not settled(database, "a", "lease-1")
    assert settled(database, "a", "lease-3")
    assert settled(database, "b", "lease-2")


def test_a_message_that_ended_is_not_put_under_a_new_lease(
    database: Database, plan: Callable[..., None]
) -> None:
    plan(a_message("a" * 32))
    claimed(database, "a")
    assert settled(database, "a", "lease-1")
    with database.transaction() as rows:
        dispatching.renew(rows, ["a" * 32], Lease("lease-2", NOW + HOUR))
    assert told(database, "a" * 32).lease_token is None


def test_only_what_waits_is_put_off_or_ended(database: Database, plan: Callable[..., None]) -> None:
    plan(a_message("a" * 32), a_message("b" * 32), a_message("c" * 32))
    claimed(database, "b")
    with database.transaction() as rows:
        keys = ["a" * 32, "b" * 32]
        dispatching.write_waiting(rows, keys, {"due_at": NOON + DAY})
    assert told(database, "a" * 32).due_at == NOON + DAY
    assert told(database, "b" * 32).due_at == told(database, "c" * 32).due_at == NOON


def test_the_bytes_of_a_message_are_kept_and_those_of_a_later_try_replace_them(
    database: Database, plan: Callable[..., None]
) -> None:
    plan(a_message("a" * 32), a_message("b" * 32))
    with database.transaction() as rows:
        dispatching.keep_contents(rows, {}, NOON)
        dispatching.keep_contents(rows, {"a" * 32: b"one\r\n\x00", "b" * 32: b"two"}, NOON)
        dispatching.keep_contents(rows, {"b" * 32: b"three"}, NOON + DAY)

        found = dispatching.contents(rows, ["a" * 32, "b" * 32, "c" * 32])
    assert found == {"a" * 32: b"one\r\n\x00", "b" * 32: b"three"}


def test_several_dispatchers_never_take_up_the_same_message(
    database: Database, plan: Callable[..., None]
) -> None:
    """M08: each message has one attempt, however many take up at once."""
    plan(*(a_message(f"{number:032}") for number in range(60)))

    def take_up(dispatcher: int) -> int:
        taken = 0
        for _ in range(8):
            with database.transaction() as rows:
                found = dispatching.due(rows, NOON, NOW, 5)
                time.sleep(0.005)
                keys = [one.key for one in found]
                lease = Lease(f"dispatcher-{dispatcher}", NOW + MINUTE)
                dispatching.claim(rows, keys, lease, NOW)
                taken += len(keys)
        return taken

    taken = together([partial(take_up, number) for number in range(4)])

    assert sum(one for one in taken if isinstance(one, int)) == 60
    with database.reading() as rows:
        about = ledger.messages_about(rows, a_message("x").subject)
    assert {one.attempt for one in about} == {1}


@on_postgresql  # on SQLite there is one writer at a time
def test_what_another_dispatcher_holds_is_passed_over(
    database: Database, plan: Callable[..., None]
) -> None:
    plan(*(a_message(letter * 32) for letter in "abcd"))
    with database.transaction() as first, database.transaction() as second:
        held = dispatching.due(first, NOON, NOW, 2)
        others = dispatching.due(second, NOON, NOW, 4)
    assert [one.key[0] for one in (*held, *others)] == ["a", "b", "c", "d"]


def test_a_change_that_comes_while_a_message_is_claimed_finds_it_on_its_way(
    database: Database, plan: Callable[..., None]
) -> None:
    """M05: of a claim and a move at once, one is first and both agree on which."""
    plan(*(a_message(f"{number:032}", subject=f"session/{number}") for number in range(12)))

    def claim(number: int) -> bool:
        with database.transaction() as rows:
            found = dispatching.due(rows, NOON, NOW, 100)
            mine = [one.key for one in found if one.subject == f"session/{number}"]
            dispatching.claim(rows, mine, LEASE, NOW)
            return bool(mine)

    def supersede(number: int) -> bool:
        with database.transaction() as rows:
            subject, why = f"session/{number}", MessageReason.SESSION_MOVED
            return ledger.supersede(rows, subject, why, NOON) == 1

    for number in range(12):
        on_its_way, superseded = together([partial(claim, number), partial(supersede, number)])
        state = told(database, f"{number:032}").state
        assert (on_its_way, superseded) in {(True, False), (False, True)}
        assert state is (MessageState.HANDING_OVER if on_its_way else MessageState.SUPERSEDED)
