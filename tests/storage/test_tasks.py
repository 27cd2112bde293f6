from schemas.messages import Message, MessageReason, MessageState
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import AddressState, Channel
from storage import ledger, obligations, people, tasks
from storage.database import Database
from storage.records import save
from storage.tables.people import PersonRow
from tests.storage.scene import COACH, DAY, EDITION, LEAD, NOON, a_message, an_obligation, set_scene


def not_mailed(key: str, to: str = LEAD, **changes: object) -> Message:
    suppressed = a_message(
        key * 32,
        person_id=to,
        state=MessageState.SUPPRESSED,
        reason=MessageReason.PREFERS_PHONE,
        ended_at=NOON,
    )
    return suppressed.model_copy(update=changes)


def test_nobody_is_to_be_looked_after_where_all_mail_goes(database: Database) -> None:
    with database.transaction() as rows:
        set_scene(rows)
        ledger.plan(rows, [a_message("a" * 32)])
        assert tasks.people_without_task(rows, EDITION) == ()


def test_a_person_whose_address_fails_is_looked_after_once(database: Database) -> None:
    """M11: where the edition writes to that person, and even after the task was closed."""
    with database.transaction() as rows:
        set_scene(rows)
        ledger.plan(rows, [a_message("a" * 32), a_message("b" * 32)])
        for one in (LEAD, COACH):
            people.mark_address(rows, one, AddressState.BAD)
        assert tasks.people_without_task(rows, EDITION) == (f"bad_address:{LEAD}",)
        assert tasks.people_without_task(rows, "other-2024") == ()

        closed = {"state": ObligationState.DONE, "closed_at": NOON}
        task = an_obligation(1, kind=ObligationKind.BAD_ADDRESS, subject=LEAD, **closed)
        obligations.add_obligation(rows, task)
        assert tasks.people_without_task(rows, EDITION) == ()


def test_an_assistant_is_looked_after_who_gets_the_mail_of_another(database: Database) -> None:
    """M11, M20: nothing was ever written to them, and what is for the other goes nowhere."""
    with database.transaction() as rows:
        set_scene(rows)
        lead = people.person(rows, LEAD)
        assert lead is not None
        by_assistant = {"assistant_id": COACH, "channel": Channel.ASSISTANT}
        save(rows, PersonRow, lead.model_copy(update=by_assistant))
        ledger.plan(rows, [a_message("a" * 32)])
        people.mark_address(rows, COACH, AddressState.BAD)
        assert tasks.people_without_task(rows, EDITION) == (f"bad_address:{COACH}",)
        assert tasks.people_without_task(rows, "other-2024") == ()


def test_a_person_who_prefers_the_phone_is_rung_again_when_there_is_something_new(
    database: Database,
) -> None:
    """M20."""
    with database.transaction() as rows:
        set_scene(rows)
        ledger.plan(rows, [not_mailed("a"), not_mailed("b", ended_at=NOON - DAY)])
        wanted = (f"phone_call:{LEAD}",)
        assert tasks.people_without_task(rows, EDITION) == wanted

        task = an_obligation(1, kind=ObligationKind.PHONE_CALL, subject=LEAD)
        obligations.add_obligation(rows, task)
        assert tasks.people_without_task(rows, EDITION) == ()
        closed = {"state": ObligationState.DONE, "closed_at": NOON + DAY}
        obligations.save_obligation(rows, task.model_copy(update=closed))
        assert tasks.people_without_task(rows, EDITION) == ()

        ledger.plan(rows, [not_mailed("c", ended_at=NOON + 2 * DAY)])
        assert tasks.people_without_task(rows, EDITION) == wanted
        again = an_obligation(2, kind=ObligationKind.PHONE_CALL, subject=LEAD)
        obligations.add_obligation(rows, again)
        assert tasks.people_without_task(rows, EDITION) == ()
