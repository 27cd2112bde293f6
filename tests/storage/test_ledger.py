import threading
from collections import Counter
from contextlib import suppress
from functools import partial
from random import Random

import pytest
from sqlalchemy.exc import IntegrityError

from schemas.messages import Message, MessageKind, MessageReason, MessageState
from storage import journal, ledger
from storage.database import Database
from storage.dispatching import Lease, claim
from tests.storage.scene import (
    COACH,
    COURSE,
    DAY,
    HOUR,
    LEAD,
    NOON,
    a_message,
    an_entry,
    course_id,
    set_scene,
)
from tests.storage.together import together


@pytest.fixture
def scene(database: Database) -> Database:
    with database.transaction() as rows:
        set_scene(rows)
    return database


def planned(database: Database, *messages: Message) -> Counter[str]:
    with database.transaction() as rows:
        return ledger.plan(rows, messages)


def told(database: Database, key: str) -> tuple[MessageState, MessageReason | None]:
    with database.reading() as rows:
        message = ledger.message(rows, key)
    assert message is not None
    return message.state, message.reason


def test_a_message_comes_back_as_it_was_planned(scene: Database) -> None:
    message = a_message(
        "a" * 32,
        MessageKind.CHASE,
        useful_until=NOON + DAY,
        asks=True,
        facts={"starts_at": "2024-09-02T11:00:00+00:00", "number": 3},
        step="second",
        sequence=2,
    )
    planned(scene, message)

    with scene.reading() as rows:
        assert ledger.message(rows, "a" * 32) == message
        assert ledger.message(rows, "b" * 32) is None


def test_a_message_is_planned_once_however_often_it_is_called_for(scene: Database) -> None:
    """M08: what is there stays as it is, and only what is new is counted."""
    first = a_message("a" * 32)
    assert planned(scene, first, first) == {"reminder": 1}

    again = first.model_copy(update={"due_at": NOON + DAY})
    other = a_message("b" * 32, MessageKind.CHASE)
    assert planned(scene, again, other) == {"chase": 1}
    assert planned(scene) == {}

    with scene.reading() as rows:
        assert ledger.message(rows, "a" * 32) == first


def test_a_great_many_are_planned_at_once(scene: Database) -> None:
    messages = [a_message(f"{number:032}") for number in range(2_500)]
    assert planned(scene, *messages[:500]) == {"reminder": 500}
    assert planned(scene, *messages) == {"reminder": 2_000}


def test_what_several_call_for_at_once_is_counted_once(scene: Database) -> None:
    """M08: the key decides, and the counts add up to the rows."""
    messages = [a_message(f"{number:032}") for number in range(40)]

    outcomes = together([partial(planned, scene, *messages)] * 4)

    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert sum((one for one in outcomes if isinstance(one, Counter)), Counter()) == {"reminder": 40}


def test_two_who_call_for_the_same_in_another_order_do_not_wait_in_a_circle(
    scene: Database,
) -> None:
    messages = [a_message(f"{number:032}") for number in range(1_500)]

    outcomes = together([partial(planned, scene, *order) for order in (messages, messages[::-1])])

    assert [one for one in outcomes if isinstance(one, Exception)] == []


def test_a_message_to_nobody_is_refused(scene: Database) -> None:
    with pytest.raises(IntegrityError):
        planned(scene, a_message("a" * 32, person_id="PER-9999"))


def test_messages_about_a_subject_come_in_the_order_in_which_they_fall_due(
    scene: Database,
) -> None:
    planned(
        scene,
        a_message("c" * 32, due_at=NOON + DAY),
        a_message("a" * 32, due_at=NOON + DAY, person_id=COACH),
        a_message("b" * 32, due_at=NOON + 2 * DAY),
        a_message("d" * 32, subject="other"),
    )
    subject = a_message("x").subject
    with scene.reading() as rows:
        all_keys = [one.key[0] for one in ledger.messages_about(rows, subject)]
        of_lead = [one.key[0] for one in ledger.messages_about(rows, subject, LEAD)]
    assert (all_keys, of_lead) == (["a", "c", "b"], ["c", "b"])


def test_what_waits_about_a_moved_session_is_superseded(scene: Database) -> None:
    """M05: also what waits for a retry; what is on its way or done stays as it is."""
    planned(
        scene,
        a_message("a" * 32),
        a_message("b" * 32, retry_at=NOON + HOUR, attempt=1),
        a_message("c" * 32),
        a_message("d" * 32, state=MessageState.ACCEPTED),
        a_message("e" * 32, subject="other"),
    )
    with scene.transaction() as rows:
        claim(rows, ["c" * 32], Lease("lease", NOON + HOUR), NOON)
        subject = a_message("x").subject
        assert ledger.supersede(rows, subject, MessageReason.SESSION_MOVED, NOON) == 2

    superseded = (MessageState.SUPERSEDED, MessageReason.SESSION_MOVED)
    assert told(scene, "a" * 32) == told(scene, "b" * 32) == superseded
    assert told(scene, "c" * 32) == (MessageState.HANDING_OVER, None)
    assert told(scene, "d" * 32) == (MessageState.ACCEPTED, None)
    assert told(scene, "e" * 32) == (MessageState.WAITING, None)
    with scene.reading() as rows:
        retried = ledger.message(rows, "b" * 32)
    assert retried is not None
    assert (retried.retry_at, retried.ended_at) == (None, NOON)


def test_a_course_that_ends_says_no_more_but_its_cancellations(scene: Database) -> None:
    """X13: all future messages of that course stop, and of no other."""
    planned(
        scene,
        a_message("a" * 32),
        a_message("b" * 32, MessageKind.CANCELLATION),
        a_message("c" * 32, MessageKind.NOTICE),
        a_message("d" * 32, course_id=course_id(2)),
        a_message("e" * 32, MessageKind.INVITATION),
    )
    with scene.transaction() as rows:
        assert ledger.end_course(rows, COURSE, MessageReason.WITHDRAWN, NOON) == 2

    states = {key: told(scene, key * 32)[0] for key in "abcde"}
    assert states == {
        "a": MessageState.SUPPRESSED,
        "b": MessageState.WAITING,
        "c": MessageState.WAITING,
        "d": MessageState.WAITING,
        "e": MessageState.SUPPRESSED,
    }


def test_what_is_undone_lets_messages_wait_again_that_were_never_handed_over(
    scene: Database,
) -> None:
    """X13, E40: as they were; what may have arrived, or ended for another reason, stays ended."""
    first = a_message("a" * 32)
    planned(
        scene,
        first,
        a_message("b" * 32, attempt=1, unheard=1, retry_at=NOON),
        a_message("c" * 32, subject="other"),
        a_message("d" * 32, course_id=course_id(2)),
        a_message("e" * 32, state=MessageState.TOO_LATE, reason=MessageReason.WITHDRAWN),
    )
    with scene.transaction() as rows:
        ledger.supersede(rows, "other", MessageReason.SESSION_MOVED, NOON)
        ledger.end_course(rows, COURSE, MessageReason.WITHDRAWN, NOON)
        ledger.end_course(rows, course_id(2), MessageReason.WITHDRAWN, NOON)

        assert ledger.revive_course(rows, COURSE, MessageReason.WITHDRAWN) == 1
        assert ledger.revive_course(rows, COURSE, MessageReason.WITHDRAWN) == 0
        assert ledger.message(rows, "a" * 32) == first

    assert told(scene, "b" * 32) == (MessageState.UNKNOWN, MessageReason.OUTCOME_NOT_KNOWN)
    assert told(scene, "c" * 32) == (MessageState.SUPERSEDED, MessageReason.SESSION_MOVED)
    assert told(scene, "d" * 32) == (MessageState.SUPPRESSED, MessageReason.WITHDRAWN)
    assert told(scene, "e" * 32)[0] is MessageState.TOO_LATE


def change_at_random(database: Database, chance: Random) -> None:
    """Carry out what a course transaction does: plan, end, journal; every fifth one fails."""
    with suppress(InterruptedError), database.transaction() as rows:
        new = ledger.plan(
            rows,
            [
                a_message(f"{chance.randint(0, 99):032}", chance.choice(list(MessageKind)))
                for _ in range(chance.randint(0, 5))
            ],
        )
        if chance.random() < 0.3:
            ledger.end_course(rows, COURSE, MessageReason.WITHDRAWN, NOON)
        journal.write(rows, [an_entry(planned=dict(new))])
        if chance.random() < 0.2:
            raise InterruptedError


def there_and_called_for(database: Database) -> tuple[Counter[str], Counter[str]]:
    there = Counter[str]()
    with database.reading() as rows:
        called_for = journal.planned_messages(rows)
        for (kind, _state), count in ledger.counts(rows).items():
            there[kind] += count
    return there, called_for


def test_every_moment_shows_as_many_messages_as_the_journal_says_were_planned(
    scene: Database,
) -> None:
    """M13: planned = open + ended, for each kind, while others write, and after all failures."""
    over = threading.Event()

    def write(seed: int) -> None:
        chance = Random(seed)
        for _ in range(40):
            change_at_random(scene, chance)

    def write_all() -> int:
        try:
            return together([partial(write, seed) for seed in range(3)]).count(None)
        finally:
            over.set()

    def watch() -> int:
        looks = 0
        while not over.is_set():
            there, called_for = there_and_called_for(scene)
            assert there == called_for
            looks += 1
        return looks

    written, looks = together([write_all, watch])

    assert written == 3
    assert isinstance(looks, int), looks
    there, called_for = there_and_called_for(scene)
    assert there == called_for
    assert there.total() > 50
