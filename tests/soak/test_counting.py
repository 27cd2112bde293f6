"""That a run of kills would be seen to have lost something: each thing is lost here on purpose."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text
from sqlmodel import col

from schemas import commands
from schemas.messages import MessageReason, MessageState
from schemas.obligations import ObligationKind
from storage.database import Database
from storage.tables.ledger import JournalRow, MessageRow
from storage.tables.sessions import ObligationRow
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.databases import on_sqlite
from tests.soak.arrivals import CHASES, Arrivals, arrivals
from tests.soak.chase_steps import ChaseAccount, chases

pytestmark = on_sqlite

DAY = timedelta(days=1)


@pytest.fixture
def unanswered(database: Database) -> CourseScene:
    """Give two offers that nobody has answered: each chased twice, then the coordinator."""
    play = CourseScene(database)
    play.open(SVC_16, SVC_17)
    play.selected(SVC_16, SVC_17)
    play.walk(play.now + 14 * DAY)
    return play


def account(play: CourseScene, slack: timedelta = DAY) -> ChaseAccount:
    with play.database.reading() as rows:
        return chases(rows, play.now, slack)


def arrived(play: CourseScene, found: dict[str, int]) -> Arrivals:
    steps = account(play).taken
    with play.database.reading() as rows:
        return arrivals(rows, steps, found)


def there(play: CourseScene, times: int = 1) -> dict[str, int]:
    with play.database.reading() as rows:
        query = select(col(MessageRow.key)).where(col(MessageRow.kind).in_(CHASES))
        return dict.fromkeys(rows.execute(query).scalars(), times)


def forget(play: CourseScene, subject: str, *events: str) -> None:
    """Strike entries from the journal, which nobody can."""
    with play.database.transaction() as rows:
        rows.execute(text("DROP TRIGGER journal_no_delete"))
        gone = [col(JournalRow.subject) == subject, col(JournalRow.event).in_(events)]
        rows.execute(delete(JournalRow).where(*gone))


def test_a_year_in_which_nothing_is_lost_is_called_whole(unanswered: CourseScene) -> None:
    said = account(unanswered, timedelta(0))
    assert said.wrong == []
    assert (said.overtaken, said.latest) == (0, timedelta(0))
    assert len(said.taken) == len(there(unanswered)) > 5
    assert arrived(unanswered, there(unanswered)).wrong == []
    assert arrived(unanswered, there(unanswered, 2)).twice == len(said.taken)


def test_a_step_that_nobody_took_is_missed(unanswered: CourseScene) -> None:
    """It is reckoned from the rules: the obligation's own next instant is not asked."""
    with unanswered.database.reading() as rows:
        wrong = chases(rows, unanswered.now + 14 * DAY, DAY).wrong
    assert wrong
    assert all("fell due" in one for one in wrong)


def test_a_chase_that_was_forgotten_is_missed_though_it_was_settled_later(
    unanswered: CourseScene,
) -> None:
    """Nothing is left open by which it would be found."""
    course = unanswered.of(SVC_16)
    about = unanswered.obligation(course, ObligationKind.ACCEPT_PLACE)
    waived = {"obligation_id": about.id, "waived": True}
    unanswered.do(commands.CloseObligation, course, **waived)
    assert account(unanswered).wrong == []
    forget(unanswered, about.id, "chase.asked", "chase.escalated", "obligation.stuck")

    assert any(about.id in one for one in account(unanswered).wrong)


@pytest.mark.parametrize(("times", "said"), [(0, "arrived 0 times"), (3, "arrived 3 times")])
def test_a_step_that_arrives_never_or_thrice_is_wrong(
    unanswered: CourseScene, times: int, said: str
) -> None:
    found = there(unanswered)
    found[min(found)] = times
    (wrong,) = arrived(unanswered, found).wrong
    assert said in wrong


def test_what_was_settled_before_it_went_need_not_arrive(unanswered: CourseScene) -> None:
    """By the obligation's own word: a message that only says so is wrong."""
    key = min(there(unanswered))
    found = {one: 1 for one in there(unanswered) if one != key}
    with unanswered.database.transaction() as rows:
        row = rows.get(MessageRow, key)
        assert row is not None
        row.state, row.reason = MessageState.SUPPRESSED, MessageReason.ALREADY_DONE
        about = rows.get(ObligationRow, row.subject)
        assert about is not None
        still_open = about.state.is_open
    assert bool(arrived(unanswered, found).wrong) is still_open


def test_a_step_that_was_taken_and_told_nobody_is_wrong(unanswered: CourseScene) -> None:
    key = min(there(unanswered))
    found = there(unanswered)
    with unanswered.database.transaction() as rows:
        rows.execute(delete(MessageRow).where(col(MessageRow.key) == key))
    (wrong,) = arrived(unanswered, found).wrong
    assert "nobody was to be told" in wrong
